# SPDX-License-Identifier: GPL-3.0-or-later
"""Histograms of the log-weights of walkers, one panel for each theory.

    python analysis/figures/log_weights.py results/nets

Weights are relative to their mean, so that w = 1 for perfect transport. The lines are normal
distributions with the same variance s^2, for which -log ESS = s^2: where the right tail of the
histogram leaves its line, so do ESS and errors. It prints mean, variance, the largest weight and
ESS.
"""

from __future__ import annotations

import numpy as np

import driftfield_analysis as da
from driftfield_analysis import figures

# Walkers of unadjusted dynamics that ran away are left out of histogram, mean and variance.
SMALLEST = -100.0


def main() -> None:
    parser = figures.parser(__doc__, "log_weights")
    parser.add_argument("--bins", type=int, default=40)
    options = parser.parse_args()
    sweep = da.open_sweep(options.sweep)
    panels = figures.groups({label: r for label, r in sweep.items() if da.is_weighted(r)})
    if not panels:
        raise ValueError("the sweep has no weighted walkers")
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    width = figures.COLUMN if columns == 1 else figures.PAGE
    figure, axes = figures.panels(rows, columns, width, 0.2 + 2.2 * rows)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, (title, runs) in zip(axes.flat, panels.items(), strict=False):
        print(title)
        least = []
        for i, (name, run) in enumerate(runs.items()):
            logs = da.log_weights(run).ravel()
            lost = np.count_nonzero(logs < SMALLEST)
            logs = logs[logs >= SMALLEST]
            mean, variance = logs.mean(), logs.var(ddof=1)
            ess = np.exp(logs).sum() ** 2 / np.exp(2 * logs).sum() / (len(logs) + lost)
            print(
                f"  {name:10} mean {mean:.4g}, variance {variance:.4g},"
                f" largest weight {np.exp(logs.max()):.3g}, ESS {ess:.4g}"
                + (f", {lost} walkers ran away" if lost else "")
            )
            edges = np.linspace(logs.min(), logs.max(), options.bins + 1)
            how = {"color": f"C{i}", "label": name}
            axis.hist(logs, edges, density=True, histtype="stepfilled", alpha=0.35, **how)
            # Half of one walker in a bin.
            least.append(0.5 / (len(logs) * (edges[1] - edges[0])))
            x = np.linspace(*edges[[0, -1]], 300)
            normal = np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
            axis.plot(x, normal, color=f"C{i}", linewidth=0.8)
        axis.axvline(0, color="0.5", linewidth=0.6, linestyle="--")
        axis.set(title=title, xlabel=r"$\log\,(w/\langle w\rangle)$", ylabel="density")
        axis.set_yscale("log")
        axis.set_ylim(bottom=min(least))
        axis.legend()
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
