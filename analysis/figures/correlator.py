# SPDX-License-Identifier: GPL-3.0-or-later
"""The two-point function G(t) and the effective mass of every run of one lattice.

    python analysis/figures/correlator.py results/quickstart --lattice 16x16

The effective mass is arcosh[(G(t-1) + G(t+1))/(2 G(t))], constant where one state dominates. In the
broken phase G has a constant part, and m_eff tells of the tunnelling between both signs alone.
"""

from __future__ import annotations

import driftfield_analysis as da
from driftfield_analysis import figures


def main() -> None:
    parser = figures.parser(__doc__, "correlator")
    parser.add_argument("--lattice", metavar="LxL", help="such as 16x16; default the largest")
    parser.add_argument("--sampler", help="default all samplers")
    options = parser.parse_args()
    sweep = da.open_sweep(options.sweep)
    index = figures.chosen(sweep, options.lattice, options.sampler)
    couplings = [n for n in ("lambda", "m2", "kappa") if n in index and index[n].nunique() > 1]
    several = index["sampler"].nunique() > 1
    figure, axes = figures.panels(1, 2, figures.PAGE, 2.7)
    theories = dict.fromkeys(map(tuple, index[couplings].to_numpy()))
    shades = figures.shades(list(theories))
    markers = dict(zip(index["sampler"].unique(), figures.MARKERS, strict=False))
    for i, (label, row) in enumerate(index.iterrows()):
        words = [f"{figures.symbol(name)[:-1]} = {row[name]:g}$" for name in couplings]
        words += [row["sampler"]] if several or not words else []
        table = da.correlator(sweep[label])
        color, marker = shades[tuple(row[couplings])]
        marker = markers[row["sampler"]] if several else marker
        how = {"color": color, "marker": marker, "label": ", ".join(words)}
        # Side by side, so that error bars of samplers can be told apart.
        shift = 0.25 * (i / max(1, len(index) - 1) - 0.5) if several else 0.0
        for axis, name in zip(axes[0], ("G", "m_eff"), strict=True):
            figures.points(axis, table["t"] + shift, table[name], table[f"{name}_error"], **how)
            line = {"color": color, "linewidth": 0.4, "alpha": 0.6}
            axis.plot(table["t"] + shift, table[name], **line)
    axes[0, 0].set(xlabel="$t$", ylabel="$G(t)$", yscale="log")
    figures.plain(axes[0, 0])
    axes[0, 1].set(xlabel="$t$", ylabel=r"$m_{\mathrm{eff}}(t)$")
    handles, words = axes[0, 0].get_legend_handles_labels()
    how = {"loc": "outside right upper", "title": figures.theory(index), "title_fontsize": 8}
    figure.legend(handles, words, **how)
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
