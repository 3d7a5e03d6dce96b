// SPDX-License-Identifier: GPL-3.0-or-later

/// The potential scale reduction R-hat: how much wider all chains together are than a half of one.
///
/// With m half chains of n measurements, W the mean of their sample variances and V the sample
/// variance of their means, R-hat = sqrt(((n-1)/n W + V) / W); A. Gelman and D. Rubin, Stat. Sci. 7
/// (1992) 457, split as in A. Vehtari, A. Gelman, D. Simpson, B. Carpenter and P.-C. Bürkner,
/// Bayesian Anal. 16 (2021) 667, arXiv:1903.08008. Stationary chains give about
/// 1 + tau_int/n, so the customary bound of 1.01 presumes n above 100 tau_int.
public enum ScaleReduction {
  /// Split R-hat of one observable; 1 if no chain ever changes and all agree, infinite if constant
  /// chains disagree. For chains of unequal length n is the mean length of the half chains.
  ///
  /// Throws for chains of fewer than four measurements.
  public static func split(_ chains: [[Double]]) throws(StatisticsError) -> Double {
    try requireMeasurements(chains, minimumLength: 4)
    return ratio(halves(of: chains))
  }

  /// Split R-hat of the normal scores of the pooled ranks, the larger of that of the values (heavy
  /// tails cannot hide a shift) and of their distance from the median (chains of different width
  /// are found); Vehtari et al., section 4.1.
  public static func rankNormalized(_ chains: [[Double]]) throws(StatisticsError) -> Double {
    try requireMeasurements(chains, minimumLength: 4)
    let split = halves(of: chains).map { Array($0) }
    let sorted = split.flatMap { $0 }.sorted()
    let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    let folded = split.map { $0.map { abs($0 - median) } }
    return max(
      ratio(normalScores(split).map { $0[...] }), ratio(normalScores(folded).map { $0[...] }))
  }

  /// First and last half of each chain; the middle measurement of an odd chain is in neither.
  static func halves(of chains: [[Double]]) -> [ArraySlice<Double>] {
    chains.flatMap { [$0.prefix($0.count / 2), $0.suffix($0.count / 2)] }
  }

  private static func ratio(_ segments: [ArraySlice<Double>]) -> Double {
    let n = Double(segments.reduce(0) { $0 + $1.count }) / Double(segments.count)
    let within = segments.map(\.variance).mean
    let between = segments.map(\.mean).variance
    if within == 0 { return between == 0 ? 1 : .infinity }
    return ((n - 1) / n + between / within).squareRoot()
  }

  /// z = Phi^-1((rank - 3/8) / (S + 1/4)) of S pooled values, equal values sharing their mean rank.
  private static func normalScores(_ segments: [[Double]]) -> [[Double]] {
    let values = segments.flatMap { $0 }
    let order = values.indices.sorted { values[$0] < values[$1] }
    var scores = [Double](repeating: 0, count: values.count)
    var first = 0
    while first < order.count {
      var last = first
      while last + 1 < order.count && values[order[last + 1]] == values[order[first]] { last += 1 }
      let rank = Double(first + last) / 2 + 1
      let score = normalQuantile((rank - 0.375) / (Double(values.count) + 0.25))
      for position in first...last { scores[order[position]] = score }
      first = last + 1
    }
    var start = 0
    return segments.map { segment in
      defer { start += segment.count }
      return Array(scores[start..<start + segment.count])
    }
  }
}
