// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// f = a / b^2 of two correlated observables with different autocorrelation times.
@Suite struct DerivedQuantityTests {
  static let slow = 0.9
  static let fast = 0.4

  /// a = 3 + 0.3 x + 0.2 y, b = 2 + 0.1 x with AR(1) x and y.
  static func chain(_ generator: inout TestGenerator, count: Int) -> [[Double]] {
    let x = generator.autoregressive(slow, count: count)
    let y = generator.autoregressive(fast, count: count)
    return [zip(x, y).map { 3 + 0.3 * $0 + 0.2 * $1 }, x.map { 2 + 0.1 * $0 }]
  }

  static func ratio(_ means: [Double]) -> Double { means[0] / (means[1] * means[1]) }

  static func ratioGradient(_ means: [Double]) -> [Double] {
    let square = means[1] * means[1]
    return [1 / square, -2 * means[0] / (square * means[1])]
  }

  /// The delta method: df = (0.3/4 - 0.1 * 6/8) x + 0.2/4 y. The x part cancels, so that only a
  /// projection before the autocorrelation sees the short tau_int of y.
  @Test func deltaMethod() throws {
    var generator = TestGenerator(seed: 21)
    let count = 50_000
    let primaries = [Self.chain(&generator, count: count), Self.chain(&generator, count: count)]
    let estimate = try GammaMethod().estimate(primaries: primaries, of: Self.ratio)
    let variance = autoregressiveVarianceOfMean(Self.fast, count: 2 * count)
    let exact = 0.05 * variance.squareRoot()
    #expect(abs(estimate.error - exact) < 4 * estimate.errorOfError)
    #expect(estimate.errorOfError < 0.03 * estimate.error)
    #expect(abs(estimate.value - 0.75) < 4 * exact)
    let tau = autoregressiveTau(Self.fast)
    #expect(abs(estimate.tauIntegrated - tau) < 4 * estimate.tauIntegratedError)
  }

  @Test func numericalAndGivenGradientAgree() throws {
    var generator = TestGenerator(seed: 22)
    let primaries = [400, 700].map { Self.chain(&generator, count: $0) }
    let numerical = try GammaMethod().estimate(primaries: primaries, of: Self.ratio)
    let exact = try GammaMethod().estimate(
      primaries: primaries, gradient: Self.ratioGradient, of: Self.ratio)
    #expect(abs(numerical.error / exact.error - 1) < 1e-6)
    #expect(numerical.window == exact.window && numerical.value == exact.value)
    #expect(throws: StatisticsError.self) {
      try GammaMethod().estimate(primaries: primaries, gradient: { _ in [1] }, of: Self.ratio)
    }
  }

  @Test func linearQuantitiesAreMeansOfSeries() throws {
    var generator = TestGenerator(seed: 23)
    let primaries = [400, 700, 120].map { Self.chain(&generator, count: $0) }
    let derived = try GammaMethod().estimate(primaries: primaries) { 2 * $0[0] - $0[1] }
    let direct = try GammaMethod().estimate(
      replica: primaries.map { zip($0[0], $0[1]).map { 2 * $0 - $1 } })
    #expect(abs(derived.value - direct.value) < 1e-12)
    #expect(abs(derived.error / direct.error - 1) < 1e-9)
    #expect(abs(try #require(derived.bias)) < 1e-12 && derived.window == direct.window)
    let consistency = try #require(derived.replicaConsistency)
    #expect(abs(consistency - (try #require(direct.replicaConsistency))) < 1e-9)
  }

  /// f = (mean of x)^2 is biased by exactly the variance of the mean.
  @Test func biasFromReplica() throws {
    var generator = TestGenerator(seed: 24)
    var (plain, corrected): ([Double], [Double]) = ([], [])
    for _ in 0..<2000 {
      let primaries = (0..<8).map { _ in [generator.autoregressive(0, count: 10)] }
      let estimate = try GammaMethod().estimate(primaries: primaries) { $0[0] * $0[0] }
      plain.append(estimate.value)
      corrected.append(estimate.biasCorrectedValue)
    }
    let (uncorrectedMean, uncorrectedVariance) = meanAndVariance(plain)
    #expect(abs(uncorrectedMean - 1 / 80) < 4.5 * (uncorrectedVariance / 2000).squareRoot())
    let (mean, variance) = meanAndVariance(corrected)
    let standardError = (variance / 2000).squareRoot()
    #expect(abs(mean) < 4.5 * standardError && standardError < 0.1 / 80)
  }

  @Test func replicaConsistencyIsUniformOnGoodChains() throws {
    var generator = TestGenerator(seed: 25)
    let count = 600
    var tenths = [Int](repeating: 0, count: 10)
    for _ in 0..<count {
      let replica = (0..<4).map { _ in generator.autoregressive(0.5, count: 2000) }
      let q = try #require(try GammaMethod().estimate(replica: replica).replicaConsistency)
      tenths[min(9, Int(10 * q))] += 1
    }
    let expected = Double(count) / 10
    let chiSquare = tenths.reduce(0) { $0 + pow(Double($1) - expected, 2) / expected }
    #expect(ChiSquare.probability(exceeding: chiSquare, degreesOfFreedom: 9) > 1e-4)
  }

  @Test func replicaConsistencyFindsAShift() throws {
    var generator = TestGenerator(seed: 26)
    let error = autoregressiveVarianceOfMean(0.5, count: 2000).squareRoot()
    var replica = (0..<4).map { _ in generator.autoregressive(0.5, count: 2000) }
    replica[2] = replica[2].map { $0 + 8 * error }
    let estimate = try GammaMethod().estimate(replica: replica)
    #expect(try #require(estimate.replicaConsistency) < 1e-5)
  }
}
