// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "phi4.h"

/// Local Metropolis updates of the n listed sites, in order and in place: at site x the step
/// φ_x → φ_x + δ is accepted if u < exp(−ΔS). `sites` are flat indices, `proposals` the steps δ
/// (already scaled), `uniforms` lie in (0, 1). Neighbours are found by index arithmetic, so no
/// table is needed. Returns the number accepted.
long df_phi4_metropolis(const df_phi4 *action, double *phi, const int *sites, long n,
                        const double *proposals, const double *uniforms);

/// ΔS = S(φ with φ_x + δ) − S(φ), from the 2 × `dimensions` neighbours of x:
///     −J δ Σ_{±μ} φ_{x±μ} + c2 ((φ+δ)² − φ²) + c4 ((φ+δ)⁴ − φ⁴).
double df_phi4_local_change(const df_phi4 *action, const double *phi, int site, double step);
