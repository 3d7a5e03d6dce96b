# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m driftfield_analysis PATH`: the table of a run or sweep, by pyerrors."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import xarray as xr

from .files import SWEEP_FILE, describe, is_weighted, open_run, open_sweep, stop_labels
from .tables import Estimate, GammaEstimate, gamma_table, tool_tables, weighted_table
from .weighted import WeightedQuantities

Table = Mapping[str, Estimate]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m driftfield_analysis",
        description="Averages with errors by pyerrors. tau_int is in measurements; weighted "
        "walkers have none, and a table for each stop.",
    )
    parser.add_argument("path", help="sweep folder, run folder, segment or packed file")
    parser.add_argument(
        "--compare", metavar="TOOL", help="the driftfield program, whose table is put beside"
    )
    parser.add_argument(
        "-q", "--quantity", nargs="+", metavar="NAME", help="these alone; default all there are"
    )
    return parser.parse_args()


def alone(table: Table) -> str:
    """The table by pyerrors alone."""
    chains = any(isinstance(estimate, GammaEstimate) for estimate in table.values())
    lines = [
        f"{'quantity':12} {'value':>18} {'error':>12}"
        + (f" {'tau_int':>10} {'W':>4}" if chains else "")
    ]
    for name, e in table.items():
        line = f"{name:12} {e.value:18.12g} {e.error:12.5g}"
        if isinstance(e, GammaEstimate):
            line += f" {e.tau_int:10.5g} {e.window:4d}"
        lines.append(line)
    return "\n".join(lines)


def beside(table: Table, tool: Table) -> str:
    """Both tables side by side, with relative differences."""
    chains = any(isinstance(estimate, GammaEstimate) for estimate in table.values())
    lines = [
        f"{'quantity':12} {'value':>14} {'tool':>14} {'rel':>8}"
        f" {'error':>11} {'tool':>11} {'rel':>8}"
        + (f" {'tau_int':>9} {'tool':>9} {'rel':>8}" if chains else "")
    ]
    for name in [name for name in table if name in tool]:
        a, b = table[name], tool[name]
        differences = a.relative_differences(b)
        line = (
            f"{name:12} {a.value:14.8g} {b.value:14.8g} {differences['value']:8.1e}"
            f" {a.error:11.6g} {b.error:11.6g} {differences['error']:8.1e}"
        )
        if isinstance(a, GammaEstimate) and isinstance(b, GammaEstimate):
            line += f" {a.tau_int:9.5g} {b.tau_int:9.5g} {differences['tau_int']:8.1e}"
        lines.append(line)
    for where, names in [("pyerrors", table.keys() - tool.keys()), ("tool", tool.keys() - table)]:
        if names:
            lines.append(f"only by {where}: {', '.join(sorted(names))}")
    return "\n".join(lines)


def tables(run: xr.DataTree) -> list[tuple[str, str, Table]]:
    """(label, what its errors rest on, table) of a run, or of each stop of a run of annealing."""
    if not is_weighted(run):
        return [(describe(run).label, "", gamma_table(run))]
    result = []
    for stop, label in enumerate(stop_labels(run)):
        quantities = WeightedQuantities(run, stop)
        about = f"{quantities.units} independent units of {quantities.walkers} weighted walkers"
        result.append((label, f"{about}, {effective(quantities)}", weighted_table(run, stop)))
    return result


def effective(quantities: WeightedQuantities) -> str:
    """The effective sample size in words."""
    if quantities.units < quantities.MINIMUM_UNITS:
        return "too few for errors"
    size = quantities.ess() * quantities.walkers
    size.gamma_method(S=0)
    return f"effective sample size {size}"


def main() -> None:
    """Prints the table of each run."""
    options = arguments()
    try:
        if (Path(options.path) / SWEEP_FILE).is_file():
            runs = list(open_sweep(options.path).values())
        else:
            runs = [open_run(options.path)]
        by_tool = tool_tables(options.compare, [options.path]) if options.compare else {}
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{options.compare}: {error.stderr.strip()}")
    for run in runs:
        try:
            found = tables(run)
        except ValueError as error:
            sys.exit(f"{describe(run).label}: {error}")
        for label, about, table in found:
            state = "" if describe(run).complete else "(not complete)"
            print(*filter(None, (label, about, state)))
            chosen = [name for name in options.quantity or table if name in table]
            table = {name: table[name] for name in chosen}
            if label in by_tool:
                names = chosen if options.quantity else by_tool[label]
                beside_it = {k: e for k, e in by_tool[label].items() if k in names}
                print(beside(table, beside_it), end="\n\n")
            else:
                print(alone(table), end="\n\n")


if __name__ == "__main__":
    main()
