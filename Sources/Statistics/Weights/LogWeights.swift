// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The logarithms of the weights of N walkers, with what they say by themselves: the ratio of
/// normalisations, the effective sample size, and whether errors can be trusted.
///
/// Walkers come in units of `unitSize` consecutive ones, and only units are independent of each
/// other: one walker for annealed importance sampling, a whole population of M walkers where they
/// were resampled together. Errors are taken over units. A weight of zero, log w = -infinity, is
/// legal (a walker that diverged). Sums are taken in the order of the walkers, of w / w_max, so
/// that nothing overflows.
public struct LogWeights: Sendable {
  /// log w of each walker, unit after unit.
  public let values: [Double]
  /// The number of consecutive walkers that depend on each other.
  public let unitSize: Int
  /// The largest log w; -infinity if all weights are zero.
  public let largest: Double
  /// w / w_max of each walker; all zero if all weights are.
  public let relativeWeights: [Double]
  /// log[(1/N) sum_i w_i], the estimate of log(Z_1/Z_0).
  ///
  /// The mean weight itself is unbiased, E[(1/N) sum w] = Z_1/Z_0, but its logarithm is too small
  /// by about var(w) / (2 N <w>^2) = (1/ESS fraction - 1) / (2 N) with independent walkers;
  /// `biasCorrectedValue` has the jackknife estimate of that subtracted. -infinity without error if
  /// all weights are zero.
  public let logMean: WeightedEstimate
  /// The effective sample size as a fraction of N, (sum w)^2 / (N sum w^2), between 1/N and 1.
  /// L. Kish, Survey Sampling (1965). Gaussian log-weights of variance s^2 have exp(-s^2). It is
  /// blind to modes that no walker has found. 0 if all weights are zero.
  public let effectiveFraction: WeightedEstimate
  /// The fraction of the total weight that the heaviest walker carries; NaN if all are zero.
  public let largestShare: Double
  /// The fraction of the total weight that the heaviest unit carries; NaN if all are zero.
  public let largestUnitShare: Double
  /// (sum_u W_u)^2 / sum_u W_u^2 with the total weights W_u of the units.
  public let effectiveUnits: Double
  /// The shape k of the generalised Pareto distribution fitted to the largest unit weights, which
  /// have moments of orders below 1/k only: see `ParetoTail`. Nil below 25 units, and where the
  /// largest weights do not spread.
  public let paretoShape: Double?

  /// How far the logarithms of the unit weights W spread above their median m: s^2 = (2/U) sum_{log
  /// W > m} (log W - m)^2, the standard deviation if they are normal. Unlike the effective sample
  /// size it does not depend on the few largest weights. Nil if half of the units or more have
  /// weight zero.
  public let logSpread: Double?

  /// Throws if there are no walkers, if a logarithm is NaN or +infinity, or if unitSize does not
  /// divide their number.
  public init(_ values: [Double], unitSize: Int = 1) throws(StatisticsError) {
    let largest = try largestLogWeight(values)
    if unitSize < 1 || values.count % unitSize != 0 {
      throw .illegalParameter(
        name: "unitSize", value: Double(unitSize),
        legal: "a divisor of the number of walkers, \(values.count)")
    }
    let weights = relativeToLargest(values, largest)
    let sums = unitSums(weights, unitSize: unitSize)
    let squares = unitSums(weights.map { $0 * $0 }, unitSize: unitSize)
    let (total, totalSquare) = (sums.reduce(0, +), squares.reduce(0, +))
    (self.values, self.unitSize, self.largest) = (values, unitSize, largest)
    relativeWeights = weights
    largestShare = total > 0 ? 1 / total : .nan
    if largest == -.infinity {
      logMean = WeightedEstimate(valueOnly: -.infinity, units: sums.count)
      effectiveFraction = WeightedEstimate(valueOnly: 0, units: sums.count)
      (largestUnitShare, effectiveUnits, paretoShape, logSpread) = (.nan, 0, nil, nil)
      return
    }
    let (walkers, units, size) = (Double(values.count), Double(sums.count), Double(unitSize))
    // d log(sum w) and d log[(sum w)^2 / sum w^2] of each unit
    let shares = sums.map { $0 / total - 1 / units }
    let fractionValue = total * total / (walkers * totalSquare)
    let fractionInfluences = zip(shares, squares).map {
      fractionValue * (2 * $0 - ($1 / totalSquare - 1 / units))
    }
    let jackknife = try WeightedEstimate.jackknife(units: sums.count)
    logMean = WeightedEstimate(
      value: largest + log(total / walkers), influences: shares,
      jackknife: jackknife?.estimate(primaries: [[sums]]) { largest + log($0[0] / size) })
    effectiveFraction = WeightedEstimate(
      value: fractionValue, influences: fractionInfluences,
      jackknife: jackknife?.estimate(primaries: [[sums, squares]]) {
        $0[0] * $0[0] / (size * $0[1])
      })
    largestUnitShare = sums.reduce(0, max) / total
    effectiveUnits = total * total / sums.reduce(0) { $0 + $1 * $1 }
    paretoShape = ParetoTail(of: sums)?.shape
    logSpread = spreadAboveMedian(sums.map { $0 == 0 ? -.infinity : log($0) })
  }

  /// N, the number of walkers.
  public var count: Int { values.count }
  /// The number of independent units.
  public var units: Int { values.count / unitSize }
  /// Whether every weight is zero.
  public var areAllZero: Bool { largest == -.infinity }

  /// The effective sample size (sum w)^2 / sum w^2 as a number of walkers.
  public var effectiveSamples: WeightedEstimate {
    var estimate = effectiveFraction
    let walkers = Double(count)
    estimate.value *= walkers
    estimate.error *= walkers
    estimate.jackknifeError *= walkers
    estimate.biasCorrectedValue *= walkers
    return estimate
  }

  /// w_i / sum w of each walker; all NaN if all weights are zero.
  public var shares: [Double] {
    let total = unitSums(relativeWeights, unitSize: unitSize).reduce(0, +)
    return relativeWeights.map { $0 / total }
  }
}

/// sqrt[(2/U) sum (l - m)^2] over the l above their median m; nil if that is -infinity.
private func spreadAboveMedian(_ logarithms: [Double]) -> Double? {
  let sorted = logarithms.sorted()
  let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
  if low == -.infinity { return nil }
  let median = (low + high) / 2
  let squares = sorted.reduce(0) { $0 + ($1 > median ? ($1 - median) * ($1 - median) : 0) }
  return (2 * squares / Double(sorted.count)).squareRoot()
}

/// The largest log w, -infinity if all weights are zero; throws if there are none, or for NaN and
/// +infinity.
func largestLogWeight(_ values: [Double]) throws(StatisticsError) -> Double {
  if values.isEmpty { throw .noReplica }
  if let bad = values.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
    throw .illegalParameter(
      name: "logWeights[\(bad)]", value: values[bad], legal: "finite, or -infinity for weight 0")
  }
  return values.reduce(-Double.infinity, max)
}

/// w / w_max; zero where all weights are.
func relativeToLargest(_ logarithms: [Double], _ largest: Double) -> [Double] {
  logarithms.map { $0 == -.infinity ? 0 : exp($0 - largest) }
}

/// The sum of each unit of consecutive values, in their order.
func unitSums(_ values: [Double], unitSize: Int) -> [Double] {
  stride(from: 0, to: values.count, by: unitSize).map { start in
    var sum = 0.0
    for index in start..<start + unitSize { sum += values[index] }
    return sum
  }
}
