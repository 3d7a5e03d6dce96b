# SPDX-License-Identifier: GPL-3.0-or-later
"""Works there and back: on exact distributions, and against the tool."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import opened

import driftfield_analysis as da

DELTA_F, SIGMA = -3.0, 1.2


def gaussian(populations: int, walkers: int, seed: int) -> da.Works:
    """W_F ~ N(dF + s^2/2, s^2), for which Crooks' relation makes W_R ~ N(-dF + s^2/2, s^2)."""
    random = np.random.default_rng(seed)
    forward, reverse = random.normal(size=(2, populations, walkers)) * SIGMA + SIGMA**2 / 2
    return da.Works(forward + DELTA_F, reverse - DELTA_F, np.ones(populations))


def test_gaussian_works() -> None:
    """Every estimate of dF within 4 errors, the slope of 1 too; joining both ways helps."""
    works = gaussian(25, 200, 1)
    crossing, slope = works.crooks
    for value, error in (
        works.delta_f_forward, works.delta_f_reverse, works.bennett, crossing,
    ):  # fmt: skip
        assert 0 < error < 0.08 and abs(value - DELTA_F) < 4 * error
    assert abs(slope[0] - 1) < 4 * slope[1] < 0.4
    assert works.bennett[1] < works.delta_f_forward[1]


def test_errors_describe_the_spread() -> None:
    """Over 60 samples (estimate - dF)/error has a standard deviation of 0.7 to 1.45."""
    pulls = []
    for seed in range(60):
        works = gaussian(20, 30, seed)
        crossing, slope = works.crooks
        estimates = [(works.bennett, DELTA_F), (crossing, DELTA_F), (slope, 1.0)]
        pulls.append([(value - truth) / error for (value, error), truth in estimates])
    deviations = np.std(pulls, axis=0)
    assert ((deviations > 0.7) & (deviations < 1.45)).all(), deviations


def test_histogram_follows_crooks() -> None:
    """Densities of one, and a logarithmic ratio of W - dF within errors: chi^2 of p > 1e-4."""
    table = gaussian(50, 400, 3).histogram(40)
    width = table["work"].diff().mean()
    assert (table[["forward", "reverse"]].sum() * width).to_numpy() == pytest.approx(1, rel=1e-12)
    known = table.dropna(subset=["log_ratio"])
    assert len(known) > 10
    pulls = (known["log_ratio"] - (known["work"] - DELTA_F)) / known["log_ratio_error"]
    assert (pulls**2).sum() < len(known) + 4.5 * np.sqrt(2 * len(known))


def test_agrees_with_the_tool(transport: Path, tool: Path) -> None:
    """log Z by Bennett's ratio is the same, with its error; so is log Z of the way there."""
    output = subprocess.run(
        [tool, "compare", "--json", transport], check=False, capture_output=True, text=True
    ).stdout
    results = [s for theory in json.loads(output)["couplings"] for s in theory["samplers"]]
    sweep = opened(transport)
    compared = 0
    for result in results:
        if "log_z_bennett" not in result:
            continue
        run = sweep[result["run"]]
        works = da.works(run)
        origin = float(run["stops"].attrs["log_z_origin"])
        told = result["log_z_bennett"]
        assert origin - works.bennett[0] == pytest.approx(told["value"], rel=1e-9)
        # By the jackknife here, by derivatives there.
        assert works.bennett[1] == pytest.approx(told["error"], rel=0.02)
        there = origin - works.delta_f_forward[0]
        assert there == pytest.approx(result["log_z"]["value"], rel=1e-12)
        compared += 1
    assert compared == 2


def test_refusal(transport: Path) -> None:
    sweep = opened(transport)
    for sampler in ("hmc", "smc"):
        with pytest.raises(ValueError, match="no way back"):
            da.works(da.select(sweep, L=4, sampler=sampler))
