# SPDX-License-Identifier: GPL-3.0-or-later
"""Distributions of the work done on the way to a theory and back, which cross at W = Delta F.

    python analysis/figures/work_distributions.py results/annealing

For each run with `reverse`. Left P_F(W) and P_R(-W), right the logarithm of their ratio, by
Crooks a straight line of slope 1 through W = Delta F. It prints Delta F by each way alone, by
Bennett's ratio of both, and the crossing with the slope fitted: errors over populations.
"""

from __future__ import annotations

import numpy as np

import driftfield_analysis as da
from driftfield_analysis import figures


def main() -> None:
    options = figures.parser(__doc__, "work_distributions").parse_args()
    runs = {
        label: run
        for label, run in da.open_sweep(options.sweep).items()
        if da.is_weighted(run) and "reverse" in run.children
    }
    if not runs:
        raise ValueError("no run of the sweep went back: see 'reverse' of ais")
    figure, axes = figures.panels(len(runs), 2, figures.PAGE, 2.5 * len(runs))
    for (left, right), (label, run) in zip(axes, runs.items(), strict=True):
        works = da.works(run)
        crossing, slope = works.crooks
        estimates = {
            "there": works.delta_f_forward,
            "back": works.delta_f_reverse,
            "Bennett": works.bennett,
            "crossing": crossing,
            "slope": slope,
        }
        print(label, *(f"{name} {da.uncertain(*e)}" for name, e in estimates.items()), sep="\n  ")
        histogram = works.histogram()
        middle, width = histogram["work"], np.diff(histogram["work"]).mean()
        for i, (name, words) in enumerate([("forward", "$P_F(W)$"), ("reverse", "$P_R(-W)$")]):
            values, errors = histogram[name], histogram[f"{name}_error"]
            edges = np.append(middle - width / 2, middle.iloc[-1] + width / 2)
            left.stairs(values, edges, color=f"C{i}", alpha=0.25, fill=True)
            figures.points(left, middle, values, errors, color=f"C{i}", ms=2.5, label=words)
        ratio = histogram.dropna(subset=["log_ratio"])
        figures.points(right, ratio["work"], ratio["log_ratio"], ratio["log_ratio_error"])
        ends = np.array([ratio["work"].min(), ratio["work"].max()])
        bennett = works.bennett[0]
        right.plot(ends, ends - bennett, color="C1", label="$W-\\Delta F$")
        for axis in (left, right):
            axis.axvline(bennett, color="0.5", linewidth=0.6, linestyle="--")
            axis.set_xlabel("$W$")
        left.set_ylim(bottom=0)
        left.set(title=f"{figures.title(run)}, {da.describe(run).sampler}", ylabel="density")
        right.set(ylabel=r"$\log\,[P_F(W)/P_R(-W)]$")
        right.set_title(rf"$\Delta F = {da.uncertain(*works.bennett)}$")
        left.legend()
        right.legend()
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
