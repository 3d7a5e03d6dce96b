# SPDX-License-Identifier: GPL-3.0-or-later
"""Small sweeps, made once by the tool itself."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest
import xarray as xr

from driftfield_analysis import files

# The grid crosses both precisions with both lattices. The precision of configurations is no part of
# a chain's identity, so runs on the same lattice repeat each other's chains.
INTERACTING = """
title: phi^4 for the reader
seed: 20261121
output: results
theory: {name: phi4, parametrisation: unhalved, m2: -4.0, lambda: 4.6}
samplers:
  - {method: hmc, chains: 4, trajectories: 1500, thermalisation: 200, cluster: 1}
measure: {observables: [moments, correlator, propagator]}
configurations: {every: 100}
checkpoint: {seconds: 0.01}
grid:
  lattice.extents: [[6, 4], [8, 8]]
  configurations.precision: [single, double]
"""

FREE = """
title: free field for the reader
seed: 20261122
output: results
theory: {name: free, parametrisation: continuum}
samplers:
  - {name: accelerated, method: fourier-hmc, chains: 4, trajectories: 1500, thermalisation: 200,
     mass2: 0.5, length: 1.5, jitter: 0.3}
measure: {every: 2, observables: [moments, correlator, propagator]}
configurations: {every: 100}
grid:
  lattice.extents: [[16], [6, 4], [4, 3, 4]]
  theory.m2: [0.4, 0.6]
"""

# Markov chains beside weighted walkers: independent ones at three stops, ones of which some run
# away and have weight zero, resampled ones at two stops, and too few of these for an error.
WEIGHTED = """
title: weighted walkers for the reader
seed: 20261123
output: results
theory: {name: phi4, parametrisation: unhalved, m2: -1.0, lambda: 1.0}
lattice: {extents: [6, 4]}
samplers:
  - {method: hmc, chains: 4, trajectories: 500, thermalisation: 200}
  - {method: ais, walkers: 150, populations: 8, path_steps: 30, stops: [3.0, 2.0], reverse: 2}
  - {name: wild, method: ais, transition: ula, walkers: 100, populations: 8, path_steps: 12,
     step: 0.48, tune: false}
  - {method: smc, walkers: 60, populations: 20, path_steps: 24, threshold: 0.98, stops: [2.5]}
  - {name: few, method: smc, walkers: 60, populations: 4, path_steps: 12, threshold: 0.98}
measure: {observables: [moments, correlator, propagator]}
configurations: {every: 4, precision: double}
checkpoint: {seconds: 0.01}
"""


# Small lattices on both sides of the transition, for curves that cross.
TRANSITION = """
title: a transition for the figures
seed: 20261124
output: results
theory: {name: phi4, parametrisation: unhalved, m2: -4.0}
lattice: {dimensions: 2}
samplers:
  - {method: hmc, chains: 8, trajectories: 600, thermalisation: 200, cluster: 2}
configurations: {every: 200}
grid:
  lattice.extent: [4, 6, 8]
  theory.lambda: [3.6, 4.2, 4.8, 5.4]
"""

# Every family on two lattices, with a way back, trained drifts, and a network.
TRANSPORT = """
title: transport for the figures
seed: 20261125
output: results
theory: {name: phi4, parametrisation: unhalved, m2: -1.0, lambda: 1.0}
lattice: {dimensions: 2}
samplers:
  - {method: hmc, chains: 4, trajectories: 500, thermalisation: 200}
  - {method: ais, walkers: 100, populations: 12, path_steps: 20, reverse: 4}
  - {method: smc, walkers: 50, populations: 12, path_steps: 20, threshold: 0.95}
  - {method: nets, walkers: 50, populations: 12, path_steps: 6, training_walkers: 200,
     training_slices: 8}
  - {name: network, method: nets, walkers: 50, populations: 12, path_steps: 6,
     training_walkers: 200, training_slices: 8, network: convolution, layers: 1, channels: 2,
     iterations: 12, gradient_walkers: 8, gradient_slices: 4}
configurations: {every: 6}
grid:
  lattice.extent: [4, 6]
"""


@pytest.fixture(scope="session")
def tool() -> Path:
    """The driftfield program: $DRIFTFIELD, or the release build of this source tree."""
    named = os.environ.get("DRIFTFIELD")
    if named:
        if not os.access(named, os.X_OK):
            pytest.fail(f"DRIFTFIELD={named} cannot be executed")
        return Path(named).resolve()
    for folder in Path(__file__).resolve().parents:
        candidate = folder / ".build/release/driftfield"
        if os.access(candidate, os.X_OK):
            return candidate
    pytest.skip("no driftfield program: set DRIFTFIELD, or run 'swift build -c release'")


@cache
def opened(folder: Path) -> dict[str, xr.DataTree]:
    """A sweep that is opened once for all tests that read it alone."""
    return files.open_sweep(folder)


def sweep(tool: Path, folder: Path, text: str) -> Path:
    """Runs a sweep and returns its folder."""
    (folder / "sweep.yaml").write_text(text)
    command = [tool, "run", folder / "sweep.yaml", "--output", folder / "results"]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder / "results"


@pytest.fixture(scope="session")
def interacting(tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """phi^4 in two dimensions on two lattices, configurations in both precisions."""
    return sweep(tool, tmp_path_factory.mktemp("interacting"), INTERACTING)


@pytest.fixture(scope="session")
def free(tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The free field in one to three dimensions, measured every second trajectory."""
    return sweep(tool, tmp_path_factory.mktemp("free"), FREE)


@pytest.fixture(scope="session")
def weighted(tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Markov chains and weighted walkers in one sweep."""
    return sweep(tool, tmp_path_factory.mktemp("weighted"), WEIGHTED)


@pytest.fixture(scope="session")
def transition(tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Markov chains across the transition on three lattices."""
    return sweep(tool, tmp_path_factory.mktemp("transition"), TRANSITION)


@pytest.fixture(scope="session")
def transport(tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chains, annealing with a way back, and transport with and without a network."""
    return sweep(tool, tmp_path_factory.mktemp("transport"), TRANSPORT)


@pytest.fixture(scope="session")
def packed(tool: Path, interacting: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first run of the interacting sweep in one file."""
    file = tmp_path_factory.mktemp("packed") / "packed.h5"
    subprocess.run([tool, "pack", interacting / "run-000-hmc", file], check=True)
    return file
