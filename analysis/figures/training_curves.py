# SPDX-License-Identifier: GPL-3.0-or-later
"""The training of drifts: the residual of the transport equation along the path, and of networks.

    python analysis/figures/training_curves.py results/nets

Left the variance of the residual per site along the path, in the last sweep of training walkers:
without weights (dotted) and with the fit to all times (solid). Right the effective sample size of
these walkers, or where networks were trained the residual of each iteration, with its running
median.
"""

from __future__ import annotations

import driftfield_analysis as da
from driftfield_analysis import figures


def main() -> None:
    options = figures.parser(__doc__, "training_curves").parse_args()
    drifts = da.open_drifts(options.sweep)
    if not drifts:
        raise ValueError("the sweep has no trained drifts")
    networks = {name: da.refinement(drift) for name, drift in drifts.items()}
    figure, axes = figures.panels(1, 2, figures.PAGE, 2.7)
    left, right = axes[0]
    for i, (name, drift) in enumerate(drifts.items()):
        table = da.training(drift)
        nodes = table.groupby("node") if "node" in table else [(None, table)]
        color = f"C{i % 7}"
        for node, part in nodes:
            part = part[part["sweep"] == part["sweep"].max()]
            # At the origin nothing moves yet, and the residual without weights is zero.
            shown = part[part["time"] > 0]
            name_it = f"{figures.title(drift)}, {drift['sampler'].attrs['name']}"
            label = name_it if node in (None, 1) else None
            left.plot(shown["time"], shown["residual"], color=color, label=label)
            left.plot(shown["time"], shown["residual_reference"], ":", color=color)
            end = part.iloc[-1]
            print(f"{name}: residual {end['residual']:.3g} per site, ESS {end['ess']:.4f}")
            if not any(network is not None for network in networks.values()):
                right.plot(part["time"], part["ess"], color=color)
        network = networks[name]
        if network is not None:
            right.plot(network["iteration"], network["residual"], color=color, linewidth=0.5)
            smooth = network["residual"].rolling(max(1, len(network) // 20), center=True).median()
            right.plot(network["iteration"], smooth, color=color, linewidth=1.2)
            right.set(xlabel="iteration", ylabel=r"Var$(r)/V$, with network", yscale="log")
            print(f"{name}: network, loss {network['loss'].iloc[-1]:.3g} at the end")
    if not right.get_xlabel():
        right.set(xlabel="$t$", ylabel="ESS / training walkers")
    left.plot([], [], ":", color="0.4", label="without weights")
    left.set(xlabel="$t$", ylabel=r"Var$(r)/V$", yscale="log")
    left.legend()
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
