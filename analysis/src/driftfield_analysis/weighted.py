# SPDX-License-Identifier: GPL-3.0-or-later
"""Averages of weighted walkers, as pyerrors observables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pyerrors as pe
import xarray as xr

from .files import Description, describe
from .quantities import Quantities


class WeightedQuantities(Quantities):
    """The averages of one run of annealing at one of its stops, <O> = sum w O / sum w.

    Stops count from 0, or from the end; the last is the theory of the run. Every walker is one
    measurement of a single replica, or where walkers were resampled every population, since only
    populations are independent then. There is no autocorrelation, and pyerrors is told so: call
    `gamma_method()` on the results, also where they are combined with those of Markov chains.
    Averages at two stops of a run are made from the same walkers, and pyerrors knows of their
    correlation.
    """

    MINIMUM_UNITS = 8
    """The least number of independent units that an error is computed from."""

    def __init__(self, run: xr.DataTree, stop: int = -1) -> None:
        count = run["annealing"].sizes["stop"]
        if not -count <= stop < count:
            raise ValueError(f"stop {stop}: there are {count}, counted from 0")
        stops = run["stops"].attrs
        self._stop = stop
        self._coefficients = tuple(
            float(np.atleast_1d(stops[name])[stop]) for name in ("J", "c2", "c4")
        )
        self._log_z_origin = float(stops["log_z_origin"])
        self._resampled = str(run["sampler"].attrs["resampling"]) != "none"
        # (population, walker); a weight may be zero, its logarithm -inf
        log_weights = run["annealing/log_weight"].isel(stop=stop).values
        if np.isnan(log_weights).any():
            raise ValueError("log_weight is not a number everywhere: is a segment of the run lost?")
        self._largest = float(log_weights.max(initial=-np.inf))
        if self._largest == -np.inf:
            raise ValueError("there is no walker with a weight above zero")
        self._weights = np.exp(log_weights - self._largest)
        super().__init__(run)
        self._definitions["log_z"] = self._log_z

    @property
    def units(self) -> int:
        """How many walkers, or populations where walkers were resampled, are independent."""
        return len(self._weights) if self._resampled else self._weights.size

    @property
    def effective_units(self) -> float:
        """(sum W)^2 / sum W^2 over the weights W of independent walkers or populations."""
        units = self._weights.sum(axis=1) if self._resampled else self._weights.ravel()
        return float(units.sum() ** 2 / (units**2).sum())

    @property
    def walkers(self) -> int:
        """Walkers of all populations."""
        return self._weights.size

    def obs(self, name: str) -> pe.Obs:
        """The quantity with a name, without its error; `log_z` too.

        Raises KeyError for a name that does not exist, ValueError where the quantity is undefined
        at the averages, the file has lost data, or units are too few for an error.
        """
        self._require_units()
        return super().obs(name)

    def value(self, name: str) -> float:
        """The quantity alone, which needs no least number of units."""
        return self.estimate(name)[0]

    def estimate(self, name: str) -> tuple[float, float]:
        """The quantity and its standard error, NaN if units are too few for one."""
        if self.units < self.MINIMUM_UNITS:
            # pyerrors needs some too: with `_sum` all count several times, which leaves averages
            # as they are.
            return float(super().obs(name).value), np.nan
        result = self.obs(name)
        result.gamma_method(S=0)
        return float(result.value), float(result.dvalue)

    def log_z(self) -> pe.Obs:
        """log Z = log Z_origin + log <w>; too small by about (1/ESS fraction - 1)/(2N)."""
        return self.obs("log_z")

    def ess(self) -> pe.Obs:
        """Kish's effective sample size <w>^2/<w^2>, as a fraction of the walkers."""
        self._require_units()
        return self._sum(self._weights) ** 2 / self._sum(self._weights**2)

    def ess_estimate(self) -> tuple[float, float]:
        """Kish's effective sample size as a fraction, and its error, NaN if units are too few."""
        if self.units < self.MINIMUM_UNITS:
            return float(self._weights.mean() ** 2 / (self._weights**2).mean()), np.nan
        result = self.ess()
        result.gamma_method(S=0)
        return float(result.value), float(result.dvalue)

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

    def _describe(self, run: xr.DataTree) -> Description:
        return replace(describe(run), coefficients=self._coefficients)

    def _read(self, variable: str) -> np.ndarray:
        """(population, walker, ...), with 0 where the weight is: walkers that ran away."""
        values = self._table[variable].isel(stop=self._stop).values
        counted = self._weights > 0
        if not np.isfinite(values[counted]).all():
            raise ValueError(f"{variable} is not finite everywhere: is a segment of the run lost?")
        return np.where(counted.reshape(counted.shape + (1,) * (values.ndim - 2)), values, 0)

    def _log_z(self) -> pe.Obs:
        return np.log(self._sum(self._weights)) + (self._largest + self._log_z_origin)

    def _sum(self, values: np.ndarray) -> pe.Obs:
        """The mean over walkers of an array (population, walker)."""
        units = values.mean(axis=1) if self._resampled else values.ravel()
        pe.Obs.S_dict[self.description.run_id] = 0.0
        if self.units < self.MINIMUM_UNITS:
            units = np.tile(units, self.MINIMUM_UNITS)
        return pe.Obs([units], [f"{self.description.run_id}|units"])

    def _require_units(self) -> None:
        if self.units < self.MINIMUM_UNITS:
            what = "populations" if self._resampled else "walkers"
            raise ValueError(
                f"{self.units} independent {what} are too few: an error needs {self.MINIMUM_UNITS}"
            )
