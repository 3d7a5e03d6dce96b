// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The test of Crooks' theorem log[P_F(W)/P_R(-W)] = W - Delta F: the slope in W must be 1.
///
/// Whether a walker is a forward or a reverse one is regressed on its work (-W for reverse ones) by
/// maximum likelihood, log[P(F|W)/P(R|W)] = M + slope (W - Delta F) with M = log(n_F/n_R). With the
/// slope fixed to 1 this is Bennett's acceptance ratio (Shirts et al., Phys. Rev. Lett. 91 (2003)
/// 140601), so that the free slope tests exactly what that method assumes: a slope away from 1 says
/// that the reverse protocol is not the reversal of the forward one, that the walkers do not start
/// from rho_0 and rho_1, or that a weight is wrong.
public struct CrooksTest: Sendable, Equatable {
  /// The slope with its standard error; it must be 1.
  public var slope: Uncertain
  /// Delta F where the two distributions are equal, with the slope left free.
  public var freeEnergy: Uncertain
  /// The probability of a slope as far from 1 or farther if Crooks' theorem holds, from
  /// (slope - 1)/error as a standard normal number.
  public var consistency: Double
}

extension WorkValues {
  /// The test of Crooks' theorem. Throws if works do not overlap or are all equal (then the slope is
  /// not determined), and with fewer than `WeightedEstimate.minimumUnits` units on either side.
  public func crooksTest() throws(StatisticsError) -> CrooksTest {
    for (side, name) in [(forward, "forward"), (reverse, "reverse")] {
      if side.units < WeightedEstimate.minimumUnits {
        throw .illegalParameter(
          name: "\(name) units", value: Double(side.units),
          legal: "\(WeightedEstimate.minimumUnits) or more")
      }
    }
    let works = (forward.values.map { -$0 }, reverse.values)
    let finite = (works.0.filter(\.isFinite), works.1.filter(\.isFinite))
    try requireOverlap(finite.0, finite.1)
    let all = finite.0 + finite.1
    let (center, width) = (all.mean, all.variance.squareRoot())
    // Infinite works belong to one side for certain and say nothing of the slope.
    let x = works.0.map { $0.isFinite ? ($0 - center) / width : nil }
    let y = works.1.map { $0.isFinite ? ($0 - center) / width : nil }
    let fit = try logisticFit(x, y)
    let gradient = { (work: Double?, residual: Double) -> SIMD2<Double> in
      guard let work else { return .zero }
      return residual * SIMD2(1, work)
    }
    let scores = (
      x.map { gradient($0, 1 - fermi(fit[0] + fit[1] * ($0 ?? 0))) },
      y.map { gradient($0, -fermi(fit[0] + fit[1] * ($0 ?? 0))) }
    )
    let information = fisher(x + y, at: fit)
    // Influences: theta - theta_0 = I^-1 sum of scores, each side about its own mean.
    func variance(_ direction: SIMD2<Double>) -> Double {
      let projected = solve(information, direction)
      return spread(scores.0.map { ($0 * projected).sum() }, unitSize: forward.unitSize)
        + spread(scores.1.map { ($0 * projected).sum() }, unitSize: reverse.unitSize)
    }
    let logRatio = log(Double(x.count) / Double(y.count))
    // M + slope (W - Delta F) = a + b (W - center)/width
    let slope = fit[1] / width
    let error = variance(SIMD2(0, 1)).squareRoot() / width
    let offset = (logRatio - fit[0]) / fit[1]
    let freeError = variance(SIMD2(-1 / fit[1], -offset / fit[1])).squareRoot() * width
    return CrooksTest(
      slope: Uncertain(slope, error),
      freeEnergy: Uncertain(center + width * offset, freeError),
      consistency: erfc(abs(slope - 1) / error / 2.0.squareRoot()))
  }

  private func requireOverlap(_ x: [Double], _ y: [Double]) throws(StatisticsError) {
    if x.isEmpty || y.isEmpty {
      throw .allWeightsZero(weights: x.isEmpty ? forward.count : reverse.count)
    }
    let (xLow, xHigh) = (x.reduce(.infinity, min), x.reduce(-.infinity, max))
    let (yLow, yHigh) = (y.reduce(.infinity, min), y.reduce(-.infinity, max))
    if max(xHigh, yHigh) == min(xLow, yLow) {
      throw .undetermined(
        quantity: "slope of Crooks' theorem", reason: "all works are equal to \(xLow)")
    }
    if xLow >= yHigh || yLow >= xHigh {
      throw .undetermined(
        quantity: "slope of Crooks' theorem",
        reason: "forward works from \(xLow) to \(xHigh) and reverse -W from \(yLow) to \(yHigh) do "
          + "not overlap")
    }
  }
}

/// The maximum (a, b) of sum_F log sigma(a + b x) + sum_R log sigma(-a - b y), which is concave, by
/// Newton's method with halved steps.
private func logisticFit(
  _ x: [Double?], _ y: [Double?]
) throws(StatisticsError) -> SIMD2<Double> {
  func likelihood(_ point: SIMD2<Double>) -> Double {
    func term(_ z: Double) -> Double { z > 0 ? -log1p(exp(-z)) : z - log1p(exp(z)) }
    let left = x.reduce(0) { sum, work in work.map { sum + term(point[0] + point[1] * $0) } ?? sum }
    return y.reduce(left) { sum, work in
      work.map { sum + term(-point[0] - point[1] * $0) } ?? sum
    }
  }
  var point = SIMD2<Double>.zero
  var value = likelihood(point)
  for _ in 0..<100 {
    var gradient = SIMD2<Double>.zero
    for case let work? in x {
      gradient += (1 - fermi(point[0] + point[1] * work)) * SIMD2(1, work)
    }
    for case let work? in y { gradient -= fermi(point[0] + point[1] * work) * SIMD2(1, work) }
    var step = solve(fisher(x + y, at: point), gradient)
    // The last steps change the likelihood by less than rounding.
    if (step * step).sum().squareRoot() < 1e-10 * (1 + abs(point[1])) { return point + step }
    var next = likelihood(point + step)
    while !(next > value - 1e-12 * abs(value)) {
      step *= 0.5
      if (step * step).sum() < 1e-30 { break }
      next = likelihood(point + step)
    }
    (point, value) = (point + step, next)
  }
  throw .notConverged(
    method: "logistic regression", iterations: 100, residual: abs(point[1]), tolerance: 1e-10)
}

/// The Fisher information sum sigma (1 - sigma) (1, w)(1, w)^T as (11, 12, 22).
private func fisher(_ works: [Double?], at point: SIMD2<Double>) -> SIMD4<Double> {
  var sum = SIMD4<Double>.zero
  for case let work? in works {
    let probability = fermi(point[0] + point[1] * work)
    sum += probability * (1 - probability) * SIMD4(1, work, work * work, 0)
  }
  return sum
}

/// The solution of the symmetric 2 x 2 system (11, 12, 22).
private func solve(_ matrix: SIMD4<Double>, _ right: SIMD2<Double>) -> SIMD2<Double> {
  let determinant = matrix[0] * matrix[2] - matrix[1] * matrix[1]
  return SIMD2(
    matrix[2] * right[0] - matrix[1] * right[1], matrix[0] * right[1] - matrix[1] * right[0])
    / determinant
}
