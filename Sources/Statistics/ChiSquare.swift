// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The chi-square distribution.
public enum ChiSquare {
  /// The probability Q(nu/2, chi^2/2) that chi-square with nu degrees of freedom exceeds a value.
  public static func probability(exceeding value: Double, degreesOfFreedom: Int) -> Double {
    precondition(degreesOfFreedom > 0, "chi-square needs at least one degree of freedom")
    if value.isNaN { return .nan }
    return upperIncompleteGamma(Double(degreesOfFreedom) / 2, max(0, value) / 2)
  }
}

/// The regularised upper incomplete gamma function Q(a,x) = Gamma(a)^-1 int_x^oo t^(a-1) e^-t dt.
///
/// DLMF 8.11.4 (power series of 1 - Q) below x = a + 1, DLMF 8.9.2 (continued fraction, evaluated
/// by Lentz's method) above; relative accuracy about 1e-13 for a up to some hundreds.
package func upperIncompleteGamma(_ a: Double, _ x: Double) -> Double {
  precondition(a > 0 && x >= 0, "Q(a,x) is defined for a > 0, x >= 0")
  if x == 0 { return 1 }
  if x == .infinity { return 0 }
  let scale = exp(a * log(x) - x - logGamma(a))
  if x < a + 1 {
    // P(a,x) = x^a e^-x / Gamma(a) sum_n x^n / (a (a+1) ... (a+n))
    var (term, sum, n) = (1 / a, 1 / a, a)
    while term > sum * 1e-17 {
      n += 1
      term *= x / n
      sum += term
    }
    return 1 - scale * sum
  }
  // Q(a,x) = x^a e^-x / Gamma(a) 1/(x+1-a- 1(1-a)/(x+3-a- 2(2-a)/(x+5-a- ...)))
  let tiny = Double.leastNormalMagnitude * 16
  var b = x + 1 - a
  var (c, d) = (1 / tiny, 1 / b)
  var (fraction, change, i) = (d, 0.0, 0.0)
  while abs(change - 1) > 1e-16 && i < 100_000 {
    i += 1
    let numerator = -i * (i - a)
    b += 2
    let denominator = numerator * d + b
    d = 1 / (abs(denominator) < tiny ? tiny : denominator)
    c = b + numerator / c
    if abs(c) < tiny { c = tiny }
    change = c * d
    fraction *= change
  }
  return scale * fraction
}

/// log Gamma(a) for a > 0.
func logGamma(_ a: Double) -> Double {
  var sign: Int32 = 0
  return lgamma_r(a, &sign)
}
