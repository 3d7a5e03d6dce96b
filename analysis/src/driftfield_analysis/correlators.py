# SPDX-License-Identifier: GPL-3.0-or-later
"""The two-point function in time and the effective mass, as one table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from .files import describe, is_weighted
from .quantities import Quantities
from .weighted import WeightedQuantities


def correlator(run: xr.DataTree, stop: int = -1, connected: bool = False) -> pd.DataFrame:
    """G(t), or G_c(t) with the disconnected part removed, and m_eff(t), t = 0 ... T/2.

    Columns: `t`, `G`, `G_error`, `m_eff`, `m_eff_error`, by the Gamma method or over independent
    walkers. The effective mass is that of G, by arcosh; NaN where it has no value.
    """
    quantities = WeightedQuantities(run, stop) if is_weighted(run) else Quantities(run)
    name = "Gc" if connected else "G"
    rows = []
    for t in range(describe(run).longest_extent // 2 + 1):
        value, error = _estimate(quantities, f"{name}({t})")
        mass, mass_error = _estimate(quantities, f"m_eff({t})") if t else (np.nan, np.nan)
        rows.append((t, value, error, mass, mass_error))
    return pd.DataFrame(rows, columns=["t", "G", "G_error", "m_eff", "m_eff_error"])


def _estimate(quantities: Quantities, name: str) -> tuple[float, float]:
    try:
        if isinstance(quantities, WeightedQuantities):
            return quantities.estimate(name)
        result = quantities.obs(name)
    except ValueError:
        return np.nan, np.nan
    result.gamma_method()
    return float(result.value), float(result.dvalue)
