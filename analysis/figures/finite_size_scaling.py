# SPDX-License-Identifier: GPL-3.0-or-later
"""The collapse of Binder cumulant, magnetization and susceptibility of all lattices on one curve.

    python analysis/figures/finite_size_scaling.py results/crossing --between 4.1 4.4 --smallest 12

Each quantity is fitted by itself: y = L^e f((x - x_c) L^(1/nu)), which gives three estimates to
compare; e = 0 for the Binder cumulant, -beta/nu for |m|, gamma/nu for chi_2. Corrections to scaling
are not in it: leave out small lattices and distant couplings until p is not small.
"""

from __future__ import annotations

import numpy as np

import driftfield_analysis as da
from driftfield_analysis import figures, scaling

# Name, its scaled symbol, the name of e and where its fit begins (two dimensions, Ising).
QUANTITIES = [
    ("U4", "$U_4$", "", 0.0),
    ("abs_m", r"$\langle|m|\rangle\,L^{\beta/\nu}$", r"-\beta/\nu", -0.125),
    ("chi2", r"$\chi_2\,L^{-\gamma/\nu}$", r"\gamma/\nu", 1.75),
]


def main() -> None:
    parser = figures.parser(__doc__, "finite_size_scaling")
    parser.add_argument("--sampler", default="hmc", help="whose results are used; default hmc")
    parser.add_argument("--between", type=float, nargs=2, metavar="X", help="range of the coupling")
    parser.add_argument("--smallest", type=int, default=0, metavar="L", help="leave smaller L out")
    parser.add_argument("--critical", type=float, metavar="X", help="x_c, not to be fitted")
    parser.add_argument("--nu", type=float, help="nu, not to be fitted")
    parser.add_argument("--degree", type=int, default=4, help="of the polynomial f; default 4")
    options = parser.parse_args()
    table = da.results_table(da.open_sweep(options.sweep), [name for name, *_ in QUANTITIES])
    table = table[(table["sampler"] == options.sampler) & (table["L"] >= options.smallest)]
    coupling = figures.varied_coupling(table)
    if options.between:
        table = table[table[coupling].between(*options.between)]
    critical = options.critical
    if critical is None:
        critical = scaling.steepest(table, coupling)
    fixed = [n for n in ("critical", "nu") if getattr(options, n) is not None]
    figure, axes = figures.panels(1, 3, figures.PAGE, 2.5)
    letter = figures.symbol(coupling)[1:-1]
    shades = figures.shades(sorted(table["L"].unique()))
    for axis, (name, words, exponent, start) in zip(axes[0], QUANTITIES, strict=True):
        columns = [table[n].to_numpy(float) for n in (coupling, "L", name, f"{name}_error")]
        held = tuple(fixed if exponent else [*fixed, "exponent"])
        fit = da.collapse(
            *columns, critical, options.nu or 1.0, start, fixed=held, degree=options.degree
        )
        x, y, error = fit.scaled(*columns)
        fine = np.linspace(x.min(), x.max(), 300)
        axis.plot(fine, fit.curve(fine), color="0.7", linewidth=0.8, zorder=0)
        for size, (color, marker) in shades.items():
            mine = columns[1] == size
            how = {"color": color, "marker": marker, "label": f"$L = {size}$"}
            figures.points(axis, x[mine], y[mine], error[mine], **how)
        x_c = da.uncertain(fit.critical, fit.critical_error)
        nu = da.uncertain(fit.nu, fit.nu_error)
        e = da.uncertain(fit.exponent, fit.exponent_error)
        lines = [f"${letter}_c = {x_c}$", rf"$\nu = {nu}$"]
        if exponent.startswith("-"):
            e = da.uncertain(-fit.exponent, fit.exponent_error)
        lines += [f"${exponent.removeprefix('-')} = {e}$"] if exponent else []
        lines += [rf"$\chi^2/\mathrm{{dof}} = {fit.fit.chi2:.0f}/{fit.fit.degrees_of_freedom}$"]
        # Below the curve.
        place, side = (0.04, "left") if np.corrcoef(x, y)[0, 1] < 0 else (0.96, "right")
        box = {"transform": axis.transAxes, "fontsize": 7, "ha": side, "multialignment": "left"}
        axis.text(place, 0.05, "\n".join(lines), **box)
        axis.set_xlabel(rf"$({letter}-{letter}_c)\,L^{{1/\nu}}$")
        axis.set_ylabel(words)
        print(f"{name}: {coupling}_c = {x_c}, nu = {nu}, e = {e}, p = {fit.fit.p:.2g}")
    axes[0, 0].legend(title=figures.theory(table, (coupling, "L")), title_fontsize=8)
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
