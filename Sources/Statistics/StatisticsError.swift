// SPDX-License-Identifier: GPL-3.0-or-later

/// What was wrong with the data or parameters handed to an analysis.
public enum StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There was no series at all.
  case noReplica
  /// A replica holds fewer measurements than the method needs.
  case tooFewMeasurements(replica: Int, measurements: Int, needed: Int)
  /// A measurement is NaN or infinite.
  case notFinite(replica: Int, measurement: Int, value: Double)
  /// The replica hold different numbers of primary observables, or series of different lengths.
  case mismatchedPrimaries(replica: Int, found: [Int], expected: [Int])
  /// A derived quantity or its gradient is NaN, infinite or of the wrong length at these means.
  case derivedQuantityUndefined(means: [Double])
  /// The data do not fill enough bins of the required size.
  case tooFewBins(binSize: Int, bins: Int, needed: Int)
  /// A parameter is outside of what is legal.
  case illegalParameter(name: String, value: Double, legal: String)
  /// Every weight is zero, so that no weighted average is defined.
  case allWeightsZero(weights: Int)
  /// A quantity is not determined by these data.
  case undetermined(quantity: String, reason: String)
  /// An iteration did not reach its tolerance.
  case notConverged(method: String, iterations: Int, residual: Double, tolerance: Double)

  public var description: String {
    switch self {
    case .noReplica:
      "replica: 0 series given; legal: at least one"
    case .tooFewMeasurements(let replica, let measurements, let needed):
      "replica \(replica): \(measurements) measurements; legal: at least \(needed)"
    case .notFinite(let replica, let measurement, let value):
      "replica \(replica), measurement \(measurement): \(value); legal: finite numbers"
    case .mismatchedPrimaries(let replica, let found, let expected):
      "replica \(replica): primary series of lengths \(found); legal: \(expected)"
    case .derivedQuantityUndefined(let means):
      "derived quantity at the primary means \(means): undefined; legal: a finite value and a "
        + "finite gradient with one component for each primary"
    case .tooFewBins(let binSize, let bins, let needed):
      "bin size \(binSize): leaves \(bins) bins; legal: at least \(needed) bins"
    case .illegalParameter(let name, let value, let legal):
      "\(name): \(value); legal: \(legal)"
    case .allWeightsZero(let weights):
      "weights: all \(weights) are zero; legal: at least one above zero"
    case .undetermined(let quantity, let reason):
      "\(quantity): undetermined, \(reason)"
    case .notConverged(let method, let iterations, let residual, let tolerance):
      "\(method): residual \(residual) after \(iterations) iterations; legal: below \(tolerance)"
    }
  }
}

/// Throws unless there is a replica and each has enough measurements, all of them finite.
func requireMeasurements(_ replica: [[Double]], minimumLength: Int) throws(StatisticsError) {
  if replica.isEmpty { throw .noReplica }
  for (index, series) in replica.enumerated() {
    if series.count < minimumLength {
      throw .tooFewMeasurements(
        replica: index, measurements: series.count, needed: minimumLength)
    }
    if let bad = series.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(replica: index, measurement: bad, value: series[bad])
    }
  }
}
