# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening runs and sweeps."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

FORMAT = "Driftfield-1."
INDEX = "run.h5"
SWEEP_FILE = "sweep.yaml"


def open_run(path: str | os.PathLike[str]) -> xr.DataTree:
    """One run as a tree with a node for each HDF5 group; arrays are read when they are used.

    `path` is a run folder, its index `run.h5`, one segment, or a packed file. Variables of a table
    have the dimensions (chain, trajectory, ...), those of `timing` and `reversibility`
    (trajectory); in a run of annealing (population, stop, walker, ...). Raises ValueError if the
    file is not of this format.
    """
    file = Path(path)
    if file.is_dir():
        file = file / INDEX
    run = xr.open_datatree(file, engine="h5netcdf")
    conventions = run.attrs.get("Conventions", "")
    if not str(conventions).startswith(FORMAT):
        run.close()
        raise ValueError(f"{file}: Conventions is {conventions!r}, expected '{FORMAT}x'")
    return run


def open_sweep(folder: str | os.PathLike[str]) -> dict[str, xr.DataTree]:
    """The runs of a sweep by label, in the order of the sweep; runs not begun are left out."""
    if not (Path(folder) / SWEEP_FILE).is_file():
        raise ValueError(f"{folder}: is not the output folder of a sweep (no {SWEEP_FILE} in it)")
    runs = [open_run(index) for index in Path(folder).glob(f"run-*/{INDEX}")]
    runs.sort(key=lambda run: int(run.attrs["run_index"]))
    return {str(run.attrs["label"]): run for run in runs}


@dataclass(frozen=True)
class Description:
    """What a run simulates: its theory, lattice and sampler."""

    label: str
    """What tells the run from the others of its sweep."""
    run_id: str
    """Names the Markov chains; runs with the same id repeat the same chains."""
    complete: bool
    shape: tuple[int, ...]
    """Sites in each direction."""
    theory: str
    """`phi4` or `free`."""
    parametrisation: str
    """The form of the action in which the couplings were given and the field is stored."""
    couplings: dict[str, float]
    """The couplings as given, such as m2 and lambda."""
    coefficients: tuple[float, float, float]
    """(J, c2, c4) of S = sum_x [ -J sum_mu phi_x phi_{x+mu} + c2 phi_x^2 + c4 phi_x^4 ]."""
    sampler: str
    method: str

    @property
    def volume(self) -> int:
        """V, the number of sites."""
        return int(np.prod(self.shape))

    @property
    def dimensions(self) -> int:
        """D."""
        return len(self.shape)

    @property
    def longest_extent(self) -> int:
        """T, the extent along which correlators are measured."""
        return max(self.shape)

    @property
    def long_directions(self) -> list[int]:
        """The directions of extent T."""
        return [mu for mu, extent in enumerate(self.shape) if extent == self.longest_extent]


def describe(run: xr.DataTree) -> Description:
    """The description of a run, from the attributes of its root, theory, lattice and sampler."""
    theory, sampler = run["theory"].attrs, run["sampler"].attrs
    given = "given_"
    return Description(
        label=str(run.attrs["label"]),
        run_id=str(run.attrs["run_id"]),
        complete=bool(run.attrs.get("complete", 0)),
        # xarray makes scalars of attributes with one element, as on a one-dimensional lattice.
        shape=tuple(int(extent) for extent in np.atleast_1d(run["lattice"].attrs["shape"])),
        theory=str(theory["name"]),
        parametrisation=str(theory["parametrisation"]),
        couplings={
            name.removeprefix(given): float(value)
            for name, value in theory.items()
            if name.startswith(given)
        },
        coefficients=(float(theory["J"]), float(theory["c2"]), float(theory["c4"])),
        sampler=str(sampler["name"]),
        method=str(sampler["method"]),
    )


def is_weighted(run: xr.DataTree) -> bool:
    """Whether a run carries weighted walkers along a path, rather than Markov chains."""
    return str(run["sampler"].attrs.get("family", "markov")) == "annealing"


def stop_labels(run: xr.DataTree) -> list[str]:
    """What `driftfield table` calls each stop of a run of annealing; the last is its theory."""
    label = str(run.attrs["label"])
    names = [str(name) for name in np.atleast_1d(run["stops"].attrs["label"])]
    return [label] if len(names) == 1 else [f"{label} at {name}" for name in names]


def observables(run: xr.DataTree) -> xr.Dataset:
    """The measured observables with their units.

    Dimensions are (chain, trajectory, ...), in a run of annealing (population, stop, walker, ...).
    """
    return run["observables"].to_dataset()
