// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// The instruction sets a kernel is compiled for. Every level gives the same bits.
enum { DF_LEVEL_BASELINE = 0, DF_LEVEL_AVX2 = 1, DF_LEVEL_AVX512 = 2 };

/// The level in use: the best one processor and operating system support, unless one was forced.
int df_kernel_level(void);

/// The best level this processor and operating system support.
int df_kernel_best_level(void);

/// "baseline", "avx2" or "avx512".
const char *df_kernel_level_name(int level);

/// Forces a level for the whole process, so that tests can compare the levels; a negative one
/// gives the choice back. Returns the level now in use, which is never above the best supported.
/// Bits do not depend on it, so a race with running kernels changes speed only.
int df_kernel_force_level(int level);
