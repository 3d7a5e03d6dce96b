# SPDX-License-Identifier: GPL-3.0-or-later
"""Works of walkers on their way along a path and back, and free-energy differences from both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from .files import is_weighted

Number = TypeVar("Number", float, np.ndarray)


@dataclass(frozen=True)
class Works:
    """Works of the way there, and of the way back; shape (population, walker)."""

    forward: np.ndarray
    """W_F = -log w: <exp(-W_F)> = Z_1/Z_0."""
    reverse: np.ndarray
    """W_R of walkers from the theory to the origin."""
    population_weights: np.ndarray
    """What each population stands for on the way back, of mean 1; shape (population)."""

    @property
    def delta_f_forward(self) -> tuple[float, float]:
        """dF = -log(Z_1/Z_0) of the way there alone (Jarzynski), and its error over populations."""
        return _jackknife(lambda keep: -_log_mean(-self.forward[keep]), len(self.forward))

    @property
    def delta_f_reverse(self) -> tuple[float, float]:
        """The same of the way back alone."""

        def estimate(keep: np.ndarray) -> float:
            weights = self.population_weights[keep]
            shift = np.log(weights / weights.mean())[:, None]
            return _log_mean(shift - self.reverse[keep])

        return _jackknife(estimate, len(self.forward))

    @property
    def bennett(self) -> tuple[float, float]:
        """dF by Bennett's acceptance ratio, J. Comput. Phys. 22 (1976) 245, and its error."""
        return _jackknife(lambda keep: self._logistic(keep, free_slope=False)[0], len(self.forward))

    @property
    def crooks(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Where P_F(W) and P_R(-W) are equal, and the slope of their logarithmic ratio there.

        The maximum of the likelihood of log[P_F(W)/P_R(-W)] = a (W - W*), with errors over
        populations. By Crooks, W* = dF and a = 1: a is a check. No bins are involved.
        """
        (place, slope), (place_error, slope_error) = _jackknife(
            lambda keep: np.array(self._logistic(keep, free_slope=True)), len(self.forward)
        )
        return (float(place), float(place_error)), (float(slope), float(slope_error))

    def histogram(self, bins: int = 30) -> pd.DataFrame:
        """Densities of W_F and of -W_R in the same bins, and the logarithm of their ratio.

        Columns: `work`, the middles of the bins; `forward`, `reverse` and `log_ratio` with
        `_error`, over populations; NaN in empty bins, `log_ratio` also where either way has fewer
        than 10 walkers.
        """
        ends = np.concatenate([self.forward.ravel(), -self.reverse.ravel()])
        edges = np.linspace(ends.min(), ends.max(), bins + 1)
        units, width = len(self.forward), edges[1] - edges[0]
        there, back = (
            np.array([np.histogram(row, edges)[0] for row in rows], dtype=float)
            for rows in (self.forward, -self.reverse)
        )
        shares = np.ones(units), self.population_weights
        table: dict[str, np.ndarray] = {"work": (edges[1:] + edges[:-1]) / 2}
        logs = []
        for name, counts, weights in zip(
            ("forward", "reverse"), (there, back), shares, strict=True
        ):
            norm = weights * counts.sum(axis=1)
            means = _without_one(weights[:, None] * counts, norm) / width
            full = means[0] > 0
            table[name] = np.where(full, means[0], np.nan)
            table[f"{name}_error"] = np.where(full, _spread(means[1:]), np.nan)
            with np.errstate(divide="ignore"):
                logs.append(np.log(means))
        enough = (there.sum(axis=0) >= 10) & (back.sum(axis=0) >= 10)
        with np.errstate(invalid="ignore"):
            ratio = logs[0] - logs[1]
            table["log_ratio"] = np.where(enough, ratio[0], np.nan)
            table["log_ratio_error"] = np.where(enough, _spread(ratio[1:]), np.nan)
        return pd.DataFrame(table)

    def _logistic(self, keep: np.ndarray, free_slope: bool) -> tuple[float, float]:
        """(W*, a) that maximise sum log s(a (W_F - W*)) + sum W_p log s(a (W_R + W*))."""
        there = self.forward[keep].ravel()
        back = -self.reverse[keep].ravel()
        weights = np.repeat(self.population_weights[keep], self.reverse.shape[1])
        places = np.concatenate([there, back])
        labels = np.concatenate([np.ones_like(there), np.zeros_like(back)])
        shares = np.concatenate([np.ones_like(there) / there.size, weights / weights.sum()])
        origin = (np.average(there) + np.average(back, weights=weights)) / 2
        places = places - origin
        columns = np.stack([np.ones_like(places), places])
        # a W - b, by Newton's steps, halved until the likelihood grows.
        parameters = np.array([0.0, 1.0])
        moving = [0, 1] if free_slope else [0]

        def likelihood(p: np.ndarray) -> float:
            exponent = (2 * labels - 1) * (p @ columns)
            return float(-(shares * np.logaddexp(0, -exponent)).sum())

        best = likelihood(parameters)
        for _ in range(100):
            probability = 1 / (1 + np.exp(-np.clip(parameters @ columns, -700, 700)))
            gradient = (columns[moving] * (shares * (labels - probability))).sum(axis=1)
            variance = shares * probability * (1 - probability)
            curvature = (columns[moving] * variance) @ columns[moving].T
            step = np.zeros(2)
            step[moving] = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
            while likelihood(parameters + step) < best and np.abs(step).max() > 1e-14:
                step /= 2
            parameters = parameters + step
            best = likelihood(parameters)
            if np.abs(step).max() < 1e-12:
                break
        return float(origin - parameters[0] / parameters[1]), float(parameters[1])


def works(run: xr.DataTree) -> Works:
    """The works of a run of annealing that went back; see `reverse` in sweep files.

    A population stands for its mean weight on the way back, since its walkers start from its own.
    Raises ValueError if the run did not go back.
    """
    if not is_weighted(run) or "reverse" not in run.children:
        raise ValueError(f"{run.attrs['label']}: has no way back")
    log_weights = run["annealing/log_weight"].isel(stop=-1).values
    population = np.exp(log_weights - log_weights.max()).mean(axis=1)
    return Works(
        run["annealing/work"].isel(stop=-1).values,
        run["reverse/work"].values,
        population / population.mean(),
    )


def _log_mean(logarithms: np.ndarray) -> float:
    largest = logarithms.max()
    return float(largest + np.log(np.exp(logarithms - largest).mean()))


def _jackknife(estimate: Callable[[np.ndarray], Number], units: int) -> tuple[Number, Number]:
    """The estimate from all units, and its error by leaving out one at a time."""
    everything = np.arange(units)
    value = estimate(everything)
    if units < 2:
        return value, value * np.nan
    parts = np.array([estimate(np.delete(everything, unit)) for unit in everything])
    return value, _spread(parts)


def _spread(parts: np.ndarray) -> Any:
    """The standard error from estimates that leave out one unit each, along the first axis."""
    units = len(parts)
    return np.sqrt((units - 1) / units * ((parts - parts.mean(axis=0)) ** 2).sum(axis=0))


def _without_one(values: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """sum values / sum norms: of all units, and of all but each; shape (1 + unit, ...)."""
    kept = np.vstack([np.ones(len(values)), 1 - np.eye(len(values))])
    return (kept @ values) / (kept @ norms)[:, None]
