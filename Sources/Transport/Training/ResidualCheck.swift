// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import MonteCarlo
import RandomStreams

/// One sweep of walkers along a trained drift, which measures what is left of the continuity equation:
/// at each time the variance of ∇·b − ∇U·b − ∂_tU over the walkers, weighted by their weights, for the
/// drift b and for the one that it was made from.
public struct ResidualCheck: Sendable {
  public let path: CouplingPath
  /// What the walkers follow.
  public let drift: any DivergenceDrift
  /// What it is compared with at the same walkers.
  public let before: any DivergenceDrift
  /// What keeps the walkers close to the densities of the path.
  public let refresh: KernelTransition<Phi4>
  public let schedule: AnnealingSchedule
  public let walkers: Int
  public var workers = Workers(1)

  public init(
    path: CouplingPath, drift: any DivergenceDrift, before: any DivergenceDrift,
    refresh: KernelTransition<Phi4>, schedule: AnnealingSchedule, walkers: Int
  ) {
    self.path = path
    self.drift = drift
    self.before = before
    self.refresh = refresh
    self.schedule = schedule
    self.walkers = walkers
  }

  /// What one time has shown.
  public struct Slice: Sendable, Equatable {
    public var time: Double
    /// The variance of the residual.
    public var before: Double
    public var after: Double
    /// The effective sample size of the walkers, as a fraction.
    public var effectiveFraction: Double
  }

  public struct Result: Sendable, Equatable {
    public var slices: [Slice]
    public var driftEvaluations: Int
    public var gradientEvaluations: Int
  }

  /// Makes the sweep; nil if `goesOn`, which is told the fraction that is done, says no.
  /// Throws if all weights become zero.
  public func measure(streams: RandomStreams, goesOn: (Double) -> Bool) throws -> Result? {
    let sampler = AnnealedSampler(
      path: path,
      transition: Transported(refresh, by: TransportMap(drift: drift, integrator: .rk2)),
      schedule: schedule, resampling: Resampling(threshold: 0.3),
      streams: streams.derived("check"))
    var population = sampler.start(population: 0, count: walkers, workers: workers)
    var result = Result(slices: [], driftEvaluations: 0, gradientEvaluations: 0)
    for step in 0...schedule.steps {
      guard goesOn(Double(step) / Double(schedule.steps + 1)) else { return nil }
      // The side from which a corner of the path is reached.
      let time = step == 0 ? 0 : schedule.times[step].nextDown
      let states = TrainingStates(
        [
          TrainingSlice(
            time: time, positions: population.positions, logWeights: population.logWeights)
        ], on: path)
      result.slices.append(
        Slice(
          time: schedule.times[step], before: variance(before, states, time),
          after: variance(drift, states, time),
          effectiveFraction: EffectiveFraction.of(population.logWeights)))
      result.driftEvaluations += walkers
      result.gradientEvaluations += walkers
      guard step < schedule.steps else { break }
      let record = try sampler.advance(&population, through: step..<step + 1, workers: workers)
      result.gradientEvaluations += record.gradientEvaluations
      result.driftEvaluations += record.steps.reduce(0) { $0 + $1.driftEvaluations }
    }
    return result
  }

  private func variance(
    _ drift: any DivergenceDrift, _ states: TrainingStates, _ time: Double
  ) -> Double {
    let positions = states.positions
    var velocities = Configurations(count: positions.count, dimension: positions.dimension)
    var divergences = Array(repeating: 0.0, count: positions.count)
    drift.velocities(of: positions, at: time, into: &velocities, divergences: &divergences)
    let brackets = (0..<states.count).map {
      states.bracket($0, velocity: velocities[$0], divergence: divergences[$0])
    }
    let mean = zip(states.weights, brackets).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(states.weights, brackets).reduce(0) {
      $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean)
    }
  }
}
