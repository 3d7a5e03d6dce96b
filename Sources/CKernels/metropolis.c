// SPDX-License-Identifier: GPL-3.0-or-later
#include "metropolis.h"
#include <stdint.h>
#include <string.h>
#pragma clang fp contract(off)

// Σ_{±μ} φ_{x±μ}; at an extent of 2 both neighbours are the same site and count twice.
static double neighbour_sum(const df_phi4 *action, const double *phi, int site) {
  double sum = 0;
  unsigned rest = (unsigned)site;
  long stride = 1;
  for (int axis = action->dimensions - 1; axis >= 0; axis--) {
    const unsigned extent = (unsigned)action->extents[axis];
    const unsigned quotient = rest / extent, x = rest - quotient * extent;
    const long up = x + 1 == extent ? stride - (long)extent * stride : stride;
    const long down = x == 0 ? (long)extent * stride - stride : -stride;
    sum += phi[site + up] + phi[site + down];
    rest = quotient;
    stride *= (long)extent;
  }
  return sum;
}

double df_phi4_local_change(const df_phi4 *action, const double *phi, int site, double step) {
  // (φ+δ)² − φ² = δ (2φ+δ) =: δ s, and (φ+δ)⁴ − φ⁴ = δ s ((φ+δ)² + φ²): no cancellation.
  const double old = phi[site], new = old + step, s = old + new;
  const double potential = s * (action->c2 + action->c4 * (new * new + old * old));
  return step * (potential - action->hopping * neighbour_sum(action, phi, site));
}

// exp(−x) for x > 0, to about one unit in the last place: x = k log 2 + r with |r| ≤ log(2)/2, Taylor
// polynomial in r. The system's exp may round differently from one processor to the next.
static double exponential_of_minus(double x) {
  if (!(x < 708.0)) return 0.0;
  const double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
  const int64_t k = (int64_t)(x * 1.44269504088896338700 + 0.5);
  const double r = ((double)k * high - x) + (double)k * low;
  static const double inverse_factorials[] = {
      1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880,
      1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  double sum = inverse_factorials[13];
  for (int order = 12; order >= 0; order--) sum = inverse_factorials[order] + r * sum;
  const uint64_t bits = (uint64_t)(1023 - k) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return sum * power;
}

long df_phi4_metropolis(const df_phi4 *action, double *phi, const int *sites, long n,
                        const double *proposals, const double *uniforms) {
  long accepted = 0;
  for (long i = 0; i < n; i++) {
    const double change = df_phi4_local_change(action, phi, sites[i], proposals[i]);
    if (change <= 0 || uniforms[i] < exponential_of_minus(change)) {
      phi[sites[i]] += proposals[i];
      accepted++;
    }
  }
  return accepted;
}
