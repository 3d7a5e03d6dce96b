# SPDX-License-Identifier: GPL-3.0-or-later
"""Distributions of the magnetization from Markov chains and weighted walkers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import xarray as xr

from .files import is_weighted, observables

Number = TypeVar("Number", float, np.ndarray)


class Samples:
    """m and the weights of one run, in rows that are independent: chains, groups of walkers, or
    populations where walkers were resampled. `m` and `weights` have the shape (row, sample)."""

    GROUPS = 100
    """Independent walkers are put into so many rows."""

    def __init__(self, run: xr.DataTree, stop: int = -1) -> None:
        m = observables(run)["m"]
        if is_weighted(run):
            log_weights = run["annealing/log_weight"].isel(stop=stop).values
            self.m = m.isel(stop=stop).values
            self.weights = np.exp(log_weights - log_weights.max())
            # What ran away has weight zero, and m need not be finite.
            self.m = np.where(self.weights > 0, self.m, 0)
            if run["sampler"].attrs["resampling"] == "none":
                rows = min(self.GROUPS, self.m.size)
                size = self.m.size // rows * rows
                self.m = self.m.reshape(-1)[:size].reshape(rows, -1)
                self.weights = self.weights.reshape(-1)[:size].reshape(rows, -1)
        else:
            self.m = m.values
            self.weights = np.ones_like(self.m)

    def estimate(
        self, function: Callable[[np.ndarray, np.ndarray], Number]
    ) -> tuple[Number, Number]:
        """A function of (m, weights), and its standard error by leaving out one row at a time."""
        value = function(self.m, self.weights)
        rows = len(self.m)
        kept = [np.arange(rows) != row for row in range(rows)]
        parts = np.array([function(self.m[keep], self.weights[keep]) for keep in kept])
        spread = ((parts - parts.mean(axis=0)) ** 2).sum(axis=0)
        return value, np.sqrt((rows - 1) / rows * spread)

    @property
    def largest(self) -> float:
        """max |m| over samples that count."""
        return float(np.abs(self.m[self.weights > 0]).max())


def density(edges: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """p(m) in bins: their share of the weight, by their width."""

    def histogram(m: np.ndarray, weights: np.ndarray) -> np.ndarray:
        counts, _ = np.histogram(m, bins=edges, weights=weights)
        return counts / (weights.sum() * np.diff(edges))

    return histogram


def depth(width: float) -> Callable[[np.ndarray, np.ndarray], float]:
    """p(0)/p(peak) of p(|m|), the peak by a parabola through the logarithms of three bins."""

    def ratio(m: np.ndarray, weights: np.ndarray) -> float:
        # Bins centred on 0, width, 2 width ...; the one at 0 is filled from both sides.
        numbers = np.rint(np.abs(m) / width).astype(int).ravel()
        p = np.bincount(numbers, weights=weights.ravel(), minlength=2)
        p[0] *= 2
        peak = int(np.argmax(p[:-1]))
        if peak == 0:
            return 1.0
        left, middle, right = np.log(np.maximum(p[peak - 1 : peak + 2], 1e-300))
        curvature = left - 2 * middle + right
        top = middle if curvature == 0 else middle - (right - left) ** 2 / (8 * curvature)
        return float(p[0] / np.exp(top))

    return ratio


def positive(m: np.ndarray, weights: np.ndarray) -> float:
    """P(m > 0), one half by symmetry."""
    return float((weights * (m > 0)).sum() / weights.sum())
