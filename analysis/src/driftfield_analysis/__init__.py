# SPDX-License-Identifier: GPL-3.0-or-later
"""Driftfield ensembles in Python: xarray for the data, pyerrors for the errors."""

from .files import Description, describe, observables, open_run, open_sweep
from .quantities import Quantities, obs
from .tables import GammaEstimate, gamma_table, tool_tables
from .weighted import WeightedQuantities, is_weighted

__all__ = [
    "Description",
    "GammaEstimate",
    "Quantities",
    "WeightedQuantities",
    "describe",
    "gamma_table",
    "is_weighted",
    "obs",
    "observables",
    "open_run",
    "open_sweep",
    "tool_tables",
]
