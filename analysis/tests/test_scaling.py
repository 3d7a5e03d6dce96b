# SPDX-License-Identifier: GPL-3.0-or-later
"""Crossings and collapses of data whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

import driftfield_analysis as da
from driftfield_analysis import scaling

CRITICAL, NU, EXPONENT = 4.25, 1.25, -0.125
SIZES = (8, 12, 16, 24, 32)


def master(x: np.ndarray) -> np.ndarray:
    """A smooth curve that falls through the critical point."""
    return 0.6 - 0.3 * np.tanh(0.25 * x + 0.1)


def synthetic(exponent: float, error: float, seed: int) -> tuple[np.ndarray, ...]:
    """(x, L, y, error) of y = L^e f((x - x_c) L^(1/nu)) with normal errors."""
    x, size = np.meshgrid(np.linspace(4.05, 4.45, 9), SIZES, indexing="ij")
    exact = size**exponent * master((x - CRITICAL) * size ** (1 / NU))
    noise = np.random.default_rng(seed).normal(size=exact.shape) * error
    return tuple(a.ravel() for a in (x, size, exact + noise, np.full_like(exact, error)))


def test_collapse_recovers_exponents() -> None:
    """Each parameter is within 4 standard errors, and the fit is neither bad nor too good."""
    for exponent, fixed in [(0.0, ("exponent",)), (EXPONENT, ())]:
        data = synthetic(exponent, 1e-3, 1)
        fit = da.collapse(*data, 4.2, exponent=exponent, fixed=fixed)
        for value, error, truth in [
            (fit.critical, fit.critical_error, CRITICAL),
            (fit.nu, fit.nu_error, NU),
            *([] if fixed else [(fit.exponent, fit.exponent_error, EXPONENT)]),
        ]:
            assert 0 < error < 0.03 and abs(value - truth) < 4 * error
        assert 1e-3 < fit.fit.p < 0.999
        x, y, error = fit.scaled(*data)
        assert np.abs(fit.curve(x) - y).max() < 5 * error.max()


def test_collapse_has_honest_errors() -> None:
    """Over 300 data sets (estimate - truth)/error has a standard deviation of 0.85 to 1.16."""
    pulls = []
    for seed in range(300):
        fit = da.collapse(*synthetic(EXPONENT, 2e-3, seed), 4.25, exponent=EXPONENT)
        pulls.append(
            [
                (fit.critical - CRITICAL) / fit.critical_error,
                (fit.nu - NU) / fit.nu_error,
                (fit.exponent - EXPONENT) / fit.exponent_error,
            ]
        )
    deviations = np.std(pulls, axis=0)
    assert ((deviations > 0.85) & (deviations < 1.16)).all(), deviations


def test_collapse_with_what_is_known() -> None:
    data = synthetic(EXPONENT, 1e-3, 3)
    fit = da.collapse(*data, CRITICAL, NU, EXPONENT, ("critical", "nu", "exponent"))
    assert (fit.critical, fit.exponent) == (CRITICAL, EXPONENT)
    assert fit.nu == pytest.approx(NU, rel=1e-14)
    assert fit.critical_error == fit.nu_error == fit.exponent_error == 0
    assert fit.fit.degrees_of_freedom == 45 - 7 and fit.fit.p > 1e-3
    with pytest.raises(ValueError, match="5 points are too few"):
        da.collapse(*(a[:5] for a in data), CRITICAL)


def curve(slope: float, seed: int) -> tuple[np.ndarray, ...]:
    """Points of y = 0.6 - slope (x - 4.25) - (x - 4.25)^2 with errors of 0.001."""
    x = np.linspace(4.0, 4.5, 6)
    y = 0.6 - slope * (x - CRITICAL) - (x - CRITICAL) ** 2
    noise = np.random.default_rng(seed).normal(size=6) * 1e-3
    return x, y + noise, np.full(6, 1e-3)


def test_crossing_of_known_curves() -> None:
    """Place and value with errors that describe their spread, over 200 pairs."""
    pulls = []
    for seed in range(200):
        found = da.crossing(curve(0.2, 2 * seed), curve(0.4, 2 * seed + 1))
        pulls.append(
            (
                (found.coupling - CRITICAL) / found.coupling_error,
                (found.value - 0.6) / found.value_error,
            )
        )
        assert found.fit.degrees_of_freedom == 4
    deviations = np.std(pulls, axis=0)
    assert ((deviations > 0.8) & (deviations < 1.2)).all(), deviations
    assert (np.abs(np.mean(pulls, axis=0)) < 4 / np.sqrt(200)).all()


def test_crossing_of_exact_curves() -> None:
    """Without noise the crossing of two cubics is exact."""
    x = np.linspace(4.0, 4.5, 8)
    one = 0.6 - 0.2 * (x - CRITICAL) + (x - CRITICAL) ** 3
    other = 0.6 - 0.5 * (x - CRITICAL)
    found = da.crossing((x, one, np.full(8, 1e-3)), (x, other, np.full(8, 1e-3)), points=8)
    assert found.coupling == pytest.approx(CRITICAL, abs=1e-9)
    assert found.value == pytest.approx(0.6, abs=1e-9)
    assert found.fit.chi2 < 1e-12


def test_crossing_refuses() -> None:
    x, y, error = curve(0.2, 1)
    with pytest.raises(ValueError, match="do not cross"):
        da.crossing((x, y, error), (x, y + 1, error))
    with pytest.raises(ValueError, match="3 points"):
        da.crossing((x[:2], y[:2], error[:2]), (x, y, error))


def test_interpolation_goes_through_points() -> None:
    x, y, error = curve(0.2, 1)
    places, line = scaling.interpolation(x, y, error)
    assert np.interp(x, places, line) == pytest.approx(y, abs=2e-4)
