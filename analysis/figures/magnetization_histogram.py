# SPDX-License-Identifier: GPL-3.0-or-later
"""The distribution of the magnetization from every run of a sweep, chains and weighted walkers.

    python analysis/figures/magnetization_histogram.py results/compare --lattice 8x8

One panel for each theory and lattice. It prints p(0)/p(peak) of the distribution made symmetric,
and the weight of the walkers with m > 0, which is 1/2 by symmetry: errors by the jackknife over
chains, over groups of walkers, or over populations where walkers were resampled.
"""

from __future__ import annotations

import numpy as np

import driftfield_analysis as da
from driftfield_analysis import figures
from driftfield_analysis.histograms import Samples, density, depth, positive


def main() -> None:
    parser = figures.parser(__doc__, "magnetization_histogram")
    parser.add_argument("--bins", type=int, default=31)
    parser.add_argument("--lattice", metavar="LxL", help="such as 16x16; default all")
    options = parser.parse_args()
    sweep = da.open_sweep(options.sweep)
    if options.lattice:
        sweep = {label: sweep[label] for label in figures.chosen(sweep, options.lattice).index}
    panels = figures.groups(sweep)
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    width = figures.COLUMN if columns == 1 else figures.PAGE
    figure, axes = figures.panels(rows, columns, width, 0.2 + 2.3 * rows)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, (title, runs) in zip(axes.flat, panels.items(), strict=False):
        samples = {name: Samples(run) for name, run in runs.items()}
        end = 1.1 * max(sample.largest for sample in samples.values())
        edges = np.linspace(-end, end, options.bins + 1)
        print(title)
        for i, (name, sample) in enumerate(samples.items()):
            values, errors = sample.estimate(density(edges))
            full = values > 0
            if i == 0:
                # The first, most often Markov chains, as a line with its band of errors.
                axis.stairs(values, edges, color="0.35", linewidth=0.8, label=name)
                bands = {"baseline": values - errors, "fill": True, "alpha": 0.25}
                axis.stairs(values + errors, edges, color="0.35", linewidth=0, **bands)
            else:
                places = edges[:-1] + i / len(samples) * np.diff(edges)
                how = {"color": f"C{i - 1}", "marker": figures.MARKERS[i - 1], "ms": 2.5}
                figures.points(axis, places[full], values[full], errors[full], label=name, **how)
            ratio = da.uncertain(*sample.estimate(depth(end / 16)))
            half = da.uncertain(*sample.estimate(positive))
            print(f"  {name:10} p(0)/p(peak) = {ratio}   P(m > 0) = {half}")
        axis.set(title=title, xlabel="$m$", ylabel="$p(m)$")
        axis.set_ylim(bottom=0)
        axis.legend()
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
