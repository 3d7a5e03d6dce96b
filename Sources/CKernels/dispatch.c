// SPDX-License-Identifier: GPL-3.0-or-later
#include "dispatch.h"
#include <stdatomic.h>

#if defined(__x86_64__)
#include <cpuid.h>

static int detect(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return DF_LEVEL_BASELINE;
  const unsigned osxsave = 1u << 27, avx = 1u << 28;
  if (!(c & osxsave) || !(c & avx)) return DF_LEVEL_BASELINE;
  // XCR0: bits 1, 2 say that the system saves xmm and ymm; bits 5, 6, 7 the masks and zmm.
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0x6) != 0x6) return DF_LEVEL_BASELINE;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return DF_LEVEL_BASELINE;
  const unsigned avx2 = 1u << 5, f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
  if (!(b & avx2)) return DF_LEVEL_BASELINE;
  const unsigned needed = f | dq | bw | vl;
  return (low & 0xe0) == 0xe0 && (b & needed) == needed ? DF_LEVEL_AVX512 : DF_LEVEL_AVX2;
}
#else
static int detect(void) { return DF_LEVEL_BASELINE; }
#endif

// 0: not looked up yet; else level + 1. Every thread finds the same value.
static atomic_int best;
static atomic_int forced;

int df_kernel_best_level(void) {
  int known = atomic_load_explicit(&best, memory_order_relaxed);
  if (known == 0) {
    known = detect() + 1;
    atomic_store_explicit(&best, known, memory_order_relaxed);
  }
  return known - 1;
}

int df_kernel_level(void) {
  const int choice = atomic_load_explicit(&forced, memory_order_relaxed);
  return choice > 0 ? choice - 1 : df_kernel_best_level();
}

const char *df_kernel_level_name(int level) {
  switch (level) {
  case DF_LEVEL_AVX2: return "avx2";
  case DF_LEVEL_AVX512: return "avx512";
  default: return "baseline";
  }
}

int df_kernel_force_level(int level) {
  const int top = df_kernel_best_level();
  const int choice = level < 0 ? 0 : (level < top ? level : top) + 1;
  atomic_store_explicit(&forced, choice, memory_order_relaxed);
  return df_kernel_level();
}
