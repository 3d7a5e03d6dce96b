// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

@Suite struct GammaMethodTests {
  @Test(arguments: [0, 0.5, 0.9, 0.98])
  func autoregressiveChain(a: Double) throws {
    var generator = TestGenerator(seed: 11)
    let count = 200_000
    let estimate = try GammaMethod().estimate(generator.autoregressive(a, count: count))
    let tau = autoregressiveTau(a)
    let exact = autoregressiveVarianceOfMean(a, count: count).squareRoot()
    #expect(abs(estimate.tauIntegrated - tau) < 3 * estimate.tauIntegratedError + 0.01 * tau)
    #expect(estimate.tauIntegratedError < 0.12 * tau)
    #expect(abs(estimate.error - exact) < 4 * estimate.errorOfError)
    #expect(estimate.errorOfError < 0.06 * estimate.error)
    #expect(abs(estimate.value) < 4 * exact)
    #expect(estimate.isReliable && estimate.windowIsReliable)
    #expect(estimate.replicaConsistency == nil && estimate.bias == nil)
    #expect(estimate.autocorrelation.count == estimate.window + 1)
    #expect(estimate.effectiveSamples == Double(count) / (2 * estimate.tauIntegrated))
    // Adjacent rho has the spread sqrt((1 - a^2)/N) (Bartlett).
    let spread = ((1 - a * a) / Double(count)).squareRoot()
    #expect(abs(estimate.autocorrelation[1] - a) < 4.5 * spread)
  }

  @Test func pullsOfTheMeanAreStandardNormal() throws {
    var generator = TestGenerator(seed: 5)
    for centering in [GammaMethod.Centering.replicaMeans, .pooledMean] {
      let method = try GammaMethod(centering: centering)
      var pulls: [Double] = []
      for _ in 0..<1000 {
        let replica = [700, 900, 400].map { generator.autoregressive(0.5, count: $0) }
        let estimate = try method.estimate(replica: replica)
        pulls.append(estimate.value / estimate.error)
      }
      let (mean, variance) = meanAndVariance(pulls)
      #expect(abs(mean) < 4.5 / 1000.0.squareRoot())
      // The spread of a normal variance, 2/M, and 2 % of noise and bias in the errors themselves.
      #expect(abs(variance - 1) < 4.5 * (2.0 / 1000).squareRoot() + 0.02)
    }
  }

  /// The definitions written out once more, without windows, blocks and Fourier transforms.
  @Test(arguments: [[40], [31, 17, 7], [9, 9]])
  func definitionsOnSmallChains(lengths: [Int]) throws {
    var generator = TestGenerator(seed: 3)
    let replica = lengths.map { count in generator.autoregressive(0.7, count: count).map { $0 + 5 }
    }
    let n = Double(lengths.reduce(0, +))
    for centering in [GammaMethod.Centering.replicaMeans, .pooledMean] {
      let estimate = try GammaMethod(centering: centering).estimate(replica: replica)
      let pooled = replica.flatMap { $0 }.reduce(0, +) / n
      #expect(abs(estimate.value - pooled) < 1e-13)
      func gamma(_ lag: Int) -> Double {
        var (sum, pairs) = (0.0, 0.0)
        for series in replica where series.count > lag {
          let own = series.reduce(0, +) / Double(series.count)
          let center = centering == .pooledMean ? pooled : own
          for i in 0..<series.count - lag {
            sum += (series[i] - center) * (series[i + lag] - center)
            pairs += 1
          }
        }
        return sum / pairs
      }
      let w = estimate.window
      // Anticorrelations are not credited: tau(W) is at least 1/2.
      func tau(_ w: Int) -> Double {
        max((1...w).reduce(0.5) { $0 + gamma($1) / gamma(0) }, 0.5 + Double.ulpOfOne)
      }
      let corrected = tau(w) * (1 + Double(2 * w + 1) / n) / (1 + 1 / n)
      #expect(abs(estimate.tauIntegrated - corrected) < 1e-12)
      let square = 2 * corrected * gamma(0) * (1 + 1 / n) / n
      #expect(abs(estimate.error * estimate.error / square - 1) < 1e-12)
      func criterion(_ w: Int) -> Double {
        let decay = 2 / log((2 * tau(w) + 1) / (2 * tau(w) - 1))
        return exp(-Double(w) / decay) - decay / (Double(w) * n).squareRoot()
      }
      #expect((1..<w).allSatisfy { criterion($0) >= 0 })
      #expect((criterion(w) < 0) == estimate.windowIsReliable)
    }
  }

  /// Beyond 256 lags the autocorrelations come from a Fourier transform: they must be the same sums.
  @Test func longWindowsAreTheSameSums() throws {
    var generator = TestGenerator(seed: 8)
    let replica = [5000, 3001].map { generator.autoregressive(0.99, count: $0) }
    let estimate = try GammaMethod().estimate(replica: replica)
    #expect(estimate.window > 300)
    let centered = replica.map { series in
      let mean = series.reduce(0, +) / Double(series.count)
      return series.map { $0 - mean }
    }
    func gamma(_ lag: Int) -> Double {
      let sums = centered.map { s in (0..<s.count - lag).reduce(0.0) { $0 + s[$1] * s[$1 + lag] } }
      return sums.reduce(0, +) / Double(8001 - 2 * lag)
    }
    for lag in [1, 7, 8, 255, 256, 257, estimate.window] {
      #expect(abs(estimate.autocorrelation[lag] - gamma(lag) / gamma(0)) < 1e-12)
    }
  }

  @Test func aMillionMeasurementsAreQuick() throws {
    // A straight line never decorrelates: the window goes on for tens of thousands of lags.
    let line = (0..<1_000_000).map { Double($0) }
    let clock = ContinuousClock()
    var estimate: GammaEstimate?
    let duration = try clock.measure { estimate = try GammaMethod().estimate(line) }
    #expect(try #require(estimate).window > 50_000)
    #expect(try #require(estimate).isReliable == false)
    #expect(duration < .seconds(20))
  }

  @Test func constantSeriesHaveNoError() throws {
    let estimate = try GammaMethod().estimate(replica: [
      [Double](repeating: 0.1, count: 77), [Double](repeating: 0.1, count: 20),
    ])
    #expect(estimate.value == 0.1 && estimate.error == 0 && estimate.errorOfError == 0)
    #expect(estimate.tauIntegrated == 0.5 && estimate.window == 0 && !estimate.isReliable)
    #expect(estimate.replicaConsistency == 1)
    let different = try GammaMethod().estimate(replica: [
      [Double](repeating: 0.1, count: 77), [Double](repeating: 0.2, count: 20),
    ])
    #expect(different.replicaConsistency == 0)
  }

  /// Eight short replica, each frozen at +1 or -1: rho = 1 at every lag up to the last, 9.
  @Test func anOpenWindowIsReported() throws {
    let replica = (0..<8).map { [Double](repeating: $0 < 4 ? 1 : -1, count: 20) }
    let estimate = try GammaMethod(centering: .pooledMean).estimate(replica: replica)
    #expect(!estimate.windowIsReliable && !estimate.isReliable)
    #expect(estimate.window == 9 && estimate.autocorrelation.allSatisfy { $0 == 1 })
  }

  @Test func shortChainsAreUnreliable() throws {
    var generator = TestGenerator(seed: 2)
    #expect(try !GammaMethod().estimate(generator.autoregressive(0.95, count: 500)).isReliable)
  }

  @Test func badInputIsNamed() throws {
    let method = GammaMethod()
    #expect(throws: StatisticsError.tooFewMeasurements(replica: 1, measurements: 4, needed: 5)) {
      try method.estimate(replica: [[1, 2, 3, 4, 5], [1, 2, 3, 4]])
    }
    #expect(throws: StatisticsError.noReplica) { try method.estimate(replica: []) }
    #expect(throws: StatisticsError.notFinite(replica: 0, measurement: 2, value: .infinity)) {
      try method.estimate([1, 2, .infinity, 4, 5])
    }
    #expect(throws: StatisticsError.self) { try GammaMethod(windowParameter: 0) }
    let series = [1.0, 2, 3, 4, 5]
    #expect(
      throws: StatisticsError.mismatchedPrimaries(replica: 1, found: [5], expected: [5, 5])
    ) {
      try method.estimate(primaries: [[series, series], [series]]) { $0[0] }
    }
    #expect(throws: StatisticsError.derivedQuantityUndefined(means: [3])) {
      try method.estimate(primaries: [[series]]) { log(-$0[0]) }
    }
    #expect(
      "\(StatisticsError.tooFewMeasurements(replica: 1, measurements: 4, needed: 5))"
        == "replica 1: 4 measurements; legal: at least 5")
  }
}
