# SPDX-License-Identifier: GPL-3.0-or-later
"""The distribution of the magnetisation from every run of a sweep, Markov chains and weighted walkers.

    python analysis/figures/magnetisation_histogram.py results/two-wells [--output FILE.svg]

One panel for each theory. It prints p(0)/p(peak) of the distribution made symmetric, and the weight
of the walkers with m > 0, with errors: of independent walkers or populations by the jackknife, of
Markov chains by the jackknife over chains.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import xarray as xr

import driftfield_analysis as da

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402


class Samples:
    """m and the weights of one run, in units that are independent: rows of `m` and `weights`."""

    def __init__(self, run: xr.DataTree) -> None:
        m = da.observables(run)["m"]
        if da.is_weighted(run):
            log_weights = run["annealing/log_weight"].isel(stop=-1).values
            self.m = m.isel(stop=-1).values
            self.weights = np.exp(log_weights - log_weights.max())
            if run["sampler"].attrs["resampling"] == "none":
                # Walkers are independent: a hundred groups of them are units.
                units = min(100, self.m.size)
                size = self.m.size // units * units
                self.m = self.m.reshape(-1)[:size].reshape(units, -1)
                self.weights = self.weights.reshape(-1)[:size].reshape(units, -1)
        else:
            self.m = m.values
            self.weights = np.ones_like(self.m)

    def estimate(self, function: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> tuple:
        """A function of (m, weights), and its error by leaving out one unit at a time."""
        value = function(self.m, self.weights)
        units = len(self.m)
        kept = [np.arange(units) != unit for unit in range(units)]
        parts = np.array([function(self.m[keep], self.weights[keep]) for keep in kept])
        spread = ((parts - parts.mean(axis=0)) ** 2).sum(axis=0)
        return value, np.sqrt((units - 1) / units * spread)


def density(edges: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    def histogram(m: np.ndarray, weights: np.ndarray) -> np.ndarray:
        counts, _ = np.histogram(m, bins=edges, weights=weights)
        return counts / (weights.sum() * np.diff(edges))

    return histogram


def depth(width: float) -> Callable[[np.ndarray, np.ndarray], float]:
    """p(0)/p(peak) of p(|m|), the peak by a parabola through the logarithms of three bins."""

    def ratio(m: np.ndarray, weights: np.ndarray) -> float:
        # Bins centred on 0, width, 2 width ...; the one at 0 is filled from both sides.
        numbers = np.rint(np.abs(m) / width).astype(int).ravel()
        p = np.bincount(numbers, weights=weights.ravel())
        p[0] *= 2
        peak = int(np.argmax(p[:-1]))
        if peak == 0:
            return 1.0
        left, middle, right = np.log(np.maximum(p[peak - 1 : peak + 2], 1e-300))
        curvature = left - 2 * middle + right
        top = middle if curvature == 0 else middle - (right - left) ** 2 / (8 * curvature)
        return float(p[0] / np.exp(top))

    return ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sweep", type=Path)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--bins", type=int, default=41)
    options = parser.parse_args()
    panels: dict[str, list[tuple[str, xr.DataTree]]] = {}
    for run in da.open_sweep(options.sweep).values():
        about = da.describe(run)
        couplings = " ".join(f"{name} = {value:g}" for name, value in about.couplings.items())
        title = "x".join(map(str, about.shape)) + "  " + couplings
        panels.setdefault(title, []).append((about.sampler, run))
    figure, axes = plt.subplots(
        1, len(panels), figsize=(4.5 * len(panels), 3.6), squeeze=False, layout="constrained"
    )
    for axis, (title, runs) in zip(axes[0], panels.items(), strict=True):
        samples = [(name, Samples(run)) for name, run in runs]
        end = 1.1 * max(np.abs(sample.m[sample.weights > 0]).max() for _, sample in samples)
        edges = np.linspace(-end, end, options.bins + 1)
        centres = (edges[1:] + edges[:-1]) / 2
        print(title)
        for name, sample in samples:
            values, errors = sample.estimate(density(edges))
            axis.errorbar(centres, values, errors, fmt=".", markersize=4, linewidth=1, label=name)
            ratio, ratio_error = sample.estimate(depth(end / 16))
            half, half_error = sample.estimate(lambda m, w: (w * (m > 0)).sum() / w.sum())
            print(
                f"  {name:10} p(0)/p(peak) = {ratio:.4f} +- {ratio_error:.4f}"
                f"   P(m > 0) = {half:.4f} +- {half_error:.4f}"
            )
        axis.set(title=title, xlabel="$m$", ylabel="$p(m)$")
        axis.legend()
    output = options.output or options.sweep / "magnetisation_histogram.svg"
    figure.savefig(output)
    print(output)


if __name__ == "__main__":
    main()
