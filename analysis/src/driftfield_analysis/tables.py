# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of all quantities, by pyerrors and by the tool."""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, fields

import pandas as pd
import xarray as xr

from .quantities import Quantities
from .weighted import WeightedQuantities


@dataclass(frozen=True)
class GammaEstimate:
    """One quantity with its error by the Gamma method.

    tau_int is in units of the distance of two measurements: with `measure.every: n`, multiply by n
    to have trajectories.
    """

    value: float
    error: float
    tau_int: float
    tau_int_error: float
    window: int

    def relative_differences(self, other: GammaEstimate) -> dict[str, float]:
        """See `relative_differences`."""
        return relative_differences(self, other)


@dataclass(frozen=True)
class WeightedEstimate:
    """One quantity of weighted walkers; the error is NaN if independent units are too few."""

    value: float
    error: float

    def relative_differences(self, other: WeightedEstimate) -> dict[str, float]:
        """See `relative_differences`."""
        return relative_differences(self, other)


Estimate = GammaEstimate | WeightedEstimate


def relative_differences(one: Estimate, other: Estimate) -> dict[str, float]:
    """|a - b| / max(|a|, |b|) of each number; for the value, its error counts in the maximum.

    A mean near zero is known to a fraction of its error, not to one of itself.
    """
    result = {}
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        known = field.name == "value" and not math.isnan(one.error)
        scale = max(abs(a), abs(b), one.error if known else 0.0)
        equal = a == b or math.isnan(a) and math.isnan(b)
        result[field.name] = 0.0 if equal else abs(a - b) / scale
    return result


def gamma_table(run: xr.DataTree) -> dict[str, GammaEstimate]:
    """Every quantity of a run by pyerrors: S = 2, no added tail, means of each replica subtracted.

    Quantities that are undefined at the averages are left out, as in `driftfield table --json`.
    """
    quantities = Quantities(run)
    table = {}
    for name in quantities.names:
        try:
            result = quantities.obs(name)
        except ValueError:
            continue
        result.gamma_method(S=2.0, tau_exp=0.0)
        (ensemble,) = result.mc_names
        table[name] = GammaEstimate(
            value=float(result.value),
            error=float(result.dvalue),
            tau_int=float(result.e_tauint[ensemble]),
            tau_int_error=float(result.e_dtauint[ensemble]),
            window=int(result.e_windowsize[ensemble]),
        )
    return table


def weighted_table(run: xr.DataTree, stop: int = -1) -> dict[str, WeightedEstimate]:
    """Every quantity of a run of annealing at one of its stops, by pyerrors, and `log_z`.

    Quantities that are undefined at the averages are left out, as in `driftfield table --json`.
    """
    quantities = WeightedQuantities(run, stop)
    table = {}
    for name in quantities.names:
        try:
            table[name] = WeightedEstimate(*quantities.estimate(name))
        except ValueError:
            continue
    return table


def tool_tables(
    tool: str | os.PathLike[str], paths: Sequence[str | os.PathLike[str]]
) -> dict[str, dict[str, GammaEstimate] | dict[str, WeightedEstimate]]:
    """What `driftfield table --json --all` says of runs: label -> quantity -> estimate.

    A run of annealing has one table for each stop, labelled as by `stop_labels`.

    Raises subprocess.CalledProcessError, with the tool's words in `stderr`, if the tool fails.
    """
    command = [os.fspath(tool), "table", "--json", "--all", *map(os.fspath, paths)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {
        run["run"]: {
            quantity: _estimate(numbers, WeightedEstimate if "stop" in run else GammaEstimate)
            for quantity, numbers in run["quantities"].items()
        }
        for run in json.loads(output)
    }


def tool_curves(
    tool: str | os.PathLike[str],
    sweep: str | os.PathLike[str],
    quantities: Sequence[str],
    points: int = 60,
) -> pd.DataFrame:
    """What `driftfield interpolate` finds between the couplings of a sweep, by multistate reweighting.

    One row for each quantity, lattice and point, with the columns quantity, L (the longest extent),
    coupling, value, error and reliable; the name of the coupling is in `attrs["coupling"]`.

    Raises subprocess.CalledProcessError, with the tool's words in `stderr`, if the tool fails.
    """
    command = [os.fspath(tool), "interpolate", os.fspath(sweep), "--points", str(points), "--json"]
    found = _json([*command, "--quantity", *quantities])
    table = pd.DataFrame(
        {
            "quantity": curve["quantity"],
            "L": max(curve["shape"]),
            **{name: point[name] for name in ("coupling", "value", "error", "reliable")},
        }
        for curve in found["curves"]
        for point in curve["points"]
    )
    table.attrs["coupling"] = found["parameter"]
    return table


def tool_scaling(
    tool: str | os.PathLike[str], sweep: str | os.PathLike[str], quantity: str = "U4"
) -> dict:
    """What `driftfield scaling --json` finds: crossings, critical coupling, exponents, collapses.

    Raises subprocess.CalledProcessError, with the tool's words in `stderr`, if the tool fails.
    """
    command = [os.fspath(tool), "scaling", os.fspath(sweep), "--json", "--quantity", quantity]
    return _json(command)


def _json(command: list[str]) -> dict:
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _estimate(numbers: dict[str, float | str], kind: type[Estimate]) -> Estimate:
    """What is not finite is a text there."""
    return kind(
        **{
            field.name: numbers[field.name] if field.type == "int" else float(numbers[field.name])
            for field in fields(kind)
        }
    )
