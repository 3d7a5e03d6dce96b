// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// Normal variables of variance 1/g in d dimensions, exp(-g T) with T = |x|^2 / 2: <|x|^2> = d/g, and
/// d<|x|^2>/dg = -d/g^2.
struct NormalLadder {
  let couplings: [Double]
  /// T, indexed [ensemble][replica][measurement].
  let conjugate: [[[Double]]]
  let dimensions: Int

  init(
    _ generator: inout TestGenerator, couplings: [Double], dimensions: Int = 1, chains: Int = 4,
    length: Int = 200, correlation: Double = 0
  ) {
    (self.couplings, self.dimensions) = (couplings, dimensions)
    conjugate = couplings.map { coupling in
      (0..<chains).map { _ in
        let components = (0..<dimensions).map { _ in
          generator.autoregressive(correlation, count: length)
        }
        return (0..<length).map { n in
          components.reduce(0) { $0 + $1[n] * $1[n] / (2 * coupling) }
        }
      }
    }
  }

  var flat: [Double] { conjugate.flatMap { $0.flatMap { $0 } } }

  /// f(<|x|^2>/d, ...) with the series that f is of.
  func quantity(
    _ series: [[Double]]? = nil, _ f: @escaping @Sendable (Double, [Double]) -> Double
  ) throws -> InterpolatedQuantity {
    let d = Double(dimensions)
    return InterpolatedQuantity(
      try CouplingInterpolation(couplings: couplings, conjugate: conjugate),
      primaries: series ?? [flat.map { 2 * $0 / d }], function: f)
  }
}

/// The mean and the mean square of pulls, against 0 and 1 with what is left over for chains of finite
/// length.
func expectPulls(_ pulls: [Double], slack: Double, _ comment: String) {
  let n = Double(pulls.count)
  let mean = pulls.reduce(0, +) / n
  let square = pulls.reduce(0) { $0 + $1 * $1 } / n
  #expect(abs(mean) < 4.5 / n.squareRoot() + slack, "\(comment): mean pull \(mean)")
  #expect(
    abs(square - 1) < 4.5 * (2 / n).squareRoot() + slack, "\(comment): mean square \(square)")
}

@Suite struct CouplingInterpolationTests {
  /// Values and slopes at couplings between and at those that were sampled, with autocorrelation.
  @Test func exactValuesAndSlopes() throws {
    var generator = TestGenerator(seed: 301)
    let places = [0.6, 0.75, 1.0, 1.3, 1.7]
    var pulls: [String: [Double]] = [:]
    for _ in 0..<300 {
      let ladder = NormalLadder(
        &generator, couplings: [0.6, 1, 1.7], dimensions: 2, length: 250, correlation: 0.5)
      let quantity = try ladder.quantity { $1[0] }
      for g in places {
        let point = quantity.interpolation.point(at: g)
        let value = try point.estimate(
          point.influencedValue(quantity.primaries) { $1[0] })
        let slope = try point.estimate(
          point.influencedSlope(quantity.primaries) { $1[0] })
        pulls["value \(g)", default: []].append((value.value - 1 / g) / value.error)
        pulls["slope \(g)", default: []].append((slope.value + 1 / (g * g)) / slope.error)
        #expect(value.verdict.outcome == .trustworthy)
      }
    }
    for (name, pulls) in pulls { expectPulls(pulls, slack: 0.12, name) }
  }

  /// The slope is the derivative of the interpolated curve of these very configurations, for a function
  /// of several averages that knows the coupling.
  @Test func slopeIsTheDifferenceQuotient() throws {
    var generator = TestGenerator(seed: 302)
    let ladder = NormalLadder(&generator, couplings: [0.8, 1.2], dimensions: 3)
    let squares = ladder.flat.map { $0 * $0 }
    let quantity = try ladder.quantity([ladder.flat, squares]) { g, means in
      1 - means[1] / (3 * means[0] * means[0]) + g * g * means[0]
    }
    for g in [0.8, 0.93, 1.1] {
      let h = 1e-4
      let quotient =
        (8 * (try quantity.value(at: g + h) - quantity.value(at: g - h))
          - (try quantity.value(at: g + 2 * h) - quantity.value(at: g - 2 * h))) / (12 * h)
      let slope = try quantity.influencedSlope(at: g)
      #expect(abs(slope.value - quotient) < 1e-8 * abs(quotient))
      // Constants do not change: influences add to zero.
      #expect(abs(slope.influences.reduce(0, +)) < 1e-9)
      #expect(abs(try quantity.influencedValue(at: g).influences.reduce(0, +)) < 1e-12)
    }
  }

  /// It is multistate reweighting, value and error.
  @Test func agreesWithMultistateReweighting() throws {
    var generator = TestGenerator(seed: 303)
    let ladder = NormalLadder(&generator, couplings: [0.7, 1, 1.5], correlation: 0.4)
    let potentials = ladder.conjugate.map { chains in
      chains.map { chain in ladder.couplings.map { g in chain.map { g * $0 } } }
    }
    let pool = try MultistateReweighting(reducedPotentials: potentials)
    let target = ladder.conjugate.map { $0.map { $0.map { 1.2 * $0 } } }
    let expected = try pool.estimate(target: target, mean: ladder.conjugate)
    let found = try ladder.quantity([ladder.flat]) { $1[0] }.estimate(at: 1.2)
    #expect(abs(found.value / expected.value - 1) < 1e-10)
    #expect(abs(found.error / expected.error - 1) < 1e-8)
  }

  /// Where hardly any configurations lie between two couplings, the point is not to be trusted.
  @Test func gapsAreSeen() throws {
    var generator = TestGenerator(seed: 304)
    let ladder = NormalLadder(&generator, couplings: [1, 1.35], dimensions: 400)
    let quantity = try ladder.quantity { $1[0] }
    #expect(try quantity.estimate(at: 1).chainsAreTrustworthy)
    let middle = try quantity.estimate(at: 1.17)
    #expect(middle.verdict.outcome == .untrustworthy, "\(middle.verdict)")
    let narrow = NormalLadder(&generator, couplings: [1, 1.1], dimensions: 400)
    let good = try narrow.quantity { $1[0] }.estimate(at: 1.05)
    #expect(good.verdict.outcome == .trustworthy)
  }

  @Test func illegalInput() throws {
    let series = [[[1.0, 2, 3, 2, 1, 3]]]
    #expect(throws: StatisticsError.noReplica) {
      try CouplingInterpolation(couplings: [], conjugate: [])
    }
    #expect(throws: StatisticsError.self) {
      try CouplingInterpolation(couplings: [1, 2], conjugate: series)
    }
    #expect(throws: StatisticsError.self) {
      try CouplingInterpolation(couplings: [.nan], conjugate: series)
    }
    #expect(throws: StatisticsError.self) {
      try CouplingInterpolation(couplings: [1], conjugate: [[[1, 2, .infinity, 3, 4, 5]]])
    }
  }
}
