# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to weighted walkers along their path, and to drifts while they are trained."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from .files import is_weighted


def evolution(run: xr.DataTree) -> pd.DataFrame:
    """The effective sample size and log Z along the path, at the times that were recorded.

    One row for each step: `time`; `ess`, as a fraction of a population's walkers, and `log_z`, of
    exp(-S) at this time, as means over populations with `ess_error` and `log_z_error`, standard
    errors (NaN of one population); `populations`. The mean of log Z over populations is too small
    by half the relative variance of a population's mean weight. With resampling, ESS is since the
    last resampling. Raises ValueError for Markov chains.
    """
    if not is_weighted(run):
        raise ValueError(f"{run.attrs['label']}: has no path")
    records = run["evolution"].to_dataset().to_dataframe()
    groups = records.groupby("step")
    count = groups.size()
    table = groups[["time", "ess", "log_z"]].mean()
    with np.errstate(invalid="ignore"):
        errors = groups[["ess", "log_z"]].std(ddof=1).div(np.sqrt(count), axis=0)
    table["ess_error"], table["log_z_error"] = errors["ess"], errors["log_z"]
    table["populations"] = count
    return table.reset_index()


def log_weights(run: xr.DataTree, stop: int = -1) -> np.ndarray:
    """log(w/<w>) at a stop, shape (population, walker); -inf for a weight of zero."""
    if not is_weighted(run):
        raise ValueError(f"{run.attrs['label']}: has no weights")
    values = run["annealing/log_weight"].isel(stop=stop).values
    largest = values.max()
    return values - (largest + np.log(np.exp(values - largest).mean()))


def training(drift: xr.DataTree) -> pd.DataFrame:
    """The training of a drift: `sweep` of walkers, `time`, and variances of the residual per site.

    `residual_reference` has no weights, `residual_local` those of this time, `residual` those of
    the fit; `ess` is that of the walkers. `node` too, where drifts of several couplings were
    trained.
    """
    return drift["training"].to_dataset().to_dataframe().reset_index()


def refinement(drift: xr.DataTree) -> pd.DataFrame | None:
    """The training of its network by iterations: `loss`, `residual`, `ess` and the rest."""
    if "refinement" not in drift.children:
        return None
    return drift["refinement"].to_dataset().to_dataframe().reset_index()
