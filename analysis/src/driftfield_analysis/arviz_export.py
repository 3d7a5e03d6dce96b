# SPDX-License-Identifier: GPL-3.0-or-later
"""Markov chains for ArviZ, https://python.arviz.org."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import xarray as xr

from .files import describe, is_weighted, observables

DIVERGENCE = 1000.0
"""Trajectories with an energy error above this, or without a finite one, are called diverging."""


def to_arviz(run: xr.DataTree) -> Any:
    """The chains of a run as ArviZ knows them: groups `posterior` and `sample_stats`.

    `posterior` has the observables with the dimensions (chain, draw, ...), draws numbered as
    trajectories, not read yet. `sample_stats` has `lp` = -S, without normalisation, and of
    molecular dynamics `energy_error` = dH, `acceptance_rate` = min(1, exp(-dH)), `accepted`,
    `diverging`, `step_size` and `n_steps`. The total energy is not recorded.

    An `xarray.DataTree`, which ArviZ 1 takes; where an older ArviZ is installed, its
    `InferenceData`. ArviZ itself is not needed. Raises ValueError for weighted walkers.
    """
    if is_weighted(run):
        raise ValueError("weighted walkers are no Markov chains; 'driftfield unweight' makes some")
    posterior = observables(run).rename(trajectory="draw")
    groups = {"posterior": posterior, "sample_stats": _sample_stats(run, posterior)}
    tree = xr.DataTree.from_dict({f"/{name}": group for name, group in groups.items()})
    for node in tree.children.values():
        node.attrs = _attributes(run)
    try:
        old = int(version("arviz").split(".")[0]) < 1
    except PackageNotFoundError:
        old = False
    if old:
        import arviz

        return arviz.InferenceData.from_datatree(tree)
    return tree


def _sample_stats(run: xr.DataTree, posterior: xr.Dataset) -> xr.Dataset:
    stats: dict[str, xr.DataArray] = {}
    if "action" in posterior:
        stats["lp"] = -describe(run).volume * posterior["action"]
    for method in ("hmc", "mala"):
        if method not in run.children or "dH" not in run[method].data_vars:
            continue
        table = run[method].to_dataset().rename(trajectory="draw").sel(draw=posterior["draw"])
        violation = table["dH"]
        stats["energy_error"] = violation
        with np.errstate(over="ignore"):
            stats["acceptance_rate"] = np.exp(-violation).clip(max=1).fillna(0)
        stats["diverging"] = ~(violation <= DIVERGENCE)
        if "accept" in table:
            stats["accepted"] = table["accept"] == 1
        stats |= {name: table[name] for name in ("step_size", "n_steps") if name in table}
    bare = {name: array.drop_attrs() for name, array in stats.items()}
    return xr.Dataset(bare, coords={"chain": posterior["chain"], "draw": posterior["draw"]})


def _attributes(run: xr.DataTree) -> dict[str, Any]:
    about = describe(run)
    return {
        "created_at": str(run.attrs["created"]),
        "inference_library": "driftfield",
        "inference_library_version": str(run.attrs["version"]),
        "label": about.label,
        "run_id": about.run_id,
    }
