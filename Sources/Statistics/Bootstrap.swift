// SPDX-License-Identifier: GPL-3.0-or-later

/// The block bootstrap: the spread of a derived quantity over ensembles of bins drawn at random
/// with replacement.
///
/// Unlike the jackknife it also serves quantities that are not smooth in the means (medians, fits
/// that switch branch). The error is itself uncertain by 1/sqrt(2 samples) on top of the
/// jackknife's 1/sqrt(2 bins). B. Efron, Ann. Stat. 7 (1979) 1; H. R. Künsch, Ann. Stat. 17 (1989)
/// 1217.
public struct Bootstrap: Sendable {
  public let binning: Binning
  public let samples: Int

  /// Throws for fewer than two samples; 1000 make the bootstrap's own noise 2 % of the error.
  public init(_ binning: Binning, samples: Int = 1000) throws(StatisticsError) {
    if samples < 2 {
      throw .illegalParameter(name: "samples", value: Double(samples), legal: "2 or more")
    }
    (self.binning, self.samples) = (binning, samples)
  }

  /// A function f of the means of several observables, indexed [replica][observable][measurement].
  public func estimate<Generator: RandomNumberGenerator>(
    primaries: [[[Double]]], using generator: inout Generator,
    of quantity: ([Double]) throws -> Double
  ) rethrows -> ResamplingEstimate {
    let sizes = binning.bins.map { Double($0.measurements.count) }
    let observables = primaries.first?.count ?? 0
    let sums = (0..<observables).map { index in
      zip(sizes, binning.means(of: primaries.map { $0[index] })).map { $0 * $1 }
    }
    let total = sizes.reduce(0, +)
    let value = try quantity(sums.map { $0.reduce(0, +) / total })
    var drawn: [Double] = []
    for _ in 0..<samples {
      var counts = [Double](repeating: 0, count: sizes.count)
      for _ in sizes { counts[Int.random(in: sizes.indices, using: &generator)] += 1 }
      let measurements = zip(counts, sizes).reduce(0) { $0 + $1.0 * $1.1 }
      let means = sums.map { zip(counts, $0).reduce(0) { $0 + $1.0 * $1.1 } / measurements }
      drawn.append(try quantity(means))
    }
    return ResamplingEstimate(
      value: value, biasCorrectedValue: 2 * value - drawn.mean,
      error: drawn.variance.squareRoot(), bins: sizes.count)
  }
}
