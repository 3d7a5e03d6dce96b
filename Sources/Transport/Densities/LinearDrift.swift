// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A drift of R^d that is linear in its weights, b_t(x) = Σ_j c_j(t) ψ_j(x, t), with weights that are
/// linear in time between knots. Its divergence is exact.
public struct LinearDrift<Features: VelocityFeatures>: DivergenceDrift {
  public let features: Features
  /// The times at which weights are given, increasing from 0 to 1.
  public let knots: [Double]
  /// The weights c at each knot.
  public var weights: [[Double]]

  public init(features: Features, knots: [Double], weights: [[Double]]) {
    precondition(knots.count >= 2 && weights.count == knots.count, "weights for each knot")
    precondition(weights.allSatisfy { $0.count == features.count }, "a weight for each feature")
    self.features = features
    self.knots = knots
    self.weights = weights
  }

  /// All weights zero.
  public init(features: Features, knots: [Double]) {
    self.init(
      features: features, knots: knots,
      weights: Array(repeating: Array(repeating: 0, count: features.count), count: knots.count))
  }

  public var dimension: Int { features.dimension }

  /// c(t).
  public func weights(at time: Double) -> [Double] {
    // The interval that holds the time, by bisection; times outside get the nearest knot's weights.
    var (lower, upper) = (0, knots.count - 1)
    if time <= knots[lower] { return weights[lower] }
    if time >= knots[upper] { return weights[upper] }
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if knots[middle] <= time { lower = middle } else { upper = middle }
    }
    let share = (time - knots[lower]) / (knots[upper] - knots[lower])
    return zip(weights[lower], weights[upper]).map { (1 - share) * $0 + share * $1 }
  }

  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double]
  ) {
    precondition(batch.dimension == dimension && divergences.count == batch.count)
    let slice = features.slice(at: time)
    let weights = weights(at: time)
    weights.withUnsafeBufferPointer { weights in
      // Of no weights there is no address; any other will do, since none is read.
      let weights = weights.baseAddress ?? UnsafePointer(bitPattern: 8)!
      batch.withRows { rows in
        velocities.withMutableRows { velocities in
          for member in 0..<batch.count {
            divergences[member] = slice.velocity(
              at: rows + member * dimension, weights: weights,
              into: velocities + member * dimension)
          }
        }
      }
    }
  }
}
