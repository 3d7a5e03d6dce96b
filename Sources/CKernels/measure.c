// SPDX-License-Identifier: GPL-3.0-or-later
#include "measure.h"
#include "dispatch.h"
#include "vector_types.h"

// No contraction to fused multiply-adds: every level and processor gives the same bits.
#pragma clang fp contract(off)
// Vectors are only ever passed to inlined functions: there is no calling convention to depend on.
#pragma clang diagnostic ignored "-Wpsabi"

#define NAME(x) x##_baseline
#include "vectors.h"
#include "measure_kernel.h"
#undef NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NAME(x) x##_avx2
#include "vectors.h"
#include "measure_kernel.h"
#undef NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)
#define NAME(x) x##_avx512
#include "vectors.h"
#include "measure_kernel.h"
#undef NAME
#pragma clang attribute pop
#endif

static const struct {
  void (*field_sums)(int, const int *, const double *, df_sum8 *);
  void (*slice_sums)(int, const int *, const double *, double *);
} kernels[] = {
    {field_sums_baseline, slice_sums_baseline},
#if defined(__x86_64__)
    {field_sums_avx2, slice_sums_avx2},
    {field_sums_avx512, slice_sums_avx512},
#endif
};

void df_field_sums(int dimensions, const int *extents, const double *phi, double *out) {
  df_sum8 totals[7] = {{{0}, {0}}};
  double volume = 1;
  for (int axis = 0; axis < dimensions; axis++) volume *= extents[axis];
  kernels[df_kernel_level()].field_sums(dimensions, extents, phi, totals);
  for (int i = 0; i < 3 + dimensions; i++) out[i] = df_total(&totals[i]) / volume;
}

void df_slice_sums(int dimensions, const int *extents, const double *phi, double *out) {
  kernels[df_kernel_level()].slice_sums(dimensions, extents, phi, out);
}
