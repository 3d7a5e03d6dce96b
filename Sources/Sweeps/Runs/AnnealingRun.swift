// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices
import MonteCarlo
import Observables
import RandomStreams
import Transport

/// Populations of walkers that are carried along a path of couplings and measured at its stops: what
/// is sampled, how, and what is kept.
///
/// Populations count from 1, steps from 0, stops from 0; the last stop is the theory of the run.
/// Walker i of population p draws its random numbers from walker (p − 1) N + i of the run's streams.
public struct AnnealingRun: Sendable {
  /// A theory at which all walkers are measured.
  public struct Stop: Sendable, Equatable {
    /// Such as `lambda=5.2`.
    public var label: String
    public var time: Double
    public var theory: Phi4Couplings.Parametrisation

    public init(label: String, time: Double, theory: Phi4Couplings.Parametrisation) {
      self.label = label
      self.time = time
      self.theory = theory
    }
  }

  public var path: CouplingPath
  /// Whether the path is a curve that the sweep file does not give, so that the run's file holds it.
  public var isCurved: Bool
  public var stops: [Stop]
  /// What moves the walkers at each step, after the transport where there is one.
  public var base: any Transition<Phi4>
  /// Leaves a theory invariant, with a given step size: what calms walkers for a way back.
  public var calming: KernelTransition<Phi4>
  public var times: Pilot<CouplingPath>.Times
  /// The transport along a drift; nil for annealing without.
  public var map: TransportMap?
  /// Walkers that measure what the steps of the transport bias.
  public var biasWalkers: Int
  /// The step size, or where tuning starts.
  public var stepSize: Double
  public var isTuned: Bool
  public var pilotWalkers: Int
  public var walkers: Int
  public var populations: Int
  /// Nil for annealed importance sampling, in which walkers stay independent.
  public var resampling: Resampling?
  /// Updates that calm the walkers for a way back; 0 for no way back.
  public var reverseUpdates: Int
  /// What is measured at each stop; all stops have the same variables.
  public var observables: [[any Observable]]
  /// Populations between two stored ones; nil stores none.
  public var configurationInterval: Int?
  public var configurationType: ScalarType
  public var streams: RandomStreams

  public var origin: ExactlySampledPhi4 { path.start }

  public var lattice: Lattice { path.lattice }

  /// A whole step.
  public var transition: any Transition<Phi4> {
    guard let map else { return base }
    func transported(_ base: some Transition<Phi4>) -> any Transition<Phi4> {
      Transported(base, by: map)
    }
    return transported(base)
  }

  /// What the steps of the transport bias at each stop, on a schedule; empty for annealing without
  /// transport. Throws if all weights become zero.
  public func stepBiases(_ schedule: AnnealingSchedule, workers: Workers) throws -> [StepBias] {
    guard let map else { return [] }
    func measured(_ base: some Transition<Phi4>) throws -> [StepBias] {
      try StepHalving(
        path: path, transition: Transported(base, by: map), schedule: schedule,
        resampling: resampling, walkers: biasWalkers, streams: streams, workers: workers
      ).measure(after: stopSteps(schedule))
    }
    return try measured(base)
  }

  /// Whether times and step sizes are known without a pilot.
  public var needsPilot: Bool {
    if case .given = times { return isTuned }
    return true
  }

  /// Records of the evolution of one population: about this many, and one for the last step.
  static let records = 50

  /// The number of the record that a step makes, from 0, if it makes one.
  static func record(after step: Int, of steps: Int) -> Int? {
    let interval = (steps + records - 1) / records
    return step % interval == 0 || step == steps ? (step + interval - 1) / interval - 1 : nil
  }

  /// The numbers of steps after which each stop is reached.
  func stopSteps(_ schedule: AnnealingSchedule) -> [Int] {
    stops.map { stop in
      guard let step = schedule.times.firstIndex(of: stop.time) else {
        preconditionFailure("a schedule visits every stop")
      }
      return step
    }
  }
}
