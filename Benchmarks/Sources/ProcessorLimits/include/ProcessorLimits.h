// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Runs 5 multiplications and 7 additions of independent vectors, `rounds` times, all in registers: the
/// mix of a leapfrog update in two dimensions. `level` is that of the kernels. Returns the floating-point
/// operations done.
double df_limit_arithmetic(int level, long rounds);

/// Loads and stores each number of `a` and `b` (they change places), `rounds` times: the least traffic of
/// a leapfrog update of φ and p. `count` is a multiple of 8, the arrays are aligned to 64 bytes.
void df_limit_traffic(int level, double *a, double *b, long count, long rounds);
