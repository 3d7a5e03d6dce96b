# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m driftfield_analysis PATH`: the table of a run or sweep, by pyerrors."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .files import SWEEP_FILE, describe, open_run, open_sweep
from .tables import GammaEstimate, gamma_table, tool_tables

Table = Mapping[str, GammaEstimate]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m driftfield_analysis",
        description="Averages with errors by pyerrors. tau_int is in measurements.",
    )
    parser.add_argument("path", help="sweep folder, run folder, segment or packed file")
    parser.add_argument(
        "--compare", metavar="TOOL", help="the driftfield program, whose table is put beside"
    )
    return parser.parse_args()


def alone(table: Table) -> str:
    """The table by pyerrors alone."""
    head = f"{'quantity':12} {'value':>18} {'error':>12} {'tau_int':>10} {'W':>4}"
    return "\n".join(
        [head]
        + [
            f"{name:12} {e.value:18.12g} {e.error:12.5g} {e.tau_int:10.5g} {e.window:4d}"
            for name, e in table.items()
        ]
    )


def beside(table: Table, tool: Table) -> str:
    """Both tables side by side, with relative differences."""
    head = (
        f"{'quantity':12} {'value':>14} {'tool':>14} {'rel':>8}"
        f" {'error':>11} {'tool':>11} {'rel':>8} {'tau_int':>9} {'tool':>9} {'rel':>8}"
    )
    lines = [head]
    for name in [name for name in table if name in tool]:
        a, b = table[name], tool[name]
        differences = a.relative_differences(b)
        lines.append(
            f"{name:12} {a.value:14.8g} {b.value:14.8g} {differences['value']:8.1e}"
            f" {a.error:11.6g} {b.error:11.6g} {differences['error']:8.1e}"
            f" {a.tau_int:9.5g} {b.tau_int:9.5g} {differences['tau_int']:8.1e}"
        )
    for where, names in [("pyerrors", table.keys() - tool.keys()), ("tool", tool.keys() - table)]:
        if names:
            lines.append(f"only by {where}: {', '.join(sorted(names))}")
    return "\n".join(lines)


def main() -> None:
    """Prints the table of each run."""
    options = arguments()
    try:
        if (Path(options.path) / SWEEP_FILE).is_file():
            runs = list(open_sweep(options.path).values())
        else:
            runs = [open_run(options.path)]
        compared = tool_tables(options.compare, [options.path]) if options.compare else {}
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{options.compare}: {error.stderr.strip()}")
    for run in runs:
        description = describe(run)
        print(description.label, "" if description.complete else "(not complete)")
        table = gamma_table(run)
        if description.label in compared:
            print(beside(table, compared[description.label]), end="\n\n")
        else:
            print(alone(table), end="\n\n")


if __name__ == "__main__":
    main()
