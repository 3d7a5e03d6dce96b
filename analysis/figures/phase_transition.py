# SPDX-License-Identifier: GPL-3.0-or-later
"""Magnetization, susceptibility and Binder cumulant against a coupling, one curve for each lattice.

    python analysis/figures/phase_transition.py results/transition --tool driftfield -o transition.pdf

With the tool, lines are what `driftfield interpolate` finds between the couplings, and the band is
the critical coupling of `driftfield scaling` with its statistical error. Without it lines guide the
eye; where the Binder cumulants of two neighbouring sizes cross, by polynomials fitted to the points
near by, is printed with its error, and the crossing of the two largest is marked. On finite
lattices that is not yet the critical coupling: compare larger and larger pairs.
"""

from __future__ import annotations

import driftfield_analysis as da
from driftfield_analysis import figures, scaling

QUANTITIES = ["abs_m", "chi", "U4"]


def main() -> None:
    parser = figures.parser(__doc__, "phase_transition")
    parser.add_argument("--sampler", default="hmc", help="whose results are drawn; default hmc")
    parser.add_argument("--tool", help="the driftfield program, to interpolate with")
    options = parser.parse_args()
    table = da.results_table(da.open_sweep(options.sweep), QUANTITIES)
    table = table[table["sampler"] == options.sampler].dropna(subset=["L"])
    coupling = figures.varied_coupling(table)
    curves = scaling.curves(table, coupling)
    between = da.tool_curves(options.tool, options.sweep, QUANTITIES) if options.tool else None
    figure, axes = figures.panels(3, 1, height=5.6, sharex=True)
    for axis, name in zip(axes[:, 0], QUANTITIES, strict=True):
        for size, (color, marker) in figures.shades(list(curves)).items():
            x, y, error = curves[size](name)
            figures.points(axis, x, y, error, color=color, marker=marker, label=f"$L = {size}$")
            if between is None:
                fine, line = scaling.interpolation(x, y, error)
            else:
                mine = between[(between["quantity"] == name) & (between["L"] == size)]
                fine, line = mine["coupling"], mine["value"]
            axis.plot(fine, line, color=color, linewidth=0.6)
        axis.set_ylabel(figures.symbol(name))
    marked = (
        scaling.told_crossings(da.tool_scaling(options.tool, options.sweep))
        if options.tool
        else scaling.fitted_crossings(curves, coupling)
    )
    if marked is not None:
        place, error, name = marked
        for axis in axes[:, 0]:
            axis.axvspan(place - error, place + error, color="0.85", linewidth=0, zorder=0)
        note = rf"{figures.symbol(coupling)[:-1]}{name} = {da.uncertain(place, error)}$"
        axes[-1, 0].text(0.04, 0.08, note, transform=axes[-1, 0].transAxes, fontsize=8)
    axes[0, 0].legend(title=figures.theory(table, (coupling,)), title_fontsize=8)
    axes[-1, 0].set_xlabel(figures.symbol(coupling))
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
