// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

@Suite struct ResamplingTests {
  @Test func binsCoverEveryReplicaAndCrossNone() throws {
    let lengths = [23, 10, 47]
    let binning = try Binning(lengths: lengths, size: 5)
    #expect(binning.bins.count == 4 + 2 + 9)
    for (replica, length) in lengths.enumerated() {
      let ranges = binning.bins.filter { $0.replica == replica }.map(\.measurements)
      #expect(ranges.flatMap { Array($0) } == Array(0..<length))
      #expect(ranges.allSatisfy { (5...7).contains($0.count) })
    }
  }

  @Test func binSizesFollowTau() throws {
    let binning = try Binning.automatic(lengths: [1000, 500], tauIntegrated: 3.2)
    #expect(binning.size == 40 && binning.bins.count == 25 + 12)
    #expect(throws: StatisticsError.tooFewBins(binSize: 100, bins: 15, needed: 20)) {
      try Binning.automatic(lengths: [1000, 500], tauIntegrated: 9.5)
    }
    #expect(throws: StatisticsError.self) {
      try Binning.automatic(lengths: [9], tauIntegrated: .nan)
    }
    #expect(throws: StatisticsError.tooFewMeasurements(replica: 1, measurements: 4, needed: 5)) {
      try Binning(lengths: [10, 4], size: 5)
    }
    #expect(throws: StatisticsError.tooFewBins(binSize: 5, bins: 1, needed: 2)) {
      try Binning(lengths: [9], size: 5)
    }
    #expect(throws: StatisticsError.self) { try Binning(lengths: [9], size: 0) }
  }

  /// For a mean and equal bins the jackknife is the standard error of the bin means.
  @Test func jackknifeOfTheMean() throws {
    var generator = TestGenerator(seed: 31)
    let replica = [60, 40].map { generator.autoregressive(0.5, count: $0) }
    let binning = try Binning(lengths: [60, 40], size: 10)
    let (mean, variance) = meanAndVariance(binning.means(of: replica))
    let estimate = Jackknife(binning).estimate(mean: replica)
    #expect(abs(estimate.value - mean) < 1e-14 && estimate.bins == 10)
    #expect(abs(estimate.biasCorrectedValue - mean) < 1e-13)
    #expect(abs(estimate.error / (variance / 10).squareRoot() - 1) < 1e-12)
  }

  /// The jackknife of the squared mean removes its bias exactly: mean^2 - s^2/n.
  @Test func jackknifeBias() throws {
    let series = [3.0, -1, 4, 1, -5, 9, 2, 6]
    let binning = try Binning(lengths: [8], size: 1)
    let estimate = Jackknife(binning).estimate(primaries: [[series]]) { $0[0] * $0[0] }
    let (mean, variance) = meanAndVariance(series)
    #expect(abs(estimate.value - mean * mean) < 1e-13)
    #expect(abs(estimate.biasCorrectedValue - (mean * mean - variance / 8)) < 1e-12)
  }

  /// Bins of unequal size: the pseudo values of the definition, and unbiased on the squared mean.
  @Test func unequalBins() throws {
    var generator = TestGenerator(seed: 32)
    let binning = try Binning(lengths: [11], size: 3)
    #expect(Set(binning.bins.map(\.measurements.count)) == [3, 4])
    var (squares, variances, means): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<4000 {
      let series = generator.autoregressive(0, count: 11)
      let estimate = Jackknife(binning).estimate(primaries: [[series]]) { $0[0] * $0[0] }
      squares.append(estimate.biasCorrectedValue)
      let direct = Jackknife(binning).estimate(mean: [series])
      variances.append(direct.error * direct.error)
      means.append(direct.value - direct.biasCorrectedValue)
    }
    let square = meanAndVariance(squares)
    #expect(abs(square.mean) < 4.5 * (square.variance / 4000).squareRoot())
    let variance = meanAndVariance(variances)
    #expect(abs(variance.mean - 1.0 / 11) < 4.5 * (variance.variance / 4000).squareRoot())
    #expect(means.allSatisfy { abs($0) < 1e-14 })
  }

  /// Gamma method, jackknife and bootstrap see the same error; their noise is known.
  @Test func methodsAgree() throws {
    var generator = TestGenerator(seed: 33)
    let primaries = [20_000, 12_000].map { DerivedQuantityTests.chain(&generator, count: $0) }
    let gamma = try GammaMethod().estimate(primaries: primaries, of: DerivedQuantityTests.ratio)
    // The bins must suit the slowest part, although it cancels here.
    let binning = try Binning.automatic(lengths: [20_000, 12_000], tauIntegrated: 9.5)
    let jackknife = Jackknife(binning).estimate(
      primaries: primaries, of: DerivedQuantityTests.ratio)
    let bootstrap = try Bootstrap(binning).estimate(
      primaries: primaries, using: &generator, of: DerivedQuantityTests.ratio)
    let noise = 1 / (2 * Double(jackknife.bins - 1)).squareRoot()
    let combined = (noise * noise + pow(gamma.errorOfError / gamma.error, 2)).squareRoot()
    #expect(abs(jackknife.error / gamma.error - 1) < 4 * combined)
    #expect(abs(bootstrap.error / jackknife.error - 1) < 4 / 2000.0.squareRoot())
    #expect(abs(jackknife.value - gamma.value) < 1e-12 && bootstrap.value == jackknife.value)
    #expect(throws: StatisticsError.self) { try Bootstrap(binning, samples: 1) }
  }

  @Test func plateau() throws {
    var generator = TestGenerator(seed: 34)
    let replica = [40_000, 25_000].map { generator.autoregressive(0.8, count: $0) }
    let rows = try Binning.plateau(replica: replica)
    #expect(rows.map(\.binSize) == (0...11).map { 1 << $0 })
    for row in rows {
      // The exact error from bins of b steps: the variance of a bin mean over the number of bins.
      let exact = autoregressiveVarianceOfMean(0.8, count: row.binSize) / Double(row.bins)
      // Unbinned, the squares are correlated: their effective number is N (1-a^2)/(1+a^2).
      let spread = row.errorOfError * (row.binSize < 16 ? 1.64 / 0.36 : 1).squareRoot()
      #expect(abs(row.error - exact.squareRoot()) < 4.5 * spread)
    }
    #expect(throws: StatisticsError.tooFewBins(binSize: 1, bins: 19, needed: 20)) {
      try Binning.plateau(replica: [[Double](repeating: 1, count: 19)])
    }
  }
}
