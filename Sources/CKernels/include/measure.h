// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Sums over one configuration φ, periodic, contiguous, the last axis fastest, in one pass.
/// `out` receives 3 + `dimensions` numbers: V⁻¹ Σ φ, V⁻¹ Σ φ², V⁻¹ Σ φ⁴, then for each axis μ
///     hop_μ = V⁻¹ Σ_x φ_x φ_{x+μ}.
/// `dimensions` is 1 to 4, each extent ≥ 2.
void df_field_sums(int dimensions, const int *extents, const double *phi, double *out);

/// The slice sums of one configuration, for every axis μ and every 0 ≤ t < L_μ
///     Φ_μ(t) = Σ_{x: x_μ = t} φ_x,
/// concatenated over the axes: `out` receives Σ_μ L_μ numbers.
void df_slice_sums(int dimensions, const int *extents, const double *phi, double *out);
