# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of a whole sweep as one table, and as one labelled dataset."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from .costs import cost, effective_size
from .files import is_weighted, observables
from .quantities import Quantities
from .sweeps import Sweep, runs
from .weighted import WeightedQuantities

QUANTITIES = ("abs_m", "chi2", "chi", "U4", "xi2", "energy", "action", "SD")
ERROR = "_error"
_ABOUT = ("method", "weighted", "stops", "complete", "run_id")


def results_table(sweep: Sweep, quantities: Sequence[str] = QUANTITIES) -> pd.DataFrame:
    """One row for each run, or for each stop of a run of annealing.

    Columns: `label`; `L`, `extents` and couplings as in `runs`, those of the stop; `sampler`,
    `stop` (from 0, missing for chains); each quantity NAME with its standard error `NAME_error`;
    `log_z` and `ess`, Kish's effective sample size as a fraction of the walkers, with errors, of
    weighted walkers; `tau_int` with its error, in trajectories, of the slowest watched observable
    of chains; `effective_samples` with its error and `samples`, N; `gradient_evaluations`,
    `drift_evaluations`, `seconds` and `training_seconds`, see `Cost`; `complete`. What a run has
    not, or cannot know, is NaN; runs that have measured nothing yet are left out. Raises KeyError
    for a quantity that no run has, ValueError for <m^2> where m2 is a coupling.
    """
    index = runs(sweep)
    if taken := [name for name in quantities if name in index]:
        raise ValueError(f"{', '.join(taken)} is a coupling in this table: take chi2 = V <m^2>")
    rows = []
    known: set[str] = set()
    for label, run in sweep.items():
        if not observables(run).sizes["population" if is_weighted(run) else "trajectory"]:
            continue
        about = {"label": label, **index.loc[label].drop(list(_ABOUT)).to_dict()}
        complete = bool(index.loc[label, "complete"])
        if is_weighted(run):
            names = [str(name) for name in np.atleast_1d(run["stops"].attrs["label"])]
            for stop, name in enumerate(names):
                at_stop = {**about, **_couplings(name, about), "stop": stop}
                of_stop = WeightedQuantities(run, stop)
                known |= set(of_stop.names)
                rows.append({**at_stop, **_weighted(of_stop, quantities)})
                rows[-1] |= {**_worth(run, stop), "complete": complete}
        else:
            chains = Quantities(run)
            known |= set(chains.names)
            row = {**about, "stop": None, **_markov(chains, quantities), **_worth(run, -1)}
            rows.append({**row, "complete": complete})
    if rows and (unknown := [name for name in quantities if name not in known]):
        raise KeyError(f"no run has {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    table = pd.DataFrame(rows)
    return table.astype({"L": "Int64", "stop": "Int64"}) if rows else table


def results(sweep: Sweep, quantities: Sequence[str] = QUANTITIES) -> xr.Dataset:
    """The same as a dataset over what the sweep varies, for `.sel(L=16, sampler="hmc")`.

    Dimensions: `L`, or `lattice` ("16x8") unless all lattices are hypercubic; each coupling, and
    other key of the grid, that is varied; `sampler`. Couplings that are the same everywhere are
    scalar coordinates. Each quantity NAME and `NAME_error` has all of these dimensions, NaN where
    there is no run. Raises ValueError if two runs, or stops, have the same labels.
    """
    table = results_table(sweep, quantities)
    if table.empty:
        raise ValueError("the sweep has no runs")
    if table["L"].isna().any():
        table = table.drop(columns="L").rename(columns={"extents": "lattice"})
        lattice = "lattice"
    else:
        table = table.drop(columns="extents").astype({"L": int})
        lattice = "L"
    labels = list(table.columns[2 : list(table.columns).index("sampler")])
    varied = [name for name in labels if table[name].nunique(dropna=False) > 1]
    fixed = {name: table[name].iloc[0] for name in labels if name not in varied}
    dimensions = [lattice, *varied, "sampler"]
    twice = table[table.duplicated(dimensions, keep=False)]
    if len(twice):
        raise ValueError(f"runs with the same labels: {'; '.join(twice['label'])}")
    samplers = list(dict.fromkeys(table["sampler"]))
    values = table.drop(columns=["stop", *fixed])
    data = values.set_index(dimensions).to_xarray().reindex(sampler=samplers)
    return data.assign_coords({name: ((), value) for name, value in fixed.items()})


def formatted(table: pd.DataFrame) -> pd.DataFrame:
    """The table with each pair of value and error as one text, 1.2345(67); for `to_latex`."""
    pairs = [name for name in table if f"{name}{ERROR}" in table]
    result = table.copy()
    for name in pairs:
        numbers = zip(table[name], table[f"{name}{ERROR}"], strict=True)
        result[name] = pd.Series([uncertain(*pair) for pair in numbers], table.index, dtype=str)
    return result.drop(columns=[f"{name}{ERROR}" for name in pairs])


def uncertain(value: float, error: float) -> str:
    """1.2345(67): the value with its standard error in units of the last digits, two of them.

    Errors above 10 have a decimal exponent where digits would be made up, 1.58(12)e4. Without an
    error the value has six digits; "" if it is NaN.
    """
    if not math.isfinite(value):
        return "" if math.isnan(value) else str(value)
    if not math.isfinite(error) or error <= 0:
        return f"{value:.6g}"
    # The place of the second digit of the error, after rounding: 0.0996 has two digits as 0.10.
    place = math.floor(math.log10(float(f"{error:.1e}"))) - 1
    if place <= 0:
        digits = round(error * 10.0**-place) if place < 0 else round(error)
        shown = f"{digits / 10:.1f}" if place == -1 and error >= 1 else str(digits)
        return f"{value:.{-place}f}({shown})"
    power = math.floor(math.log10(max(abs(value), error)))
    return f"{uncertain(value / 10.0**power, error / 10.0**power)}e{power}"


def _markov(quantities: Quantities, names: Sequence[str]) -> dict[str, float]:
    row = {}
    for name in names:
        value, error = np.nan, np.nan
        if name in quantities.names:
            try:
                mean = quantities.obs(name)
                mean.gamma_method(S=2.0, tau_exp=0.0)
                value, error = float(mean.value), float(mean.dvalue)
            except ValueError:
                pass
        row |= {name: value, f"{name}{ERROR}": error}
    nothing = (np.nan, np.nan)
    return row | _pair("log_z", nothing) | _pair("ess", nothing)


def _weighted(quantities: WeightedQuantities, names: Sequence[str]) -> dict[str, float]:
    row: dict[str, float] = {}
    for name in [*names, "log_z"]:
        try:
            row |= _pair(name, quantities.estimate(name) if name in quantities.names else None)
        except ValueError:
            row |= _pair(name, None)
    return row | _pair("ess", quantities.ess_estimate())


def _pair(name: str, estimate: tuple[float, float] | None) -> dict[str, float]:
    value, error = estimate or (np.nan, np.nan)
    return {name: value, f"{name}{ERROR}": error}


def _worth(run: xr.DataTree, stop: int) -> dict[str, float]:
    size, price = effective_size(run, stop), cost(run, stop)
    return {
        **_pair("tau_int", (size.tau_int, size.tau_int_error)),
        **_pair("effective_samples", (size.samples, size.samples_error)),
        "samples": size.count,
        "gradient_evaluations": price.gradient_evaluations,
        "drift_evaluations": price.drift_evaluations,
        "seconds": price.seconds,
        "training_seconds": price.training_seconds,
    }


def _couplings(stop: str, known: dict[str, object]) -> dict[str, float]:
    """The coupling that a stop's label names, such as "lambda=1.6"."""
    words = (word.partition("=") for word in stop.split())
    return {name: float(value) for name, _, value in words if name in known}
