# SPDX-License-Identifier: GPL-3.0-or-later
"""Weighted walkers: the files, and averages and errors against the tool's and against formulae."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from test_configurations import recomputed

import driftfield_analysis as da

RUNS = ["ais", "wild", "smc", "few"]
TABLES = {"observables", "annealing", "path", "evolution", "timing", "configurations"}


@pytest.fixture(scope="module")
def runs(weighted: Path) -> dict[str, xr.DataTree]:
    return da.open_sweep(weighted)


def test_sweeps_mix_both(runs: dict[str, xr.DataTree]) -> None:
    assert list(runs) == ["hmc", *RUNS]
    assert [da.is_weighted(run) for run in runs.values()] == [False, True, True, True, True]
    assert [len(da.stop_labels(runs[name])) for name in RUNS] == [3, 1, 2, 1]
    assert da.stop_labels(runs["ais"]) == ["ais at lambda=3", "ais at lambda=2", "ais at lambda=1"]
    assert da.stop_labels(runs["few"]) == ["few"]
    for name in RUNS:
        about = da.describe(runs[name])
        assert about.complete and about.method == ("ais" if name in ("ais", "wild") else "smc")


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_every_variable_says_what_it_is(weighted: Path, tool: Path, engine: str) -> None:
    """Named dimensions with coordinates, units and long_name; a warning would be an error."""
    for folder in sorted(weighted.glob("run-*")):
        if folder.name.endswith("hmc"):
            continue
        packed = weighted.parent / f"{folder.name}-{engine}.h5"
        subprocess.run([tool, "pack", folder, packed], check=True)
        for file in [folder / "run.h5", *sorted(folder.glob("seg-*.h5")), packed]:
            with xr.open_datatree(file, engine=engine) as run:
                run.load()
                resampled = run["sampler"].attrs["resampling"] != "none"
                more = {"resampling"} if resampled else set()
                more |= {"reverse"} if run["sampler"].attrs["reverse"] > 0 else set()
                tables = {name for name, node in run.children.items() if node.data_vars}
                tables -= {"restart"}
                assert tables == TABLES | more
                assert run["annealing/log_weight"].dims == ("population", "stop", "walker")
                assert run["observables/hop"].dims[:3] == ("population", "stop", "walker")
                for table in tables:
                    for name, variable in run[table].variables.items():
                        assert variable.attrs["units"], (table, name)
                        assert variable.attrs["long_name"], (table, name)
                    for name, variable in run[table].data_vars.items():
                        assert set(variable.dims) <= set(run[table].coords), (table, name)


def test_observables_follow_from_configurations(runs: dict[str, xr.DataTree]) -> None:
    """The walkers at the last stop, of every population that is stored; to rounding."""
    for name in RUNS:
        run = runs[name]
        field = run["configurations/phi"]
        recorded = da.observables(run).isel(stop=-1).sel(population=field["population"])
        counted = run["annealing/log_weight"].isel(stop=-1).sel(population=field["population"])
        alive = np.isfinite(counted.values)
        with np.errstate(all="ignore"):
            values = recomputed(field.values, da.describe(run))
        assert values.keys() == recorded.data_vars.keys()
        for variable, value in values.items():
            stored = recorded[variable].values[alive]
            difference = np.abs(value[alive] - stored).max() / np.abs(stored).max()
            assert difference < 1e-13, (name, variable, difference)


def test_agrees_with_the_tool(runs: dict[str, xr.DataTree], weighted: Path, tool: Path) -> None:
    """Value and error of every quantity at every stop, log Z too, and the effective sample size."""
    tables = da.tool_tables(tool, [weighted])
    output = subprocess.run(
        [tool, "table", "--json", "--all", weighted], check=True, capture_output=True, text=True
    ).stdout
    details = {run["run"]: run for run in json.loads(output)}
    stops = 0
    for name in RUNS:
        for stop, label in enumerate(da.stop_labels(runs[name])):
            ours, tools = da.weighted_table(runs[name], stop), tables[label]
            assert ours.keys() == tools.keys()
            assert {"abs_m", "chi2", "U4", "SD", "G(2)", "log_z"} <= ours.keys()
            for quantity, estimate in ours.items():
                differences = estimate.relative_differences(tools[quantity])
                assert differences["value"] < 1e-12, (label, quantity, differences)
                # The tool takes derivatives by differences, which where arcosh begins is felt.
                bound = 1e-7 if quantity.startswith("m_eff") else 1e-10
                assert differences["error"] < bound, (label, quantity, differences)
            quantities = da.WeightedQuantities(runs[name], stop)
            if name == "few":
                assert np.isnan(ours["log_z"].error)
            else:
                size = quantities.ess() * quantities.walkers
                size.gamma_method(S=0)
                told = details[label]
                assert size.value == pytest.approx(told["effective_samples"], rel=1e-11)
                assert size.dvalue == pytest.approx(told["effective_samples_error"], rel=1e-10)
            stops += 1
    assert stops == 7


def test_formulae(runs: dict[str, xr.DataTree]) -> None:
    """Ratios of sums over walkers, and the spread of what each unit adds to them."""
    for name, units in [("ais", 1200), ("smc", 20)]:
        for stop in range(len(da.stop_labels(runs[name]))):
            log_weights = runs[name]["annealing/log_weight"].values[:, stop]
            m = da.observables(runs[name])["m"].values[:, stop]
            weights = np.exp(log_weights)
            mean = (weights * m**2).sum() / weights.sum()
            # One row for each unit.
            shifts = (weights * (m**2 - mean)).reshape(units, -1).sum(axis=1) / weights.sum()
            error = np.sqrt((shifts**2).sum() * units / (units - 1))
            result = da.obs(runs[name], "m2", stop)
            assert result.value == pytest.approx(mean, rel=1e-12)
            assert result.dvalue == pytest.approx(error, rel=1e-10)
            log_z = np.log(weights.mean()) + runs[name]["stops"].attrs["log_z_origin"]
            assert da.obs(runs[name], "log_z", stop).value == pytest.approx(log_z, rel=1e-11)


def test_walkers_that_ran_away(runs: dict[str, xr.DataTree]) -> None:
    """Weights of zero count as such, whatever the field of the walker is."""
    log_weights = runs["wild"]["annealing/log_weight"].values
    assert 0 < np.isneginf(log_weights).sum() < log_weights.size / 2
    quantities = da.WeightedQuantities(runs["wild"])
    assert quantities.walkers == 800
    assert np.isfinite(da.obs(runs["wild"], "phi4").value)


def test_stops_are_correlated(runs: dict[str, xr.DataTree]) -> None:
    """Averages at two stops are of the same walkers: their difference is known better."""
    first, second = (da.obs(runs["ais"], "log_z", stop) for stop in (0, 1))
    step = second - first
    step.gamma_method(S=0)
    assert step.dvalue < 0.95 * np.hypot(first.dvalue, second.dvalue)
    assert first.names == [f"{da.describe(runs['ais']).run_id}|units"]


def test_schwinger_dyson(runs: dict[str, xr.DataTree]) -> None:
    """<phi dS/dphi> = 1 at each stop, with the coefficients of that stop."""
    for name in ("ais", "smc"):
        for stop in range(len(da.stop_labels(runs[name]))):
            result = da.obs(runs[name], "SD", stop)
            assert result.dvalue < 0.15
            assert abs(result.value - 1) < 5 * result.dvalue


def test_refusals(runs: dict[str, xr.DataTree], weighted: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="use WeightedQuantities"):
        da.gamma_table(runs["ais"])
    with pytest.raises(ValueError, match="stop 3: there are 3"):
        da.obs(runs["ais"], "m2", 3)
    with pytest.raises(ValueError, match="4 independent populations are too few"):
        da.obs(runs["few"], "m2")
    with pytest.raises(KeyError, match="no quantity 'U5'"):
        da.obs(runs["ais"], "U5")
    damaged = tmp_path / "damaged"
    shutil.copytree(weighted / "run-001-ais", damaged)
    for segment in sorted(damaged.glob("seg-*.h5")):
        with da.open_run(segment) as part:
            rows = part["annealing"].sizes["population"]
        if rows > 0:
            segment.unlink()
            break
    with da.open_run(damaged) as run, pytest.raises(ValueError, match="segment"):
        da.obs(run, "m2")


def test_command(weighted: Path, tool: Path) -> None:
    """One table for each stop, and chains as ever; the same beside the tool's."""
    command = [sys.executable, "-m", "driftfield_analysis", str(weighted)]
    alone = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    beside = subprocess.run(
        [*command, "--compare", str(tool)], check=True, capture_output=True, text=True
    ).stdout
    for text in (alone, beside):
        blocks = text.strip().split("\n\n")
        assert [block.split()[0] for block in blocks] == [
            "hmc", "ais", "ais", "ais", "wild", "smc", "smc", "few",
        ]  # fmt: skip
        assert blocks[0].splitlines()[1].count("tau_int") >= 1
        assert all("tau_int" not in block for block in blocks[1:])
        assert "1200 independent units of 1200 weighted walkers" in blocks[1]
        assert "20 independent units of 1200 weighted walkers, effective" in blocks[5]
        assert "too few for errors" in blocks[7]
        assert all(any(line.startswith("log_z ") for line in b.splitlines()) for b in blocks[1:])
    assert "only by" not in beside
