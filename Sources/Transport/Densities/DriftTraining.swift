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
/// The diagonal of the normal equations is raised by λ times itself and by λ times its mean over all
/// features, which keeps features that only a few walkers have met from large weights. Of several λ
/// each time chooses its own, by walkers left out of the fit.
public struct DriftTraining<P: Path, Features: VelocityFeatures>: Sendable {
  public let path: P
  public let features: Features
  public let schedule: AnnealingSchedule
  public let walkers: Int
  public var dampings: [Double]
  public var substeps: Int
  public let streams: RandomStreams
  private let refresh: KernelTransition<P.Snapshot>

  public init(
    path: P, features: Features, schedule: AnnealingSchedule,
    refresh: KernelTransition<P.Snapshot>, walkers: Int = 4000,
    dampings: [Double] = [1e-6], substeps: Int = 1, streams: RandomStreams
  ) {
    precondition(features.dimension == path.dimension, "features and path have one dimension")
    precondition(walkers > 3 && !dampings.isEmpty && dampings.allSatisfy { $0 >= 0 })
    self.path = path
    self.features = features
    self.schedule = schedule
    self.refresh = refresh
    self.walkers = walkers
    self.dampings = dampings
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
            for member in 0..<members.count {
              targets.pointer[lower + member] = derivatives[member]
            }
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
    return try fit(
      rows: &rows, targets: targets,
      weights: logWeights.map { $0 == -.infinity ? 0 : exp($0 - largest) })
  }

  /// With several dampings, that one which leaves least to those walkers of odd number of a fit to
  /// those of even number; the weights are then those of a fit to all.
  private func fit(
    rows: inout [Double], targets: [Double], weights: [Double]
  ) throws -> (weights: [Double], unexplained: Double) {
    var damping = dampings[0]
    if dampings.count > 1 {
      let (fitted, judge) = (
        equations(rows, targets, weights, parity: 0), equations(rows, targets, weights, parity: 1)
      )
      var least = Double.infinity
      for candidate in dampings {
        let left = judge.residualVariance(try damped(fitted, by: candidate))
        if left < least { (least, damping) = (left, candidate) }
      }
    }
    let equations = NormalEquations(rows: &rows, targets: targets, weights: weights)
    let solution = try damped(equations, by: damping)
    let left = equations.residualVariance(solution)
    return (solution, equations.variance > 0 ? left / equations.variance : 0)
  }

  private func damped(_ equations: NormalEquations, by damping: Double) throws -> [Double] {
    var equations = equations
    let width = equations.count
    let mean = (0..<width).reduce(0.0) { $0 + equations.matrix[$1 * width + $1] } / Double(width)
    for feature in 0..<width { equations.matrix[feature * width + feature] += damping * mean }
    return try equations.solution(ridge: damping)
  }

  /// The equations of every second walker.
  private func equations(
    _ rows: [Double], _ targets: [Double], _ weights: [Double], parity: Int
  ) -> NormalEquations {
    let width = rows.count / targets.count
    let members = Array(stride(from: parity, to: targets.count, by: 2))
    var part: [Double] = []
    part.reserveCapacity(members.count * width)
    for member in members { part += rows[member * width..<(member + 1) * width] }
    return NormalEquations(
      rows: &part, targets: members.map { targets[$0] }, weights: members.map { weights[$0] })
  }
}
