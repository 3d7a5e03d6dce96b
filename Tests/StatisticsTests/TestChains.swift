// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// SplitMix64 with normal deviates by Box and Muller: reproducible noise for these tests.
struct TestGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }

  mutating func normal() -> Double {
    let radius = (-2 * log(uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }

  /// A stationary AR(1) chain of unit variance, x' = a x + sqrt(1 - a^2) noise, with rho(t) = a^t
  /// and tau_int = (1 + a) / (2 (1 - a)).
  mutating func autoregressive(_ a: Double, count: Int) -> [Double] {
    var x = normal()
    let width = (1 - a * a).squareRoot()
    return (0..<count).map { _ in
      defer { x = a * x + width * normal() }
      return x
    }
  }
}

func autoregressiveTau(_ a: Double) -> Double { (1 + a) / (2 * (1 - a)) }

/// The exact variance of the mean of n steps of AR(1): (1/n)[1 + 2 sum_t (1 - t/n) a^t].
func autoregressiveVarianceOfMean(_ a: Double, count: Int) -> Double {
  let n = Double(count)
  let geometric = (1 + a) / (1 - a)
  return (geometric - 2 * a * (1 - pow(a, n)) / (n * (1 - a) * (1 - a))) / n
}

func meanAndVariance(_ values: [Double]) -> (mean: Double, variance: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, squares / Double(values.count - 1))
}
