# SPDX-License-Identifier: GPL-3.0-or-later
"""Autocorrelation time, and the cost of an effective sample, against the extent of the lattice.

    python analysis/figures/cost_scaling.py results/transport-volume

Left tau_int of the slowest watched observable of Markov chains, in trajectories. Right wall time,
or with --gradients evaluations of the gradient, for each effective sample var(O)/error^2 of the
observable that a run knows least of, as in `driftfield compare`: thermalisation and pilot are in
it, the training of a drift is not; nor are, in gradients, the evaluations of a drift. Faint points
are of fewer than 50 effective samples. It prints the table, and the slopes of straight lines
through the logarithms of the others.
"""

from __future__ import annotations

import numpy as np

import driftfield_analysis as da
from driftfield_analysis import figures


def main() -> None:
    parser = figures.parser(__doc__, "cost_scaling")
    parser.add_argument("--gradients", action="store_true", help="cost in gradient evaluations")
    options = parser.parse_args()
    table = da.results_table(da.open_sweep(options.sweep), []).dropna(subset=["L"])
    unit = "gradient_evaluations" if options.gradients else "seconds"
    table["cost"] = table[unit] / table["effective_samples"]
    relative = table["effective_samples_error"] / table["effective_samples"]
    table["cost_error"] = table["cost"] * relative
    shown = ["label", "tau_int", "effective_samples", unit, "drift_evaluations"]
    shown += ["training_seconds", "cost"]
    print(da.formatted(table)[shown].to_string(index=False))
    others = [n for n in ("lambda", "m2", "kappa") if n in table and table[n].nunique() > 1]
    figure, axes = figures.panels(1, 2, figures.PAGE, 2.7)
    for i, (key, line) in enumerate(table.groupby(["sampler", *others], sort=False)):
        line = line.sort_values("L")
        words = [key[0]]
        words += [
            f"{figures.symbol(n)[:-1]} = {x:g}$" for n, x in zip(others, key[1:], strict=True)
        ]
        how = {"linestyle": "-", "color": f"C{i % 7}", "marker": figures.MARKERS[i % 8]}
        how["label"] = ", ".join(words)
        size = line["L"].to_numpy(float)
        if line["tau_int"].notna().any():
            figures.points(axes[0, 0], size, line["tau_int"], line["tau_int_error"], **how)
        known = (line["effective_samples"] >= figures.ENOUGH).to_numpy()
        figures.points(
            axes[0, 1], size[known], line["cost"][known], line["cost_error"][known], **how
        )
        faint = {"color": how["color"], "marker": how["marker"], "alpha": 0.35}
        figures.points(
            axes[0, 1], size[~known], line["cost"][~known], line["cost_error"][~known], **faint
        )
        for name in ("tau_int", "cost"):
            y = line[name].to_numpy(float)
            use = known & np.isfinite(y)
            if use.sum() > 1:
                slope = np.polyfit(np.log(size[use]), np.log(y[use]), 1)[0]
                print(f"{how['label']}: {name} grows as L^{slope:.2f}")
    axes[0, 0].set(ylabel=r"$\tau_{\mathrm{int}}$ / trajectories")
    words = "gradient evaluations" if options.gradients else "seconds"
    axes[0, 1].set(ylabel=f"{words} / effective sample")
    for axis in axes[0]:
        axis.set(xscale="log", yscale="log", xlabel="$L$")
        figures.ticks(axis, table["L"])
    figures.plain(axes[0, 0])
    axes[0, 1].legend(title=figures.theory(table), title_fontsize=8)
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
