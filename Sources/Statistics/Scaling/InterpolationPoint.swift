// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The configurations of a `CouplingInterpolation` weighted for one coupling.
public struct InterpolationPoint: Sendable {
  public let coupling: Double
  /// (sum W)^2 / sum W^2, what the weights leave of the configurations, autocorrelation aside.
  public let effectiveConfigurations: Double
  /// The share of the heaviest configuration.
  public let largestShare: Double
  private let interpolation: CouplingInterpolation
  /// W(n) with sum 1.
  private let shares: [Double]
  /// <T> at this coupling, against the mean over all configurations.
  private let meanConjugate: Double

  /// A quantity f(g, <O_1>, <O_2>, ...): a function of averages that may know the coupling.
  public typealias Function = (_ coupling: Double, _ means: [Double]) throws -> Double

  init(_ interpolation: CouplingInterpolation, coupling: Double) {
    let (conjugate, denominators) = (interpolation.conjugate, interpolation.pool.logDenominators)
    var shares = [Double](repeating: 0, count: conjugate.count)
    var largest = -Double.infinity
    for n in shares.indices {
      shares[n] = -coupling * conjugate[n] - denominators[n]
      largest = max(largest, shares[n])
    }
    var (sum, squares) = (0.0, 0.0)
    for n in shares.indices {
      shares[n] = exp(shares[n] - largest)
      sum += shares[n]
      squares += shares[n] * shares[n]
    }
    for n in shares.indices { shares[n] /= sum }
    (self.interpolation, self.coupling, self.shares) = (interpolation, coupling, shares)
    effectiveConfigurations = sum * sum / squares
    largestShare = 1 / sum
    meanConjugate = dot(shares, conjugate)
  }

  /// <O_a> of series in the order of the configurations.
  public func means(_ primaries: [[Double]]) -> [Double] {
    primaries.map { series in
      precondition(series.count == shares.count, "one value for each configuration")
      // A first mean, and the mean of what is left of it: constants are reproduced exactly.
      let origin = dot(shares, series)
      var rest = 0.0
      for n in shares.indices { rest += shares[n] * (series[n] - origin) }
      return origin + rest
    }
  }

  /// f(g, <O>).
  public func value(_ primaries: [[Double]], of quantity: Function) throws -> Double {
    let means = means(primaries)
    let value = try quantity(coupling, means)
    if !value.isFinite { throw StatisticsError.derivedQuantityUndefined(means: means) }
    return value
  }

  /// f(g, <O>) with its influences sum_a (df/dO_a) W(n) (O_a(n) - <O_a>), corrected for what each
  /// configuration changes of the free energies.
  public func influencedValue(
    _ primaries: [[Double]], of quantity: Function
  ) throws -> InfluencedValue {
    let means = means(primaries)
    let gradient = try centralGradient(at: means, steps: steps(primaries, means)) {
      try quantity(coupling, $0)
    }
    let value = try quantity(coupling, means)
    if !(gradient + [value]).allSatisfy(\.isFinite) {
      throw StatisticsError.derivedQuantityUndefined(means: means)
    }
    var projected = [Double](repeating: 0, count: shares.count)
    for (a, series) in primaries.enumerated() {
      for n in shares.indices { projected[n] += gradient[a] * shares[n] * (series[n] - means[a]) }
    }
    return InfluencedValue(
      value: value, influences: interpolation.pool.influences(projected: projected))
  }

  /// df/dg along the interpolation, exactly: d<O>/dg = -C with C = <O T> - <O><T>, so that df/dg is
  /// the derivative of f(g + h, <O> - h C) at h = 0, taken by central differences of the function
  /// alone. Influences: W [(O - <O>)(T - <T>) - C] of each C, with those of <O>.
  public func influencedSlope(
    _ primaries: [[Double]], of quantity: Function
  ) throws -> InfluencedValue {
    let means = means(primaries)
    let steps = steps(primaries, means)
    let deviations = interpolation.conjugate.map { $0 - meanConjugate }
    let rates = zip(primaries, means).map { series, mean in
      var sum = 0.0
      for n in shares.indices { sum -= shares[n] * (series[n] - mean) * deviations[n] }
      return sum
    }
    let h = interpolation.spread > 0 ? 1e-3 / interpolation.spread : 1e-3
    func moved(_ h: Double) -> [Double] { zip(means, rates).map { $0 + h * $1 } }
    func gradient(_ h: Double) throws -> [Double] {
      try centralGradient(at: moved(h), steps: steps) { try quantity(coupling + h, $0) }
    }
    /// Central differences with one Richardson extrapolation.
    func rate(_ f: (Double) throws -> Double) rethrows -> Double {
      let wide = (try f(h) - f(-h)) / (2 * h)
      let narrow = (try f(h / 2) - f(-h / 2)) / h
      return (4 * narrow - wide) / 3
    }
    let value = try rate { try quantity(coupling + $0, moved($0)) }
    let first = try gradient(0)
    let (above, below) = (try gradient(h), try gradient(-h))
    let second = zip(above, below).map { ($0 - $1) / (2 * h) }
    if !(first + second + [value]).allSatisfy(\.isFinite) {
      throw StatisticsError.derivedQuantityUndefined(means: means)
    }
    var projected = [Double](repeating: 0, count: shares.count)
    for (a, series) in primaries.enumerated() {
      for n in shares.indices {
        let change = series[n] - means[a]
        projected[n] +=
          shares[n] * (second[a] * change - first[a] * (change * deviations[n] + rates[a]))
      }
    }
    return InfluencedValue(
      value: value, influences: interpolation.pool.influences(projected: projected))
  }

  /// A number that was computed at this point, with its error.
  public func estimate(_ value: InfluencedValue) throws(StatisticsError) -> MultistateEstimate {
    try interpolation.estimate(
      value.value, influences: value.influences, effective: effectiveConfigurations,
      share: largestShare)
  }

  /// The naive error of each mean.
  private func steps(_ primaries: [[Double]], _ means: [Double]) -> [Double] {
    zip(primaries, means).map { series, mean in
      var sum = 0.0
      for n in shares.indices {
        let deviation = shares[n] * (series[n] - mean)
        sum += deviation * deviation
      }
      return sum.squareRoot()
    }
  }
}
