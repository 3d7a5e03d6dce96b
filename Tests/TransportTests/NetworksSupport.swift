// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import Networks
import RandomStreams
import Transport

/// Laws of drifts, and batches to try them on.
enum DriftLaws {
  static func batch(_ count: Int, _ dimension: Int, seed: UInt64 = 7) -> Configurations {
    var batch = Configurations(count: count, dimension: dimension)
    batch.withMutableRows {
      RandomStreams(seed: seed).fillNormals(
        $0, count: count * dimension, purpose: .initialField, walker: 0, step: 0)
    }
    return batch
  }

  static func signs(_ count: Int, _ dimension: Int) -> Configurations {
    var batch = batch(count, dimension, seed: 11)
    for index in batch.values.indices { batch.values[index] = batch.values[index] < 0 ? -1 : 1 }
    return batch
  }

  static func velocities(_ drift: some Drift, _ batch: Configurations, _ time: Double)
    -> Configurations
  {
    var velocities = batch
    drift.velocities(of: batch, at: time, into: &velocities)
    return velocities
  }

  /// The largest difference of the divergence and the trace of the numerical Jacobian, of fourth order
  /// in its step.
  static func divergenceError(_ drift: some DivergenceDrift, at time: Double = 0.3) -> Double {
    let (count, dimension) = (3, drift.dimension)
    let batch = batch(count, dimension)
    var values = batch
    var divergences = Array(repeating: 0.0, count: count)
    drift.velocities(of: batch, at: time, into: &values, divergences: &divergences)
    var traces = Array(repeating: 0.0, count: count)
    let step = 1e-3
    for component in 0..<dimension {
      for (shift, weight) in [(1.0, 8.0), (-1, -8), (2, -1), (-2, 1)] {
        var moved = batch
        for member in 0..<count { moved.values[member * dimension + component] += shift * step }
        let velocities = velocities(drift, moved, time)
        for member in 0..<count {
          traces[member] += weight * velocities.values[member * dimension + component] / (12 * step)
        }
      }
    }
    let errors = zip(traces, divergences).map { abs($0 - $1) / max(1, abs($0)) }
    return errors.contains { $0.isNaN } ? .infinity : errors.max()!
  }

  /// The largest difference of the pullback and difference quotients by each parameter, of the loss
  /// L = Σ c·b + Σ d ∇·b with fixed c and d, relative to the largest derivative.
  static func pullbackError<D: TrainableDrift>(_ drift: D) -> Double {
    let (count, dimension) = (5, drift.dimension)
    let batch = batch(count, dimension)
    let times = (0..<count).map { 0.1 + 0.2 * Double($0) }
    let probes = drift.needsProbes ? signs(count, dimension) : nil
    let bars = DriftValues(
      velocities: self.batch(count, dimension, seed: 3), divergences: [0.3, -0.8, 0.5, 0.1, -0.2])
    let gradient = drift.pullback(of: batch, at: times, cotangents: bars, probes: probes)
    func loss(_ parameters: [Double]) -> Double {
      var moved = drift
      moved.parameters = parameters
      let values = moved.values(of: batch, at: times, probes: probes, workers: Workers(1))
      return zip(values.velocities.values, bars.velocities.values).reduce(0) { $0 + $1.0 * $1.1 }
        + zip(values.divergences, bars.divergences).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return gradientError(drift.parameters, gradient, loss)
  }

  static func gradientError(
    _ parameters: [Double], _ gradient: [Double], step: Double = 1e-5,
    _ loss: ([Double]) -> Double
  ) -> Double {
    var worst = 0.0
    var largest = 0.0
    for index in parameters.indices {
      var values = parameters
      values[index] = parameters[index] + step
      let plus = loss(values)
      values[index] = parameters[index] - step
      let quotient = (plus - loss(values)) / (2 * step)
      let difference = abs(quotient - gradient[index])
      worst = difference.isNaN ? .infinity : max(worst, difference)
      largest = max(largest, abs(quotient))
    }
    return worst / largest
  }

  /// The largest difference of b(Pφ) and P b(φ), where (Pφ)(x) = sign φ(source(x)).
  static func equivarianceError(_ drift: some Drift, sign: Double = 1, _ source: (Int) -> Int)
    -> Double
  {
    let batch = batch(3, drift.dimension)
    func permuted(_ batch: Configurations) -> Configurations {
      var result = batch
      for member in 0..<batch.count {
        for site in 0..<batch.dimension {
          result.values[member * batch.dimension + site] =
            sign * batch.values[member * batch.dimension + source(site)]
        }
      }
      return result
    }
    let left = velocities(drift, permuted(batch), 0.4)
    let right = permuted(velocities(drift, batch, 0.4))
    return zip(left.values, right.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}

/// b_x = a(t) φ_x + c sin φ_x, with its divergence.
struct SineDrift: DivergenceDrift {
  let dimension: Int
  let slope: Double
  let amplitude: Double

  func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double]
  ) {
    for member in 0..<batch.count {
      divergences[member] = slope * time * Double(dimension)
      for index in member * dimension..<(member + 1) * dimension {
        let x = batch.values[index]
        velocities.values[index] = slope * time * x + amplitude * sin(x)
        divergences[member] += amplitude * cos(x)
      }
    }
  }
}
