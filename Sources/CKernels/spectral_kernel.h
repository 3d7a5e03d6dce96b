// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels on pairs of fields of one level: included once for each, with NAME(x) giving the level's
// names. A file without include guard.

#define INLINE static inline __attribute__((always_inline))

// sin(π x) and cos(π x): x = n + r, |r| ≤ ½, which is exact; then minimax polynomials in r², of absolute
// error 2e-19 and 5e-18, for the sine and the cosine of π r, and the sign of (−1)^n.
INLINE void NAME(half_turns)(df_v16 x, df_v16 *rest, df_m16 *sign) {
  const df_v16 shifted = x + 0x1.8p52;
  *rest = x - (shifted - 0x1.8p52);
  *sign = (df_m16)shifted << 63;
}

INLINE df_v16 NAME(sine)(df_v16 x) {
  df_v16 r;
  df_m16 sign;
  NAME(half_turns)(x, &r, &sign);
  const df_v16 z = r * r, y = z * z;
  df_v16 even = y * 0x1.9c8879323832bp-21 + 0x1.e8f33b4f884fbp-12;
  df_v16 odd = y * -0x1.6f7481fd0bc5fp-16 - 0x1.e3074d575f770p-8;
  even = y * even + 0x1.50783483f79b0p-4;
  odd = y * odd - 0x1.32d2cce6248acp-1;
  even = y * even + 0x1.466bc6775a9f9p+1;
  odd = y * odd - 0x1.4abbce625be51p+2;
  even = y * even + 0x1.921fb54442d18p+1;
  const df_v16 s = r * (even + z * odd);
  return (df_v16)((df_m16)s ^ sign);
}

INLINE df_v16 NAME(cosine)(df_v16 x) {
  df_v16 r;
  df_m16 sign;
  NAME(half_turns)(x, &r, &sign);
  const df_v16 z = r * r, y = z * z;
  df_v16 even = y * 0x1.168e27246fcd2p-18 + 0x1.f9d25e120b569p-10;
  df_v16 odd = y * -0x1.b696e170580ddp-14 - 0x1.a6d1efec94368p-6;
  even = y * even + 0x1.e1f50681cffe8p-3;
  odd = y * odd - 0x1.55d3c7e3c1211p+0;
  even = y * even + 0x1.03c1f081b59c9p+2;
  odd = y * odd - 0x1.3bd3cc9be45dcp+2;
  even = y * even + 1.0;
  const df_v16 c = even + z * odd;
  return (df_v16)((df_m16)c ^ sign);
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
  const df_v8 turns = NAME(splat)(frequency * 0x1.45f306dc9c883p-2);
  for (long x = 0; x < last;) {
    df_v8 sum = {0};
    const long stop = x + 2048 < last ? x + 2048 : last;
    for (; x < stop; x += 16) {
      const df_v16 angle =
          NAME(joined)(turns * NAME(load)(in + x), turns * NAME(load)(in + x + 8));
      const df_v16 sine = NAME(sine)(angle);
      NAME(store)(out + x, NAME(lower)(sine));
      NAME(store)(out + x + 8, NAME(upper)(sine));
      if (!total) continue;
      const df_v16 cosine = NAME(cosine)(angle);
      sum += NAME(lower)(cosine);
      sum += NAME(upper)(cosine);
    }
    if (total) NAME(accumulate)(total, sum);
  }
  for (long x = last; x < count; x += 8) {
    const long part = count - x < 8 ? count - x : 8;
    const df_v8 rest = turns * NAME(load_part)(in + x, part);
    const df_v16 angle = NAME(joined)(rest, rest);
    NAME(store_part)(out + x, NAME(lower)(NAME(sine)(angle)), part);
    if (!total) continue;
    df_v8 cosine = NAME(lower)(NAME(cosine)(angle));
    for (long lane = part; lane < 8; lane++) cosine[lane] = 0;
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
