# SPDX-License-Identifier: GPL-3.0-or-later
"""Driftfield ensembles in Python: xarray for the data, pyerrors for the errors."""

from .arviz_export import to_arviz
from .averages import obs
from .correlators import correlator
from .costs import Cost, EffectiveSize, cost, effective_size
from .crooks import Works, works
from .files import (
    Description,
    describe,
    is_weighted,
    observables,
    open_run,
    open_sweep,
    stop_labels,
)
from .paths import evolution, log_weights, refinement, training
from .quantities import Quantities
from .scaling import Collapse, Crossing, collapse, crossing
from .sweep_tables import formatted, results, results_table, uncertain
from .sweeps import open_drifts, open_tree, runs, select
from .tables import (
    GammaEstimate,
    WeightedEstimate,
    gamma_table,
    tool_curves,
    tool_scaling,
    tool_tables,
    weighted_table,
)
from .weighted import WeightedQuantities

__all__ = [
    "Collapse",
    "Cost",
    "Crossing",
    "Description",
    "EffectiveSize",
    "GammaEstimate",
    "Quantities",
    "WeightedEstimate",
    "WeightedQuantities",
    "Works",
    "collapse",
    "correlator",
    "cost",
    "crossing",
    "describe",
    "effective_size",
    "evolution",
    "formatted",
    "gamma_table",
    "is_weighted",
    "log_weights",
    "obs",
    "observables",
    "open_drifts",
    "open_run",
    "open_sweep",
    "open_tree",
    "refinement",
    "results",
    "results_table",
    "runs",
    "select",
    "stop_labels",
    "to_arviz",
    "tool_curves",
    "tool_scaling",
    "tool_tables",
    "training",
    "uncertain",
    "weighted_table",
    "works",
]
