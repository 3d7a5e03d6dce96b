// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <stddef.h>

/// The pointwise loops of networks. Batches hold two samples side by side, x[0] of the first, x[0] of the
/// second, x[1] of the first, …: a row of n such pairs is 2n numbers, and one complex field for transforms.
/// Every level gives the same bits.

/// Pointwise nonlinearities s(u).
enum {
  DF_ACTIVATION_TANH = 0,     ///< tanh u, odd
  DF_ACTIVATION_SINE = 1,     ///< sin u, odd
  DF_ACTIVATION_SILU = 2,     ///< u/(1 + exp(−u))
  DF_ACTIVATION_IDENTITY = 3  ///< u
};

/// The antiderivative ∫_0^u s, the value s, the slope s' and the curvature s'' of n numbers; what is NULL is
/// left out. The antiderivatives are log cosh u and 1 − cos u; silu has none (preconditions of the caller).
/// Errors are a few units of the last place of max(1, |result|), for |u| < 10⁶ also of the sine.
void df_activation(int kind, size_t n, const double *u, double *antiderivative, double *value,
                   double *slope, double *curvature);

/// y_i = a x_i + (accumulate ? y_i : 0).
void df_scale(size_t n, double a, const double *x, double *y, int accumulate);

/// y_i = a_i b_i + (accumulate ? y_i : 0).
void df_multiply(size_t n, const double *a, const double *b, double *y, int accumulate);

/// y_i += a_i b_i c_i.
void df_multiply_three(size_t n, const double *a, const double *b, const double *c, double *y);

/// Back through y = s(u), with slope d and curvature e, and y' = s'(u) u':
/// ū_i = ȳ_i d_i + ȳ'_i e_i u'_i and ū'_i = ȳ'_i d_i, each added to what there is if the first or the second
/// bit of `accumulate` is set; `tangent_bar` (ū') may be NULL.
void df_activation_pullback(size_t n, const double *value_bar, const double *moved_bar,
                            const double *slope, const double *curvature, const double *tangent,
                            double *argument_bar, double *tangent_bar, int accumulate);

/// y = factor x + shift of n pairs, with one factor and one shift for each sample of the pair; `factor` may be
/// NULL (1), `shift` may be NULL (0). With `accumulate`, added to y.
void df_pair_affine(size_t n, const double *factor, const double *x, const double *shift, double *y,
                    int accumulate);

/// sums[s] += Σ_i x_i of each sample.
void df_pair_sum(size_t n, const double *x, double *sums);

/// sums[s] += Σ_i a_i b_i of each sample.
void df_pair_dot(size_t n, const double *a, const double *b, double *sums);

/// y_i = k_i x_i of n complex numbers, k conjugated on request; added to y with `accumulate`.
void df_complex_multiply(size_t n, const double *k, const double *x, double *y, int conjugate,
                         int accumulate);

/// y_i = k_i x_i of n complex numbers x and real k; added to y with `accumulate`.
void df_real_multiply(size_t n, const double *k, const double *x, double *y, int accumulate);

/// k_i += Re conj(x_i) g_i of n complex numbers.
void df_real_correlate(size_t n, const double *g, const double *x, double *k);

/// y_o = Σ_i k_oi x_i, number by number, with real k: `inputs` times `pairs` rows x of n complex numbers, `outputs`
/// times `pairs` rows y. The numbers of all k lie in tiles of sixteen, [⌈n/16⌉][outputs · inputs][16], in
/// which k_oi begins at o output_stride + i input_stride. y is overwritten.
void df_dense_multiply(size_t n, int outputs, int inputs, int pairs, const double *k,
                       size_t output_stride, size_t input_stride, const double *x, double *y);

/// k_oi += Σ_pairs Re conj(x_i) g_o, number by number, with rows and tiles as above.
void df_dense_correlate(size_t n, int outputs, int inputs, int pairs, const double *g, const double *x,
                        double *k, size_t output_stride, size_t input_stride);
