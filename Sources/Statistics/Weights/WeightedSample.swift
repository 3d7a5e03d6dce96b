// SPDX-License-Identifier: GPL-3.0-or-later

/// Weighted measurements of several primary observables on independent units of walkers.
///
/// Means are ratios, <O> = sum_i w_i O_i / sum_i w_i, and so biased by -cov(w, w O - w <O>)/(N
/// <w>^2), of order 1/N_eff, one over the effective sample size times the correlation of O with w:
/// far below the error, of order 1/sqrt(N_eff), for large samples. `biasCorrectedValue` of an
/// estimate has it removed to that order.
public struct WeightedSample: Sendable {
  public let weights: LogWeights
  /// The measurements, indexed [observable][walker]. Those of weight zero are never used and need
  /// not be finite.
  public let primaries: [[Double]]
  /// sum w O / sum w of each primary.
  public let means: [Double]
  /// w (O - mean) / w_max summed over each unit, indexed [observable][unit].
  private let deviations: [[Double]]
  /// w / w_max summed over each unit.
  private let unitWeights: [Double]

  /// Throws if all weights are zero, if a primary has not one value for each walker, or one that is
  /// not finite at a walker of weight above zero.
  public init(weights: LogWeights, primaries: [[Double]]) throws(StatisticsError) {
    if weights.areAllZero { throw .allWeightsZero(weights: weights.count) }
    let expected = [Int](repeating: weights.count, count: max(1, primaries.count))
    if primaries.map(\.count) != expected {
      throw .mismatchedPrimaries(replica: 0, found: primaries.map(\.count), expected: expected)
    }
    let relative = weights.relativeWeights
    unitWeights = unitSums(relative, unitSize: weights.unitSize)
    let total = unitWeights.reduce(0, +)
    var (means, deviations): ([Double], [[Double]]) = ([], [])
    for series in primaries {
      for (walker, value) in series.enumerated()
      where !value.isFinite && weights.values[walker] > -.infinity {
        throw .notFinite(replica: walker / weights.unitSize, measurement: walker, value: value)
      }
      // A first mean, and the mean of what is left of it: constants are reproduced exactly.
      let origin = weightedSums(series, minus: 0, relative, weights.unitSize).reduce(0, +) / total
      let rest = weightedSums(series, minus: origin, relative, weights.unitSize)
      let mean = origin + rest.reduce(0, +) / total
      means.append(mean)
      deviations.append(weightedSums(series, minus: mean, relative, weights.unitSize))
    }
    (self.weights, self.primaries, self.means) = (weights, primaries, means)
    self.deviations = deviations
  }

  /// The covariance matrix of the means by the delta method,
  /// C_ab = U/(U-1) sum_u d_u^a d_u^b with d_u^a = sum_{i in u} w_i (O^a_i - mean^a) / sum w.
  ///
  /// NaN with fewer than `WeightedEstimate.minimumUnits` units.
  public var covariance: [[Double]] {
    let (units, total) = (Double(unitWeights.count), unitWeights.reduce(0, +))
    let enough = unitWeights.count >= WeightedEstimate.minimumUnits
    let factor = enough ? units / (units - 1) / (total * total) : .nan
    return deviations.map { first in
      deviations.map { second in factor * zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } }
    }
  }

  /// The mean of one primary.
  public func estimate(primary index: Int) throws -> WeightedEstimate {
    var slope = [Double](repeating: 0, count: means.count)
    slope[index] = 1
    return try estimate(gradient: { _ in slope }, of: { $0[index] })
  }

  /// A function f of the means of the primaries.
  ///
  /// Without `gradient`, df/dO_a is taken by central differences within a thousandth of the naive
  /// error of each primary. Throws what f throws, and
  /// `StatisticsError.derivedQuantityUndefined` if f or its gradient is not finite at the means.
  public func estimate(
    gradient: (([Double]) throws -> [Double])? = nil, of quantity: ([Double]) throws -> Double
  ) throws -> WeightedEstimate {
    let value = try quantity(means)
    if !value.isFinite { throw StatisticsError.derivedQuantityUndefined(means: means) }
    guard let jackknife = try WeightedEstimate.jackknife(units: unitWeights.count) else {
      return WeightedEstimate(valueOnly: value, units: unitWeights.count)
    }
    let total = unitWeights.reduce(0, +)
    let naive = deviations.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() / total }
    let slope =
      try gradient?(means) ?? centralGradient(at: means, steps: naive, of: quantity)
    if slope.count != means.count || !slope.allSatisfy(\.isFinite) {
      throw StatisticsError.derivedQuantityUndefined(means: means)
    }
    let influences = unitWeights.indices.map { unit in
      means.indices.reduce(0) { $0 + slope[$1] * deviations[$1][unit] } / total
    }
    let resampled = try jackknife.estimate(primaries: [[unitWeights] + deviations]) { sums in
      try quantity(zip(means, sums.dropFirst()).map { $0 + $1 / sums[0] })
    }
    return WeightedEstimate(value: value, influences: influences, jackknife: resampled)
  }
}

/// sum_{i in u} w_i (O_i - origin) of each unit; walkers of weight zero are left out.
func weightedSums(
  _ series: [Double], minus origin: Double, _ weights: [Double], _ unitSize: Int
) -> [Double] {
  unitSums(
    zip(weights, series).map { $0 == 0 ? 0 : $0 * ($1 - origin) }, unitSize: unitSize)
}
