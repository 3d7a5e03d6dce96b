# SPDX-License-Identifier: GPL-3.0-or-later
"""Driftfield ensembles in Python: xarray for the data, pyerrors for the errors."""

from .averages import obs
from .files import Description, describe, is_weighted, observables, open_run, open_sweep, stop_labels
from .quantities import Quantities
from .tables import GammaEstimate, WeightedEstimate, gamma_table, tool_tables, weighted_table
from .weighted import WeightedQuantities

__all__ = [
    "Description",
    "GammaEstimate",
    "Quantities",
    "WeightedEstimate",
    "WeightedQuantities",
    "describe",
    "gamma_table",
    "is_weighted",
    "obs",
    "observables",
    "open_run",
    "open_sweep",
    "stop_labels",
    "tool_tables",
    "weighted_table",
]
