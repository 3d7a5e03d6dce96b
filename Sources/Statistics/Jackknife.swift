// SPDX-License-Identifier: GPL-3.0-or-later

/// What a resampling method says of a derived quantity.
public struct ResamplingEstimate: Sendable, Equatable {
  /// f(pooled means).
  public var value: Double
  /// `value` with the resampling estimate of the bias of f subtracted.
  public var biasCorrectedValue: Double
  /// The standard error.
  public var error: Double
  /// How many bins were treated as independent.
  public var bins: Int

  /// The value with its error, as in 1.2345(67).
  public var uncertain: Uncertain { Uncertain(value, error) }
}

/// The jackknife that leaves out one bin at a time.
///
/// With f_j = f(means without bin j), bins of n_j of the N measurements and h_j = N/n_j, the pseudo
/// values are p_j = h_j f - (h_j - 1) f_j; their mean weighted with 1/h_j corrects the bias, f_J =
/// g f - sum_j (1 - 1/h_j) f_j, and error^2 = (1/g) sum_j (p_j - f_J)^2 / (h_j - 1) over the g
/// bins. F. Busing, E. Meijer and R. van der Leeden, Stat. Comput. 9 (1999) 3; for equal bins this
/// is Tukey's (g-1)/g sum_j (f_j - <f_j>)^2. The bins must be several autocorrelation times long.
public struct Jackknife: Sendable {
  public let binning: Binning

  public init(_ binning: Binning) { self.binning = binning }

  /// The mean of one observable, indexed [replica][measurement] with the lengths of the binning.
  public func estimate(mean replica: [[Double]]) -> ResamplingEstimate {
    estimate(sums: [binSums(replica)]) { $0[0] }
  }

  /// A function f of the means of several observables, indexed [replica][observable][measurement].
  public func estimate(
    primaries: [[[Double]]], of quantity: ([Double]) throws -> Double
  ) rethrows -> ResamplingEstimate {
    let observables = primaries.first?.count ?? 0
    let sums = (0..<observables).map { index in binSums(primaries.map { $0[index] }) }
    return try estimate(sums: sums, of: quantity)
  }

  private func binSums(_ replica: [[Double]]) -> [Double] {
    zip(binning.bins, binning.means(of: replica)).map { Double($0.measurements.count) * $1 }
  }

  private func estimate(
    sums: [[Double]], of quantity: ([Double]) throws -> Double
  ) rethrows -> ResamplingEstimate {
    let sizes = binning.bins.map { Double($0.measurements.count) }
    let (total, g) = (sizes.reduce(0, +), Double(sizes.count))
    let totals = sums.map { $0.reduce(0, +) }
    let value = try quantity(totals.map { $0 / total })
    let without = try sizes.indices.map { bin in
      try quantity(
        sums.indices.map { (totals[$0] - sums[$0][bin]) / (total - sizes[bin]) })
    }
    // f_J - f = sum_j (1 - n_j/N) (f - f_j), since the weights sum to g - 1.
    var correction = 0.0
    for (size, left) in zip(sizes, without) { correction += (1 - size / total) * (value - left) }
    var square = 0.0
    for (size, left) in zip(sizes, without) {
      let h = total / size
      let deviation = (h - 1) * (value - left) - correction
      square += deviation * deviation / (h - 1)
    }
    return ResamplingEstimate(
      value: value, biasCorrectedValue: value + correction,
      error: (square / g).squareRoot(), bins: sizes.count)
  }
}
