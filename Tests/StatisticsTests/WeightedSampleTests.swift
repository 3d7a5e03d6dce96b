// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// N(mu,1) from samples of N(0,1): log w = mu x - mu^2/2, <x> = mu, <x^2> = 1 + mu^2.
@Suite struct WeightedSampleTests {
  static func tilted(_ generator: inout TestGenerator, mu: Double, count: Int) -> (
    logWeights: [Double], x: [Double]
  ) {
    let x = (0..<count).map { _ in generator.normal() }
    return (x.map { mu * $0 - mu * mu / 2 }, x)
  }

  static func variance(_ means: [Double]) -> Double { means[1] - means[0] * means[0] }

  /// Equal weights are no weights.
  @Test func equalWeights() throws {
    var generator = TestGenerator(seed: 121)
    let x = (0..<100).map { _ in generator.normal() + 5 }
    let y = x.map { 2 * $0 + generator.normal() }
    let weights = try LogWeights([Double](repeating: -3, count: 100))
    let sample = try WeightedSample(weights: weights, primaries: [x, y])
    let estimate = try sample.estimate(primary: 0)
    let (mean, variance) = meanAndVariance(x)
    #expect(abs(estimate.value - mean) < 1e-13)
    #expect(abs(estimate.error / (variance / 100).squareRoot() - 1) < 1e-12)
    #expect(abs(estimate.jackknifeError / estimate.error - 1) < 1e-12)
    let yMean = meanAndVariance(y).mean
    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - yMean) } / 99 / 100
    #expect(abs(sample.covariance[0][1] / covariance - 1) < 1e-12)
    #expect(sample.covariance[0][1] == sample.covariance[1][0])
    // Var(2x - y) from the covariance.
    let difference = try sample.estimate(of: { 2 * $0[0] - $0[1] })
    let c = sample.covariance
    #expect(
      abs(pow(difference.error, 2) / (4 * c[0][0] - 4 * c[0][1] + c[1][1]) - 1) < 1e-9)
  }

  /// Weights that are whole numbers are repeated measurements in the value.
  @Test func wholeWeightsAreRepetitions() throws {
    let weights = try LogWeights([1, 2, 3, 1, 2, 3, 1, 3].map { log($0) })
    let sample = try WeightedSample(weights: weights, primaries: [[4, 1, 3, 2, 8, 5, 7, 6]])
    let sum = 4 + 2 + 9 + 2 + 16 + 15 + 7 + 18
    #expect(abs(sample.means[0] - Double(sum) / 16) < 1e-14)
    let constant = try WeightedSample(
      weights: weights, primaries: [[Double](repeating: 0.1, count: 8)])
    let estimate = try constant.estimate(primary: 0)
    #expect(estimate.value == 0.1 && estimate.error == 0 && estimate.jackknifeError == 0)
  }

  /// The variance of <x> is e^{mu^2} (1 + mu^2)/N to leading order; one-sigma bars cover at 68 %.
  @Test(arguments: [1, 4]) func coverage(unitSize: Int) throws {
    var generator = TestGenerator(seed: 122)
    let (mu, count, repetitions) = (0.5, 400, 3000)
    let exact = exp(mu * mu) * (1 + mu * mu) / Double(count)
    var (covered, derivedCovered, jackknifeCovered) = (0, 0, 0)
    var (squares, pulls): ([Double], [Double]) = ([], [])
    for _ in 0..<repetitions {
      // Units of copies: what is independent are the units.
      let (logs, x) = Self.tilted(&generator, mu: mu, count: count)
      func copied(_ series: [Double]) -> [Double] {
        series.flatMap { [Double](repeating: $0, count: unitSize) }
      }
      let weights = try LogWeights(copied(logs), unitSize: unitSize)
      let sample = try WeightedSample(
        weights: weights, primaries: [copied(x), copied(x.map { $0 * $0 })])
      let estimate = try sample.estimate(primary: 0)
      squares.append(estimate.error * estimate.error)
      pulls.append((estimate.value - mu) / estimate.error)
      if abs(estimate.value - mu) < estimate.error { covered += 1 }
      if abs(estimate.value - mu) < estimate.jackknifeError { jackknifeCovered += 1 }
      let width = try sample.estimate(of: Self.variance)
      if abs(width.biasCorrectedValue - 1) < width.error { derivedCovered += 1 }
    }
    let n = Double(repetitions)
    let (mean, variance) = meanAndVariance(squares)
    #expect(abs(mean / exact - 1) < 4.5 * (variance / n).squareRoot() / exact + 0.03)
    for number in [covered, jackknifeCovered, derivedCovered] {
      let rate = Double(number) / n
      #expect(abs(rate - 0.6827) < 4.5 * (0.6827 * 0.3173 / n).squareRoot() + 0.01)
    }
    #expect(abs(meanAndVariance(pulls).variance - 1) < 4.5 * (2 / n).squareRoot() + 0.03)
  }

  /// E[<x>] = mu - mu e^{mu^2}/N + O(1/N^2); the jackknife takes the first order away.
  @Test func ratioBias() throws {
    var generator = TestGenerator(seed: 123)
    let (mu, count, repetitions) = (0.5, 40, 20_000)
    var (plain, corrected): ([Double], [Double]) = ([], [])
    for _ in 0..<repetitions {
      let (logs, x) = Self.tilted(&generator, mu: mu, count: count)
      let sample = try WeightedSample(weights: try LogWeights(logs), primaries: [x])
      let estimate = try sample.estimate(primary: 0)
      plain.append(estimate.value - mu)
      corrected.append(estimate.biasCorrectedValue - mu)
    }
    let bias = -mu * exp(mu * mu) / Double(count)
    let (mean, variance) = meanAndVariance(plain)
    let noise = (variance / Double(repetitions)).squareRoot()
    #expect(abs(mean - bias) < 4.5 * noise + 0.1 * abs(bias))
    #expect(abs(mean) > 8 * noise)
    let (left, leftVariance) = meanAndVariance(corrected)
    #expect(
      abs(left) < 4.5 * (leftVariance / Double(repetitions)).squareRoot() + 0.1 * abs(bias))
  }

  @Test func gradientsAgreeAndUnitsGroup() throws {
    var generator = TestGenerator(seed: 124)
    let (logs, x) = Self.tilted(&generator, mu: 0.7, count: 900)
    let primaries = [x, x.map { $0 * $0 }]
    let sample = try WeightedSample(
      weights: try LogWeights(logs, unitSize: 30), primaries: primaries)
    let numerical = try sample.estimate(of: Self.variance)
    let exact = try sample.estimate(gradient: { [-2 * $0[0], 1] }, of: Self.variance)
    #expect(abs(numerical.error / exact.error - 1) < 1e-7 && numerical.units == 30)
    // Each unit as one walker with its mean weight and its own weighted means.
    let weights = logs.map { exp($0) }
    let units = stride(from: 0, to: 900, by: 30).map { $0..<$0 + 30 }
    let sums = units.map { $0.reduce(0) { $0 + weights[$1] } }
    let means = primaries.map { series in
      zip(units, sums).map { range, sum in
        range.reduce(0) { $0 + weights[$1] * series[$1] } / sum
      }
    }
    let grouped = try WeightedSample(
      weights: try LogWeights(sums.map { log($0) }), primaries: means)
    let same = try grouped.estimate(of: Self.variance)
    #expect(abs(same.value - numerical.value) < 1e-12)
    #expect(abs(same.error / numerical.error - 1) < 1e-7)
    #expect(abs(same.jackknifeError / numerical.jackknifeError - 1) < 1e-10)
    #expect(abs(same.biasCorrectedValue - numerical.biasCorrectedValue) < 1e-11)
  }

  @Test func shiftInvariance() throws {
    var generator = TestGenerator(seed: 125)
    let (logs, x) = Self.tilted(&generator, mu: 0.7, count: 500)
    let plain = try WeightedSample(weights: try LogWeights(logs), primaries: [x])
    let shifted = try WeightedSample(
      weights: try LogWeights(logs.map { $0 - 4000 }), primaries: [x.map { $0 + 1e6 }])
    let (first, second) = (try plain.estimate(primary: 0), try shifted.estimate(primary: 0))
    #expect(abs(second.value - first.value - 1e6) < 1e-8)
    #expect(abs(second.error / first.error - 1) < 1e-7)
    #expect(abs(second.jackknifeError / first.jackknifeError - 1) < 1e-7)
  }

  @Test func undefinedIsThrown() throws {
    let weights = try LogWeights([0, -.infinity, 0, 0, 0, 0, 0, 0, 0])
    // A diverged walker may have measured anything.
    let sample = try WeightedSample(
      weights: weights, primaries: [[1, .nan, 2, 3, 4, 5, 6, 7, 8]])
    #expect(sample.means == [4.5])
    #expect(throws: StatisticsError.derivedQuantityUndefined(means: [4.5])) {
      try sample.estimate { log(4 - $0[0]) }
    }
    #expect(throws: StatisticsError.self) {
      try sample.estimate(gradient: { _ in [1, 1] }, of: { $0[0] })
    }
    #expect(throws: StatisticsError.self) {
      try WeightedSample(weights: weights, primaries: [[.nan, 1, 2, 3, 4, 5, 6, 7, 8]])
    }
    #expect(throws: StatisticsError.self) {
      try WeightedSample(weights: weights, primaries: [[1, 2]])
    }
    #expect(throws: StatisticsError.self) { try WeightedSample(weights: weights, primaries: []) }
    let none = try LogWeights([Double](repeating: -.infinity, count: 9))
    #expect(throws: StatisticsError.allWeightsZero(weights: 9)) {
      try WeightedSample(weights: none, primaries: [[Double](repeating: 0, count: 9)])
    }
    let few = try WeightedSample(
      weights: try LogWeights([0, 0, 0]), primaries: [[1, 2, 3]])
    let estimate = try few.estimate(primary: 0)
    #expect(estimate.value == 2 && estimate.error.isNaN && estimate.units == 3)
    #expect(few.covariance[0][0].isNaN && "\(estimate.uncertain)" == "2(nan)")
  }
}

/// AR(1) chains of N(0,1) reweighted to N(mu,1). From the Hermite expansion of e^{mu x - mu^2/2} the
/// autocovariances at lag t are, with c = mu^2 a^t, e^c - 1 of w and a^t e^c (1 + c) of w (x - mu).
@Suite struct ReweightedChainsTests {
  static let a = 0.7
  static let mu = 0.5

  static func varianceOfMean(_ autocovariance: (Double) -> Double, count: Int) -> Double {
    let n = Double(count)
    let lags = (1..<min(count, 400)).reduce(0) {
      $0 + 2 * (1 - Double($1) / n) * autocovariance(pow(a, Double($1)))
    }
    return (autocovariance(1) + lags) / n
  }

  static func chains(_ generator: inout TestGenerator, lengths: [Int]) throws -> ReweightedChains {
    let x = lengths.map { generator.autoregressive(a, count: $0) }
    return try ReweightedChains(
      logWeights: x.map { $0.map { mu * $0 - mu * mu / 2 + 300 } },
      primaries: x.map { [$0, $0.map { $0 * $0 }] })
  }

  @Test func exactErrors() throws {
    var generator = TestGenerator(seed: 131)
    let chains = try Self.chains(&generator, lengths: [30_000, 50_000])
    let mean = try chains.estimate(primary: 0)
    let error = Self.varianceOfMean(
      { $0 * exp(Self.mu * Self.mu * $0) * (1 + Self.mu * Self.mu * $0) }, count: 80_000
    ).squareRoot()
    #expect(abs(mean.value - Self.mu) < 4.5 * error)
    #expect(abs(mean.error - error) < 4.5 * mean.errorOfError && mean.errorOfError < 0.05 * error)
    let logError = Self.varianceOfMean({ exp(Self.mu * Self.mu * $0) - 1 }, count: 80_000)
      .squareRoot()
    #expect(abs(chains.logMean.value - 300) < 4.5 * logError)
    #expect(abs(chains.logMean.error - logError) < 4.5 * chains.logMean.errorOfError)
    let fraction = chains.effectiveFraction
    #expect(abs(fraction.value - exp(-Self.mu * Self.mu)) < 4.5 * fraction.error)
    #expect(fraction.error < 0.02 && chains.verdict.outcome == .trustworthy)
    let width = try chains.estimate(of: WeightedSampleTests.variance)
    #expect(abs(width.value - 1) < 4.5 * width.error && width.isTrustworthy)
    let exact = try chains.estimate(
      gradient: { [-2 * $0[0], 1] }, of: WeightedSampleTests.variance)
    #expect(abs(width.error / exact.error - 1) < 1e-6)
  }

  @Test func coverage() throws {
    var generator = TestGenerator(seed: 132)
    let repetitions = 1200
    var covered = 0
    for _ in 0..<repetitions {
      let estimate = try Self.chains(&generator, lengths: [1500, 1500]).estimate(primary: 0)
      if abs(estimate.value - Self.mu) < estimate.error { covered += 1 }
    }
    let rate = Double(covered) / Double(repetitions)
    #expect(
      abs(rate - 0.6827) < 4.5 * (0.6827 * 0.3173 / Double(repetitions)).squareRoot() + 0.015)
  }

  /// Weights of 1 leave the plain Gamma method.
  @Test func equalWeights() throws {
    var generator = TestGenerator(seed: 133)
    let x = [400, 700].map { generator.autoregressive(0.5, count: $0) }
    let reweighted = try ReweightedChains(
      logWeights: x.map { $0.map { _ in -7 } }, primaries: x.map { [$0] }
    ).estimate(primary: 0)
    let plain = try GammaMethod().estimate(replica: x)
    #expect(abs(reweighted.value - plain.value) < 1e-13)
    #expect(abs(reweighted.error / plain.error - 1) < 1e-10)
    #expect(reweighted.window == plain.window)
    let consistency = try #require(reweighted.replicaConsistency)
    #expect(abs(consistency - (try #require(plain.replicaConsistency))) < 1e-9)
  }

  /// Too far: ten standard deviations away a handful of configurations carries everything.
  @Test func tooFar() throws {
    var generator = TestGenerator(seed: 134)
    let x = generator.autoregressive(0.5, count: 4000)
    let chains = try ReweightedChains(logWeights: [x.map { 10 * $0 }], primaries: [[x]])
    #expect(chains.verdict.outcome == .untrustworthy && chains.effectiveSamples < 50)
    #expect(chains.verdict.reasons[0].contains("measurements"))
    #expect(throws: StatisticsError.self) {
      try ReweightedChains(logWeights: [x], primaries: [[x], [x]])
    }
    #expect(throws: StatisticsError.self) {
      try ReweightedChains(logWeights: [x, x], primaries: [[x], [Array(x.dropLast())]])
    }
    #expect(throws: StatisticsError.self) {
      try ReweightedChains(logWeights: [x.map { _ in -.infinity }], primaries: [[x]])
    }
  }
}
