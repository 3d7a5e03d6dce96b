# SPDX-License-Identifier: GPL-3.0-or-later
"""Finite-size scaling: where curves of two lattices cross, and their collapse on one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.polynomial import polynomial
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator
from scipy.optimize import least_squares
from scipy.stats import chi2 as chi2_distribution

from .sweep_tables import uncertain

Curve = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Couplings, values and standard errors, by increasing coupling."""


@dataclass(frozen=True)
class Fit:
    """How well a fit describes the data."""

    chi2: float
    degrees_of_freedom: int

    @property
    def p(self) -> float:
        """The probability of a larger chi^2, NaN without degrees of freedom."""
        if self.degrees_of_freedom < 1:
            return np.nan
        return float(chi2_distribution.sf(self.chi2, self.degrees_of_freedom))


@dataclass(frozen=True)
class Crossing:
    """Where two curves have the same value, with standard errors."""

    coupling: float
    coupling_error: float
    value: float
    value_error: float
    fit: Fit


def crossing(
    one: tuple[ArrayLike, ArrayLike, ArrayLike],
    other: tuple[ArrayLike, ArrayLike, ArrayLike],
    degree: int = 3,
    points: int = 7,
) -> Crossing:
    """The crossing of two curves (x, y, error), each interpolated by a polynomial.

    A weighted least-squares fit of each curve to its `points` points nearest to the crossing, of
    the degree given or of one that leaves a degree of freedom. Its errors are those of the fits,
        var x* = [var f(x*) + var g(x*)] / (f'(x*) - g'(x*))^2,
    of independent points. Where noise makes several crossings, the one that is known best counts.
    Raises ValueError if a curve has fewer than 3 points, or if they do not cross where both have
    points.
    """
    curves = [_sorted(*curve) for curve in (one, other)]
    if min(len(x) for x, _, _ in curves) < 3:
        raise ValueError("a curve needs 3 points at least")
    low = max(x[0] for x, _, _ in curves)
    high = min(x[-1] for x, _, _ in curves)
    near = None
    # Fitted to all points, then to the nearest.
    for _ in range(3):
        chosen = [_nearest(curve, near, points) for curve in curves]
        fits = [_polynomial(*curve, degree) for curve in chosen]
        found = _roots(
            fits, max(low, *(c[0][0] for c in chosen)), min(high, *(c[0][-1] for c in chosen))
        )
        if not found:
            raise ValueError(f"the curves do not cross between {low:g} and {high:g}")
        error, root, slopes, variances = min(found)
        near = root
    # y* = f(x*) moves with f by -g'/(f' - g'), with g by f'/(f' - g').
    difference = slopes[0] - slopes[1]
    value_variance = (slopes[1] ** 2 * variances[0] + slopes[0] ** 2 * variances[1]) / difference**2
    chi2 = sum(fit[2] for fit in fits)
    dof = sum(len(c[0]) - len(fit[0]) for c, fit in zip(chosen, fits, strict=True))
    value = float(polynomial.polyval(root - fits[0][3], fits[0][0]))
    return Crossing(root, error, value, float(np.sqrt(value_variance)), Fit(chi2, dof))


_Polynomial = tuple[np.ndarray, np.ndarray, float, float]
"""Coefficients in x - origin, their covariance, chi^2, origin."""


def _sorted(x: ArrayLike, y: ArrayLike, error: ArrayLike) -> Curve:
    arrays = [np.asarray(a, dtype=float) for a in (x, y, error)]
    finite = np.isfinite(arrays).all(axis=0)
    order = np.argsort(arrays[0][finite])
    return tuple(a[finite][order] for a in arrays)


def _nearest(curve: Curve, near: float | None, points: int) -> Curve:
    if near is None:
        return curve
    chosen = np.sort(np.argsort(np.abs(curve[0] - near), kind="stable")[:points])
    return tuple(a[chosen] for a in curve)


def _polynomial(x: np.ndarray, y: np.ndarray, error: np.ndarray, degree: int) -> _Polynomial:
    origin = float(x.mean())
    degree = min(degree, len(x) - 2)
    design = polynomial.polyvander(x - origin, degree) / error[:, None]
    covariance = np.linalg.inv(design.T @ design)
    coefficients = covariance @ design.T @ (y / error)
    chi2 = float(((y / error - design @ coefficients) ** 2).sum())
    return coefficients, covariance, chi2, origin


def _roots(
    fits: list[_Polynomial], low: float, high: float
) -> list[tuple[float, float, list[float], list[float]]]:
    """(error, root, slopes, variances of the curves there) of each crossing in a range."""
    places = np.linspace(low, high, 2001)
    f, g = (polynomial.polyval(places - fit[3], fit[0]) for fit in fits)
    result = []
    for i in np.flatnonzero(np.sign(f - g)[1:] != np.sign(f - g)[:-1]):
        a, b = (f - g)[i], (f - g)[i + 1]
        root = float(places[i] + (places[i + 1] - places[i]) * a / (a - b))
        slopes, variances = [], []
        for coefficients, covariance, _, origin in fits:
            slopes.append(
                float(polynomial.polyval(root - origin, polynomial.polyder(coefficients)))
            )
            row = polynomial.polyvander([root - origin], len(coefficients) - 1)[0]
            variances.append(float(row @ covariance @ row))
        error = float(np.sqrt(sum(variances)) / abs(slopes[0] - slopes[1]))
        result.append((error, root, slopes, variances))
    return result


@dataclass(frozen=True)
class Collapse:
    """y L^-e = f((x - x_c) L^(1/nu)): what makes data of all lattices fall on one curve f."""

    critical: float
    critical_error: float
    nu: float
    nu_error: float
    exponent: float
    exponent_error: float
    """e: -beta/nu for |m|, gamma/nu for chi_2, 0 for the Binder cumulant."""
    fit: Fit
    coefficients: np.ndarray
    """Of the polynomial f, by increasing power."""

    def curve(self, x: ArrayLike) -> np.ndarray:
        """f at scaled couplings (x - x_c) L^(1/nu)."""
        return polynomial.polyval(np.asarray(x, dtype=float), self.coefficients)

    def scaled(
        self, x: ArrayLike, size: ArrayLike, y: ArrayLike, error: ArrayLike
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """((x - x_c) L^(1/nu), y L^-e, error L^-e)."""
        x, size, y, error = (np.asarray(a, dtype=float) for a in (x, size, y, error))
        factor = size**-self.exponent
        return (x - self.critical) * size ** (1 / self.nu), y * factor, error * factor


def collapse(
    x: ArrayLike,
    size: ArrayLike,
    y: ArrayLike,
    error: ArrayLike,
    critical: float,
    nu: float = 1.0,
    exponent: float = 0.0,
    fixed: tuple[str, ...] = (),
    degree: int = 6,
) -> Collapse:
    """The collapse of data y(x, L) with independent standard errors, all of shape (points).

    f is a polynomial. Its coefficients, x_c, nu and e minimise
        chi^2 = sum [(y - L^e f((x - x_c) L^(1/nu))) / error]^2,
    beginning with the values given; those named in `fixed` ("critical", "nu", "exponent") stay.
    Errors are those of least squares; an error of what is fixed is 0. There are no corrections
    to scaling in it: a small p of the fit says that they, or a range of x too wide, are seen.
    Raises ValueError if the points are too few.
    """
    x, size, y, error = (np.asarray(a, dtype=float) for a in (x, size, y, error))
    start = {"critical": critical, "inverse": 1 / nu, "exponent": exponent}
    names = {"critical": "critical", "inverse": "nu", "exponent": "exponent"}
    free = [name for name, known in names.items() if known not in fixed]
    freedom = len(x) - degree - 1 - len(free)
    if freedom < 1:
        raise ValueError(f"{len(x)} points are too few for {len(x) - freedom} parameters")

    def fitted(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residuals in units of errors, and coefficients of f."""
        p = {**start, **dict(zip(free, values, strict=True))}
        scaled = (x - p["critical"]) * size ** p["inverse"]
        unit = np.abs(scaled).max()
        design = polynomial.polyvander(scaled / unit, degree)
        design *= (size ** p["exponent"] / error)[:, None]
        coefficients, *_ = np.linalg.lstsq(design, y / error, rcond=None)
        return y / error - design @ coefficients, coefficients / unit ** np.arange(degree + 1)

    def residuals(values: np.ndarray) -> np.ndarray:
        return fitted(values)[0]

    values, errors = dict(start), dict.fromkeys(start, 0.0)
    if free:
        # With f solved for, the inverse of J^T J is the covariance of the other parameters.
        found = least_squares(residuals, [start[n] for n in free], method="lm", x_scale="jac")
        covariance = np.linalg.inv(found.jac.T @ found.jac)
        values |= dict(zip(free, map(float, found.x), strict=True))
        errors |= dict(zip(free, map(float, np.sqrt(np.diag(covariance))), strict=True))
    differences, coefficients = fitted(np.array([values[name] for name in free]))
    chi2 = float((differences**2).sum())
    inverse = values["inverse"]
    return Collapse(
        critical=values["critical"],
        critical_error=errors["critical"],
        nu=1 / inverse,
        nu_error=errors["inverse"] / inverse**2,
        exponent=values["exponent"],
        exponent_error=errors["exponent"],
        fit=Fit(chi2, freedom),
        coefficients=coefficients,
    )


def curves(table: pd.DataFrame, coupling: str) -> dict[int, Callable[[str], Curve]]:
    """L -> (quantity -> (coupling, value, error)), from a table of results, by increasing L."""

    def of(rows: pd.DataFrame) -> Callable[[str], Curve]:
        return lambda name: _sorted(rows[coupling], rows[name], rows[f"{name}_error"])

    return {int(size): of(rows) for size, rows in table.groupby("L", sort=True)}


def interpolation(x: ArrayLike, y: ArrayLike, error: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """A smooth line through points, to guide the eye: at 200 places, by monotone cubic pieces."""
    x, y, _ = _sorted(x, y, error)
    places = np.linspace(x[0], x[-1], 200)
    return places, PchipInterpolator(x, y)(places) if len(x) > 1 else y.repeat(200)


def steepest(table: pd.DataFrame, coupling: str) -> float:
    """Where the Binder cumulant of the largest lattice is halfway between its extremes."""
    if table.empty:
        raise ValueError("no run is left: see --sampler, --smallest and --between")
    x, y, _ = list(curves(table, coupling).values())[-1]("U4")
    halfway = (y.max() + y.min()) / 2
    order = np.argsort(y)
    return float(np.interp(halfway, y[order], x[order]))


def told_crossings(found: dict) -> tuple[float, float, str] | None:
    """Prints the crossings that `driftfield scaling` found.

    The critical coupling with its error and its symbol, or None.
    """
    for pair_found in found["crossings"]:
        pair = ", ".join(str(max(shape)) for shape in pair_found["shapes"])
        place, value = (uncertain(**pair_found[key]) for key in ("coupling", "value"))
        print(f"L = {pair}: U4 = {value} at {found['parameter']} = {place}")
    critical = found.get("critical")
    if critical is None:
        return None
    print(f"{found['parameter']}_c = {uncertain(**critical['coupling'])}: {critical['method']}")
    return critical["coupling"]["value"], critical["coupling"]["error"], "_c"


def fitted_crossings(
    curves: dict[int, Callable[[str], Curve]], coupling: str
) -> tuple[float, float, str] | None:
    """Prints where the Binder cumulants of neighbouring lattices cross, by polynomials.

    The crossing of the two largest with its error and its symbol, or None.
    """
    for one, other in pairwise(curves):
        pair = f"L = {one}, {other}"
        try:
            found = crossing(curves[one]("U4"), curves[other]("U4"))
        except ValueError as error:
            print(f"{pair}: {error}")
            continue
        place = uncertain(found.coupling, found.coupling_error)
        value = uncertain(found.value, found.value_error)
        print(f"{pair}: U4 = {value} at {coupling} = {place}, p = {found.fit.p:.2g} of the fit")
        if found.fit.p < 1e-3:
            print("  the fits are bad, do not trust it: smaller steps of the coupling would help")
        elif other == max(curves):
            return found.coupling, found.coupling_error, f"^*({one},{other})"
    return None
