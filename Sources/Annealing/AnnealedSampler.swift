// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams
import Statistics
import Targets

/// Annealed importance sampling, and with resampling sequential Monte Carlo: a population of walkers
/// that starts at one end of a path and is carried along it, step by step, with exact weights.
///
/// Forward, the walkers are exact samples of the start of the path and E[w] = Z_t/Z_0 at every step.
/// In reverse they begin at the end, with whatever positions they are given. Memory is that of the
/// walkers, whatever the number of steps. Neal, Stat. Comput. 11 (2001) 125; Del Moral, Doucet, Jasra,
/// J. R. Stat. Soc. B 68 (2006) 411.
public struct AnnealedSampler<P: Path>: Sendable {
  public enum Direction: Sendable {
    case forward, reverse
  }

  public let path: P
  public let schedule: AnnealingSchedule
  public let resampling: Resampling?
  public let direction: Direction
  public let streams: RandomStreams
  private let transition: any Transition<P.Snapshot>

  /// A sampler along a path. In reverse the schedule is gone through backwards, by the transition's
  /// reversal: the works of both ways then obey Crooks' relation, as long as nothing is resampled.
  public init(
    path: P, transition: any Transition<P.Snapshot>, schedule: AnnealingSchedule,
    resampling: Resampling? = nil, direction: Direction = .forward, streams: RandomStreams
  ) {
    self.path = path
    self.schedule = schedule
    self.resampling = resampling
    self.direction = direction
    self.streams = streams
    self.transition = direction == .forward ? transition : transition.reversed
  }

  /// Steps in all.
  public var steps: Int { schedule.steps }

  /// The time that is reached after so many steps.
  public func time(after steps: Int) -> Double {
    schedule.times[direction == .forward ? steps : schedule.steps - steps]
  }

  private func stepSize(of step: Int) -> Double {
    schedule.stepSizes[direction == .forward ? step : schedule.steps - 1 - step]
  }

  /// Population number `number` of `count` walkers: exact samples of the start of the path, with
  /// weight 1.
  public func start(population number: Int, count: Int, workers: Workers = Workers(1)) -> Population
  {
    precondition(direction == .forward, "a way back starts at given positions")
    var population = Population(
      first: number * count, positions: Configurations(count: count, dimension: path.dimension))
    population.forEachGroup(workers) { walkers in
      path.start.sample(
        into: &walkers.positions, using: streams, purpose: .initialField,
        firstWalker: walkers.first, step: 0)
    }
    begin(&population, workers: workers)
    return population
  }

  /// Population number `number` at the given positions, with weight 1.
  public func start(
    population number: Int, at positions: Configurations, workers: Workers = Workers(1)
  ) -> Population {
    var population = Population(first: number * positions.count, positions: positions)
    begin(&population, workers: workers)
    return population
  }

  private func begin(_ population: inout Population, workers: Workers) {
    let density = path.snapshot(at: time(after: 0))
    let context = StepContext(
      streams: streams, step: 0, stepSize: stepSize(of: 0), at: time(after: 0))
    population.forEachGroup(workers) { transition.begin(&$0, at: density, in: context) }
  }

  /// Carries a population through the steps of a range. Whether they are taken in one call or in many
  /// makes no difference to any bit. Resampling comes before a step, so that what is measured between
  /// two calls still has the weights that say most. Throws if all weights are zero.
  public func advance(
    _ population: inout Population, through range: Range<Int>, workers: Workers = Workers(1)
  ) throws -> AnnealingRecord {
    var record = AnnealingRecord()
    // Without resampling, a group takes many steps while it is in the cache.
    let block = resampling == nil ? 32 : 1
    for lower in stride(from: range.lowerBound, to: range.upperBound, by: block) {
      let steps = lower..<min(range.upperBound, lower + block)
      if let event = try resampleIfNeeded(&population, after: lower) {
        record.resamplings.append(event)
      }
      record.add(move(&population, through: steps, workers: workers))
    }
    return record
  }

  private func move(
    _ population: inout Population, through steps: Range<Int>, workers: Workers
  ) -> [StepInfo] {
    let densities = (steps.lowerBound...steps.upperBound).map {
      path.snapshot(at: time(after: $0))
    }
    let infos = population.forEachGroup(workers) { walkers in
      steps.map { step in
        transition.advance(
          &walkers, from: densities[step - steps.lowerBound],
          to: densities[step - steps.lowerBound + 1],
          in: StepContext(
            streams: streams, step: step, stepSize: stepSize(of: step),
            times: (time(after: step), time(after: step + 1))))
      }
    }
    return steps.indices.map { index in
      infos.reduce(StepInfo()) { $0 + $1[index - steps.lowerBound] }
    }
  }

  private func resampleIfNeeded(
    _ population: inout Population, after steps: Int
  ) throws -> ResamplingEvent? {
    guard let resampling, steps > 0 else { return nil }
    let logWeights = population.logWeights
    let fraction = EffectiveFraction.of(logWeights)
    guard fraction < resampling.threshold else { return nil }
    let parents = try resampling.scheme.ancestors(logWeights: logWeights) { index in
      streams.uniform(
        purpose: .resampling, walker: population.first, step: steps, index: index)
    }
    let largest = logWeights.max() ?? 0
    let mean = logWeights.reduce(0) { $0 + exp($1 - largest) } / Double(logWeights.count)
    population.resample(parents: parents, logWeight: largest + log(mean))
    return ResamplingEvent(
      step: steps, time: time(after: steps), effectiveFraction: fraction, parents: parents)
  }
}

/// When and how walkers are resampled.
public struct Resampling: Sendable, Equatable {
  public var scheme: ResamplingScheme
  /// Before a step where the effective sample size, as a fraction of the walkers, is below this.
  public var threshold: Double

  public init(scheme: ResamplingScheme = .systematic, threshold: Double = 0.5) {
    precondition(threshold > 0 && threshold <= 1, "a threshold is a fraction of the walkers")
    self.scheme = scheme
    self.threshold = threshold
  }
}

/// One resampling of a population.
public struct ResamplingEvent: Sendable, Equatable {
  /// Steps that had been taken.
  public var step: Int
  public var time: Double
  /// The effective sample size before, as a fraction of the walkers.
  public var effectiveFraction: Double
  /// For each walker the one that it is a copy of.
  public var parents: [Int]

  public init(step: Int, time: Double, effectiveFraction: Double, parents: [Int]) {
    self.step = step
    self.time = time
    self.effectiveFraction = effectiveFraction
    self.parents = parents
  }
}

/// What the steps of a population tell besides moving it.
public struct AnnealingRecord: Sendable, Equatable {
  /// One for each step, summed over the walkers.
  public var steps: [StepInfo] = []
  public var resamplings: [ResamplingEvent] = []

  public init() {}

  mutating func add(_ infos: [StepInfo]) { steps += infos }

  /// Evaluations of the gradient over all walkers and steps.
  public var gradientEvaluations: Int { steps.reduce(0) { $0 + $1.gradientEvaluations } }
}

extension Population {
  /// Runs `body` on every group, each on one thread, and returns what it returns in their order.
  @discardableResult
  mutating func forEachGroup<Result: Sendable>(
    _ workers: Workers, _ body: @Sendable (inout Walkers) -> Result
  ) -> [Result] {
    let count = groups.count
    return groups.withUnsafeMutableBufferPointer { groups in
      let shared = SharedGroups(pointer: groups.baseAddress!)
      return [Result](unsafeUninitializedCapacity: count) { results, initialized in
        let sharedResults = SharedResults(pointer: results.baseAddress!)
        workers.forEach(count) { range in
          for group in range {
            (sharedResults.pointer + group).initialize(to: body(&shared.pointer[group]))
          }
        }
        initialized = count
      }
    }
  }
}

/// Groups handed to several threads, each of which touches groups of its own.
private struct SharedGroups: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Walkers>
}

private struct SharedResults<Result>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Result>
}
