// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import RandomStreams
import Statistics
import Transport

/// The ways to use a run's trained drift that were tried, and the one with the most effective walkers
/// for its cost.
public struct DriftTuning: Sendable {
  /// One way, and what its pilot walkers have found.
  public struct Candidate: Sendable {
    public var placing: TuningSettings.Placing
    public var refresh: TransportTuning.Refresh
    /// Steps along the path.
    public var pathSteps: Int
    /// The times of the steps as a sweep file gives them; nil where `pathSteps` says all.
    public var times: [Double]?
    /// The effective sample size as a fraction, absolute log Z and the cost of a walker in gradients;
    /// nil where all weights became zero.
    public var result: Result?

    public struct Result: Sendable {
      public var effectiveFraction: Uncertain
      public var logZ: Uncertain
      /// Of one walker.
      public var driftEvaluations: Int
      /// The cost of one walker, counted in gradients.
      public var cost: Double
      /// The mean of ε_t in dφ = (b_t − ε_t ∇U_t) dt + √(2ε_t) dW: a short trajectory of n steps of size
      /// h moves like Langevin dynamics of time ½ (n h)².
      public var diffusivity: Double
    }
  }

  public let run: RunSpecification
  /// Where the drift is.
  public let drift: String
  public let settings: TuningSettings
  /// What one evaluation of the drift costs in gradients.
  public let driftCost: Double
  public let candidates: [Candidate]
  /// The number of the best.
  public let choice: Int
  /// How well the values of log Z agree: χ² about their weighted mean, and how many there are. Only
  /// those with enough effective walkers count, whose errors are known.
  public let agreement: (mean: Uncertain, chiSquare: Double, count: Int)?

  public var best: Candidate { candidates[choice] }

  /// Whether the sampler trains this drift and no other, so that a sweep file can name it.
  private let isNamed: Bool

  /// Tries every candidate; nil if `told` of the number that is tried says no. Throws a `CollapsedRun` if all
  /// weights of each become zero.
  init?(
    _ run: RunSpecification, _ annealing: AnnealingSpecification,
    _ transport: TransportSpecification, along stored: StoredDrift, at place: String,
    isNamed: Bool, _ settings: TuningSettings, workers: Workers, told: (Int) -> Bool
  ) throws {
    let streams = run.streams.derived("tuning")
    let (path, drift) = try stored.followed(by: run)
    var tuning = TransportTuning(
      path: path, map: TransportMap(drift: drift, integrator: transport.integrator))
    tuning.scheme = annealing.refreshScheme.splitting
    tuning.kinetic = run.kinetic(annealing)
    tuning.stepSize = annealing.step
    tuning.tunesStepSizes = annealing.tuning != nil
    tuning.targetAcceptance = annealing.tuning?.targetAcceptance ?? tuning.targetAcceptance
    tuning.walkers = settings.walkers
    tuning.workers = workers
    tuning.driftCost = settings.driftCost ?? tuning.measuredDriftCost(streams: streams)
    var candidates: [Candidate] = []
    var trials: [(number: Int, trial: TransportTuning.Trial)] = []
    for count in settings.pathSteps {
      for placing in settings.placings {
        let schedule = annealing.schedule(
          placing, steps: count, profile: stored.profile(for: run), corners: path.corners)
        for (updates, steps) in settings.updates.flatMap({ updates in
          settings.steps.map { (updates, $0) }
        }) {
          guard told(candidates.count) else { return nil }
          var candidate = Candidate(
            placing: placing, refresh: .init(updates: updates, steps: steps),
            pathSteps: schedule.times.count, times: schedule.written, result: nil)
          do {
            let trial = try tuning.trial(
              candidate.refresh, times: [0] + schedule.times,
              streams: streams.derived("\(placing.rawValue) \(count) \(updates) \(steps)"))
            candidate.result = Candidate.Result(trial, along: tuning)
            trials.append((candidates.count, trial))
          } catch StatisticsError.allWeightsZero {
            // The candidate has no result.
          }
          candidates.append(candidate)
        }
      }
    }
    guard !trials.isEmpty else {
      throw CollapsedRun("all weights became zero, whatever the refresh and the steps")
    }
    self.run = run
    self.drift = place
    self.isNamed = isNamed
    self.settings = settings
    self.candidates = candidates
    driftCost = tuning.driftCost
    choice =
      trials[TransportTuning.choice(trials.map(\.trial), leastFraction: tuning.leastFraction)]
      .number
    agreement = Self.agreement(
      candidates.compactMap(\.result).filter {
        $0.effectiveFraction.value >= tuning.leastFraction
      }.map(\.logZ))
  }

  private static func agreement(
    _ values: [Uncertain]
  ) -> (mean: Uncertain, chiSquare: Double, count: Int)? {
    let values = values.filter { $0.error > 0 && $0.error.isFinite }
    guard values.count >= 2 else { return nil }
    let weights = values.map { 1 / ($0.error * $0.error) }
    let total = weights.reduce(0, +)
    let mean = zip(values, weights).reduce(0) { $0 + $1.0.value * $1.1 } / total
    let chiSquare = zip(values, weights).reduce(0) { $0 + $1.1 * pow($1.0.value - mean, 2) }
    return (Uncertain(mean, 1 / total.squareRoot()), chiSquare, values.count)
  }

  /// The keys that make the sampler of a sweep file follow the best candidate, each a line.
  public var keys: [String] {
    var lines: [String] = []
    guard let annealing = run.annealing else { return lines }
    if case .adaptive = annealing.schedule { lines.append("schedule: uniform") }
    if let times = best.times {
      lines.append("times: [" + times.map(NumberText.text).joined(separator: ", ") + "]")
    } else {
      lines.append("path_steps: \(best.pathSteps)")
    }
    if annealing.transition.name != "hmc" { lines.append("transition: hmc") }
    lines += ["updates: \(best.refresh.updates)", "steps: \(best.refresh.steps)"]
    // Another refresh would train another drift.
    if isNamed { lines.append("drift: \(drift)") }
    return lines
  }
}

extension DriftTuning.Candidate.Result {
  fileprivate init(_ trial: TransportTuning.Trial, along tuning: TransportTuning) {
    let origin = tuning.path.start.logNormalizer
    effectiveFraction = trial.effectiveFraction
    logZ = Uncertain(trial.logRatio.value + origin, trial.logRatio.error)
    driftEvaluations = tuning.map.evaluations * trial.schedule.steps
    cost = trial.cost
    diffusivity = trial.schedule.stepSizes.reduce(0) {
      $0 + 0.5 * Double(trial.refresh.updates) * pow(Double(trial.refresh.steps) * $1, 2)
    }
  }
}

extension AnnealingSpecification {
  /// The splitting of the trajectories that are tried.
  var refreshScheme: SamplerSpecification.Scheme {
    if case .hmc(let scheme, _, _) = transition { scheme } else { .omelyan }
  }

  /// The times of about so many steps, without 0, and how a sweep file writes those that are not at
  /// equal distances.
  fileprivate func schedule(
    _ placing: TuningSettings.Placing, steps: Int, profile: ResidualProfile, corners: [Double]
  ) -> (times: [Double], written: [Double]?) {
    var own = self
    guard placing == .residual else {
      own.schedule = .uniform(steps: steps)
      return (own.times ?? [1], nil)
    }
    // Six decimals are enough, and corners are visited anyway.
    let times = profile.times(steps: steps).dropFirst().filter { !corners.contains($0) }
    let rounded = times.map { ($0 * 1e6).rounded() / 1e6 } + [1]
    let isIncreasing = zip([0] + rounded, rounded).allSatisfy(<)
    let written = isIncreasing ? rounded : times + [1]
    own.schedule = .given(times: written)
    return (own.times ?? [1], written)
  }
}
