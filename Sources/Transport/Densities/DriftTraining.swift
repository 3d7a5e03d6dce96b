// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import RandomStreams
import Statistics
import Targets

/// The training of a drift that is linear in its weights, while walkers are carried along the path.
///
/// At each time of the schedule the weights minimise the mean square of the residual over the weighted
/// walkers that have arrived there,
///
///     min over c and F'  E_ρt | Σ_j c_j (∇·ψ_j − ∇U_t·ψ_j) − ∂_tU_t + F' |²,
///
/// a linear least-squares problem; the walkers then go on with these weights, refreshed and, where their
/// weights have spread, resampled. Albergo, Vanden-Eijnden, arXiv:2410.02711, eq. (25), with the
/// minimum over linear functions in closed form.
///
/// The regressors are damped twice: each by `ridge` times its own variance, and all by `floor` times the
/// mean variance of all, which keeps features that only a few walkers have met from large weights.
public struct DriftTraining<P: Path, Features: VelocityFeatures>: Sendable {
  public let path: P
  public let features: Features
  public let schedule: AnnealingSchedule
  public let walkers: Int
  public var ridge: Double
  public var floor: Double
  public var substeps: Int
  public let streams: RandomStreams
  private let refresh: KernelTransition<P.Snapshot>

  public init(
    path: P, features: Features, schedule: AnnealingSchedule,
    refresh: KernelTransition<P.Snapshot>, walkers: Int = 4000, ridge: Double = 1e-6,
    floor: Double = 1e-6, substeps: Int = 1, streams: RandomStreams
  ) {
    precondition(features.dimension == path.dimension, "features and path have one dimension")
    precondition(walkers > 1 && ridge >= 0 && floor >= 0 && ridge + floor > 0)
    self.path = path
    self.features = features
    self.schedule = schedule
    self.refresh = refresh
    self.walkers = walkers
    self.ridge = ridge
    self.floor = floor
    self.substeps = substeps
    self.streams = streams.derived("training")
  }

  /// A trained drift, and how much of the variance of ∂_tU its residual has left at each knot.
  public struct Result: Sendable {
    public var drift: LinearDrift<Features>
    public var unexplained: [Double]
  }

  /// Throws if a fit is singular or all weights of the walkers become zero.
  public func train(workers: Workers = Workers(1)) throws -> Result {
    var drift = LinearDrift(features: features, knots: schedule.times)
    var unexplained: [Double] = []
    var population = sampler(drift).start(population: 0, count: walkers, workers: workers)
    for (knot, time) in schedule.times.enumerated() {
      let fit = try fit(population, at: time, workers: workers)
      drift.weights[knot] = fit.weights
      unexplained.append(fit.unexplained)
      guard knot < schedule.steps else { break }
      // Until the next knot is fitted its weights are those of this one.
      drift.weights[knot + 1] = fit.weights
      _ = try sampler(drift).advance(&population, through: knot..<knot + 1, workers: workers)
    }
    return Result(drift: drift, unexplained: unexplained)
  }

  private func sampler(_ drift: LinearDrift<Features>) -> AnnealedSampler<P> {
    AnnealedSampler(
      path: path,
      transition: Transported(refresh, by: TransportMap(drift: drift, substeps: substeps)),
      schedule: schedule, resampling: Resampling(threshold: 0.5), streams: streams)
  }

  private func fit(
    _ population: Population, at time: Double, workers: Workers
  ) throws -> (weights: [Double], unexplained: Double) {
    guard features.count > 0 else { return ([], 1) }
    let batch = population.positions
    let density = path.snapshot(at: time)
    let slice = features.slice(at: time)
    let (dimension, width) = (batch.dimension, features.count)
    // In parts, each on one thread.
    let size = 256
    let parts = (batch.count + size - 1) / size
    var rows = [Double](repeating: 0, count: batch.count * width)
    var targets = [Double](repeating: 0, count: batch.count)
    rows.withUnsafeMutableBufferPointer { rows in
      targets.withUnsafeMutableBufferPointer { targets in
        let rows = SharedRows(rows.baseAddress!)
        let targets = SharedRows(targets.baseAddress!)
        workers.forEach(parts) { range in
          for part in range {
            let lower = part * size
            let upper = min(batch.count, lower + size)
            let members = Configurations(
              count: upper - lower, dimension: dimension,
              values: Array(batch.values[lower * dimension..<upper * dimension]))
            var gradients = members
            var energies = [Double](repeating: 0, count: upper - lower)
            var derivatives = energies
            density.gradients(of: members, into: &gradients, energies: &energies)
            path.timeDerivatives(of: members, at: time, into: &derivatives)
            for member in 0..<members.count { targets.pointer[lower + member] = derivatives[member] }
            members.withRows { positions in
              gradients.withRows { gradients in
                for member in 0..<members.count {
                  slice.regressors(
                    at: positions + member * dimension, gradient: gradients + member * dimension,
                    into: rows.pointer + (lower + member) * width)
                }
              }
            }
          }
        }
      }
    }
    let logWeights = population.logWeights
    let largest = logWeights.max() ?? 0
    var equations = NormalEquations(
      rows: &rows, targets: targets,
      weights: logWeights.map { $0 == -.infinity ? 0 : exp($0 - largest) })
    let undamped = equations
    let mean = (0..<width).reduce(0.0) { $0 + equations.matrix[$1 * width + $1] } / Double(width)
    for feature in 0..<width { equations.matrix[feature * width + feature] += floor * mean }
    let weights = try equations.solution(ridge: ridge)
    let left = undamped.residualVariance(weights)
    return (weights, undamped.variance > 0 ? left / undamped.variance : 0)
  }
}
