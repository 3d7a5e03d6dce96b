# SPDX-License-Identifier: GPL-3.0-or-later
"""The effective sample size of weighted walkers along their path, one panel for each theory.

    python analysis/figures/ess_along_path.py results/nets

Means over populations, the band is their standard error. Where walkers are resampled, the effective
sample size of their weights is since the last resampling.
"""

from __future__ import annotations

import driftfield_analysis as da
from driftfield_analysis import figures


def main() -> None:
    options = figures.parser(__doc__, "ess_along_path").parse_args()
    sweep = da.open_sweep(options.sweep)
    panels = figures.groups({label: r for label, r in sweep.items() if da.is_weighted(r)})
    if not panels:
        raise ValueError("the sweep has no weighted walkers")
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    width = figures.COLUMN if columns == 1 else figures.PAGE
    figure, axes = figures.panels(rows, columns, width, 0.2 + 2.2 * rows, sharey=True)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, (title, runs) in zip(axes.flat, panels.items(), strict=False):
        for i, (name, run) in enumerate(runs.items()):
            table = da.evolution(run)
            steps = run["path"].sizes["step"] - 1
            axis.plot(table["time"], table["ess"], color=f"C{i}", label=f"{name}, $K = {steps}$")
            low, high = table["ess"] - table["ess_error"], table["ess"] + table["ess_error"]
            axis.fill_between(table["time"], low, high, color=f"C{i}", alpha=0.25, linewidth=0)
            last = table.iloc[-1]
            print(f"{title}  {name}: {da.uncertain(last['ess'], last['ess_error'])} at the end")
        axis.set(title=title, xlabel="$t$", ylim=(0, 1.03), xlim=(0, 1))
        axis.legend(loc="lower left")
    for axis in axes[:, 0]:
        axis.set_ylabel("ESS / walkers")
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
