// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels of random.c, included once for each instruction set under its target attribute, with
// DF_NAME(x) set. The eight blocks of a group are the eight lanes of each vector; the compiler cuts the
// vectors to the registers there are. Lanes never meet in arithmetic, and each operation is exact or
// correctly rounded, so how they are cut cannot change a bit.

/// Philox on one block per lane. A 32-bit word sits in the low half of its lane; the high half is not
/// significant, neither on entry nor on return, and a lane product is the whole 64-bit product.
INLINE void DF_NAME(philox)(words c[4], const df_schedule *schedule) {
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    words p0 = (c[0] & LOW_WORD) * PHILOX_M0;
    words p1 = (c[2] & LOW_WORD) * PHILOX_M1;
    c[0] = (p1 >> 32) ^ c[1] ^ schedule->key[round][0];
    c[1] = p1;
    c[2] = (p0 >> 32) ^ c[3] ^ schedule->key[round][1];
    c[3] = p0;
  }
}

/// The eight blocks of a group.
INLINE void DF_NAME(blocks)(words c[4], const df_schedule *schedule, uint64_t group) {
  c[0] = FIRST_EIGHT + 8 * group;
  c[1] = (words){} + schedule->counter[1];
  c[2] = (words){} + schedule->counter[2];
  c[3] = (words){} + schedule->counter[3];
  DF_NAME(philox)(c, schedule);
}

/// u = (low + 2^32 high + 1/2) 2^−64 = value + rest exactly, value the nearest double.
/// A word becomes a double by placing it in the last 32 bits of the significand of a power of two:
/// 2^20 for multiples of 2^−32, 2^−12 for multiples of 2^−64; the subtractions are exact.
INLINE reals DF_NAME(unit)(words low, words high, reals *rest) {
  reals h = (reals)((high & LOW_WORD) | BITS_OF_POWER(20)) - 0x1p20;
  reals l = (reals)((low & LOW_WORD) | BITS_OF_POWER(-12)) - (0x1p-12 - 0x1p-65);
  reals value = h + l;
  *rest = l - (value - h);
  return value;
}

/// r = √(−2 ln u), u as returned by `unit`.
/// u = 2^−n (1 + f), √½ ≤ 1 + f < √2, where f takes up the rest, so that r is accurate for u near 1 too.
/// With s = f / (2 + f), z = s²:  ln(1 + f) = 2 artanh s = s (2 + R) = f − s (f − R),  R = z P(z),
/// P(z) = 2/3 + 2z/5 + …; n LN2_HIGH is exact.
INLINE reals DF_NAME(radius)(words low, words high) {
  reals rest, value = DF_NAME(unit)(low, high, &rest);
  words power = ((words)value + (BITS_OF_POWER(0) - BITS_OF_ROOT_HALF)) & EXPONENT;
  reals reduced = (reals)((words)value - power + BITS_OF_POWER(0));
  reals scale = (reals)(2 * BITS_OF_POWER(0) - power);
  reals n = (0x1p52 + 1023) - (reals)((power >> 52) | BITS_OF_POWER(52));
  reals f = (reduced - 1.0) + rest * scale;
  reals s = f / (2.0 + f), z = s * s;
  reals p = LOG_6 * z + LOG_5;
  p = p * z + LOG_4;
  p = p * z + LOG_3;
  p = p * z + LOG_2;
  p = p * z + LOG_1;
  p = p * z + LOG_0;
  reals minus_log = n * LN2_HIGH + ((s * (f - z * p) + n * LN2_LOW) - f);
  return __builtin_elementwise_sqrt(minus_log + minus_log);
}

/// cos θ and sin θ of θ = 2π (low + 2^32 high + 1/2) 2^−64 − π/4 = (q + t) π/2: the two highest bits are
/// the quadrant q, the others t in (−½, ½), found as in `unit`. With z = t²:
/// sin(π t / 2) = t S(z),  cos(π t / 2) = 1 + z C(z).
INLINE void DF_NAME(direction)(words low, words high, reals *cosine, reals *sine) {
  reals h = (reals)((high & 0x3fffffff) | BITS_OF_POWER(22)) - (0x1p22 + 0.5);
  reals l = (reals)((low & LOW_WORD) | BITS_OF_POWER(-10)) - (0x1p-10 - 0x1p-63);
  reals t = h + l, z = t * t;
  reals a = SIN_6 * z + SIN_5;
  reals b = COS_6 * z + COS_5;
  a = a * z + SIN_4;
  b = b * z + COS_4;
  a = a * z + SIN_3;
  b = b * z + COS_3;
  a = a * z + SIN_2;
  b = b * z + COS_2;
  a = a * z + SIN_1;
  b = b * z + COS_1;
  a = a * z + SIN_0;
  b = b * z + COS_0;
  words s = (words)(t * a), c = (words)(1.0 + z * b);
  // Odd q: swap. Then cos changes sign for q = 1, 2 and sin for q = 2, 3.
  words swap = (s ^ c) & (0 - ((high >> 30) & 1));
  *cosine = (reals)(c ^ swap ^ (((high ^ (high << 1)) << 32) & SIGN));
  *sine = (reals)(s ^ swap ^ ((high << 32) & SIGN));
}

INLINE void DF_NAME(store)(double *out, reals x) { __builtin_memcpy(out, &x, sizeof x); }

INLINE void DF_NAME(normal_group)(const words c[4], double *out) {
  reals cosine, sine, r = DF_NAME(radius)(c[0], c[1]);
  DF_NAME(direction)(c[2], c[3], &cosine, &sine);
  DF_NAME(store)(out, r * cosine);
  DF_NAME(store)(out + 8, r * sine);
}

/// The rounded u, or the largest double below 1 where it is 1.
INLINE void DF_NAME(uniform)(words low, words high, double *out) {
  reals rest, u = DF_NAME(unit)(low, high, &rest), last = (reals){} + (1.0 - 0x1p-53);
  words below = (words)(u < 1.0);
  DF_NAME(store)(out, (reals)(((words)u & below) | ((words)last & ~below)));
}

/// First the blocks of some groups, then their normals: in two short loops the processor works on several
/// groups at once, where in a long one it waits for one group's chain of operations.
static void DF_NAME(normals)(const df_schedule *schedule, uint64_t group, double *out, size_t groups) {
  words c[GROUPS_AT_ONCE][4];
  for (size_t end = group + groups; group < end;) {
    const size_t some = end - group < GROUPS_AT_ONCE ? end - group : GROUPS_AT_ONCE;
    for (size_t i = 0; i < some; i++) DF_NAME(blocks)(c[i], schedule, group + i);
    for (size_t i = 0; i < some; i++, out += 16) DF_NAME(normal_group)(c[i], out);
    group += some;
  }
}

static void DF_NAME(uniforms)(const df_schedule *schedule, uint64_t group, double *out, size_t groups) {
  for (size_t end = group + groups; group < end; group++, out += 16) {
    words c[4];
    DF_NAME(blocks)(c, schedule, group);
    DF_NAME(uniform)(c[0], c[1], out);
    DF_NAME(uniform)(c[2], c[3], out + 8);
  }
}

static void DF_NAME(bits)(const df_schedule *schedule, uint64_t group, uint64_t *out) {
  words c[4];
  DF_NAME(blocks)(c, schedule, group);
  words x = (c[0] & LOW_WORD) | (c[1] << 32), y = (c[2] & LOW_WORD) | (c[3] << 32);
  __builtin_memcpy(out, &x, sizeof x);
  __builtin_memcpy(out + 8, &y, sizeof y);
}

static void DF_NAME(box_muller)(const uint64_t *integers, double *out) {
  words c[4];
  __builtin_memcpy(&c[0], integers, sizeof(words));
  __builtin_memcpy(&c[2], integers + 8, sizeof(words));
  c[1] = c[0] >> 32;
  c[3] = c[2] >> 32;
  DF_NAME(normal_group)(c, out);
}

#undef DF_NAME
