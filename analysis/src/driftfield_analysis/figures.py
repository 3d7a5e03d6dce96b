# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scripts in `figures/` share: their command line, style, words and markers.

The style alone: `matplotlib.style.use("driftfield_analysis.driftfield")`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib import colormaps, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from .files import describe
from .sweeps import Sweep, runs

STYLE = "driftfield_analysis.driftfield"
COLUMN, PAGE = 3.4, 7.0
"""Widths of a column and of a page, in inches."""
MARKERS = "osD^vP*X"
ENOUGH = 50
"""Effective samples below which averages are doubtful, as in `driftfield table`."""

SYMBOLS = {
    "m": r"$m$",
    "abs_m": r"$\langle|m|\rangle$",
    "chi": r"$V(\langle m^2\rangle-\langle|m|\rangle^2)$",
    "chi2": r"$\chi_2=V\langle m^2\rangle$",
    "U4": r"$U_4$",
    "xi2": r"$\xi_2$",
    "g_R": r"$g_R$",
    "energy": r"$E$",
    "action": r"$\langle S\rangle/V$",
    "lambda": r"$\lambda$",
    "m2": r"$m^2$",
    "kappa": r"$\kappa$",
    "log_z": r"$\log Z$",
    "K": r"$K$",
    "V": r"$V$",
    "L": r"$L$",
}
"""Names as they are written at axes; after Documentation/Notation.md."""


def symbol(name: str) -> str:
    """A quantity or coupling in mathematical type, its name where there is no other."""
    return SYMBOLS.get(name, name.replace("_", " "))


def parser(words: str, name: str, sweeps: str | None = None) -> argparse.ArgumentParser:
    """The command line SWEEP [-o FILE], described by the first lines of a script's documentation.

    `name` is that of the file that is written into the sweep's folder if no other is given.
    `sweeps` as "+" allows for several sweeps.
    """
    made = argparse.ArgumentParser(
        description=words.strip(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "sweep", type=Path, nargs=sweeps, metavar="SWEEP", help="output folder of a sweep"
    )
    made.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help=f"figure to write, .pdf or .svg; default SWEEP/{name}.pdf",
    )  # fmt: skip
    made.set_defaults(name=name)
    return made


def script(main: Callable[[], None]) -> None:
    """Runs a script; what is wrong with its input is told in one line, with exit code 1."""
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error.stderr.strip()}")
    except FileNotFoundError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error.filename}: {error.strerror}")
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error.args[-1] if error.args else error}")


def panels(
    rows: int = 1, columns: int = 1, width: float = COLUMN, height: float = 2.5, **more: Any
) -> tuple[Figure, np.ndarray]:
    """A figure in the style of all, and its axes, shape (rows, columns); sizes in inches."""
    style.use(STYLE)
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **more)


def save(figure: Figure, options: argparse.Namespace) -> None:
    """Writes the figure where the command line says, and says where."""
    first = options.sweep[0] if isinstance(options.sweep, list) else options.sweep
    output = options.output or first / f"{options.name}.pdf"
    # No date: the same data give the same file.
    dates = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
    figure.savefig(output, metadata=dates.get(output.suffix))
    print(output)


def shades(values: list[Any]) -> dict[Any, tuple[Any, str]]:
    """A colour from dark to light, and a marker, for each of an ordered list, such as of sizes."""
    places = np.linspace(0.05, 0.8, max(2, len(values)))
    return {
        value: (colormaps["viridis"](place), MARKERS[i % len(MARKERS)])
        for i, (value, place) in enumerate(zip(values, places, strict=False))
    }


def points(axis: Axes, x: Any, y: Any, error: Any, **how: Any) -> None:
    """Values with error bars, markers with white centres."""
    keywords = {"linestyle": "none", "marker": "o", "markerfacecolor": "white", "elinewidth": 0.7}
    axis.errorbar(x, y, error, **{**keywords, **how})


def ticks(axis: Axes, values: pd.Series) -> None:
    """Ticks of a logarithmic axis at the values themselves."""
    places = sorted(values.unique())
    axis.set_xticks(places, [f"{place:g}" for place in map(float, places)])
    axis.xaxis.set_minor_locator(NullLocator())


def plain(axis: Axes) -> None:
    """Plain numbers at a logarithmic vertical axis; below two decades at 2, 4 and 6 too."""

    def between(value: float, _: int) -> str:
        low, high = axis.get_ylim()
        digit = round(value / 10 ** np.floor(np.log10(value)))
        return f"{value:g}" if high < 100 * low and digit in (2, 4, 6) else ""

    axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.yaxis.set_minor_formatter(between)


def theory(table: pd.DataFrame, leave_out: tuple[str, ...] = ()) -> str:
    """The couplings that all rows of a table share, and L if they do: "m^2 = -4, L = 16"."""
    words = []
    for name in ("m2", "lambda", "kappa", "L"):
        if name in table and name not in leave_out and table[name].nunique(dropna=False) == 1:
            if table[name].isna().all():
                continue
            words.append(f"{symbol(name)[:-1]} = {table[name].iloc[0]:g}$")
    return ", ".join(words)


def title(run: xr.DataTree, leave_out: tuple[str, ...] = ()) -> str:
    """Lattice and couplings of a run: "16x16, m^2 = -4, lambda = 4.6"."""
    about = describe(run)
    words = [r"$" + r"\times".join(map(str, about.shape)) + "$"]
    words += [
        f"{symbol(name)[:-1]} = {value:g}$"
        for name, value in about.couplings.items()
        if name not in leave_out
    ]
    return ", ".join(words)


def chosen(sweep: Sweep, lattice: str | None, sampler: str | None = None) -> pd.DataFrame:
    """The index of the runs on one lattice, such as "16x16", by default the largest, in `runs`.

    Raises ValueError if there are none, of the sampler if one is given.
    """
    index = runs(sweep)
    if sampler:
        index = index[index["sampler"] == sampler]
    if index.empty:
        raise ValueError(f"the sweep has no run of {sampler or 'any sampler'}")
    volumes = index["extents"].map(lambda extents: np.prod([int(n) for n in extents.split("x")]))
    index = index[index["extents"] == (lattice or index["extents"][volumes.idxmax()])]
    if index.empty:
        raise ValueError(f"the sweep has no run on {lattice}")
    return index


def varied_coupling(table: pd.DataFrame) -> str:
    """The one coupling that rows of a table differ in; raises ValueError if it is not one."""
    if table.empty:
        raise ValueError("no run is left: see --sampler, --smallest and --between")
    names = [name for name in ("lambda", "m2", "kappa") if name in table]
    varied = [name for name in names if table[name].nunique() > 1]
    if len(varied) != 1:
        raise ValueError(f"the sweep must vary one coupling, it varies {varied or 'none'}")
    return varied[0]


def groups(sweep: Sweep) -> dict[str, Mapping[str, xr.DataTree]]:
    """Runs of the same theory and lattice: title -> (what tells them apart -> run)."""
    found: dict[str, dict[str, xr.DataTree]] = {}
    for label, run in sweep.items():
        about = describe(run)
        group = found.setdefault(title(run), {})
        group[about.sampler if about.sampler not in group else label] = run
    return found
