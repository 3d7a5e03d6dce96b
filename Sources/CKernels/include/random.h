// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Counter-based random numbers: Philox4x32-10 (J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3", SC11, 2011).
///
/// Every number is a pure function of its address (key, purpose, walker, step, index); nothing is
/// carried from call to call. The 64-bit key gives Philox its two key words (low word first). Block b
/// of an address is the cipher's output for the counter words
///
///     { b,  step mod 2^32,  walker,  purpose · 2^24 + step div 2^32 },
///
/// so purpose < 2^8, walker < 2^32, step < 2^56, b < 2^32; larger values lose their high bits.
/// The four output words (w0, w1, w2, w3) of block b make two 64-bit integers
///
///     x_b = w0 + 2^32 w1,     y_b = w2 + 2^32 w3.
///
/// Eight blocks make a group of sixteen integers, in the order
///
///     x_{8g}, …, x_{8g+7}, y_{8g}, …, y_{8g+7},        g = 0, 1, 2, …
///
/// and sixteen uniforms or normals, in the same order. A call for n numbers returns the first n of the
/// sequence of its address, so a short row is a prefix of a longer one; n ≤ 2^33.
///
/// The bits do not depend on the processor or on its vector width: only integer operations and
/// correctly rounded + − × ÷ √ are used, never a fused multiply-add.

/// The ten-round Philox bijection of a four-word counter under a two-word key; `words` may be `counter`.
void df_philox4x32_10(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);

/// The sixteen 64-bit integers of one group of an address.
void df_random_bits(uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step, uint32_t group,
                    uint64_t integers[16]);

/// The first n uniforms of an address: (integer + 1/2) 2^−64 rounded to the nearest double, except that
/// what would round to 1 is 1 − 2^−53. They lie in [2^−65, 1 − 2^−53]: neither 0 nor 1 ever occurs.
void df_random_uniforms(uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step, double *out,
                        size_t n);

/// The first n standard normals of an address (G. E. P. Box and M. E. Muller, Ann. Math. Stat. 29
/// (1958) 610). Block b gives two, at the places of x_b and y_b in the group:
///
///     r cos θ,  r sin θ,     r = √(−2 ln u),  u = (x_b + 1/2) 2^−64,
///                            θ = 2π (y_b + 1/2) 2^−64 − π/4.
///
/// u and θ enter with all their 65 bits: 2^−32 ≤ r ≤ √(130 ln 2) = 9.49, and the relative error of each
/// normal is below 6e-16.
void df_random_normals(uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step, double *out,
                       size_t n);

// The same kernels are compiled for several instruction sets; the calls above use the last variant this
// processor can run. The calls below choose one, to compare their bits and their speed.

/// How many variants this processor can run: numbers 0 (any processor) to one less than this.
int df_random_variants(void);
/// The instruction set of a variant.
const char *df_random_variant_name(int variant);
/// `df_random_normals` by one variant.
void df_random_normals_by(int variant, uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step,
                          double *out, size_t n);
/// `df_random_uniforms` by one variant.
void df_random_uniforms_by(int variant, uint64_t key, uint8_t purpose, uint32_t walker, uint64_t step,
                           double *out, size_t n);
/// The sixteen normals made of the sixteen integers of a group: the transform alone.
void df_random_box_muller_by(int variant, const uint64_t integers[16], double normals[16]);
