# SPDX-License-Identifier: GPL-3.0-or-later
"""Averages, errors and autocorrelation times: the tool against pyerrors on the same files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyerrors as pe
import pytest

import driftfield_analysis as da
from driftfield_analysis import GammaEstimate

PRIMARY = {"m", "abs_m", "m2", "m4", "phi2", "phi4", "energy", "action"}
# Linear in the primaries, or smooth on the scale of their errors.
DERIVED = {"chi2", "chi", "chi_m", "V4", "U4", "xi2", "SD"}


def is_primary(name: str) -> bool:
    return name in PRIMARY or name == "F_kmin" or name.startswith(("G(", "Gk("))


def is_effective_mass(name: str) -> bool:
    return name.startswith("m_eff")


Tables = list[tuple[str, dict[str, GammaEstimate], dict[str, GammaEstimate]]]


@pytest.fixture(scope="module")
def tables(tool: Path, interacting: Path, free: Path) -> Tables:
    """(label, table by pyerrors, table by the tool) of every run."""
    result = []
    for sweep in (interacting, free):
        by_tool = da.tool_tables(tool, [sweep])
        for label, run in da.open_sweep(sweep).items():
            result.append((label, da.gamma_table(run), by_tool.pop(label)))
        assert not by_tool
    return result


def disagreements(tables: Tables, names: Callable[[str], bool], bound: float) -> Iterator[str]:
    """Every number that differs by more than a relative bound, and quantities of one side only."""
    for label, ours, tools in tables:
        chosen = {name for name in {*ours, *tools} if names(name)}
        for name in sorted(chosen):
            if name not in ours or name not in tools:
                yield f"{label}: {name} only by {'pyerrors' if name in ours else 'the tool'}"
                continue
            for number, difference in ours[name].relative_differences(tools[name]).items():
                if not difference <= bound:
                    yield f"{label}: {number} of {name} differs by {difference:.1e}"


def test_all_quantities_are_there(tables: Tables) -> None:
    for _, ours, tools in tables:
        assert PRIMARY | DERIVED <= ours.keys() & tools.keys()
        assert {"G(0)", "G(1)", "G(2)", "Gc(0)", "Gc(1)", "Gc(2)"} <= ours.keys() & tools.keys()


def test_primaries_agree(tables: Tables) -> None:
    assert not list(disagreements(tables, is_primary, 1e-11))


def test_derived_quantities_agree(tables: Tables) -> None:
    def derived(name: str) -> bool:
        return not is_primary(name) and not is_effective_mass(name)

    assert not list(disagreements(tables, derived, 1e-5))


def test_effective_masses_agree(tables: Tables) -> None:
    assert not list(disagreements(tables, is_effective_mass, 1e-7))


def test_replica_and_configuration_numbers(interacting: Path, free: Path) -> None:
    """One replica a chain; configuration numbers are trajectory numbers."""
    for sweep, numbers in [(interacting, range(1, 1501)), (free, range(2, 1501, 2))]:
        run = next(iter(da.open_sweep(sweep).values()))
        result = da.obs(run, "phi2")
        ensemble = da.describe(run).run_id
        assert result.names == [f"{ensemble}|r{chain}" for chain in range(4)]
        assert all(result.idl[name] == numbers for name in result.names)


def test_tau_is_in_measurements(free: Path) -> None:
    """With every second trajectory measured, pyerrors too counts tau in measurements."""
    run = next(iter(da.open_sweep(free).values()))
    with_gaps = da.obs(run, "phi2")
    ensemble = da.describe(run).run_id
    series = da.observables(run)["phi2"].values
    without = pe.Obs(list(series), [f"{ensemble}|r{chain}" for chain in range(4)])
    without.gamma_method()
    assert with_gaps.e_tauint == without.e_tauint
    assert with_gaps.dvalue == without.dvalue


def test_schwinger_dyson(interacting: Path, free: Path) -> None:
    """<phi dS/dphi> = 1 within 5 standard errors."""
    for sweep in (interacting, free):
        for label, run in da.open_sweep(sweep).items():
            result = da.obs(run, "SD")
            assert result.dvalue < 0.03, label
            assert abs(result.value - 1) < 5 * result.dvalue, label


def inverse_propagator(shape: tuple[int, ...], hopping: float, quadratic: float) -> np.ndarray:
    """K(p) = c2 - J sum_mu cos p_mu on all momenta, p_mu = 2 pi n_mu / L_mu; shape `shape`."""
    momenta = np.meshgrid(*[2 * np.pi * np.fft.fftfreq(extent) for extent in shape], indexing="ij")
    return quadratic - hopping * sum(np.cos(p) for p in momenta)


def test_free_field(free: Path) -> None:
    """<phi^2> = V^-1 sum_p 1/(2 K(p)) and chi_2 = 1/(2 K(0)) within 5 standard errors."""
    for label, run in da.open_sweep(free).items():
        description = da.describe(run)
        hopping, quadratic, quartic = description.coefficients
        assert quartic == 0
        propagator = 1 / (2 * inverse_propagator(description.shape, hopping, quadratic))
        for name, exact in [("phi2", propagator.mean()), ("chi2", propagator.flat[0])]:
            result = da.obs(run, name)
            assert result.dvalue < 0.06 * exact, (label, name)
            assert abs(result.value - exact) < 5 * result.dvalue, (label, name)


def test_command(tool: Path, interacting: Path) -> None:
    """The table of a run, alone and beside the tool's."""
    command = [sys.executable, "-m", "driftfield_analysis", str(interacting / "run-002-hmc")]
    alone = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    beside = subprocess.run(
        [*command, "--compare", str(tool)], check=True, capture_output=True, text=True
    ).stdout
    run = da.open_run(interacting / "run-002-hmc")
    value = da.obs(run, "U4").value
    for text in (alone, beside):
        assert text.startswith("extents=8x8 precision=single hmc")
        (row,) = [line.split() for line in text.splitlines() if line.startswith("U4 ")]
        assert float(row[1]) == pytest.approx(value, rel=1e-7)
    missing = subprocess.run(
        [*command[:-1], "nowhere"], check=False, capture_output=True, text=True
    )
    assert missing.returncode == 1 and "nowhere" in missing.stderr
