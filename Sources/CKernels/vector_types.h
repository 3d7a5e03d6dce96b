// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

typedef double df_v8 __attribute__((vector_size(64)));
typedef long long df_m8 __attribute__((vector_size(64)));

/// Eight compensated sums.
typedef struct {
  df_v8 high, low;
} df_sum8;

/// All lanes, in a fixed order.
static inline double df_total(const df_sum8 *sum) {
  double high = 0, low = 0;
  for (int lane = 0; lane < 8; lane++) {
    const double value = sum->high[lane], total = high + value, part = total - high;
    low += (high - (total - part)) + (value - part) + sum->low[lane];
    high = total;
  }
  return high + low;
}

/// The first `count` lanes.
static inline df_m8 df_mask(long count) {
  df_m8 mask;
  for (int lane = 0; lane < 8; lane++) mask[lane] = lane < count ? -1 : 0;
  return mask;
}
