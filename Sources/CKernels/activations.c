// SPDX-License-Identifier: GPL-3.0-or-later
#include "activations.h"
#include "dispatch.h"
#include "vector_types.h"

// No contraction to fused multiply-adds: every level and processor gives the same bits.
#pragma clang fp contract(off)
// Vectors are only ever passed to inlined functions: there is no calling convention to depend on.
#pragma clang diagnostic ignored "-Wpsabi"

#define SIGN ((long long)0x8000000000000000ull)
// x + ROUNDING has the nearest integer to x in its last bits.
#define ROUNDING 0x1.8p52
#define BITS_OF_ROUNDING 0x4338000000000000ll
#define LOG2_E 0x1.71547652b82fep+0
#define LN2 0x1.62e42fefa39efp-1
#define TWO_OVER_PI 0x1.45f306dc9c883p-1
// ln 2 and pi/2 in two parts, the first with zeros at its end, so that its multiples are exact.
#define LN2_HIGH 0x1.62e42fefa3900p-1
#define LN2_LOW 0x1.de6af278ece60p-46
#define HALF_PI_HIGH 0x1.921fb54400000p+0
#define HALF_PI_LOW 0x1.0b4611a626331p-34

// Each polynomial interpolates its function at the Chebyshev nodes of its interval, computed in 60 decimal
// digits and rounded to double.
// P(r) = (exp(r) - 1 - r) / r^2, |r| <= ln 2 / 2; relative error of exp(r) - 1 below 1e-18.
#define EXP_0 0x1.0000000000000p-1
#define EXP_1 0x1.5555555555557p-3
#define EXP_2 0x1.5555555555556p-5
#define EXP_3 0x1.11111111100dcp-7
#define EXP_4 0x1.6c16c16c162d4p-10
#define EXP_5 0x1.a01a01abe7fe1p-13
#define EXP_6 0x1.a01a01a6d889cp-16
#define EXP_7 0x1.71de0231960ebp-19
#define EXP_8 0x1.27e4db646b17ep-22
#define EXP_9 0x1.af4de97ca4194p-26
#define EXP_10 0x1.1f730349868cep-29
// S(z) = (sin(r)/r - 1) / z, z = r^2 <= (pi/4)^2; relative error of the sine 1.8e-17.
#define SIN_0 -0x1.5555555555555p-3
#define SIN_1 0x1.1111111110bb2p-7
#define SIN_2 -0x1.a01a019e83816p-13
#define SIN_3 0x1.71de379654304p-19
#define SIN_4 -0x1.ae600aca92c64p-26
#define SIN_5 0x1.5e0b05bff20f2p-33
// C(z) = (cos(r) - 1 + z/2) / z^2; error of the cosine 9e-19.
#define COS_0 0x1.5555555555555p-5
#define COS_1 -0x1.6c16c16c16967p-10
#define COS_2 0x1.a01a019f4e9b4p-16
#define COS_3 -0x1.27e4fa17bf139p-22
#define COS_4 0x1.1eeb68cd22f56p-29
#define COS_5 -0x1.907d8f29fe831p-37
// (2 artanh(w)/w - 2) / z, z = w^2 <= 1/9; relative error of artanh 2.2e-18.
#define LOG_0 0x1.5555555555555p-1
#define LOG_1 0x1.9999999999944p-2
#define LOG_2 0x1.2492492499d46p-2
#define LOG_3 0x1.c71c71bedea97p-3
#define LOG_4 0x1.745d19937b1fcp-3
#define LOG_5 0x1.3b13515f6f9efp-3
#define LOG_6 0x1.111abdc8abe16p-3
#define LOG_7 0x1.e0a2d581ab68fp-4
#define LOG_8 0x1.bc37f0140c19ep-4
#define LOG_9 0x1.32e0d25c9c761p-4
#define LOG_10 0x1.401d3e65cdc48p-3

// Half a vector.
typedef double df_h4 __attribute__((vector_size(32)));

#define NAME(x) x##_baseline
#include "vectors.h"
#include "activations_kernel.h"
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NAME(x) x##_avx2
#include "vectors.h"
#include "activations_kernel.h"
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)
#define NAME(x) x##_avx512
#include "vectors.h"
#include "activations_kernel.h"
#undef NAME
#pragma clang attribute pop
#endif

#define LEVEL(x)                                                                                   \
  {                                                                                                \
    activation_##x, scale_##x, multiply_##x, multiply_three_##x, activation_pullback_##x,          \
        pair_affine_##x, pair_sum_##x, pair_dot_##x, complex_multiply_##x, real_multiply_##x,         \
        real_correlate_##x, dense_multiply_##x, dense_correlate_##x                                \
  }

static const struct {
  void (*activation)(int, size_t, const double *, double *, double *, double *, double *);
  void (*scale)(size_t, double, const double *, double *, int);
  void (*multiply)(size_t, const double *, const double *, double *, int);
  void (*multiply_three)(size_t, const double *, const double *, const double *, double *);
  void (*activation_pullback)(size_t, const double *, const double *, const double *, const double *,
                              const double *, double *, double *, int);
  void (*pair_affine)(size_t, const double *, const double *, const double *, double *, int);
  void (*pair_sum)(size_t, const double *, double *);
  void (*pair_dot)(size_t, const double *, const double *, double *);
  void (*complex_multiply)(size_t, const double *, const double *, double *, int, int);
  void (*real_multiply)(size_t, const double *, const double *, double *, int);
  void (*real_correlate)(size_t, const double *, const double *, double *);
  void (*dense_multiply)(size_t, int, int, int, const double *, size_t, size_t, const double *,
                         double *);
  void (*dense_correlate)(size_t, int, int, int, const double *, const double *, double *, size_t,
                          size_t);
} kernels[] = {
    LEVEL(baseline),
#if defined(__x86_64__)
    LEVEL(avx2),
    LEVEL(avx512),
#endif
};

void df_activation(int kind, size_t n, const double *u, double *antiderivative, double *value,
                   double *slope, double *curvature) {
  kernels[df_kernel_level()].activation(kind, n, u, antiderivative, value, slope, curvature);
}

void df_scale(size_t n, double a, const double *x, double *y, int accumulate) {
  kernels[df_kernel_level()].scale(n, a, x, y, accumulate);
}

void df_multiply(size_t n, const double *a, const double *b, double *y, int accumulate) {
  kernels[df_kernel_level()].multiply(n, a, b, y, accumulate);
}

void df_multiply_three(size_t n, const double *a, const double *b, const double *c, double *y) {
  kernels[df_kernel_level()].multiply_three(n, a, b, c, y);
}

void df_activation_pullback(size_t n, const double *value_bar, const double *moved_bar,
                            const double *slope, const double *curvature, const double *tangent,
                            double *argument_bar, double *tangent_bar, int accumulate) {
  kernels[df_kernel_level()].activation_pullback(n, value_bar, moved_bar, slope, curvature, tangent,
                                                 argument_bar, tangent_bar, accumulate);
}

void df_pair_affine(size_t n, const double *factor, const double *x, const double *shift, double *y,
                    int accumulate) {
  kernels[df_kernel_level()].pair_affine(n, factor, x, shift, y, accumulate);
}

void df_pair_sum(size_t n, const double *x, double *sums) {
  kernels[df_kernel_level()].pair_sum(n, x, sums);
}

void df_pair_dot(size_t n, const double *a, const double *b, double *sums) {
  kernels[df_kernel_level()].pair_dot(n, a, b, sums);
}

void df_complex_multiply(size_t n, const double *k, const double *x, double *y, int conjugate,
                         int accumulate) {
  kernels[df_kernel_level()].complex_multiply(n, k, x, y, conjugate, accumulate);
}

void df_real_multiply(size_t n, const double *k, const double *x, double *y, int accumulate) {
  kernels[df_kernel_level()].real_multiply(n, k, x, y, accumulate);
}

void df_real_correlate(size_t n, const double *g, const double *x, double *k) {
  kernels[df_kernel_level()].real_correlate(n, g, x, k);
}

void df_dense_multiply(size_t n, int outputs, int inputs, int pairs, const double *k,
                       size_t output_stride, size_t input_stride, const double *x, double *y) {
  kernels[df_kernel_level()].dense_multiply(n, outputs, inputs, pairs, k, output_stride, input_stride,
                                            x, y);
}

void df_dense_correlate(size_t n, int outputs, int inputs, int pairs, const double *g, const double *x,
                        double *k, size_t output_stride, size_t input_stride) {
  kernels[df_kernel_level()].dense_correlate(n, outputs, inputs, pairs, g, x, k, output_stride,
                                             input_stride);
}
