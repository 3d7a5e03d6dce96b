# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of all quantities, by pyerrors and by the tool."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, fields

import xarray as xr

from .quantities import Quantities


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
        """|a - b| / max(|a|, |b|) of each number; for the value, its error counts in the maximum.

        A mean near zero is known to a fraction of its error, not to one of itself.
        """
        result = {}
        for field in fields(self):
            a, b = getattr(self, field.name), getattr(other, field.name)
            scale = max(abs(a), abs(b), self.error if field.name == "value" else 0.0)
            result[field.name] = abs(a - b) / scale if a != b else 0.0
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


def tool_tables(
    tool: str | os.PathLike[str], paths: Sequence[str | os.PathLike[str]]
) -> dict[str, dict[str, GammaEstimate]]:
    """What `driftfield table --json --all` says of runs: label -> quantity -> estimate.

    Raises subprocess.CalledProcessError, with the tool's words in `stderr`, if the tool fails.
    """
    command = [os.fspath(tool), "table", "--json", "--all", *map(os.fspath, paths)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = [field.name for field in fields(GammaEstimate)]
    return {
        run["run"]: {
            quantity: GammaEstimate(**{name: numbers[name] for name in names})
            for quantity, numbers in run["quantities"].items()
        }
        for run in json.loads(output)
    }
