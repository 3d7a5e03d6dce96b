# SPDX-License-Identifier: GPL-3.0-or-later
"""What Python programs find in the files."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

import driftfield_analysis as da

RUN = "run-000-hmc"
TABLES = {
    "thermalisation": "update",
    "observables": "trajectory",
    "hmc": "trajectory",
    "cluster": "trajectory",
    "timing": "trajectory",
    "reversibility": "trajectory",
    "configurations": "trajectory",
}


def segments(folder: Path) -> list[Path]:
    """All segments of a run, in order."""
    return sorted(folder.glob("seg-*.h5"))


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_every_variable_says_what_it_is(interacting: Path, packed: Path, engine: str) -> None:
    """Named dimensions with coordinates, units and long_name; a warning would be an error."""
    for file in [interacting / RUN / "run.h5", *segments(interacting / RUN), packed]:
        with xr.open_datatree(file, engine=engine) as run:
            run.load()
            for table, rows in TABLES.items():
                leading = (rows,) if table in ("timing", "reversibility") else ("chain", rows)
                assert run[table].data_vars
                for name, variable in run[table].data_vars.items():
                    assert variable.dims[: len(leading)] == leading, name
                    assert set(variable.dims) <= set(run[table].coords), name
                for name, variable in run[table].variables.items():
                    assert variable.attrs["units"], name
                    assert variable.attrs["long_name"], name


def test_plain_h5py(interacting: Path, packed: Path) -> None:
    """Without any convention: datasets with their dimension scales."""
    for file in [interacting / RUN / "run.h5", packed]:
        with h5py.File(file) as run:
            field = run["configurations/phi"]
            assert [dimension[0].name.split("/")[-1] for dimension in field.dims] == [
                "chain",
                "trajectory",
                "x",
                "y",
            ]
            assert field.shape == (4, 15, 6, 4)
            assert field.dtype == np.float32
            assert run["observables/m"][:].shape == (4, 1500)


def test_engines_agree(interacting: Path) -> None:
    """h5netcdf, netCDF4 and h5py read the same numbers."""
    file = interacting / RUN / "run.h5"
    with (
        xr.open_datatree(file, engine="h5netcdf") as one,
        xr.open_datatree(file, engine="netcdf4") as other,
        h5py.File(file) as plain,
    ):
        for table in TABLES:
            xr.testing.assert_identical(one[table].to_dataset(), other[table].to_dataset())
            for name, variable in one[table].variables.items():
                np.testing.assert_array_equal(variable.values, plain[table][str(name)][()])


def test_segments_index_and_packed_file_agree(interacting: Path, packed: Path) -> None:
    """The same data, however a run is opened."""
    run = da.open_run(interacting / RUN)
    index = da.open_run(interacting / RUN / "run.h5")
    one = da.open_run(packed)
    parts = [da.open_run(segment) for segment in segments(interacting / RUN)]
    assert sum(part["observables"].sizes["trajectory"] > 0 for part in parts) >= 2
    for table, rows in TABLES.items():
        expected = run[table].to_dataset()
        assert expected.sizes[rows] > 0
        xr.testing.assert_identical(expected, index[table].to_dataset())
        xr.testing.assert_identical(expected, one[table].to_dataset())
        joined = xr.concat(
            [part[table].to_dataset() for part in parts], rows, data_vars="minimal",
            coords="minimal", compat="equals", join="exact", combine_attrs="identical",
        )  # fmt: skip
        xr.testing.assert_identical(expected, joined)
    for tree in [run, index, one, *parts]:
        assert not np.isnan(da.observables(tree)["m"].values).any()
        tree.close()


def test_descriptions(interacting: Path, free: Path) -> None:
    """Label, lattice, couplings and sampler of each run, in the order of the sweep."""
    runs = [da.describe(run) for run in da.open_sweep(interacting).values()]
    assert [run.shape for run in runs] == [(6, 4), (6, 4), (8, 8), (8, 8)]
    assert runs[0].label == "extents=6x4 precision=single hmc"
    for run in runs:
        assert run.complete
        assert (run.theory, run.parametrisation) == ("phi4", "unhalved")
        assert run.couplings == {"m2": -4.0, "lambda": 4.6}
        # sum_mu (phi' - phi)^2 = -2 phi phi' + 2 D phi^2 per bond, summed over sites
        assert run.coefficients == (2.0, 4.0 - 4.0, 4.6)
        assert (run.sampler, run.method) == ("hmc", "hmc")
    assert runs[0].run_id == runs[1].run_id != runs[2].run_id
    runs = [da.describe(run) for run in da.open_sweep(free).values()]
    assert [(run.shape, run.couplings["m2"]) for run in runs] == [
        (shape, m2) for shape in [(16,), (6, 4), (4, 3, 4)] for m2 in [0.4, 0.6]
    ]
    for run in runs:
        # 1/2 sum_mu (phi' - phi)^2 = -phi phi' + D phi^2 per bond, summed over sites
        dimensions, m2 = len(run.shape), run.couplings["m2"]
        assert run.coefficients == pytest.approx((1, dimensions + m2 / 2, 0), rel=1e-15)


def test_arrays_are_read_when_used(interacting: Path) -> None:
    """Opening reads coordinates alone."""
    with da.open_run(interacting / RUN) as run:
        assert not run["configurations/phi"].variable._in_memory
        assert not da.observables(run)["G_t"].variable._in_memory


def test_refusals(interacting: Path, tmp_path: Path) -> None:
    """Files of other programs, folders without a sweep, unknown quantities, lost segments."""
    xr.Dataset({"m": ("x", [1.0])}).to_netcdf(tmp_path / "other.h5", engine="h5netcdf")
    with pytest.raises(ValueError, match="Conventions"):
        da.open_run(tmp_path / "other.h5")
    with pytest.raises(ValueError, match="not the output folder of a sweep"):
        da.open_sweep(tmp_path)
    with da.open_run(interacting / RUN) as run, pytest.raises(KeyError, match="no quantity 'U5'"):
        da.obs(run, "U5")
    damaged = tmp_path / "damaged"
    shutil.copytree(interacting / RUN, damaged)
    lost = next(
        segment
        for segment in segments(damaged)
        if da.open_run(segment)["observables"].sizes["trajectory"] > 0
    )
    lost.unlink()
    with da.open_run(damaged) as run, pytest.raises(ValueError, match="segment"):
        da.obs(run, "phi2")
