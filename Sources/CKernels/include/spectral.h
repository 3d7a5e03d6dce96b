// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Kernels on pairs of real fields, held as one complex field: number 2x is the first field at site x,
/// number 2x + 1 the second. A real, even kernel in momentum space acts on both at once.

/// pair[2x] = first[x], pair[2x + 1] = second[x] for n sites; but zeros for a field with a number that
/// is not between −bound and bound. Returns which those are: 1 for the first, 2 for the second.
int df_pair_join(const double *first, const double *second, double *pair, long n, double bound);

/// first[x] = pair[2x], second[x] = pair[2x + 1] for n sites.
void df_pair_split(const double *pair, double *first, double *second, long n);

/// out = kernel · in at n momenta: one real factor for each complex number. `out` may be `in`.
void df_pair_scale(const double *in, const double *kernel, double *out, long n);

/// out = Σ_i factors_i · in_i at n momenta, over `count` pairs: one real factor for each complex number.
void df_pair_combine(const double *const *in, const double *const *factors, long count, double *out,
                     long n);

/// to = from + step · velocity, n numbers; `to` may be `from`.
void df_field_move(const double *from, double step, const double *velocity, double *to, long n);

/// out = sin(ω in) of both fields at n sites; cosines[i] = Σ_x cos(ω in) of field i, for
/// |ω in| < 10¹⁵. As accurate as if ω in had been rounded twice.
void df_pair_sines(const double *in, double frequency, double *out, long n, double cosines[2]);

/// out = c/(1 + (ω u)²) of both fields at n sites, c the carrier and u the inner field; of field i
///     sums[i] = Σ_x 1/(1 + (ω u)²),   sums[2 + i] = Σ_x c ∂/∂u 1/(1 + (ω u)²) = −2 ω² Σ_x c u/(1 + (ω u)²)².
void df_pair_gates(const double *carrier, const double *inner, double frequency, double *out, long n,
                   double sums[4]);

/// out += first kernel · first field + i second kernel · second field at n momenta: a kernel of its own
/// for each field of a pair. `opposite[p]` is the number of −p.
void df_pair_accumulate_each(const double *in, const double *first, const double *second,
                             const int *opposite, double *out, long n);

/// first[orbit[p]] += Re(â* ĉ), second[orbit[p]] += Re(b̂* d̂) over n momenta, where `left` holds the modes
/// of the real fields a and b as one pair, `right` those of c and d.
void df_pair_cross_spectra(const double *left, const double *right, const int *opposite,
                           const int *orbit, long n, double *first, double *second);
