# SPDX-License-Identifier: GPL-3.0-or-later
"""Weighted averages of annealed walkers, as pyerrors observables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyerrors as pe
import xarray as xr

from .files import Description, describe
from .quantities import Quantities


def is_weighted(run: xr.DataTree) -> bool:
    """Whether a run carries weighted walkers along a path, rather than Markov chains."""
    return str(run["sampler"].attrs.get("family", "markov")) == "annealing"


class WeightedQuantities(Quantities):
    """The averages of one annealing run at one of its stops, <O> = sum w O / sum w.

    Every walker is one measurement of a single replica, or where walkers were resampled every
    population, since only populations are independent then. There is no autocorrelation: call
    `gamma_method(S=0)` on the results. Averages at two stops of a run are made from the same walkers,
    and pyerrors knows of their correlation.
    """

    def __init__(self, run: xr.DataTree, stop: int = -1) -> None:
        stops = run["stops"].attrs
        self._stop = stop
        self._coefficients = tuple(
            float(np.atleast_1d(stops[name])[stop]) for name in ("J", "c2", "c4")
        )
        self._log_z_origin = float(stops["log_z_origin"])
        self._resampled = str(run["sampler"].attrs["resampling"]) != "none"
        log_weights = run["annealing/log_weight"].isel(stop=stop).values
        self._largest = float(log_weights.max())
        self._weights = np.exp(log_weights - self._largest)
        super().__init__(run)

    def _describe(self, run: xr.DataTree) -> Description:
        return replace(describe(run), coefficients=self._coefficients)

    def _read(self, variable: str) -> np.ndarray:
        """(population, walker, ...)"""
        values = self._table[variable].isel(stop=self._stop).values
        if not np.isfinite(values[self._weights > 0]).all():
            raise ValueError(f"{variable} is not finite everywhere: is a segment of the run lost?")
        return values

    def _sum(self, values: np.ndarray) -> pe.Obs:
        """The mean over walkers of an array (population, walker)."""
        units = values.mean(axis=1) if self._resampled else values.ravel()
        name = f"{self.description.run_id}|units"
        return pe.Obs([units], [name])

    def mean(
        self,
        variable: str,
        components: Sequence[int] = (),
        transform: Callable[[np.ndarray], np.ndarray] = np.asarray,
    ) -> pe.Obs:
        """sum w f(x) / sum w, x the mean over `components` of the last axis of a variable."""
        values = self._series(variable)
        if components:
            values = values[..., list(components)].mean(axis=-1)
        values = np.where(self._weights > 0, transform(values), 0)
        return self._sum(self._weights * values) / self._sum(self._weights)

    def log_z(self) -> pe.Obs:
        """log Z = log Z_origin + log <w>; too small by about (1/ESS fraction - 1)/(2N)."""
        return np.log(self._sum(self._weights)) + self._largest + self._log_z_origin

    def ess(self) -> pe.Obs:
        """Kish's effective sample size <w>^2/<w^2>, as a fraction of the walkers."""
        return self._sum(self._weights) ** 2 / self._sum(self._weights**2)
