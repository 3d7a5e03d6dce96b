// SPDX-License-Identifier: GPL-3.0-or-later
// Eight doubles, whatever the processor's own width: the compiler splits them where it must, so
// each level does the same arithmetic in the same order. To be included under `#pragma clang attribute`.
// A file without include guard: NAME(x) gives each level its own functions.

#define INLINE static inline __attribute__((always_inline))

INLINE df_v8 NAME(load)(const double *from) {
  df_v8 value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

INLINE void NAME(store)(double *to, df_v8 value) { __builtin_memcpy(to, &value, sizeof value); }

INLINE df_v8 NAME(splat)(double x) { return (df_v8){x, x, x, x, x, x, x, x}; }

INLINE df_v8 NAME(masked)(df_v8 value, df_m8 mask) { return (df_v8)((df_m8)value & mask); }

// The first `count` ≤ 8 numbers, then zeros. Lane by lane: a vector loaded from what single numbers were
// just stored to would wait for the stores.
INLINE df_v8 NAME(load_part)(const double *from, long count) {
  if (count == 8) return NAME(load)(from);
  df_v8 part = {0};
#pragma clang loop unroll(full)
  for (int lane = 0; lane < 7; lane++)
    if (lane < count) part[lane] = from[lane];
  return part;
}

INLINE void NAME(store_part)(double *to, df_v8 value, long count) {
  if (count == 8) {
    NAME(store)(to, value);
    return;
  }
#pragma clang loop unroll(full)
  for (int lane = 0; lane < 7; lane++)
    if (lane < count) to[lane] = value[lane];
}

// Eight compensated sums (Knuth's two-sum): high + low carries twice the digits.
INLINE void NAME(accumulate)(df_sum8 *sum, df_v8 value) {
  const df_v8 total = sum->high + value, part = total - sum->high;
  sum->low += (sum->high - (total - part)) + (value - part);
  sum->high = total;
}

#undef INLINE
