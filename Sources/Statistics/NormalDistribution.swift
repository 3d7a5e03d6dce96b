// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The z with Phi(z) = p for 0 < p < 1, Phi the standard normal distribution function.
///
/// Start: Abramowitz and Stegun 26.2.23 (error below 4.5e-4), then two Newton-Halley steps on
/// Phi(z) = erfc(-z/sqrt 2)/2, which bring it to rounding.
package func normalQuantile(_ p: Double) -> Double {
  precondition(p > 0 && p < 1, "quantiles are defined for 0 < p < 1")
  if p > 0.5 { return -normalQuantile(1 - p) }
  let t = (-2 * log(p)).squareRoot()
  let numerator = 2.515517 + t * (0.802853 + t * 0.010328)
  let denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  var z = numerator / denominator - t
  for _ in 0..<2 {
    let excess = erfc(-z / 2.0.squareRoot()) / 2 - p
    let step = excess * (2 * Double.pi).squareRoot() * exp(z * z / 2)
    z -= step / (1 + z * step / 2)
  }
  return z
}
