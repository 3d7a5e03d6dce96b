// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The distribution of Fisher's F, a chi-square over one whose scale is itself estimated.
public enum FisherDistribution {
  /// The probability that F = (chi_k^2 / k) / (chi_nu^2 / nu) exceeds a value,
  /// I_x(nu/2, k/2) with x = nu / (nu + k F); k, nu > 0, nu need not be whole. DLMF 8.17.
  ///
  /// If a variance is known from nu degrees of freedom only, this takes the place of
  /// ChiSquare.probability, its limit for large nu. Relative accuracy about 1e-13 + 1e-16 nu
  /// log(nu).
  public static func probability(
    exceeding value: Double, degreesOfFreedom k: Int, of nu: Double
  ) -> Double {
    precondition(k > 0 && nu > 0, "F needs positive degrees of freedom")
    if value.isNaN { return .nan }
    if value <= 0 { return 1 }
    let ratio = Double(k) * value / nu
    return incompleteBeta(nu / 2, Double(k) / 2, 1 / (1 + ratio), complement: 1 / (1 + 1 / ratio))
  }
}

/// The regularised incomplete beta function I_x(a,b), x and 1 - x both given to keep small values
/// of either. DLMF 8.17.22, the continued fraction, by Lentz's method where x < (a+1)/(a+b+2);
/// beyond, I_x(a,b) = 1 - I_{1-x}(b,a).
package func incompleteBeta(_ a: Double, _ b: Double, _ x: Double, complement: Double) -> Double {
  precondition(a > 0 && b > 0 && x >= 0 && complement >= 0, "I_x(a,b) needs a, b > 0, 0 <= x <= 1")
  if x == 0 { return 0 }
  if complement == 0 { return 1 }
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(b, a, complement, complement: x) }
  let logScale = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log(complement)
  // 1 + d_1/(1 + d_2/(1 + ...)), d_2m = m (b-m) x / ((a+2m-1)(a+2m)),
  // d_2m+1 = -(a+m)(a+b+m) x / ((a+2m)(a+2m+1))
  let tiny = Double.leastNormalMagnitude * 16
  func bounded(_ number: Double) -> Double { abs(number) < tiny ? tiny : number }
  var (fraction, c, d, change, index) = (1.0, 1.0, 0.0, 0.0, 0)
  while abs(change - 1) > 1e-16 && index < 100_000 {
    index += 1
    let m = Double(index / 2)
    let coefficient =
      index % 2 == 0
      ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / bounded(1 + coefficient * d)
    c = bounded(1 + coefficient / c)
    change = c * d
    fraction *= change
  }
  return exp(logScale) / (a * fraction)
}
