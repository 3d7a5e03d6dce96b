# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs cost, and how many independent measurements they are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from .files import is_weighted, observables
from .quantities import Quantities
from .weighted import WeightedQuantities


@dataclass(frozen=True)
class Cost:
    """Everything from the first field to the last, thermalisation and pilot included.

    Measurements, the way back and the training of a drift are not in it. As `driftfield compare`.
    """

    gradient_evaluations: float
    """Over all chains or walkers; a sweep of local proposals counts as one."""
    seconds: float
    """Wall time in updates, with the threads of the run."""
    drift_evaluations: float = 0.0
    """Over all walkers, beside the gradients; what one costs in gradients depends on the drift."""
    training_seconds: float = 0.0
    """Wall time of the training of the drift that the run follows, which serves other runs too."""


def cost(run: xr.DataTree, stop: int = -1) -> Cost:
    """The cost of a run, in a run of annealing that of the way to one of its stops.

    NaN where a file does not tell, such as one of imported configurations.
    """
    if "cost" in run.children:
        known = run["cost"].attrs
        return Cost(float(known["n_force"]), float(known["seconds"]))
    if "timing" not in run.children:
        return Cost(np.nan, np.nan)
    seconds = float(run["timing/update_s"].sum())
    if is_weighted(run):
        return _annealing(run, stop, seconds)
    evaluations = float(observables(run).sizes["chain"] * run["timing"].sizes["trajectory"])
    if "hmc" in run.children:
        evaluations = float(run["hmc/n_force"].sum())
    before = _thermalisation(run)
    # Thermalisation is not timed: its evaluations are taken to be as fast as the others.
    return Cost(evaluations + before, seconds * (1 + before / max(evaluations, 1)))


def _thermalisation(run: xr.DataTree) -> float:
    """Gradient evaluations of thermalisation, from the step size of each update."""
    if "thermalisation" not in run.children:
        return 0.0
    sizes = run["thermalisation/step_size"].values
    sampler = run["sampler"].attrs
    if sampler["method"] in ("hmc", "fourier-hmc"):
        # n_force = stages n_steps + 1
        first = run["hmc"].to_dataset().isel(chain=0, trajectory=0)
        stages = (int(first["n_force"]) - 1) // int(first["n_steps"])
        most = max(1000, float(sampler["initial_steps"]))
        steps = np.minimum(np.floor(float(sampler["length"]) / sizes + 0.5), most)
        return float((np.maximum(steps, 1) * stages + 1).sum())
    return float(sizes.size * (2 if sampler["method"] == "mala" else 1))


def _annealing(run: xr.DataTree, stop: int, seconds: float) -> Cost:
    end = float(np.atleast_1d(run["stops"].attrs["time"])[stop])
    last = end == float(np.atleast_1d(run["stops"].attrs["time"])[-1])
    times = run["path/time"].values
    share = 1.0 if last else np.count_nonzero((times > 0) & (times <= end)) / (len(times) - 1)
    pilot = run["pilot"].attrs if "pilot" in run.children else {}
    drift = run["drift"].attrs if "drift" in run.children else {}
    walkers = run["annealing"].to_dataset()
    drifts = float(walkers["n_drift"].sum()) if "n_drift" in walkers else 0.0
    return Cost(
        float(walkers["n_force"].sum()) * share + float(pilot.get("n_force", 0)),
        seconds * share + float(pilot.get("seconds", 0)) + float(pilot.get("path_seconds", 0)),
        drifts * share,
        float(drift.get("training_seconds", 0)) + float(drift.get("path_seconds", 0)),
    )


@dataclass(frozen=True)
class EffectiveSize:
    """N_eff = var(O)/error^2 for the observable that a run knows least of; N/(2 tau) of chains."""

    observable: str
    samples: float
    """NaN where a run has too few independent units for an error."""
    samples_error: float
    """From that of tau_int, or from a variance of few effective units."""
    count: int
    """N, measurements of all chains or walkers of all populations."""
    tau_int: float = np.nan
    """In trajectories; NaN for weighted walkers."""
    tau_int_error: float = np.nan


def effective_size(run: xr.DataTree, stop: int = -1) -> EffectiveSize:
    """As `driftfield compare`: of m, |m|, m^2, phi^2 and S/V; of weighted walkers all but m."""
    return _of_walkers(run, stop) if is_weighted(run) else _of_chains(run)


def _of_chains(run: xr.DataTree) -> EffectiveSize:
    quantities = Quantities(run)
    every = int(run["sampler"].attrs.get("measure_every", 1))
    count = observables(run)["m"].size
    worst = EffectiveSize("m", np.inf, np.nan, count)
    for name in ("m", "abs_m", "m2", "phi2", "action"):
        if name not in quantities.names:
            continue
        mean = quantities.obs(name)
        mean.gamma_method(S=2.0, tau_exp=0.0)
        (ensemble,) = mean.mc_names
        tau, error = float(mean.e_tauint[ensemble]), float(mean.e_dtauint[ensemble])
        samples = count / (2 * tau)
        if samples < worst.samples:
            spread = samples * error / tau
            worst = EffectiveSize(name, samples, spread, count, tau * every, error * every)
    return worst


def _of_walkers(run: xr.DataTree, stop: int) -> EffectiveSize:
    quantities = WeightedQuantities(run, stop)
    worst = EffectiveSize("abs_m", np.inf, np.nan, quantities.walkers)
    if quantities.units < quantities.MINIMUM_UNITS:
        return EffectiveSize("abs_m", np.nan, np.nan, quantities.walkers)
    ess, ess_error = quantities.ess_estimate()
    # A variance from n degrees of freedom has the relative error (2/n)^(1/2).
    relative = max(np.sqrt(2 / max(1, quantities.effective_units - 1)), ess_error / ess)
    for name, variable, transform in (
        ("abs_m", "m", np.abs),
        ("m2", "m", np.square),
        ("phi2", "phi2", np.asarray),
        ("action", "action", np.asarray),
    ):
        if name not in quantities.names:
            continue
        mean = quantities.mean(variable, transform=transform)
        mean.gamma_method(S=0)
        centred = quantities.mean(
            variable, transform=lambda x, f=transform, c=mean.value: (f(x) - c) ** 2
        )
        samples = centred.value / mean.dvalue**2
        if samples < worst.samples:
            spread = float(samples * relative)
            worst = EffectiveSize(name, float(samples), spread, quantities.walkers)
    return worst
