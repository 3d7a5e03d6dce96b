# SPDX-License-Identifier: GPL-3.0-or-later
"""What `driftfield export` writes and `driftfield import` reads, with NumPy itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import sweep

import driftfield_analysis as da

SWEEP = """
title: φ⁴ for NumPy
seed: 20261124
output: results
theory: {name: phi4, parametrisation: hopping, kappa: 0.22, lambda: 0.5}
lattice: {extents: [6, 4]}
samplers:
  - {method: hmc, chains: 3, trajectories: 200, thermalisation: 100}
measure: {observables: [moments, propagator], shells: 4}
configurations: {every: 2, precision: double}
"""


@pytest.fixture(scope="module")
def run(tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sweep(tool, tmp_path_factory.mktemp("numpy"), SWEEP) / "run-000-hmc"


def test_archive_holds_the_run(tool: Path, run: Path, tmp_path: Path) -> None:
    archive = tmp_path / "run.npz"
    subprocess.run([tool, "export", run, "--output", archive], check=True, capture_output=True)
    tree = da.open_run(run)
    with np.load(archive) as arrays:
        attributes = json.loads(arrays["attributes"].item())
        assert attributes["title"] == "φ⁴ for NumPy"
        assert attributes["theory"]["kappa"] == 0.22
        for table in ["observables", "configurations", "hmc", "timing"]:
            for name, values in tree[table].data_vars.items():
                stored = arrays[f"{table}/{name}"]
                assert stored.dtype == values.dtype, name
                np.testing.assert_array_equal(stored, values.values, err_msg=name)
        np.testing.assert_array_equal(
            arrays["observables/khat2"], tree["observables"]["khat2"].values
        )
        np.testing.assert_array_equal(arrays["configurations/trajectory"], range(2, 201, 2))


@pytest.mark.parametrize("kind", ["float64", "float32", "big-endian", "int16"])
def test_import_of_saved_arrays(tool: Path, run: Path, tmp_path: Path, kind: str) -> None:
    phi = da.open_run(run)["configurations/phi"].values
    dtype = {"big-endian": ">f8"}.get(kind, kind)
    saved = (1000 * phi if kind == "int16" else phi).astype(dtype)
    np.save(tmp_path / "phi.npy", saved)
    command = [tool, "import", "phi.npy", "--extents", "6x4", "--parametrisation", "hopping"]
    command += ["--kappa", "0.22", "--lambda", "0.5", "--every", "2", "--output", "copy"]
    command += ["--observables", "moments", "propagator", "--shells", "4"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    copy = da.open_run(tmp_path / "copy")
    np.testing.assert_array_equal(copy["configurations/phi"].values, saved.astype("f8"))
    own = da.observables(da.open_run(run)).sel(trajectory=slice(2, None, 2))
    if kind in ("float64", "big-endian"):
        np.testing.assert_array_equal(da.observables(copy)["m"].values, own["m"].values)
        assert da.obs(copy, "SD").value == pytest.approx(1, abs=0.05)
        np.testing.assert_array_equal(da.observables(copy)["G_k"].values, own["G_k"].values)
