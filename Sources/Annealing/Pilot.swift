// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import MonteCarlo
import RandomStreams
import Statistics
import Targets

/// A first, small population that finds the schedule of a run: the times of its steps and the step
/// size of the dynamics at each. What it finds is then frozen, and its walkers are not used: a schedule
/// that depended on the walkers it is used on would bias their weights.
public struct Pilot<P: Path>: Sendable {
  /// The times of the steps.
  public enum Times: Sendable, Equatable {
    case given([Double])
    /// Each step as long as it may be: the change of density alone leaves this conditional effective
    /// sample size, as a fraction. Zhou, Johansen, Aston, J. Comput. Graph. Stat. 25 (2016) 701.
    /// Stops are times that are visited in any case.
    case adaptive(conditionalFraction: Double, stops: [Double])
  }

  public let path: P
  public let walkers: Int
  public let streams: RandomStreams
  public let workers: Workers
  private let transition: any Transition<P.Snapshot>

  /// Steps that an adaptive schedule may have.
  public static var mostSteps: Int { 100_000 }

  public init(
    path: P, transition: any Transition<P.Snapshot>, walkers: Int = 128, streams: RandomStreams,
    workers: Workers = Workers(1)
  ) {
    precondition(walkers >= 2, "a pilot needs walkers that differ")
    self.path = path
    self.transition = transition
    self.walkers = walkers
    self.streams = streams.derived("pilot")
    self.workers = workers
  }

  /// What a pilot has found, and what that took.
  public struct Finding: Sendable, Equatable {
    public var schedule: AnnealingSchedule
    /// Evaluations of the gradient, or sweeps of local proposals, over all walkers.
    public var gradientEvaluations: Int

    public init(schedule: AnnealingSchedule, gradientEvaluations: Int) {
      self.schedule = schedule
      self.gradientEvaluations = gradientEvaluations
    }
  }

  /// The schedule for these times, from an initial step size: `find` without its cost.
  public func schedule(
    times: Times, stepSize: Double, isTuned: Bool
  ) throws -> AnnealingSchedule {
    try find(times: times, stepSize: stepSize, isTuned: isTuned).schedule
  }

  /// The schedule for these times, from an initial step size. It is tuned towards the transition's
  /// target acceptance, or where nothing is rejected towards the smallest variance of log w.
  /// Throws if all weights become zero, or if an adaptive schedule does not end.
  public func find(times: Times, stepSize: Double, isTuned: Bool) throws -> Finding {
    guard isTuned, transition.targetAcceptance == nil else {
      let journey = try travel(times, stepSize: stepSize, isTuned: isTuned)
      return Finding(
        schedule: journey.schedule, gradientEvaluations: journey.gradientEvaluations)
    }
    return try findWithoutRejections(times: times, stepSize: stepSize)
  }

  /// Up or down by √2 as long as that makes log w vary less, past one step size that does not, and
  /// down anyway while walkers run away.
  private func findWithoutRejections(times: Times, stepSize: Double) throws -> Finding {
    var best: Journey?
    var evaluations = 0
    func isBetter(_ size: Double) throws -> Bool? {
      guard let next = try survivingJourney(times, stepSize: size, &evaluations) else { return nil }
      if let best, !(next.variance < best.variance) { return false }
      best = next
      return true
    }
    _ = try isBetter(stepSize)
    for factor in [2.0, 0.5].map({ $0.squareRoot() }) {
      var size = stepSize * factor
      var improves = false
      var misses = 0
      for _ in 0..<16 {
        let outcome = try isBetter(size)
        if outcome == nil && (best != nil || factor > 1) { break }
        if outcome == true {
          improves = true
          misses = 0
        } else if outcome == false {
          misses += 1
        }
        if misses == 2 { break }
        size *= factor
      }
      if improves { break }
    }
    guard let best else { throw StatisticsError.allWeightsZero(weights: walkers) }
    return Finding(schedule: best.schedule, gradientEvaluations: evaluations)
  }

  /// A journey without resampling, which would hide most of the variance, on the schedule of this
  /// step size; nil where the step size is so large that walkers run away.
  private func survivingJourney(
    _ times: Times, stepSize: Double, _ evaluations: inout Int
  ) throws -> Journey? {
    var visits = times
    if case .adaptive = times {
      do {
        let first = try travel(times, stepSize: stepSize, isTuned: false)
        evaluations += first.gradientEvaluations
        visits = .given(first.schedule.times)
      } catch StatisticsError.allWeightsZero {
        return nil
      }
    }
    let journey = try travel(visits, stepSize: stepSize, isTuned: false, resamples: false)
    evaluations += journey.gradientEvaluations
    return journey.variance.isFinite ? journey : nil
  }

  private struct Journey {
    var schedule: AnnealingSchedule
    /// Of the walkers' works; infinite if a walker ran away.
    var variance: Double
    var gradientEvaluations: Int
  }

  private func travel(
    _ times: Times, stepSize: Double, isTuned: Bool, resamples: Bool = true
  ) throws -> Journey {
    var population = Population(
      first: 0, positions: Configurations(count: walkers, dimension: path.dimension))
    let start = path.snapshot(at: 0)
    population.forEachGroup(workers) { group in
      path.start.sample(
        into: &group.positions, using: streams, purpose: .initialField, firstWalker: group.first,
        step: 0)
      transition.begin(
        &group, at: start,
        in: StepContext(streams: streams, step: 0, stepSize: stepSize, at: 0))
    }
    var size = stepSize
    var evaluations = 0
    if isTuned { size = rehearse(&population, at: start, from: stepSize, &evaluations) }
    var visited = [0.0]
    var sizes: [Double] = []
    var density = start
    while visited.last! < 1 {
      let next = try nextTime(after: visited.last!, number: visited.count, times, population)
      let nextDensity = path.snapshot(at: next)
      sizes.append(size)
      let info = step(
        &population, from: density, to: nextDensity,
        in: StepContext(
          streams: streams, step: visited.count, stepSize: size, times: (visited.last!, next)))
      let mean = info.acceptance / Double(walkers)
      evaluations += info.gradientEvaluations
      if isTuned, let target = transition.targetAcceptance { size *= exp(0.5 * (mean - target)) }
      visited.append(next)
      density = nextDensity
      if resamples { try resampleIfNeeded(&population, number: visited.count) }
    }
    let works = population.works
    let mean = works.reduce(0, +) / Double(walkers)
    let variance = works.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(walkers - 1)
    return Journey(
      schedule: AnnealingSchedule(times: visited, stepSizes: sizes),
      variance: variance.isNaN ? .infinity : variance, gradientEvaluations: evaluations)
  }

  /// One step of all walkers.
  private func step(
    _ population: inout Population, from old: P.Snapshot, to new: P.Snapshot,
    in context: StepContext
  ) -> StepInfo {
    let infos = population.forEachGroup(workers) {
      transition.advance(&$0, from: old, to: new, in: context)
    }
    return infos.reduce(StepInfo(), +)
  }

  /// Steps that stay at the start of the path, to find its step size.
  private func rehearse(
    _ population: inout Population, at start: P.Snapshot, from stepSize: Double,
    _ evaluations: inout Int
  ) -> Double {
    guard let target = transition.targetAcceptance else { return stepSize }
    var tuner = StepSizeTuner(initial: stepSize, targetAcceptance: target)
    let streams = streams.derived("rehearsal")
    var size = stepSize
    for number in 0..<60 {
      let context = StepContext(streams: streams, step: number, stepSize: size, at: 0)
      let infos = population.forEachGroup(workers) {
        transition.advance(&$0, from: start, to: start, in: context)
      }
      let info = infos.reduce(StepInfo(), +)
      evaluations += info.gradientEvaluations
      size = tuner.next(acceptance: info.acceptance / Double(walkers))
    }
    return tuner.result
  }

  private func nextTime(
    after time: Double, number: Int, _ times: Times, _ population: Population
  ) throws -> Double {
    switch times {
    case .given(let given): return given[number]
    case .adaptive(let fraction, let stops):
      guard number < Self.mostSteps else {
        throw StatisticsError.notConverged(
          method: "adaptive schedule", iterations: number, residual: 1 - time, tolerance: 0)
      }
      let stop = stops.first { $0 > time } ?? 1
      func isLegal(_ trial: Double) -> Bool {
        let density = path.snapshot(at: trial)
        let energies = population.energies(at: density, workers: workers)
        let increments = zip(population.energies, energies).map { $0 - $1 }
        return EffectiveFraction.conditional(population.logWeights, increments: increments)
          >= fraction
      }
      if isLegal(stop) { return stop }
      var (lower, upper) = (time, stop)
      while upper - lower > 1e-3 * (lower - time) && upper - lower > 1e-12 {
        let middle = 0.5 * (lower + upper)
        if isLegal(middle) { lower = middle } else { upper = middle }
      }
      return lower > time ? lower : upper
    }
  }

  private func resampleIfNeeded(_ population: inout Population, number: Int) throws {
    let logWeights = population.logWeights
    // Without it adaptive steps would follow the few heaviest walkers.
    guard EffectiveFraction.of(logWeights) < 0.5 else { return }
    let parents = try ResamplingScheme.systematic.ancestors(logWeights: logWeights) { index in
      streams.uniform(purpose: .resampling, walker: 0, step: number, index: index)
    }
    population.resample(parents: parents, logWeight: 0)
  }
}

extension Population {
  /// U of all walkers at a density.
  func energies(at density: some Target, workers: Workers) -> [Double] {
    var copy = self
    return copy.forEachGroup(workers) { group in
      var energies = group.energies
      density.energies(of: group.positions, into: &energies)
      return energies
    }.flatMap { $0 }
  }
}
