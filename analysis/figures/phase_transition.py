# SPDX-License-Identifier: GPL-3.0-or-later
"""Magnetization, susceptibility and Binder cumulant against a coupling, one curve for each lattice.

    python analysis/figures/phase_transition.py results/crossing -o phase_transition.pdf

Lines guide the eye. Where the Binder cumulants of two neighbouring sizes cross, by polynomials
fitted to the points near by, is printed with its error, and the crossing of the two largest is
marked. On finite lattices it is not yet the critical coupling: compare larger and larger pairs.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

import driftfield_analysis as da
from driftfield_analysis import figures, scaling

QUANTITIES = ["abs_m", "chi", "U4"]


def main() -> None:
    parser = figures.parser(__doc__, "phase_transition")
    parser.add_argument("--sampler", default="hmc", help="whose results are drawn; default hmc")
    options = parser.parse_args()
    table = da.results_table(da.open_sweep(options.sweep), QUANTITIES)
    table = table[table["sampler"] == options.sampler].dropna(subset=["L"])
    coupling = figures.varied_coupling(table)
    curves = scaling.curves(table, coupling)
    figure, axes = figures.panels(3, 1, height=5.6, sharex=True)
    for axis, name in zip(axes[:, 0], QUANTITIES, strict=True):
        for size, (color, marker) in figures.shades(list(curves)).items():
            x, y, error = curves[size](name)
            figures.points(axis, x, y, error, color=color, marker=marker, label=f"$L = {size}$")
            fine, line = scaling.interpolation(x, y, error)
            axis.plot(fine, line, color=color, linewidth=0.6)
        axis.set_ylabel(figures.symbol(name))
    sizes = list(curves)
    for one, other in pairwise(sizes):
        pair = f"L = {one}, {other}"
        try:
            found = da.crossing(curves[one]("U4"), curves[other]("U4"))
        except ValueError as error:
            print(f"{pair}: {error}")
            continue
        place = da.uncertain(found.coupling, found.coupling_error)
        value = da.uncertain(found.value, found.value_error)
        print(f"{pair}: U4 = {value} at {coupling} = {place}, p = {found.fit.p:.2g} of the fit")
        if found.fit.p < 1e-3:
            print("  the fits are bad, do not trust it: smaller steps of the coupling would help")
        elif other == sizes[-1]:
            for axis in axes[:, 0]:
                low, high = np.array([-1, 1]) * found.coupling_error + found.coupling
                axis.axvspan(low, high, color="0.85", linewidth=0, zorder=0)
            note = rf"{figures.symbol(coupling)[:-1]}^*({one},{other}) = {place}$"
            axes[-1, 0].text(0.04, 0.08, note, transform=axes[-1, 0].transAxes, fontsize=8)
    axes[0, 0].legend(title=figures.theory(table, (coupling,)), title_fontsize=8)
    axes[-1, 0].set_xlabel(figures.symbol(coupling))
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
