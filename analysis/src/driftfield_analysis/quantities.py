# SPDX-License-Identifier: GPL-3.0-or-later
"""Averages of observables and what derives from them, as pyerrors observables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, reduce
from operator import add

import numpy as np
import pyerrors as pe
import xarray as xr

from .files import Description, describe, is_weighted, observables


class Quantities:
    """The averages of one run and everything derived from them.

    Each chain is one replica, named `RUN_ID|rN`; the configuration numbers (idl) are the trajectory
    numbers. Two runs with the same run id repeat the same Markov chains, and pyerrors then treats
    them as the same data.

    The names are those of `driftfield table`. Errors are not computed here: call
    `gamma_method()` on the results.
    """

    def __init__(self, run: xr.DataTree) -> None:
        self.description = self._describe(run)
        self._table = observables(run)
        self._series = cache(self._read)
        self._definitions = self._define()

    def _describe(self, run: xr.DataTree) -> Description:
        if is_weighted(run):
            raise ValueError("the run holds weighted walkers: use WeightedQuantities")
        return describe(run)

    @property
    def names(self) -> list[str]:
        """The names of all quantities that the measured variables allow."""
        return list(self._definitions)

    def obs(self, name: str) -> pe.Obs:
        """The quantity with a name, without its error.

        Raises KeyError for a name that does not exist, ValueError where the quantity is undefined
        at the averages (such as arcosh of a number below 1) or the file has lost data.
        """
        if name not in self._definitions:
            raise KeyError(f"no quantity {name!r}; there are {', '.join(self.names)}")
        with np.errstate(invalid="ignore", divide="ignore"):
            result = self._definitions[name]()
        if not np.isfinite(result.value):
            raise ValueError(f"{name} is undefined at the averages of this run")
        return result

    def mean(
        self,
        variable: str,
        components: Sequence[int] = (),
        transform: Callable[[np.ndarray], np.ndarray] = np.asarray,
    ) -> pe.Obs:
        """<f(x)>, x the mean over `components` of the last axis of a variable (none: a scalar).

        The variable has the shape (chain, trajectory) or (chain, trajectory, component).
        """
        series = self._series(variable)
        if components:
            series = series[..., list(components)].mean(axis=-1)
        replicas = [f"{self.description.run_id}|r{chain}" for chain in range(len(series))]
        trajectories = [int(number) for number in self._table["trajectory"].values]
        return pe.Obs(list(transform(series)), replicas, idl=[trajectories] * len(replicas))

    def _read(self, variable: str) -> np.ndarray:
        values = self._table[variable].values
        if not np.isfinite(values).all():
            raise ValueError(f"{variable} is not finite everywhere: is a segment of the run lost?")
        return values

    def _define(self) -> dict[str, Callable[[], pe.Obs]]:
        measured = self._table.data_vars
        definitions: dict[str, Callable[[], pe.Obs]] = {}
        if "m" in measured:
            definitions |= self._moments()
        if "G_t" in measured:
            definitions |= self._correlators()
        if "m" in measured and "F_kmin" in measured:
            definitions["xi2"] = self._correlation_length
            definitions["g_R"] = self._renormalised_coupling
        if "m" in measured and "G_t" in measured:
            definitions |= self._connected_correlators()
        if "G_k" in measured:
            for shell in range(self._table.sizes["khat2"]):
                definitions[f"Gk({shell})"] = lambda shell=shell: self.mean("G_k", [shell])
        return definitions

    def _abs_m(self) -> pe.Obs:
        return self.mean("m", transform=np.abs)

    def _m2(self) -> pe.Obs:
        return self.mean("m", transform=np.square)

    def _m4(self) -> pe.Obs:
        return self.mean("m", transform=lambda m: m**4)

    def _energy(self) -> pe.Obs:
        """E = D^-1 sum_mu <phi_x phi_{x+mu}>"""
        return self.mean("hop", range(self.description.dimensions))

    def _moments(self) -> dict[str, Callable[[], pe.Obs]]:
        volume = self.description.volume
        return {
            "m": lambda: self.mean("m"),
            "abs_m": self._abs_m,
            "m2": self._m2,
            "m4": self._m4,
            # chi_2 = V <m^2>
            "chi2": lambda: volume * self._m2(),
            # chi = V (<m^2> - <|m|>^2)
            "chi": lambda: volume * (self._m2() - self._abs_m() ** 2),
            # chi_m = V (<m^2> - <m>^2)
            "chi_m": lambda: volume * (self._m2() - self.mean("m") ** 2),
            # V_4 = <m^4> / <m^2>^2
            "V4": lambda: self._m4() / self._m2() ** 2,
            # U_4 = 1 - V_4/3
            "U4": lambda: 1 - self._m4() / (3 * self._m2() ** 2),
            "phi2": lambda: self.mean("phi2"),
            "phi4": lambda: self.mean("phi4"),
            "energy": self._energy,
            "action": lambda: self.mean("action"),
            "SD": self._schwinger_dyson,
        }

    def _schwinger_dyson(self) -> pe.Obs:
        """<phi_x dS/dphi_x> = -2 J D E + 2 c2 <phi^2> + 4 c4 <phi^4>, exactly 1"""
        hopping, quadratic, quartic = self.description.coefficients
        return (
            -2 * hopping * self.description.dimensions * self._energy()
            + 2 * quadratic * self.mean("phi2")
            + 4 * quartic * self.mean("phi4")
        )

    def _smallest_momentum(self) -> pe.Obs:
        """F, the mean of F_mu over the directions of the longest extent"""
        return self.mean("F_kmin", self.description.long_directions)

    def _correlation_length(self) -> pe.Obs:
        """xi_2 = (chi_2/F - 1)^(1/2) / (2 sin(pi/T))"""
        factor = 1 / (2 * np.sin(np.pi / self.description.longest_extent))
        ratio = self.description.volume * self._m2() / self._smallest_momentum()
        return factor * np.sqrt(ratio - 1)

    def _renormalised_coupling(self) -> pe.Obs:
        """g_R = (3 - V_4) V / xi_2^D"""
        ratio = self._m4() / self._m2() ** 2
        length = self._correlation_length()
        return (3 - ratio) * self.description.volume / length**self.description.dimensions

    def _correlator(self, t: int) -> pe.Obs:
        """<G(t)>, with G(t) = G(T - t)"""
        return self.mean("G_t", [min(t, self.description.longest_extent - t)])

    def _effective_mass(self, t: int) -> pe.Obs:
        """m_eff(t) = arcosh[(G(t-1) + G(t+1)) / (2 G(t))]"""
        neighbours = self._correlator(t - 1) + self._correlator(t + 1)
        return np.arccosh(neighbours / (2 * self._correlator(t)))

    def _mean_effective_mass(self) -> pe.Obs:
        """m_eff = (T - 1)^-1 sum_{t=1}^{T-1} m_eff(t)"""
        times = range(1, self.description.longest_extent)
        return reduce(add, map(self._effective_mass, times)) / len(times)

    def _correlators(self) -> dict[str, Callable[[], pe.Obs]]:
        half = self.description.longest_extent // 2
        definitions: dict[str, Callable[[], pe.Obs]] = {
            "F_kmin": self._smallest_momentum,
            "m_eff": self._mean_effective_mass,
        }
        for t in range(half + 1):
            definitions[f"G({t})"] = lambda t=t: self._correlator(t)
        for t in range(1, half + 1):
            definitions[f"m_eff({t})"] = lambda t=t: self._effective_mass(t)
        return definitions

    def _connected_correlators(self) -> dict[str, Callable[[], pe.Obs]]:
        """G_c(t) = <G(t)> - (V/T) <|m|>^2"""
        area = self.description.volume // self.description.longest_extent
        return {
            f"Gc({t})": lambda t=t: self._correlator(t) - area * self._abs_m() ** 2
            for t in range(self.description.longest_extent // 2 + 1)
        }
