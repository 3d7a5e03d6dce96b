// SPDX-License-Identifier: GPL-3.0-or-later
#include "spectral.h"
#include "dispatch.h"
#include "vector_types.h"

// No contraction to fused multiply-adds: every level and processor gives the same bits.
#pragma clang fp contract(off)
// Vectors are only ever passed to inlined functions: there is no calling convention to depend on.
#pragma clang diagnostic ignored "-Wpsabi"

// Two vectors at once where one alone would wait for its own results.
typedef double df_v16 __attribute__((vector_size(128)));
typedef long long df_m16 __attribute__((vector_size(128)));

#define NAME(x) x##_baseline
#include "vectors.h"
#include "spectral_kernel.h"
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NAME(x) x##_avx2
#include "vectors.h"
#include "spectral_kernel.h"
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)
#define NAME(x) x##_avx512
#include "vectors.h"
#include "spectral_kernel.h"
#undef NAME
#pragma clang attribute pop
#endif

static const struct {
  int (*join)(const double *, const double *, double *, long, double);
  void (*split)(const double *, double *, double *, long);
  void (*scale)(const double *, const double *, double *, long);
  void (*combine)(const double *const *, const double *const *, long, double *, long);
  void (*move)(const double *, double, const double *, double *, long);
  void (*sines)(const double *, double, double *, long, df_sum8 *);
  void (*gates)(const double *, const double *, double, double *, long, df_sum8 *);
} kernels[] = {
    {join_baseline, split_baseline, scale_baseline, combine_baseline, move_baseline,
     sines_baseline, gates_baseline},
#if defined(__x86_64__)
    {join_avx2, split_avx2, scale_avx2, combine_avx2, move_avx2, sines_avx2, gates_avx2},
    {join_avx512, split_avx512, scale_avx512, combine_avx512, move_avx512, sines_avx512,
     gates_avx512},
#endif
};

int df_pair_join(const double *first, const double *second, double *pair, long n, double bound) {
  const int wild = kernels[df_kernel_level()].join(first, second, pair, n, bound);
  for (int field = 0; field < 2; field++)
    if (wild >> field & 1)
      for (long x = 0; x < n; x++) pair[2 * x + field] = 0;
  return wild;
}

void df_pair_split(const double *pair, double *first, double *second, long n) {
  kernels[df_kernel_level()].split(pair, first, second, n);
}

void df_pair_scale(const double *in, const double *kernel, double *out, long n) {
  kernels[df_kernel_level()].scale(in, kernel, out, n);
}

void df_pair_combine(const double *const *in, const double *const *factors, long count, double *out,
                     long n) {
  kernels[df_kernel_level()].combine(in, factors, count, out, n);
}

void df_field_move(const double *from, double step, const double *velocity, double *to, long n) {
  kernels[df_kernel_level()].move(from, step, velocity, to, n);
}

void df_pair_sines(const double *in, double frequency, double *out, long n, double cosines[2]) {
  df_sum8 total = {{0}, {0}};
  kernels[df_kernel_level()].sines(in, frequency, out, n, &total);
  cosines[0] = cosines[1] = 0;
  for (int lane = 0; lane < 8; lane++)
    cosines[lane % 2] += total.high[lane] + total.low[lane];
}

void df_pair_gates(const double *carrier, const double *inner, double frequency, double *out, long n,
                   double sums[4]) {
  df_sum8 totals[2] = {{{0}, {0}}, {{0}, {0}}};
  kernels[df_kernel_level()].gates(carrier, inner, frequency, out, n, totals);
  for (int i = 0; i < 4; i++) sums[i] = 0;
  for (int lane = 0; lane < 8; lane++) {
    sums[lane % 2] += totals[0].high[lane] + totals[0].low[lane];
    sums[2 + lane % 2] -=
        2 * frequency * frequency * (totals[1].high[lane] + totals[1].low[lane]);
  }
}

// With z = a + i b the modes of two real fields, a* (p) = a(−p): for real even kernels W₁ a + i W₂ b =
// ½ (W₁ + W₂) z(p) + ½ (W₁ − W₂) z*(−p).
void df_pair_accumulate_each(const double *in, const double *first, const double *second,
                             const int *opposite, double *out, long n) {
  for (long p = 0; p < n; p++) {
    const double same = 0.5 * (first[p] + second[p]), other = 0.5 * (first[p] - second[p]);
    const double *const back = in + 2 * opposite[p];
    out[2 * p] += same * in[2 * p] + other * back[0];
    out[2 * p + 1] += same * in[2 * p + 1] - other * back[1];
  }
}

// Of z = a + i b the modes are 2 â(p) = z(p) + z*(−p) and 2i b̂(p) = z(p) − z*(−p).
void df_pair_cross_spectra(const double *left, const double *right, const int *opposite,
                           const int *orbit, long n, double *first, double *second) {
  for (long p = 0; p < n; p++) {
    const double *const l = left + 2 * p, *const r = right + 2 * p;
    const double *const lo = left + 2 * opposite[p], *const ro = right + 2 * opposite[p];
    first[orbit[p]] +=
        0.25 * ((l[0] + lo[0]) * (r[0] + ro[0]) + (l[1] - lo[1]) * (r[1] - ro[1]));
    second[orbit[p]] +=
        0.25 * ((l[0] - lo[0]) * (r[0] - ro[0]) + (l[1] + lo[1]) * (r[1] + ro[1]));
  }
}
