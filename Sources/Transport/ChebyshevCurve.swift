// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Numbers that depend smoothly on time between the knots of a path: on each leg a series of Chebyshev
/// polynomials, c(t) = Σ_n a_n T_n(x), x from −1 to 1 along the leg.
public struct ChebyshevCurve: Sendable, Equatable {
  /// The times of the knots, from 0 to 1.
  public let knots: [Double]
  /// Numbers at one time.
  public let count: Int
  /// a for each leg: `coefficients[leg][n * count + i]`.
  public var coefficients: [[Double]]

  public init(knots: [Double], count: Int, coefficients: [[Double]]) {
    precondition(knots.count == coefficients.count + 1, "one series for each leg")
    precondition(coefficients.allSatisfy { $0.count % max(count, 1) == 0 })
    self.knots = knots
    self.count = count
    self.coefficients = coefficients
  }

  /// The same numbers at all times.
  public init(constant values: [Double]) {
    self.init(knots: [0, 1], count: values.count, coefficients: [values])
  }

  /// The leg of a time, and where in it, −1 … 1. At a knot the leg that begins there.
  public static func place(_ time: Double, knots: [Double]) -> (leg: Int, x: Double) {
    let leg = (knots.dropFirst().firstIndex { $0 > time } ?? knots.count - 1) - 1
    let x = 2 * (time - knots[leg]) / (knots[leg + 1] - knots[leg]) - 1
    return (leg, max(-1, min(1, x)))
  }

  /// T_0(x) … T_{count−1}(x).
  public static func polynomials(_ x: Double, count: Int) -> [Double] {
    var values = [1.0, x]
    while values.count < count {
      values.append(2 * x * values[values.count - 1] - values[values.count - 2])
    }
    return Array(values.prefix(count))
  }

  /// The numbers at one time.
  public func callAsFunction(_ time: Double) -> [Double] {
    let (leg, x) = Self.place(time, knots: knots)
    let series = coefficients[leg]
    guard count > 0 else { return [] }
    var result = [Double](repeating: 0, count: count)
    for (n, polynomial) in Self.polynomials(x, count: series.count / count).enumerated() {
      for i in 0..<count { result[i] += polynomial * series[n * count + i] }
    }
    return result
  }
}
