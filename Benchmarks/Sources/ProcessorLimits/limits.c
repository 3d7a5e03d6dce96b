// SPDX-License-Identifier: GPL-3.0-or-later
#include "ProcessorLimits.h"

#define NAME(x) x##_baseline
#define LANES 2
#include "limits_kernel.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define NAME(x) x##_avx2
#define LANES 4
#include "limits_kernel.h"
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#define NAME(x) x##_avx512
#define LANES 8
#include "limits_kernel.h"
#pragma clang attribute pop
#endif

double df_limit_arithmetic(int level, long rounds) {
#if defined(__x86_64__)
  if (level == 2) return arithmetic_avx512(rounds);
  if (level == 1) return arithmetic_avx2(rounds);
#endif
  (void)level;
  return arithmetic_baseline(rounds);
}

void df_limit_traffic(int level, double *a, double *b, long count, long rounds) {
#if defined(__x86_64__)
  if (level == 2) return traffic_avx512(a, b, count, rounds);
  if (level == 1) return traffic_avx2(a, b, count, rounds);
#endif
  (void)level;
  traffic_baseline(a, b, count, rounds);
}
