# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole sweep as one object: its tree, index, table of results and dataset."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import opened

import driftfield_analysis as da


def all_arrays(tree: xr.DataTree) -> list[xr.Variable]:
    """The variables of a tree that are no coordinates."""
    return [array.variable for node in tree.subtree for array in node.data_vars.values()]


def test_tree_is_lazy(transition: Path) -> None:
    """Opening a sweep, its index and a selection read no array; using one reads that alone."""
    with da.open_tree(transition) as tree:
        run = da.select(tree, {"lambda": 4.2}, L=6)
        assert len(da.runs(tree)) == len(tree.children) == 12
        assert not any(variable._in_memory for variable in all_arrays(tree))
        run["configurations/phi"].isel(chain=0, trajectory=-1).values  # noqa: B018
        assert not run["configurations/phi"].variable._in_memory
        run["observables/m"].load()
        assert sum(variable._in_memory for variable in all_arrays(tree)) == 1


def test_tree_holds_what_the_runs_hold(transport: Path) -> None:
    """Under the same labels, whatever number of chains, measurements and walkers they have."""
    tree, sweep = da.open_tree(transport), opened(transport)
    assert list(tree.children) == list(sweep)
    for label, run in sweep.items():
        xr.testing.assert_identical(
            tree[f"{label}/observables"].to_dataset(), run["observables"].to_dataset()
        )
    tree.close()


def test_index(weighted: Path, interacting: Path, transition: Path) -> None:
    """Lattices, couplings, samplers and what else the grid varies."""
    table = da.runs(opened(weighted))
    assert list(table["extents"]) == ["6x4"] * 5 and table["L"].isna().all()
    assert list(table["stops"].fillna(0)) == [0, 3, 1, 2, 1]
    assert list(table["weighted"]) == [False, True, True, True, True]
    table = da.runs(opened(interacting))
    assert list(table["precision"]) == ["single", "double"] * 2
    table = da.runs(opened(transition))
    assert table["L"].dtype == "Int64" and sorted(table["L"].unique()) == [4, 6, 8]
    assert list(table["lambda"][:4]) == [3.6, 4.2, 4.8, 5.4]


def test_select(transition: Path) -> None:
    sweep = opened(transition)
    for label, run in sweep.items():
        about = da.describe(run)
        found = da.select(sweep, about.couplings, L=about.shape[0], sampler="hmc")
        assert found.attrs["label"] == label
    with pytest.raises(KeyError, match="0 runs with L=16"):
        da.select(sweep, L=16)
    with pytest.raises(KeyError, match="3 runs with lambda=4.2"):
        da.select(sweep, {"lambda": 4.2})
    with pytest.raises(KeyError, match="not labelled by 'size'"):
        da.select(sweep, size=4)


@pytest.mark.parametrize("name", ["transition", "transport", "weighted"])
def test_table_has_the_numbers_of_each_run(name: str, request: pytest.FixtureRequest) -> None:
    """Value and error as `obs` gives them, at every stop; log Z, ESS; NaN for what there is not."""
    sweep = opened(request.getfixturevalue(name))
    table = da.results_table(sweep, ["abs_m", "U4"])
    stops = sum(len(da.stop_labels(r)) if da.is_weighted(r) else 1 for r in sweep.values())
    assert len(table) == stops
    for _, row in table.iterrows():
        run = sweep[row["label"]]
        if da.is_weighted(run):
            at_stop = da.WeightedQuantities(run, int(row["stop"]))
            for quantity in ("abs_m", "U4", "log_z"):
                expected = at_stop.estimate(quantity)
                found = row[quantity], row[f"{quantity}_error"]
                np.testing.assert_array_equal(found, expected)
            assert row["ess"] == pytest.approx(at_stop.ess_estimate()[0], rel=1e-12)
            assert np.isnan(row["tau_int"])
        else:
            for quantity in ("abs_m", "U4"):
                expected = da.obs(run, quantity)
                assert row[quantity] == expected.value
                assert row[f"{quantity}_error"] == expected.dvalue
            assert np.isnan([row["log_z"], row["ess"]]).all() and row["stop"] is pd.NA


def test_table_has_the_costs_of_the_tool(transport: Path, weighted: Path, tool: Path) -> None:
    """Gradients, seconds and effective samples are those of `driftfield compare`."""
    compared = 0
    for folder in (transport, weighted):
        table = da.results_table(opened(folder), [])
        table = table.set_index([table["label"], table["stop"].fillna(0)])
        output = subprocess.run(
            [tool, "compare", "--json", folder], check=False, capture_output=True, text=True
        ).stdout
        for theory in json.loads(output)["couplings"]:
            for sampler in theory["samplers"]:
                row = table.loc[(sampler["run"], sampler.get("stop", 1) - 1)]
                for ours, theirs in [
                    ("gradient_evaluations", sampler["gradient_evaluations"]),
                    ("seconds", sampler["seconds"]),
                    ("samples", sampler.get("samples", row["samples"])),
                    ("effective_samples", sampler.get("effective_samples", {}).get("value")),
                    ("effective_samples_error", sampler.get("effective_samples", {}).get("error")),
                    ("tau_int", sampler.get("tau_int", {}).get("value")),
                    ("tau_int_error", sampler.get("tau_int", {}).get("error")),
                ]:
                    if theirs is None:
                        assert np.isnan(row[ours]), (sampler["run"], ours)
                    else:
                        assert row[ours] == pytest.approx(theirs, rel=1e-9), (sampler["run"], ours)
                    compared += 1
    assert compared == 7 * (10 + 8)


def test_costs_that_are_not_known(transition: Path) -> None:
    """A file of imported configurations tells no times."""
    run = next(iter(opened(transition).values())).copy()
    del run["timing"]
    table = da.results_table({"imported": run}, ["abs_m"])
    assert np.isnan(table[["gradient_evaluations", "seconds"]].to_numpy()).all()
    assert table["effective_samples"].iloc[0] > 0


def test_types_and_texts(transport: Path) -> None:
    table = da.results_table(opened(transport), ["abs_m"])
    assert table["L"].dtype == table["stop"].dtype == "Int64"
    assert table["complete"].dtype == bool
    numbers = ["m2", "lambda", "abs_m", "abs_m_error", "log_z", "tau_int", "seconds"]
    assert (table[numbers].dtypes == float).all()
    texts = da.formatted(table)
    assert "abs_m_error" not in texts and "abs_m" in texts
    assert texts["abs_m"].iloc[0] == da.uncertain(*table.loc[0, ["abs_m", "abs_m_error"]])
    assert texts["log_z"].iloc[0] == ""
    assert "(" in texts.to_csv() and "nan" not in texts["abs_m"].str.cat()
    with pytest.raises(KeyError, match="no run has U5"):
        da.results_table(opened(transport), ["U5"])
    with pytest.raises(ValueError, match="m2 is a coupling"):
        da.results_table(opened(transport), ["m2"])


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.23456, 0.0067, "1.2346(67)"),
        (-0.5, 0.0996, "-0.50(10)"),
        (123.44, 1.23, "123.4(1.2)"),
        (123.44, 12.3, "123(12)"),
        (15800.0, 580.0, "1.580(58)e4"),
        (0.0, 0.012, "0.000(12)"),
        (4.25, 0.0, "4.25"),
        (4.25, np.nan, "4.25"),
        (np.nan, 1.0, ""),
        (0.99999, 0.0999, "1.00(10)"),
    ],
)
def test_uncertain(value: float, error: float, text: str) -> None:
    assert da.uncertain(value, error) == text


def test_results_by_label(transition: Path, transport: Path, weighted: Path) -> None:
    """The dataset has the numbers of the table, at the labels of the runs."""
    for folder, dimensions in [
        (transition, {"L": 3, "lambda": 4, "sampler": 1}),
        (transport, {"L": 2, "sampler": 5}),
        (weighted, {"lattice": 1, "lambda": 4, "sampler": 5}),
    ]:
        sweep = opened(folder)
        data, table = da.results(sweep, ["abs_m"]), da.results_table(sweep, ["abs_m"])
        assert data.sizes == dimensions
        for _, row in table.iterrows():
            labels = {name: row[name] for name in dimensions if name in row}
            labels |= {"lattice": row["extents"]} if "lattice" in dimensions else {}
            point = data.sel(labels)
            for name in ("abs_m", "abs_m_error", "seconds"):
                assert float(point[name]) == row[name] or np.isnan(row[name])
            assert str(point["label"].values) == row["label"]
        assert int(data["abs_m"].notnull().sum()) == len(table)
        assert list(data["sampler"].values) == list(dict.fromkeys(table["sampler"]))


def test_results_refuse_the_same_labels_twice(interacting: Path) -> None:
    """What the grid varies beside couplings is a dimension; the same label twice is not hidden."""
    sweep = opened(interacting)
    assert da.results(sweep, ["m4"]).sizes == {"lattice": 2, "precision": 2, "sampler": 1}
    run = next(iter(sweep.values()))
    with pytest.raises(ValueError, match="same labels"):
        da.results({"hmc": run, "hmc again": run}, ["m4"])


def test_runs_and_samplers_combine(transport: Path) -> None:
    """Averages of chains and of several weighted runs in one pyerrors quantity."""
    sweep = opened(transport)
    parts = [da.obs(run, "abs_m") for run in sweep.values() if da.describe(run).shape == (6, 6)]
    assert len(parts) == 5
    weights = np.array([1 / part.dvalue**2 for part in parts])
    mean = sum(w * part for w, part in zip(weights, parts, strict=True)) / weights.sum()
    mean.gamma_method()
    assert len(mean.mc_names) == 5
    weighted = {
        da.describe(run).run_id for run in opened(transport).values() if da.is_weighted(run)
    }
    assert all(mean.e_tauint[name] == 0.5 for name in mean.mc_names if name in weighted)
    assert sum(name in weighted for name in mean.mc_names) == 4
    assert mean.dvalue == pytest.approx(weights.sum() ** -0.5, rel=0.05)
    pulls = np.array([(part.value - mean.value) / part.dvalue for part in parts])
    assert (pulls**2).sum() < 23.5  # chi^2 of 4 degrees of freedom, p = 1e-4
