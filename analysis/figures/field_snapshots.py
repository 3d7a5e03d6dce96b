# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots of the field: a stored configuration of every run of one sampler and lattice.

    python analysis/figures/field_snapshots.py results/quickstart --lattice 16x16

The last stored configuration of the first chain; of weighted walkers one that is drawn by its
weight. All panels have the same colours, symmetric about zero. On lattices of more than two
dimensions the plane through the origin of the others is shown.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

import driftfield_analysis as da
from driftfield_analysis import figures


def snapshot(run: xr.DataTree, seed: int) -> np.ndarray:
    """One configuration of a run, a plane of it in more than two dimensions; reads no other."""
    phi = run["configurations/phi"]
    if da.is_weighted(run):
        phi = phi.isel(population=-1)
        rows = run["annealing/log_weight"].isel(stop=-1).sel(population=phi["population"])
        weights = np.exp(rows.values - rows.values.max())
        walker = np.random.default_rng(seed).choice(len(weights), p=weights / weights.sum())
        phi = phi.isel(walker=int(walker))
    else:
        phi = phi.isel(chain=0, trajectory=-1)
    if phi.ndim < 2:
        raise ValueError("snapshots need two dimensions")
    return phi.isel(dict.fromkeys(phi.dims[2:], 0)).values


def main() -> None:
    parser = figures.parser(__doc__, "field_snapshots")
    parser.add_argument("--lattice", metavar="LxL", help="such as 16x16; default the largest")
    parser.add_argument("--sampler", help="default all samplers")
    parser.add_argument("--seed", type=int, default=1, help="for drawing walkers; default 1")
    options = parser.parse_args()
    sweep = {
        k: r for k, r in da.open_sweep(options.sweep).items() if "configurations" in r.children
    }
    if not sweep:
        raise ValueError("no configurations were stored: see 'configurations' in sweep files")
    index = figures.chosen(sweep, options.lattice, options.sampler)
    varied = [n for n in ("lambda", "m2", "kappa") if n in index and index[n].nunique() > 1]
    fields = {label: snapshot(sweep[label], options.seed) for label in index.index}
    end = float(np.quantile(np.abs(np.concatenate([f.ravel() for f in fields.values()])), 0.995))
    columns = min(4, len(fields))
    rows = -(-len(fields) // columns)
    height = 0.35 + (figures.PAGE - 0.8) / columns * 1.12 * rows
    figure, axes = figures.panels(rows, columns, figures.PAGE, height)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, (label, field) in zip(axes.flat, fields.items(), strict=False):
        image = axis.imshow(field.T, vmin=-end, vmax=end, origin="lower", interpolation="none")
        row = index.loc[label]
        words = [f"{figures.symbol(name)[:-1]} = {row[name]:g}$" for name in varied]
        words += [row["sampler"]] if index["sampler"].nunique() > 1 or not words else []
        axis.set_title(", ".join(words))
        print(f"{label}: m = {field.mean():+.4f}")
    figure.colorbar(image, ax=axes, label=r"$\phi_x$", shrink=0.85, pad=0.01)
    figure.supxlabel(figures.theory(index), fontsize=9)
    figures.save(figure, options)


if __name__ == "__main__":
    figures.script(main)
