// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels on pairs of fields of one level: included once for each, with NAME(x) giving the level's
// names. A file without include guard.

#define INLINE static inline __attribute__((always_inline))

// sin(π/2 x) and cos(π/2 x): x = n + r, |r| ≤ ½, which is exact; then the minimax polynomials of the C
// library's authors (fdlibm, k_sin.c and k_cos.c: coefficients only) with powers of π/2 in the
// coefficients.
INLINE void NAME(sine_cosine)(df_v16 x, df_v16 *sine, df_v16 *cosine) {
  const df_v16 shifted = x + 0x1.8p52;
  const df_m16 quadrant = (df_m16)shifted;
  const df_v16 r = x - (shifted - 0x1.8p52);
  const df_v16 z = r * r;
  df_v16 s = z * 0x1.e404742f3e351p-25 - 0x1.e300a85fc9574p-19;
  df_v16 c = z * -0x1.b2a21ec94163bp-28 + 0x1.f9cd20b415c65p-22;
  s = z * s + 0x1.5078301dcf6b6p-13;
  c = z * c - 0x1.a6d1edbbb9b9cp-16;
  s = z * s - 0x1.32d2cce335e6fp-8;
  c = z * c + 0x1.e1f5068528e5ep-11;
  s = z * s + 0x1.466bc67758db1p-4;
  c = z * c - 0x1.55d3c7e3ca6fbp-6;
  s = z * s - 0x1.4abbce625be47p-1;
  c = z * c + 0x1.03c1f081b5abdp-2;
  s = r * (z * s + 0x1.921fb54442d18p+0);
  c = z * c - 0x1.3bd3cc9be45dep+0;
  c = z * c + 1.0;
  const df_m16 odd = -(quadrant & 1);
  const df_m16 sine_sign = (quadrant & 2) << 62, cosine_sign = ((quadrant + 1) & 2) << 62;
  *sine = (df_v16)((((df_m16)c & odd) | ((df_m16)s & ~odd)) ^ sine_sign);
  *cosine = (df_v16)((((df_m16)s & odd) | ((df_m16)c & ~odd)) ^ cosine_sign);
}

INLINE int NAME(any)(df_m8 mask) {
  long long all = 0;
  for (int lane = 0; lane < 8; lane++) all |= mask[lane];
  return all != 0;
}

static int NAME(join)(const double *first, const double *second, double *pair, long n,
                      double bound) {
  const long last = n / 8 * 8;
  const df_v8 most = NAME(splat)(bound);
  df_m8 first_wild = {0}, second_wild = {0};
  for (long x = 0; x < last; x += 8) {
    const df_v8 a = NAME(load)(first + x), b = NAME(load)(second + x);
    first_wild |= ~((a < most) & (a > -most));
    second_wild |= ~((b < most) & (b > -most));
    NAME(store)(pair + 2 * x, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    NAME(store)(pair + 2 * x + 8, __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  int wild = NAME(any)(first_wild) | NAME(any)(second_wild) << 1;
  for (long x = last; x < n; x++) {
    wild |= !(first[x] < bound && first[x] > -bound);
    wild |= !(second[x] < bound && second[x] > -bound) << 1;
    pair[2 * x] = first[x];
    pair[2 * x + 1] = second[x];
  }
  return wild;
}

static void NAME(split)(const double *pair, double *first, double *second, long n) {
  const long last = n / 8 * 8;
  for (long x = 0; x < last; x += 8) {
    const df_v8 a = NAME(load)(pair + 2 * x), b = NAME(load)(pair + 2 * x + 8);
    NAME(store)(first + x, __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
    NAME(store)(second + x, __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15));
  }
  for (long x = last; x < n; x++) {
    first[x] = pair[2 * x];
    second[x] = pair[2 * x + 1];
  }
}

// The factors of four momenta, each twice.
INLINE df_v8 NAME(doubled)(const double *kernel) {
  typedef double half __attribute__((vector_size(32)));
  half four;
  __builtin_memcpy(&four, kernel, sizeof four);
  return __builtin_shufflevector(four, four, 0, 0, 1, 1, 2, 2, 3, 3);
}

static void NAME(scale)(const double *in, const double *kernel, double *out, long n) {
  const long last = n / 4 * 4;
  for (long p = 0; p < last; p += 4)
    NAME(store)(out + 2 * p, NAME(load)(in + 2 * p) * NAME(doubled)(kernel + p));
  for (long p = last; p < n; p++) {
    out[2 * p] = in[2 * p] * kernel[p];
    out[2 * p + 1] = in[2 * p + 1] * kernel[p];
  }
}

static void NAME(combine)(const double *const *in, const double *const *factors, long count,
                          double *out, long n) {
  const long last = n / 4 * 4;
  for (long p = 0; p < last; p += 4) {
    df_v8 sum = {0};
    for (long i = 0; i < count; i++)
      sum += NAME(load)(in[i] + 2 * p) * NAME(doubled)(factors[i] + p);
    NAME(store)(out + 2 * p, sum);
  }
  for (long p = last; p < n; p++) {
    double sums[2] = {0, 0};
    for (long i = 0; i < count; i++) {
      sums[0] += in[i][2 * p] * factors[i][p];
      sums[1] += in[i][2 * p + 1] * factors[i][p];
    }
    out[2 * p] = sums[0];
    out[2 * p + 1] = sums[1];
  }
}

static void NAME(move)(const double *from, double step, const double *velocity, double *to, long n) {
  const long last = n / 8 * 8;
  for (long x = 0; x < last; x += 8)
    NAME(store)(to + x, NAME(load)(from + x) + step * NAME(load)(velocity + x));
  for (long x = last; x < n; x++) to[x] = from[x] + step * velocity[x];
}

INLINE df_v8 NAME(lower)(df_v16 x) {
  return __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7);
}

INLINE df_v8 NAME(upper)(df_v16 x) {
  return __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE df_v16 NAME(joined)(df_v8 a, df_v8 b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

static void NAME(sines)(const double *in, double frequency, double *out, long n, df_sum8 *total) {
  const long count = 2 * n, last = count / 16 * 16;
  const df_v8 turns = NAME(splat)(frequency * 0x1.45f306dc9c883p-1);
  df_v16 sine, cosine;
  for (long x = 0; x < last;) {
    df_v8 sum = {0};
    const long stop = x + 2048 < last ? x + 2048 : last;
    for (; x < stop; x += 16) {
      const df_v8 a = turns * NAME(load)(in + x), b = turns * NAME(load)(in + x + 8);
      NAME(sine_cosine)(NAME(joined)(a, b), &sine, &cosine);
      NAME(store)(out + x, NAME(lower)(sine));
      NAME(store)(out + x + 8, NAME(upper)(sine));
      sum += NAME(lower)(cosine);
      sum += NAME(upper)(cosine);
    }
    NAME(accumulate)(total, sum);
  }
  for (long x = last; x < count; x += 8) {
    const long part = count - x < 8 ? count - x : 8;
    const df_v8 a = turns * NAME(load_part)(in + x, part);
    NAME(sine_cosine)(NAME(joined)(a, a), &sine, &cosine);
    NAME(store_part)(out + x, NAME(lower)(sine), part);
    df_v8 rest = NAME(lower)(cosine);
    for (long lane = part; lane < 8; lane++) rest[lane] = 0;
    NAME(accumulate)(total, rest);
  }
}

INLINE void NAME(gate)(df_v8 carrier, df_v8 inner, df_v8 square, df_v8 results[3]) {
  const df_v8 gate = 1.0 / (1.0 + square * (inner * inner)), value = carrier * gate;
  results[0] = value;
  results[1] = gate;
  results[2] = value * gate * inner;
}

static void NAME(gates)(const double *carrier, const double *inner, double frequency, double *out,
                        long n, df_sum8 totals[2]) {
  const long count = 2 * n, last = count / 8 * 8;
  const df_v8 square = NAME(splat)(frequency * frequency);
  df_v8 results[3];
  for (long x = 0; x < last;) {
    df_v8 gates = {0}, slopes = {0};
    const long stop = x + 2048 < last ? x + 2048 : last;
    for (; x < stop; x += 8) {
      NAME(gate)(NAME(load)(carrier + x), NAME(load)(inner + x), square, results);
      NAME(store)(out + x, results[0]);
      gates += results[1];
      slopes += results[2];
    }
    NAME(accumulate)(&totals[0], gates);
    NAME(accumulate)(&totals[1], slopes);
  }
  if (last < count) {
    NAME(gate)(NAME(load_part)(carrier + last, count - last),
               NAME(load_part)(inner + last, count - last), square, results);
    NAME(store_part)(out + last, results[0], count - last);
    for (long lane = count - last; lane < 8; lane++) results[1][lane] = 0;
    NAME(accumulate)(&totals[0], results[1]);
    NAME(accumulate)(&totals[1], results[2]);
  }
}

#undef INLINE
