# SPDX-License-Identifier: GPL-3.0-or-later
"""The effective sample size of transported walkers against the volume and the number of steps.

    python analysis/figures/ess_scaling.py results/nets-volume results/nets-steps [--output FILE.svg]

Takes every run of weighted walkers without resampling in the sweeps. Left -log ESS against V, one
line for each sampler and number of steps, right against the number of steps, one line for each sampler
and volume; for log-weights close to normal it is their variance. It prints the numbers and the slopes
of straight lines through the logarithms.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import numpy as np

import driftfield_analysis as da

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402


def points(sweeps: list[Path]) -> list[dict]:
    found = []
    for sweep in sweeps:
        for run in da.open_sweep(sweep).values():
            if not da.is_weighted(run) or run["sampler"].attrs["resampling"] != "none":
                continue
            about = da.describe(run)
            ess = da.WeightedQuantities(run).ess()
            ess.gamma_method(S=0)
            found.append(
                {
                    "sampler": about.sampler,
                    "V": int(np.prod(about.shape)),
                    "K": run["path"].sizes["step"] - 1,
                    "ess": ess.value,
                    "error": ess.dvalue,
                }
            )
    return found


def draw(axis: plt.Axes, found: list[dict], x: str, other: str) -> None:
    lines = sorted({(point["sampler"], point[other]) for point in found})
    for sampler, fixed in lines:
        chosen = sorted(
            (p for p in found if p["sampler"] == sampler and p[other] == fixed), key=lambda p: p[x]
        )
        if len(chosen) < 2:
            continue
        places = np.array([p[x] for p in chosen], dtype=float)
        ess = np.array([p["ess"] for p in chosen])
        errors = np.array([p["error"] for p in chosen])
        loss = -np.log(ess)
        axis.errorbar(places, loss, errors / ess, marker="o", label=f"{sampler}, {other} = {fixed}")
        slope = np.polyfit(np.log(places), np.log(loss), 1)[0]
        print(f"{sampler} at {other} = {fixed}: -log ESS grows as {x}^{slope:.2f}")
    axis.set(xscale="log", yscale="log", xlabel=f"${x}$", ylabel=r"$-\log\,$ESS")
    if axis.lines:
        axis.legend(fontsize="small")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sweeps", type=Path, nargs="+")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    found = points(options.sweeps)
    for p in sorted(found, key=lambda p: (p["sampler"], p["V"], p["K"])):
        print(f"{p['sampler']:6} V = {p['V']:5} K = {p['K']:5}  ESS = {p['ess']:.4f} +- {p['error']:.4f}")
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    draw(axes[0], found, "V", "K")
    draw(axes[1], found, "K", "V")
    output = options.output or options.sweeps[0] / "ess_scaling.svg"
    figure.savefig(output)
    print(output)


if __name__ == "__main__":
    main()
