# SPDX-License-Identifier: GPL-3.0-or-later
"""Observables computed here from stored configurations, against those that the tool recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import driftfield_analysis as da


def action_density(phi: np.ndarray, description: da.Description) -> np.ndarray:
    """S/V in the form in which the couplings were given, for fields (..., sites along each axis).

    unhalved   V^-1 sum_x [ sum_mu (phi_{x+mu} - phi_x)^2 + m2 phi^2 + lambda phi^4 ]
    continuum  V^-1 sum_x [ 1/2 sum_mu (phi_{x+mu} - phi_x)^2 + 1/2 m2 phi^2 ], without lambda
    """
    axes = tuple(range(2, phi.ndim))
    kinetic = sum((np.roll(phi, -1, axis) - phi) ** 2 for axis in axes)
    density = kinetic + description.couplings["m2"] * phi**2
    if description.parametrisation == "continuum":
        density = density / 2
        assert description.couplings["lambda"] == 0
    else:
        density = density + description.couplings["lambda"] * phi**4
    return density.mean(axis=axes)


def recomputed(phi: np.ndarray, description: da.Description) -> dict[str, np.ndarray]:
    """All observables of fields (chain, configuration, sites along each axis)."""
    axes = tuple(range(2, phi.ndim))
    shape, volume, extent = phi.shape[2:], description.volume, description.longest_extent
    # |phi~(k)|^2 / V on all momenta
    power = np.abs(np.fft.fftn(phi, axes=axes)) ** 2 / volume
    smallest = [
        power[(..., *(1 if nu == mu else 0 for nu in range(len(shape))))]
        for mu in range(len(shape))
    ]
    # V^-1 sum_t0 Phi(t0) Phi(t0 + t), by the theorem of Wiener and Khinchin
    correlators = []
    for mu in description.long_directions:
        slices = phi.sum(axis=tuple(axis for axis in axes if axis != mu + 2))
        spectrum = np.abs(np.fft.fft(slices, axis=-1)) ** 2
        correlators.append(np.fft.ifft(spectrum, axis=-1).real / volume)
    waves = [4 * np.sin(np.pi * np.arange(length) / length) ** 2 for length in shape]
    squares = sum(np.meshgrid(*waves, indexing="ij")).round(9)
    shells = [power[..., squares == square].mean(axis=-1) for square in np.unique(squares)[:16]]
    return {
        "m": phi.mean(axis=axes),
        "phi2": (phi**2).mean(axis=axes),
        "phi4": (phi**4).mean(axis=axes),
        "hop": np.stack([(phi * np.roll(phi, -1, axis)).mean(axis=axes) for axis in axes], -1),
        "action": action_density(phi, description),
        "G_t": np.mean(correlators, axis=0)[..., : extent // 2 + 1],
        "F_kmin": np.stack(smallest, -1),
        "G_k": np.stack(shells, -1),
    }


@pytest.mark.parametrize("sweep", ["interacting", "free"])
def test_observables_follow_from_configurations(sweep: str, request: pytest.FixtureRequest) -> None:
    """To rounding at every stored configuration, relative to each variable's largest value."""
    for label, run in da.open_sweep(request.getfixturevalue(sweep)).items():
        field = run["configurations/phi"]
        assert field.sizes["trajectory"] == 15
        recorded = da.observables(run).sel(trajectory=field["trajectory"])
        bound = 1e-6 if field.dtype == np.float32 else 1e-13
        values = recomputed(field.values.astype(np.float64), da.describe(run))
        assert values.keys() == recorded.data_vars.keys()
        for name, value in values.items():
            stored = recorded[name].values
            assert value.shape == stored.shape, (label, name)
            difference = np.abs(value - stored).max() / np.abs(stored).max()
            assert difference < bound, (label, name, difference)


def test_shells(interacting: Path) -> None:
    """The coordinate of G_k is khat^2 of each shell."""
    run = da.open_sweep(interacting)["extents=6x4 precision=double hmc"]
    waves = [4 * np.sin(np.pi * np.arange(length) / length) ** 2 for length in (6, 4)]
    expected = np.unique(sum(np.meshgrid(*waves, indexing="ij")).round(9))
    np.testing.assert_allclose(run["observables/khat2"].values, expected, atol=1e-12)


def test_precision_changes_configurations_alone(interacting: Path) -> None:
    """The same chain, stored in single and double precision."""
    runs = da.open_sweep(interacting)
    for shape in ("6x4", "8x8"):
        single, double = (
            runs[f"extents={shape} precision={precision} hmc"] for precision in ("single", "double")
        )
        assert da.observables(single).identical(da.observables(double))
        fields = [run["configurations/phi"].values for run in (single, double)]
        assert [field.dtype for field in fields] == [np.float32, np.float64]
        np.testing.assert_array_equal(fields[0], fields[1].astype(np.float32))
