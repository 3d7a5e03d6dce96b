// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import MonteCarlo
import RandomStreams
import Statistics

/// The search for the cheapest way to use a trained drift: how much the walkers are refreshed at each
/// step, and how many steps there are and where.
///
/// Whatever is chosen, the weights are exact for it: a refresh leaves its density invariant, and adds
/// diffusivity without a word in the weight. Each candidate is tried on a pilot population of its own, the
/// drift frozen, and the one with the largest ESS per cost is kept, frozen in its turn before the run:
/// a choice that depended on the walkers it is used on would bias their weights. The abstract of Albergo,
/// Vanden-Eijnden, arXiv:2410.02711, calls this the tuning of the diffusion after training.
public struct TransportTuning: Sendable {
  /// The refresh of one step: trajectories of hybrid Monte Carlo, with so many steps each.
  public struct Refresh: Sendable, Hashable {
    public var updates: Int
    public var steps: Int

    public init(updates: Int, steps: Int) {
      precondition(updates >= 1 && steps >= 1, "a refresh moves walkers")
      self.updates = updates
      self.steps = steps
    }
  }

  /// What was found with one candidate.
  public struct Trial: Sendable, Equatable {
    public var refresh: Refresh
    public var schedule: AnnealingSchedule
    /// The effective sample size of the pilot walkers as a fraction, and log Z_1/Z_0.
    public var effectiveFraction: Uncertain
    public var logRatio: Uncertain
    /// The cost of one walker, counted in gradients.
    public var cost: Double
    /// What the trial took, with its pilot.
    public var driftEvaluations: Int
    public var gradientEvaluations: Int

    /// Effective walkers for a gradient.
    public var efficiency: Double { effectiveFraction.value / cost }
  }

  /// What a search has found, and what that took.
  public struct Finding: Sendable, Equatable {
    /// All candidates, in the order of the search.
    public var trials: [Trial]
    /// The number of the best.
    public var choice: Int
    public var driftEvaluations: Int
    public var gradientEvaluations: Int

    public var best: Trial { trials[choice] }
  }

  public let path: CouplingPath
  public let map: TransportMap
  /// Where the walkers' times are dense, from training; equal steps without it.
  public var density: ResidualProfile?
  /// The candidates: every refresh with every number of steps.
  public var refreshes = [
    Refresh(updates: 1, steps: 3), Refresh(updates: 2, steps: 3), Refresh(updates: 4, steps: 3),
    Refresh(updates: 2, steps: 6),
  ]
  public var steps = [12, 25, 50, 100]
  /// Pilot walkers of each candidate.
  public var walkers = 512
  /// What one evaluation of the drift costs in gradients, the rate at which costs are compared. A rate
  /// that is given makes the choice the same on every machine; `measuredDriftCost` times it on this one.
  public var driftCost = 12.0
  /// A candidate with a smaller effective sample size is not taken while another has more: the effective
  /// sample size of few walkers is too good where it is small.
  public var leastFraction = 0.3
  public var scheme = SplittingScheme.omelyan
  public var kinetic = KineticEnergy.unitMass
  /// The step size of the refresh, or where its own tuning starts.
  public var stepSize = 0.1
  /// Whether the step sizes of the refresh are tuned, and the mean acceptance that this aims at.
  public var tunesStepSizes = true
  public var targetAcceptance = 0.8
  public var workers = Workers(1)

  public init(path: CouplingPath, map: TransportMap) {
    self.path = path
    self.map = map
  }

  /// The updates of a refresh, as a run makes them.
  public func base(_ refresh: Refresh) -> KernelTransition<Phi4> {
    .hmc(
      scheme: scheme, steps: refresh.steps, kinetic: kinetic, updates: refresh.updates,
      targetAcceptance: targetAcceptance)
  }

  /// The whole step of a run.
  public func transition(_ refresh: Refresh) -> Transported<KernelTransition<Phi4>> {
    Transported(base(refresh), by: map)
  }

  /// The times of a schedule of about so many steps.
  public func times(_ steps: Int) -> [Double] {
    (density ?? ResidualProfile(corners: path.corners)).times(steps: steps)
  }

  /// Tries all candidates. Throws if all weights of one become zero.
  public func find(
    streams: RandomStreams, progress: ((Double) -> Void)? = nil
  ) throws -> Finding {
    precondition(!refreshes.isEmpty && !steps.isEmpty, "a search has candidates")
    var finding = Finding(trials: [], choice: 0, driftEvaluations: 0, gradientEvaluations: 0)
    let total = Double(refreshes.count * steps.count)
    for count in steps {
      for refresh in refreshes {
        let number = finding.trials.count
        let streams = streams.derived("tuning").derived("\(number)")
        let trial = try trial(refresh, times: times(count), streams: streams)
        finding.trials.append(trial)
        finding.driftEvaluations += trial.driftEvaluations
        finding.gradientEvaluations += trial.gradientEvaluations
        progress?(Double(number + 1) / total)
      }
    }
    finding.choice = Self.choice(finding.trials, leastFraction: leastFraction)
    return finding
  }

  /// Tries one candidate: a refresh after each step between these times, of which 0 is the first.
  /// Throws if all weights become zero.
  public func trial(
    _ refresh: Refresh, times: [Double], streams: RandomStreams
  ) throws -> Trial {
    let transition = transition(refresh)
    // Step sizes for walkers that are carried along, as those of the run are.
    let found = try Pilot(
      path: path, transition: transition, walkers: 64, streams: streams, workers: workers
    ).find(times: .given(times), stepSize: stepSize, isTuned: tunesStepSizes)
    let sampler = AnnealedSampler(
      path: path, transition: transition, schedule: found.schedule, streams: streams)
    var population = sampler.start(population: 0, count: walkers, workers: workers)
    let record = try sampler.advance(
      &population, through: 0..<found.schedule.steps, workers: workers)
    let drifts = record.steps.reduce(0) { $0 + $1.driftEvaluations }
    let weights = try LogWeights(population.logWeights)
    if weights.areAllZero { throw StatisticsError.allWeightsZero(weights: walkers) }
    return Trial(
      refresh: refresh, schedule: found.schedule,
      effectiveFraction: Uncertain(
        weights.effectiveFraction.value, weights.effectiveFraction.error),
      logRatio: Uncertain(weights.logMean.value, weights.logMean.error),
      cost: (Double(record.gradientEvaluations) + driftCost * Double(drifts)) / Double(walkers),
      driftEvaluations: drifts + 64 * map.evaluations * found.schedule.steps,
      gradientEvaluations: record.gradientEvaluations + found.gradientEvaluations)
  }

  /// The number of the trial with the most effective walkers for its cost, among those with enough; where
  /// none has, of the one with the most.
  public static func choice(_ trials: [Trial], leastFraction: Double) -> Int {
    let enough = trials.indices.filter {
      trials[$0].effectiveFraction.value >= leastFraction
    }
    return enough.max { trials[$0].efficiency < trials[$1].efficiency }
      ?? trials.indices.max {
        trials[$0].effectiveFraction.value < trials[$1].effectiveFraction.value
      }!
  }

  /// Seconds of one evaluation of the drift over those of one gradient of the theory at the path's end,
  /// by the best of a few rounds on one thread.
  public func measuredDriftCost(streams: RandomStreams) -> Double {
    let count = 64
    var fields = Configurations(count: count, dimension: path.dimension)
    path.start.sample(
      into: &fields, using: streams.derived("drift cost"), purpose: .initialField, firstWalker: 0,
      step: 0)
    let theory = path.snapshot(at: 1)
    var rows = fields
    var numbers = [Double](repeating: 0, count: count)
    func seconds(_ body: () -> Void) -> Double {
      body()
      let clock = ContinuousClock()
      return (0..<5).map { _ in
        let duration = clock.measure { for _ in 0..<4 { body() } }
        return Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds)
      }.min() ?? .nan
    }
    let drift = seconds {
      map.drift.velocities(of: fields, at: 0.5, into: &rows, divergences: &numbers)
    }
    let gradient = seconds { theory.gradients(of: fields, into: &rows, energies: &numbers) }
    return drift / gradient
  }
}
