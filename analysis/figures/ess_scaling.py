# SPDX-License-Identifier: GPL-3.0-or-later
"""The effective sample size of transported walkers against the volume and the number of steps.

    python analysis/figures/ess_scaling.py results/transport-volume results/transport-steps

Takes every complete run of weighted walkers without resampling. Left -log ESS against V, one line
for each sampler and number of steps K, right against K, one line for each sampler and volume; for
log-weights close to normal it is their variance. Faint points have fewer than 50 effective
walkers, which may be all but worthless. It prints the numbers, and the slopes of straight lines
through the logarithms of the others.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import driftfield_analysis as da
from driftfield_analysis import figures


def draw(axis: Axes, table: pd.DataFrame, x: str, other: str) -> None:
    lines = [g for g in table.groupby(["sampler", other], sort=True) if len(g[1]) > 1]
    for i, ((sampler, fixed), line) in enumerate(lines):
        line = line.sort_values(x)
        line = line.assign(loss=-np.log(line["ess"]), error=line["ess_error"] / line["ess"])
        how = {"color": f"C{i % 7}", "marker": figures.MARKERS[i % 8]}
        words = f"{sampler}, ${other} = {fixed}$"
        known = line["ess"] * line["walkers"] >= figures.ENOUGH
        for part, more in ((line[known], {"linestyle": "-", "label": words}), (line[~known], {})):
            if len(part):
                more = more or {"alpha": 0.35}
                figures.points(axis, part[x], part["loss"], part["error"], **how, **more)
        if known.sum() > 1:
            slope = np.polyfit(np.log(line[x][known]), np.log(line["loss"][known]), 1)[0]
            print(f"{sampler} at {other} = {fixed}: -log ESS grows as {x}^{slope:.2f}")
    axis.set(xscale="log", yscale="log", xlabel=f"${x}$", ylabel=r"$-\log\,$ESS")
    figures.ticks(axis, table[x])
    if lines:
        axis.legend()


def main() -> None:
    options = figures.parser(__doc__, "ess_scaling", sweeps="+").parse_args()
    rows = []
    for folder in options.sweep:
        for run in da.open_sweep(folder).values():
            about = da.describe(run)
            resampling = run["sampler"].attrs.get("resampling")
            if not da.is_weighted(run) or resampling != "none" or not about.complete:
                continue
            ess, error = da.WeightedQuantities(run).ess_estimate()
            steps = run["path"].sizes["step"] - 1
            walkers = run["annealing/log_weight"].isel(stop=-1).size
            rows.append((about.sampler, about.volume, steps, walkers, ess, error))
    if not rows:
        raise ValueError("there are no weighted walkers without resampling")
    table = pd.DataFrame(rows, columns=["sampler", "V", "K", "walkers", "ess", "ess_error"])
    table = table.sort_values(["sampler", "V", "K"])
    print(da.formatted(table).to_string(index=False))
    both = [(x, other) for x, other in (("V", "K"), ("K", "V")) if table[x].nunique() > 1]
    if not both:
        raise ValueError("neither the volume nor the number of steps is varied")
    width = figures.COLUMN if len(both) == 1 else figures.PAGE
    figure, axes = figures.panels(1, len(both), width, 2.7)
    for axis, (x, other) in zip(axes[0], both, strict=True):
        draw(axis, table, x, other)
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
