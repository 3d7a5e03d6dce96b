# SPDX-License-Identifier: GPL-3.0-or-later
"""Averages of any run, of Markov chains or of weighted walkers."""

from __future__ import annotations

import pyerrors as pe
import xarray as xr

from .files import is_weighted
from .quantities import Quantities
from .weighted import WeightedQuantities


def obs(run: xr.DataTree, name: str, stop: int = -1) -> pe.Obs:
    """One quantity of a run, such as `abs_m`, `chi2` or `G(3)`, with its error.

    By the Gamma method from Markov chains, see `Quantities` for names and replicas. From weighted
    walkers at one of their stops, counted from 0, without autocorrelation, see
    `WeightedQuantities`; these have `log_z` too.
    """
    if is_weighted(run):
        result = WeightedQuantities(run, stop).obs(name)
        result.gamma_method(S=0)
    else:
        result = Quantities(run).obs(name)
        result.gamma_method()
    return result
