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

  /// The schedule for these times, from an initial step size. It is tuned towards the transition's
  /// target acceptance, or where nothing is rejected towards the smallest variance of log w.
  /// Throws if all weights become zero, or if an adaptive schedule does not end.
  public func schedule(
    times: Times, stepSize: Double, isTuned: Bool
  ) throws -> AnnealingSchedule {
    guard isTuned, transition.targetAcceptance == nil else {
      return try travel(times, stepSize: stepSize, isTuned: isTuned).schedule
    }
    // Where nothing is rejected: up or down by √2 as long as that makes log w vary less, past one step
    // size that does not.
    var best = try travel(times, stepSize: stepSize, isTuned: false)
    for factor in [2.0, 0.5].map({ $0.squareRoot() }) {
      var size = stepSize * factor
      var isBetter = false
      var misses = 0
      for _ in 0..<16 {
        guard let next = try survivingTravel(times, stepSize: size) else { break }
        if next.variance < best.variance {
          best = next
          isBetter = true
          misses = 0
        } else {
          misses += 1
          if misses == 2 { break }
        }
        size *= factor
      }
      if isBetter { break }
    }
    return best.schedule
  }

  /// The journey, or nil where the step size is so large that no walker survives.
  private func survivingTravel(_ times: Times, stepSize: Double) throws -> Journey? {
    do {
      return try travel(times, stepSize: stepSize, isTuned: false)
    } catch StatisticsError.allWeightsZero {
      return nil
    }
  }

  private struct Journey {
    var schedule: AnnealingSchedule
    /// Of log w, summed over the stretches between resamplings; infinite if a walker ran away.
    var variance: Double
  }

  private func travel(_ times: Times, stepSize: Double, isTuned: Bool) throws -> Journey {
    var population = Population(
      first: 0, positions: Configurations(count: walkers, dimension: path.dimension))
    let start = path.snapshot(at: 0)
    population.forEachGroup(workers) { group in
      path.start.sample(
        into: &group.positions, using: streams, purpose: .initialField, firstWalker: group.first,
        step: 0)
      transition.begin(
        &group, at: start,
        in: StepContext(streams: streams, step: 0, stepSize: stepSize))
    }
    var size = stepSize
    if isTuned { size = rehearse(&population, at: start, from: stepSize) }
    var visited = [0.0]
    var sizes: [Double] = []
    var density = start
    var variance = 0.0
    while visited.last! < 1 {
      let next = try nextTime(after: visited.last!, number: visited.count, times, population)
      let nextDensity = path.snapshot(at: next)
      sizes.append(size)
      let mean = step(&population, from: density, to: nextDensity, number: visited.count, size)
      if isTuned, let target = transition.targetAcceptance { size *= exp(0.5 * (mean - target)) }
      visited.append(next)
      density = nextDensity
      variance += try resampleIfNeeded(&population, number: visited.count)
    }
    return Journey(
      schedule: AnnealingSchedule(times: visited, stepSizes: sizes),
      variance: variance + Self.variance(of: population.logWeights))
  }

  private static func variance(of logWeights: [Double]) -> Double {
    let count = Double(logWeights.count)
    let mean = logWeights.reduce(0, +) / count
    let variance = logWeights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return variance.isNaN ? .infinity : variance
  }

  /// One step of all walkers; returns the mean acceptance.
  private func step(
    _ population: inout Population, from old: P.Snapshot, to new: P.Snapshot, number: Int,
    _ size: Double
  ) -> Double {
    let context = StepContext(streams: streams, step: number, stepSize: size)
    let infos = population.forEachGroup(workers) {
      transition.advance(&$0, from: old, to: new, in: context)
    }
    return infos.reduce(0) { $0 + $1.acceptance } / Double(walkers)
  }

  /// Steps that stay at the start of the path, to find its step size.
  private func rehearse(
    _ population: inout Population, at start: P.Snapshot, from stepSize: Double
  ) -> Double {
    guard let target = transition.targetAcceptance else { return stepSize }
    var tuner = StepSizeTuner(initial: stepSize, targetAcceptance: target)
    let streams = streams.derived("rehearsal")
    var size = stepSize
    for number in 0..<60 {
      let context = StepContext(streams: streams, step: number, stepSize: size)
      let infos = population.forEachGroup(workers) {
        transition.advance(&$0, from: start, to: start, in: context)
      }
      size = tuner.next(
        acceptance: infos.reduce(0) { $0 + $1.acceptance } / Double(walkers))
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

  /// Without resampling adaptive steps would follow the few heaviest walkers. Returns the variance of
  /// log w since the last resampling if this is one: of all walkers, since those that survive are those
  /// whose weights vary less.
  private func resampleIfNeeded(_ population: inout Population, number: Int) throws -> Double {
    let logWeights = population.logWeights
    guard EffectiveFraction.of(logWeights) < 0.5 else { return 0 }
    let parents = try ResamplingScheme.systematic.ancestors(logWeights: logWeights) { index in
      streams.uniform(purpose: .resampling, walker: 0, step: number, index: index)
    }
    population.resample(parents: parents, logWeight: 0)
    return Self.variance(of: logWeights)
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
