// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels on pairs of fields of one level: included once for each, with NAME(x) giving the level's
// names. A file without include guard.

#define INLINE static inline __attribute__((always_inline))

// sin x and cos x for |x| < 10⁶: x = n π/2 + r, |r| ≤ π/4, with π/2 in three parts of which the first
// two have 33 bits, so that n times them is exact; then the minimax polynomials of the C library's
// authors (fdlibm, k_sin.c and k_cos.c: coefficients only).
INLINE void NAME(sine_cosine)(df_v8 x, df_v8 *sine, df_v8 *cosine) {
  const df_v8 shifted = x * 0x1.45f306dc9c883p-1 + 0x1.8p52;
  const df_m8 quadrant = (df_m8)shifted;
  const df_v8 n = shifted - 0x1.8p52;
  const df_v8 r =
      ((x - n * 0x1.921fb544p+0) - n * 0x1.0b4611a6p-34) - n * 0x1.3198a2e037073p-69;
  const df_v8 z = r * r;
  df_v8 s = z * 1.58969099521155010221e-10 - 2.50507602534068634195e-08;
  s = z * s + 2.75573137070700676789e-06;
  s = z * s - 1.98412698298579493134e-04;
  s = z * s + 8.33333333332248946124e-03;
  s = z * s - 1.66666666666666324348e-01;
  s = r + r * (z * s);
  df_v8 c = z * -1.13596475577881948265e-11 + 2.08757232129817482790e-09;
  c = z * c - 2.75573143513906633035e-07;
  c = z * c + 2.48015872894767294178e-05;
  c = z * c - 1.38888888888741095749e-03;
  c = z * c + 4.16666666666666019037e-02;
  c = (z * (z * c) - 0.5 * z) + 1.0;
  const df_m8 odd = -(quadrant & 1);
  const df_m8 sine_sign = (quadrant & 2) << 62, cosine_sign = ((quadrant + 1) & 2) << 62;
  *sine = (df_v8)((((df_m8)c & odd) | ((df_m8)s & ~odd)) ^ sine_sign);
  *cosine = (df_v8)((((df_m8)s & odd) | ((df_m8)c & ~odd)) ^ cosine_sign);
}

static void NAME(join)(const double *first, const double *second, double *pair, long n) {
  const long last = n / 8 * 8;
  for (long x = 0; x < last; x += 8) {
    const df_v8 a = NAME(load)(first + x), b = NAME(load)(second + x);
    NAME(store)(pair + 2 * x, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    NAME(store)(pair + 2 * x + 8, __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
  }
  for (long x = last; x < n; x++) {
    pair[2 * x] = first[x];
    pair[2 * x + 1] = second[x];
  }
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

static void NAME(accumulate_scaled)(const double *in, const double *kernel, double *out, long n) {
  const long last = n / 4 * 4;
  for (long p = 0; p < last; p += 4)
    NAME(store)(out + 2 * p, NAME(load)(out + 2 * p) +
                                 NAME(load)(in + 2 * p) * NAME(doubled)(kernel + p));
  for (long p = last; p < n; p++) {
    out[2 * p] += in[2 * p] * kernel[p];
    out[2 * p + 1] += in[2 * p + 1] * kernel[p];
  }
}

static void NAME(sines)(const double *in, double frequency, double *out, long n, df_sum8 *total) {
  const long count = 2 * n, last = count / 8 * 8;
  const df_v8 omega = NAME(splat)(frequency);
  df_v8 sine, cosine;
  for (long x = 0; x < last;) {
    df_v8 sum = {0};
    const long stop = x + 2048 < last ? x + 2048 : last;
    for (; x < stop; x += 8) {
      NAME(sine_cosine)(omega * NAME(load)(in + x), &sine, &cosine);
      NAME(store)(out + x, sine);
      sum += cosine;
    }
    NAME(accumulate)(total, sum);
  }
  if (last < count) {
    NAME(sine_cosine)(omega * NAME(load_part)(in + last, count - last), &sine, &cosine);
    NAME(store_part)(out + last, sine, count - last);
    for (long lane = count - last; lane < 8; lane++) cosine[lane] = 0;
    NAME(accumulate)(total, cosine);
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
