# SPDX-License-Identifier: GPL-3.0-or-later
"""Markov chains in ArviZ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from conftest import opened

import driftfield_analysis as da


def test_groups(transition: Path, free: Path) -> None:
    """Dimensions (chain, draw, ...); statistics as recorded, at the measured trajectories."""
    for sweep, every in [(transition, 1), (free, 2)]:
        run = next(iter(opened(sweep).values()))
        chains = da.to_arviz(run)
        posterior, stats = chains["posterior"], chains["sample_stats"]
        recorded = da.observables(run)
        assert posterior["m"].dims == ("chain", "draw")
        assert posterior["G_t"].dims == ("chain", "draw", "t")
        np.testing.assert_array_equal(posterior["draw"], recorded["trajectory"])
        assert int(posterior["draw"][1] - posterior["draw"][0]) == every
        np.testing.assert_array_equal(posterior["m"], recorded["m"])
        np.testing.assert_array_equal(
            stats["lp"], -da.describe(run).volume * recorded["action"].values
        )
        violation = run["hmc/dH"].sel(trajectory=recorded["trajectory"]).values
        np.testing.assert_array_equal(stats["energy_error"], violation)
        np.testing.assert_allclose(stats["acceptance_rate"], np.exp(np.minimum(0, -violation)))
        assert stats["diverging"].dtype == bool and not stats["diverging"].any()
        # Proposals are accepted with this rate: 5 standard errors of at most 1/2 each.
        difference = float(stats["accepted"].mean() - stats["acceptance_rate"].mean())
        assert abs(difference) < 5 * 0.5 / np.sqrt(stats["accepted"].size)
        assert {"step_size", "n_steps"} <= set(stats.data_vars)


def test_arviz_agrees_about_autocorrelations(transition: Path) -> None:
    """Effective samples N/(2 tau_int) within 25 %, R-hat near 1, and the mean, in ArviZ itself."""
    arviz = pytest.importorskip("arviz")
    run = da.select(opened(transition), {"lambda": 4.2}, L=8)
    chains = da.to_arviz(run)
    table = da.gamma_table(run)
    sizes = arviz.ess(chains, var_names=["m", "phi2", "action"], method="mean")
    summary = arviz.summary(chains, var_names=["m", "phi2", "action"], round_to="none")
    for name in ("m", "phi2", "action"):
        expected = da.observables(run)["m"].size / (2 * table[name].tau_int)
        # tau_int is known to 8 % here, in both estimates.
        assert float(sizes[name]) == pytest.approx(expected, rel=0.25)
        assert 0.99 < summary.loc[name, "r_hat"] < 1.02
        assert summary.loc[name, "mean"] == pytest.approx(table[name].value, rel=1e-6)


def test_arviz_is_not_needed(transition: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ArviZ, and for its version 1, the chains are a tree of xarray."""
    from importlib.metadata import PackageNotFoundError

    from driftfield_analysis import arviz_export

    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    run = da.open_run(transition / "run-000-hmc")
    for version in (absent, lambda name: "1.3.0"):
        monkeypatch.setattr(arviz_export, "version", version)
        chains = da.to_arviz(run)
        assert isinstance(chains, xr.DataTree)
        assert list(chains.children) == ["posterior", "sample_stats"]
        assert not chains["posterior/m"].variable._in_memory


def test_refusal(transport: Path) -> None:
    with pytest.raises(ValueError, match="no Markov chains"):
        da.to_arviz(da.select(opened(transport), L=4, sampler="ais"))
