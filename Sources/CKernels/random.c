// SPDX-License-Identifier: GPL-3.0-or-later
#include "include/random.h"

#include <stdatomic.h>

#pragma STDC FP_CONTRACT OFF

#define LOW_WORD 0xffffffffu
#define EXPONENT 0xfff0000000000000u
#define SIGN 0x8000000000000000u
#define BITS_OF_POWER(n) ((uint64_t)(1023 + (n)) << 52)
#define BITS_OF_ROOT_HALF 0x3fe6a09e667f3bcdu

// Salmon et al. (2011): the multipliers, and the Weyl increments of the key.
#define PHILOX_M0 0xd2511f53u
#define PHILOX_M1 0xcd9e8d57u
#define PHILOX_W0 0x9e3779b9u
#define PHILOX_W1 0xbb67ae85u

// ln 2 = LN2_HIGH + LN2_LOW, the first a multiple of 2^−45.
#define LN2_HIGH 0x1.62e42fefa3900p-1
#define LN2_LOW 0x1.de6af278ece60p-46

// Each polynomial interpolates its function at the seven Chebyshev nodes of its interval of z, computed
// in 60 decimal digits and rounded to double; the errors quoted include that rounding.
// P(z) = (2 artanh(s)/s − 2) / z, z = s² ≤ ((√2−1)/(√2+1))²; relative error of artanh 4.7e-18.
#define LOG_0 0x1.5555555555558p-1
#define LOG_1 0x1.99999999952e2p-2
#define LOG_2 0x1.2492492df148dp-2
#define LOG_3 0x1.c71c62e5800a1p-3
#define LOG_4 0x1.7462b4ab2ef6bp-3
#define LOG_5 0x1.39fe606542ddep-3
#define LOG_6 0x1.2b584aae78a57p-3
// S(z) = sin(πt/2) / t, z = t² ≤ 1/4; relative error of the sine 3.9e-17.
#define SIN_0 0x1.921fb54442d18p+0
#define SIN_1 -0x1.4abbce625be41p-1
#define SIN_2 0x1.466bc677587f8p-4
#define SIN_3 -0x1.32d2cce2e5b19p-8
#define SIN_4 0x1.50782fda12d96p-13
#define SIN_5 -0x1.e30071afc3e59p-19
#define SIN_6 0x1.e3f38399551bfp-25
// C(z) = (cos(πt/2) − 1) / z, z = t² ≤ 1/4; relative error of the cosine 2.6e-17.
#define COS_0 -0x1.3bd3cc9be45dep+0
#define COS_1 0x1.03c1f081b5ac0p-2
#define COS_2 -0x1.55d3c7e3cb241p-6
#define COS_3 0x1.e1f5068688d5bp-11
#define COS_4 -0x1.a6d1eef479be1p-16
#define COS_5 0x1.f9ce245cada0bp-22
#define COS_6 -0x1.b2f3eb054afcdp-28

/// What the blocks of one address share: counter words 1 to 3 and the key words of the ten rounds.
typedef struct {
  uint64_t counter[4];
  uint64_t key[10][2];
} df_schedule;

typedef uint64_t words __attribute__((vector_size(64)));
typedef double reals __attribute__((vector_size(64)));
enum { GROUPS_AT_ONCE = 16 };
static const words FIRST_EIGHT = {0, 1, 2, 3, 4, 5, 6, 7};

// How a vector would be passed to a function depends on the instruction set, of which the compiler
// warns; here none is passed, because what takes one is inlined without exception.
#pragma clang diagnostic ignored "-Wpsabi"
#define INLINE static inline __attribute__((always_inline))

#define DF_NAME(x) x##_baseline
#include "random_kernel.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define DF_NAME(x) x##_avx2
#include "random_kernel.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw"))), \
                             apply_to = function)
#define DF_NAME(x) x##_avx512
#include "random_kernel.h"
#pragma clang attribute pop
#endif

typedef struct {
  const char *name;
  void (*normals)(const df_schedule *, uint64_t group, double *out, size_t groups);
  void (*uniforms)(const df_schedule *, uint64_t group, double *out, size_t groups);
  void (*bits)(const df_schedule *, uint64_t group, uint64_t *out);
  void (*box_muller)(const uint64_t *integers, double *out);
} df_variant;

static const df_variant VARIANTS[] = {
#define VARIANT(label, suffix) \
  {label, normals_##suffix, uniforms_##suffix, bits_##suffix, box_muller_##suffix}
#if defined(__x86_64__)
    VARIANT("SSE2", baseline), VARIANT("AVX2", avx2), VARIANT("AVX-512", avx512)
#else
    VARIANT("baseline", baseline)
#endif
};

int df_random_variants(void) {
#if defined(__x86_64__)
  // Each of these asks whether the system saves the registers, too.
  if (!__builtin_cpu_supports("avx2")) return 1;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
             ? 3
             : 2;
#else
  return 1;
#endif
}

const char *df_random_variant_name(int variant) { return VARIANTS[variant].name; }

/// The last variant this processor can run, found by the first call. Threads that race store the same.
static const df_variant *best(void) {
  static _Atomic(const df_variant *) found;
  const df_variant *variant = atomic_load_explicit(&found, memory_order_relaxed);
  if (!variant) {
    variant = &VARIANTS[df_random_variants() - 1];
    atomic_store_explicit(&found, variant, memory_order_relaxed);
  }
  return variant;
}

static df_schedule schedule(uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step) {
  df_schedule result = {
      .counter = {0, (uint32_t)step, walker, (uint32_t)purpose << 24 | (step >> 32 & 0xffffff)}};
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++, k0 += PHILOX_W0, k1 += PHILOX_W1) {
    result.key[round][0] = k0;
    result.key[round][1] = k1;
  }
  return result;
}

typedef void fill(const df_schedule *, uint64_t group, double *out, size_t groups);

/// Whole groups in place; of the last one, computed whole too, the part that is wanted.
static void fill_row(fill *groups, const df_schedule *schedule, double *out, size_t n) {
  size_t whole = n / 16, rest = n % 16;
  groups(schedule, 0, out, whole);
  if (rest) {
    double last[16];
    groups(schedule, whole, last, 1);
    __builtin_memcpy(out + 16 * whole, last, rest * sizeof *last);
  }
}

void df_random_normals(uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step, double *out,
                       size_t n) {
  df_schedule row = schedule(key, purpose, walker, step);
  fill_row(best()->normals, &row, out, n);
}

void df_random_normals_by(int variant, uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step,
                          double *out, size_t n) {
  df_schedule row = schedule(key, purpose, walker, step);
  fill_row(VARIANTS[variant].normals, &row, out, n);
}

void df_random_uniforms(uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step, double *out,
                        size_t n) {
  df_schedule row = schedule(key, purpose, walker, step);
  fill_row(best()->uniforms, &row, out, n);
}

void df_random_uniforms_by(int variant, uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step,
                           double *out, size_t n) {
  df_schedule row = schedule(key, purpose, walker, step);
  fill_row(VARIANTS[variant].uniforms, &row, out, n);
}

void df_random_bits(uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step, uint32_t group,
                    uint64_t integers[16]) {
  df_schedule row = schedule(key, purpose, walker, step);
  best()->bits(&row, group, integers);
}

void df_random_box_muller_by(int variant, const uint64_t integers[16], double normals[16]) {
  VARIANTS[variant].box_muller(integers, normals);
}

void df_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++, k0 += PHILOX_W0, k1 += PHILOX_W1) {
    uint64_t p0 = (uint64_t)PHILOX_M0 * c0, p1 = (uint64_t)PHILOX_M1 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}
