# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole sweep: one tree of all runs, its index, and runs by their labels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from .files import INDEX, describe, is_weighted, open_run, open_sweep

Sweep = Mapping[str, xr.DataTree]
"""Label -> run: what `open_sweep` and `open_tree` return, or a part of it."""

LATTICE_KEYS = {"extent", "extents", "dimensions"}
DRIFT_FOLDERS = "drift-*"


def open_tree(folder: str | os.PathLike[str]) -> xr.DataTree:
    """A whole sweep as one tree, with a node for each run under its label; lazy.

    `tree["extent=16 lambda=4.6 hmc/observables/m"]` is an array that is read when it is used. Runs
    keep their own numbers of chains, measurements and walkers. Closing the tree closes the files.
    Raises ValueError if the folder is not that of a sweep.
    """
    runs = open_sweep(folder)
    tree = xr.DataTree(children=runs, name=Path(folder).resolve().name)

    def close() -> None:
        for run in runs.values():
            run.close()

    tree.set_close(close)
    return tree


def open_drifts(folder: str | os.PathLike[str]) -> dict[str, xr.DataTree]:
    """The trained drifts of a sweep by the names of their folders, with `training` and the rest."""
    indices = sorted(Path(folder).glob(f"{DRIFT_FOLDERS}/{INDEX}"))
    return {index.parent.name: open_run(index) for index in indices}


def runs(sweep: Sweep) -> pd.DataFrame:
    """The index of a sweep: one row for each run, by label; reads attributes alone.

    Columns: `L`, the extent of a hypercubic lattice, else missing; `extents`, such as "16x8"; one
    for each coupling, and for each other key that the grid of the sweep varies; `sampler`,
    `method`, `weighted`, `stops` (missing for Markov chains), `complete`, `run_id`.
    """
    rows = []
    for label, run in sweep.items():
        about = describe(run)
        cubic = len(set(about.shape)) == 1
        rows.append(
            {
                "label": label,
                "L": about.shape[0] if cubic else None,
                "extents": "x".join(map(str, about.shape)),
                **about.couplings,
                **_varied(label, about.couplings),
                "sampler": about.sampler,
                "method": about.method,
                "weighted": is_weighted(run),
                "stops": len(np.atleast_1d(run["stops"].attrs["time"]))
                if is_weighted(run)
                else None,
                "complete": about.complete,
                "run_id": about.run_id,
            }
        )
    # Keys that not all runs have are moved before `sampler`, in their order.
    names = list(dict.fromkeys(name for row in rows for name in row if name not in _LAST))
    table = pd.DataFrame(rows, columns=[*names, *_LAST]).set_index("label")
    return table.astype({"L": "Int64", "stops": "Int64"})


_LAST = ("sampler", "method", "weighted", "stops", "complete", "run_id")


def select(sweep: Sweep, labels: Mapping[str, object] | None = None, **more: object) -> xr.DataTree:
    """The one run with labels, by the columns of `runs`: `select(sweep, L=16, sampler="hmc")`.

    `lambda` is a word of Python: `select(sweep, {"lambda": 4.6}, L=16)`. Numbers are compared to
    a relative 1e-9. Raises KeyError if there is no such column, no such run, or more than one.
    """
    table = runs(sweep)
    wanted = {**(labels or {}), **more}
    matches = np.ones(len(table), dtype=bool)
    for name, value in wanted.items():
        if name not in table:
            raise KeyError(f"runs are not labelled by {name!r}, but by {', '.join(table)}")
        column = table[name]
        if isinstance(value, (int, float)) and pd.api.types.is_numeric_dtype(column):
            numbers = column.astype(float).to_numpy()
            matches &= np.isclose(numbers, float(value), rtol=1e-9, atol=0)
        else:
            matches &= (column == value).to_numpy(dtype=bool, na_value=False)
    found = list(table.index[matches])
    if len(found) != 1:
        words = ", ".join(f"{name}={value}" for name, value in wanted.items()) or "no label"
        raise KeyError(f"{len(found)} runs with {words}: {'; '.join(found or table.index)}")
    return sweep[found[0]]


def _varied(label: str, couplings: Mapping[str, float]) -> dict[str, float | str]:
    """What the grid varies beside lattice and couplings, from a label such as "nets steps=5"."""
    result: dict[str, float | str] = {}
    for word in label.split():
        name, separator, value = word.partition("=")
        if not separator or name in LATTICE_KEYS or name in couplings:
            continue
        try:
            result[name] = float(value)
        except ValueError:
            result[name] = value
    return result
