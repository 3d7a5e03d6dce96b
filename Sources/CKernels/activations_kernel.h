// SPDX-License-Identifier: GPL-3.0-or-later
// The loops of activations.c of one level: included once for each, with NAME(x) giving the level's names. A
// file without include guard.

#define INLINE static inline __attribute__((always_inline))

INLINE df_v8 NAME(select)(df_m8 mask, df_v8 yes, df_v8 no) {
  return (df_v8)((mask & (df_m8)yes) | (~mask & (df_m8)no));
}

INLINE df_v8 NAME(clamp)(df_v8 x, double low, double high) {
  // A number that is none passes.
  x = NAME(select)(x > high, NAME(splat)(high), x);
  return NAME(select)(x < low, NAME(splat)(low), x);
}

// The nearest integer as a double, in the last bits of `bits`; |x| < 2^51.
INLINE df_v8 NAME(nearest)(df_v8 x, df_m8 *bits) {
  const df_v8 sum = x + ROUNDING;
  *bits = (df_m8)sum;
  return sum - ROUNDING;
}

// exp(x) − 1, |x| < 700: x = n ln 2 + r, exp(r) − 1 = r + r² P(r); and 2^n − 1 is exact for n ≥ −53.
INLINE df_v8 NAME(exponential_less_one)(df_v8 x) {
  df_m8 bits;
  const df_v8 n = NAME(nearest)(x * LOG2_E, &bits);
  const df_v8 power = (df_v8)((bits + (1023 - BITS_OF_ROUNDING)) << 52);
  const df_v8 r = (x - n * LN2_HIGH) - n * LN2_LOW;
  df_v8 p = EXP_10 * r + EXP_9;
  p = p * r + EXP_8;
  p = p * r + EXP_7;
  p = p * r + EXP_6;
  p = p * r + EXP_5;
  p = p * r + EXP_4;
  p = p * r + EXP_3;
  p = p * r + EXP_2;
  p = p * r + EXP_1;
  p = p * r + EXP_0;
  return power * (r + r * r * p) + (power - 1.0);
}

// sin x and cos x: x = n π/2 + r, |r| ≤ π/4, n the quadrant; with z = r²
// sin r = r + r z S(z), cos r = 1 − z/2 + z² C(z).
INLINE void NAME(direction)(df_v8 x, df_v8 *sine, df_v8 *cosine) {
  df_m8 bits;
  const df_v8 n = NAME(nearest)(x * TWO_OVER_PI, &bits);
  const df_v8 r = (x - n * HALF_PI_HIGH) - n * HALF_PI_LOW, z = r * r;
  df_v8 a = SIN_5 * z + SIN_4;
  a = a * z + SIN_3;
  a = a * z + SIN_2;
  a = a * z + SIN_1;
  a = r + r * z * (a * z + SIN_0);
  df_v8 b = COS_5 * z + COS_4;
  b = b * z + COS_3;
  b = b * z + COS_2;
  b = b * z + COS_1;
  b = (1.0 - 0.5 * z) + z * z * (b * z + COS_0);
  const df_m8 odd = -(bits & 1);
  const df_m8 first = (bits & 2) << 62, second = ((bits + 1) & 2) << 62;
  *sine = (df_v8)((df_m8)NAME(select)(odd, b, a) ^ first);
  *cosine = (df_v8)((df_m8)NAME(select)(odd, a, b) ^ second);
}

// ∫s, s, s', s'' of tanh: with e = exp(2|u|) − 1, tanh |u| = e/(e + 2) keeps all digits of small u;
// log cosh u = |u| − ln 2 + log(1 + q), q = exp(−2|u|), log(1 + q) = 2 artanh(w), w = q/(2 + q) ≤ ⅓.
INLINE void NAME(tanh)(df_v8 u, df_v8 *integral, df_v8 *y, df_v8 *d, df_v8 *e, int wants_integral) {
  const df_m8 sign = (df_m8)u & SIGN;
  const df_v8 size = (df_v8)((df_m8)u ^ sign);
  const df_v8 grown = NAME(exponential_less_one)(NAME(clamp)(2.0 * size, 0, 80));
  const df_v8 magnitude = grown / (grown + 2.0);
  *y = (df_v8)((df_m8)magnitude | sign);
  *d = 1.0 - magnitude * magnitude;
  *e = -2.0 * *y * *d;
  if (wants_integral) {
    const df_v8 q = 1.0 / (1.0 + grown), w = q / (2.0 + q), z = w * w;
    df_v8 p = LOG_10 * z + LOG_9;
    p = p * z + LOG_8;
    p = p * z + LOG_7;
    p = p * z + LOG_6;
    p = p * z + LOG_5;
    p = p * z + LOG_4;
    p = p * z + LOG_3;
    p = p * z + LOG_2;
    p = p * z + LOG_1;
    p = p * z + LOG_0;
    *integral = (size - LN2) + w * (2.0 + z * p);
  }
}

// With q = exp(−u), σ = 1/(1 + q): s = uσ, s' = σ(1 + u(1 − σ)), s'' = σ(1 − σ)(2 + u(1 − 2σ)).
INLINE void NAME(silu)(df_v8 u, df_v8 *y, df_v8 *d, df_v8 *e) {
  const df_v8 q = 1.0 + NAME(exponential_less_one)(NAME(clamp)(-u, -700, 700));
  const df_v8 on = 1.0 / (1.0 + q), off = q / (1.0 + q);
  *y = u * on;
  *d = on * (1.0 + u * off);
  *e = on * off * (2.0 + u * (off - on));
}

INLINE void NAME(activate)(int kind, size_t n, const double *u, double *integral, double *value,
                           double *slope, double *curvature) {
  for (size_t i = 0; i < n; i += 8) {
    const long count = n - i < 8 ? (long)(n - i) : 8;
    const df_v8 x = NAME(load_part)(u + i, count);
    df_v8 g = {0}, y, d, e;
    switch (kind) {
    case DF_ACTIVATION_TANH: NAME(tanh)(x, &g, &y, &d, &e, integral != 0); break;
    case DF_ACTIVATION_SINE:
      NAME(direction)(x, &y, &d);
      e = -y;
      g = 1.0 - d;
      break;
    case DF_ACTIVATION_SILU: NAME(silu)(x, &y, &d, &e); break;
    default:
      y = x;
      d = NAME(splat)(1);
      e = NAME(splat)(0);
      g = 0.5 * x * x;
      break;
    }
    if (integral) NAME(store_part)(integral + i, g, count);
    if (value) NAME(store_part)(value + i, y, count);
    if (slope) NAME(store_part)(slope + i, d, count);
    if (curvature) NAME(store_part)(curvature + i, e, count);
  }
}

static void NAME(activation)(int kind, size_t n, const double *u, double *integral, double *value,
                             double *slope, double *curvature) {
  switch (kind) {
  case DF_ACTIVATION_TANH:
    if (integral) NAME(activate)(DF_ACTIVATION_TANH, n, u, integral, value, slope, curvature);
    else NAME(activate)(DF_ACTIVATION_TANH, n, u, 0, value, slope, curvature);
    break;
  case DF_ACTIVATION_SINE:
    NAME(activate)(DF_ACTIVATION_SINE, n, u, integral, value, slope, curvature);
    break;
  case DF_ACTIVATION_SILU:
    NAME(activate)(DF_ACTIVATION_SILU, n, u, integral, value, slope, curvature);
    break;
  default:
    NAME(activate)(DF_ACTIVATION_IDENTITY, n, u, integral, value, slope, curvature);
    break;
  }
}

static void NAME(scale)(size_t n, double a, const double *x, double *y, int accumulate) {
  for (size_t i = 0; i < n; i += 8) {
    const long count = n - i < 8 ? (long)(n - i) : 8;
    df_v8 result = a * NAME(load_part)(x + i, count);
    if (accumulate) result += NAME(load_part)(y + i, count);
    NAME(store_part)(y + i, result, count);
  }
}

static void NAME(multiply)(size_t n, const double *a, const double *b, double *y, int accumulate) {
  for (size_t i = 0; i < n; i += 8) {
    const long count = n - i < 8 ? (long)(n - i) : 8;
    df_v8 result = NAME(load_part)(a + i, count) * NAME(load_part)(b + i, count);
    if (accumulate) result += NAME(load_part)(y + i, count);
    NAME(store_part)(y + i, result, count);
  }
}

static void NAME(multiply_three)(size_t n, const double *a, const double *b, const double *c,
                                 double *y) {
  for (size_t i = 0; i < n; i += 8) {
    const long count = n - i < 8 ? (long)(n - i) : 8;
    const df_v8 product = NAME(load_part)(a + i, count) * NAME(load_part)(b + i, count);
    NAME(store_part)
    (y + i, NAME(load_part)(y + i, count) + product * NAME(load_part)(c + i, count), count);
  }
}

static void NAME(activation_pullback)(size_t n, const double *value_bar, const double *moved_bar,
                                      const double *slope, const double *curvature,
                                      const double *tangent, double *argument_bar,
                                      double *tangent_bar, int accumulate) {
  for (size_t i = 0; i < n; i += 8) {
    const long count = n - i < 8 ? (long)(n - i) : 8;
    const df_v8 d = NAME(load_part)(slope + i, count), moved = NAME(load_part)(moved_bar + i, count);
    const df_v8 bent = NAME(load_part)(curvature + i, count) * NAME(load_part)(tangent + i, count);
    df_v8 result = NAME(load_part)(value_bar + i, count) * d + moved * bent;
    if (accumulate & 1) result += NAME(load_part)(argument_bar + i, count);
    NAME(store_part)(argument_bar + i, result, count);
    if (!tangent_bar) continue;
    df_v8 carried = moved * d;
    if (accumulate & 2) carried += NAME(load_part)(tangent_bar + i, count);
    NAME(store_part)(tangent_bar + i, carried, count);
  }
}

INLINE df_v8 NAME(both)(const double *pair) {
  return (df_v8){pair[0], pair[1], pair[0], pair[1], pair[0], pair[1], pair[0], pair[1]};
}

static void NAME(pair_affine)(size_t n, const double *factor, const double *x, const double *shift,
                              double *y, int accumulate) {
  const double one[2] = {1, 1}, zero[2] = {0, 0};
  const df_v8 a = NAME(both)(factor ? factor : one), b = NAME(both)(shift ? shift : zero);
  for (size_t i = 0; i < 2 * n; i += 8) {
    const long count = 2 * n - i < 8 ? (long)(2 * n - i) : 8;
    df_v8 result = a * NAME(load_part)(x + i, count) + b;
    if (accumulate) result += NAME(load_part)(y + i, count);
    NAME(store_part)(y + i, result, count);
  }
}

INLINE void NAME(add_lanes)(df_v8 sum, double *sums) {
  sums[0] += (sum[0] + sum[2]) + (sum[4] + sum[6]);
  sums[1] += (sum[1] + sum[3]) + (sum[5] + sum[7]);
}

static void NAME(pair_sum)(size_t n, const double *x, double *sums) {
  df_v8 sum = {0};
  for (size_t i = 0; i < 2 * n; i += 8)
    sum += NAME(load_part)(x + i, 2 * n - i < 8 ? (long)(2 * n - i) : 8);
  NAME(add_lanes)(sum, sums);
}

static void NAME(pair_dot)(size_t n, const double *a, const double *b, double *sums) {
  df_v8 sum = {0};
  for (size_t i = 0; i < 2 * n; i += 8) {
    const long count = 2 * n - i < 8 ? (long)(2 * n - i) : 8;
    sum += NAME(load_part)(a + i, count) * NAME(load_part)(b + i, count);
  }
  NAME(add_lanes)(sum, sums);
}

INLINE void NAME(complex_product)(size_t n, const double *k, const double *x, double *y,
                                  int conjugate, int accumulate) {
  for (size_t i = 0; i < 2 * n; i += 8) {
    const long count = 2 * n - i < 8 ? (long)(2 * n - i) : 8;
    const df_v8 kernel = NAME(load_part)(k + i, count), value = NAME(load_part)(x + i, count);
    const df_v8 real = __builtin_shufflevector(kernel, kernel, 0, 0, 2, 2, 4, 4, 6, 6) * value;
    const df_v8 turned = __builtin_shufflevector(kernel, kernel, 1, 1, 3, 3, 5, 5, 7, 7) *
                         __builtin_shufflevector(value, value, 1, 0, 3, 2, 5, 4, 7, 6);
    const df_v8 less = real - turned, more = real + turned;
    df_v8 result =
        conjugate ? __builtin_shufflevector(more, less, 0, 9, 2, 11, 4, 13, 6, 15)
                  : __builtin_shufflevector(less, more, 0, 9, 2, 11, 4, 13, 6, 15);
    if (accumulate) result += NAME(load_part)(y + i, count);
    NAME(store_part)(y + i, result, count);
  }
}

static void NAME(complex_multiply)(size_t n, const double *k, const double *x, double *y,
                                   int conjugate, int accumulate) {
  if (conjugate && accumulate) NAME(complex_product)(n, k, x, y, 1, 1);
  else if (conjugate) NAME(complex_product)(n, k, x, y, 1, 0);
  else if (accumulate) NAME(complex_product)(n, k, x, y, 0, 1);
  else NAME(complex_product)(n, k, x, y, 0, 0);
}

// Up to four numbers, each twice.
INLINE df_v8 NAME(load_twice)(const double *from, long count) {
  df_h4 half = {0};
  if (count == 4) {
    __builtin_memcpy(&half, from, sizeof half);
  } else {
#pragma clang loop unroll(full)
    for (int lane = 0; lane < 3; lane++)
      if (lane < count) half[lane] = from[lane];
  }
  return __builtin_shufflevector(half, half, 0, 0, 1, 1, 2, 2, 3, 3);
}

// Adds the sum of each pair of lanes to up to four numbers.
INLINE void NAME(add_pairs)(double *to, df_v8 value, long count) {
  const df_h4 sums = __builtin_shufflevector(value, value, 0, 2, 4, 6) +
                     __builtin_shufflevector(value, value, 1, 3, 5, 7);
  if (count == 4) {
    df_h4 total;
    __builtin_memcpy(&total, to, sizeof total);
    total += sums;
    __builtin_memcpy(to, &total, sizeof total);
    return;
  }
#pragma clang loop unroll(full)
  for (int lane = 0; lane < 3; lane++)
    if (lane < count) to[lane] += sums[lane];
}

static void NAME(real_multiply)(size_t n, const double *k, const double *x, double *y,
                                int accumulate) {
  for (size_t i = 0; i < 2 * n; i += 8) {
    const long count = 2 * n - i < 8 ? (long)(2 * n - i) : 8;
    df_v8 result = NAME(load_twice)(k + i / 2, count / 2) * NAME(load_part)(x + i, count);
    if (accumulate) result += NAME(load_part)(y + i, count);
    NAME(store_part)(y + i, result, count);
  }
}

static void NAME(real_correlate)(size_t n, const double *g, const double *x, double *k) {
  for (size_t i = 0; i < 2 * n; i += 8) {
    const long count = 2 * n - i < 8 ? (long)(2 * n - i) : 8;
    NAME(add_pairs)
    (k + i / 2, NAME(load_part)(g + i, count) * NAME(load_part)(x + i, count), count / 2);
  }
}

// `vectors` times eight numbers of every row from `at` on (`count` ≤ 8 of the one vector at the end), of `wide`
// pairs; the rows of x lie side by side in `block`.
INLINE void NAME(gather)(double *block, size_t n, int inputs, int pairs, int wide, int vectors,
                         long count, size_t at, const double *x) {
  for (int i = 0; i < inputs; i++)
    for (int p = 0; p < wide; p++)
      for (int v = 0; v < vectors; v++)
        NAME(store)(block + 8 * ((i * wide + p) * vectors + v),
                    NAME(load_part)(x + (size_t)(i * pairs + p) * n + at + 8 * v, count));
}

INLINE void NAME(multiply_block)(double *block, size_t n, int outputs, int inputs, int pairs, int wide,
                                 int vectors, long count, size_t at, const double *k, size_t os,
                                 size_t is, const double *x, double *y) {
  NAME(gather)(block, n, inputs, pairs, wide, vectors, count, at, x);
  for (int o = 0; o < outputs; o++) {
    df_v8 sums[8] = {{0}};
    for (int i = 0; i < inputs; i++) {
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) {
        const df_v8 kernel = NAME(load_twice)(k + o * os + i * is + 4 * v, count / 2);
#pragma clang loop unroll(full)
        for (int p = 0; p < wide; p++)
          sums[p * vectors + v] += kernel * NAME(load)(block + 8 * ((i * wide + p) * vectors + v));
      }
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < wide; p++)
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++)
        NAME(store_part)(y + (size_t)(o * pairs + p) * n + at + 8 * v, sums[p * vectors + v], count);
  }
}

INLINE void NAME(correlate_block)(double *block, size_t n, int outputs, int inputs, int pairs,
                                  int wide, int vectors, long count, size_t at, const double *g,
                                  const double *x, double *k, size_t os, size_t is) {
  NAME(gather)(block, n, inputs, pairs, wide, vectors, count, at, x);
  for (int o = 0; o < outputs; o++) {
    df_v8 row[8];
#pragma clang loop unroll(full)
    for (int p = 0; p < wide; p++)
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++)
        row[p * vectors + v] = NAME(load_part)(g + (size_t)(o * pairs + p) * n + at + 8 * v, count);
    for (int i = 0; i < inputs; i++) {
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) {
        df_v8 sum = {0};
#pragma clang loop unroll(full)
        for (int p = 0; p < wide; p++)
          sum += row[p * vectors + v] * NAME(load)(block + 8 * ((i * wide + p) * vectors + v));
        NAME(add_pairs)(k + o * os + i * is + 4 * v, sum, count / 2);
      }
    }
  }
}

static void NAME(dense_multiply)(size_t modes, int outputs, int inputs, int pairs, const double *k,
                                 size_t os, size_t is, const double *x, double *y) {
  const size_t n = 2 * modes;
  double block[64 * (size_t)inputs];
  for (size_t at = 0; at < n;) {
    const double *const tile = k + at / 32 * 16 * (size_t)(outputs * inputs) + at % 32 / 2;
    const int whole = at % 32 == 0 && at + 32 <= n;
    const long count = n - at < 8 ? (long)(n - at) : 8;
    for (int p = 0; p < pairs; p += 2) {
      const double *from = x + (size_t)p * n;
      double *to = y + (size_t)p * n;
      if (p + 1 < pairs && whole)
        NAME(multiply_block)(block, n, outputs, inputs, pairs, 2, 4, 8, at, tile, os, is, from, to);
      else if (p + 1 < pairs)
        NAME(multiply_block)(block, n, outputs, inputs, pairs, 2, 1, count, at, tile, os, is, from, to);
      else if (whole)
        NAME(multiply_block)(block, n, outputs, inputs, pairs, 1, 4, 8, at, tile, os, is, from, to);
      else
        NAME(multiply_block)(block, n, outputs, inputs, pairs, 1, 1, count, at, tile, os, is, from, to);
    }
    at += whole ? 32 : 8;
  }
}

static void NAME(dense_correlate)(size_t modes, int outputs, int inputs, int pairs, const double *g,
                                  const double *x, double *k, size_t os, size_t is) {
  const size_t n = 2 * modes;
  double block[64 * (size_t)inputs];
  for (size_t at = 0; at < n;) {
    double *const tile = k + at / 32 * 16 * (size_t)(outputs * inputs) + at % 32 / 2;
    const int whole = at % 32 == 0 && at + 32 <= n;
    const long count = n - at < 8 ? (long)(n - at) : 8;
    for (int p = 0; p < pairs; p += 2) {
      const double *left = g + (size_t)p * n, *right = x + (size_t)p * n;
      if (p + 1 < pairs && whole)
        NAME(correlate_block)(block, n, outputs, inputs, pairs, 2, 4, 8, at, left, right, tile, os, is);
      else if (p + 1 < pairs)
        NAME(correlate_block)(block, n, outputs, inputs, pairs, 2, 1, count, at, left, right, tile, os,
                              is);
      else if (whole)
        NAME(correlate_block)(block, n, outputs, inputs, pairs, 1, 4, 8, at, left, right, tile, os, is);
      else
        NAME(correlate_block)(block, n, outputs, inputs, pairs, 1, 1, count, at, left, right, tile, os,
                              is);
    }
    at += whole ? 32 : 8;
  }
}

#undef INLINE
