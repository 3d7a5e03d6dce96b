// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import MonteCarlo

/// What a run will take, before it is made.
public enum RunCost: Sendable {
  case markovChain(MarkovChainCost)
  case annealing(AnnealingCost)

  public init(_ specification: RunSpecification) {
    if let run = specification.annealingRun, case .annealing(let sampler) = specification.sampler {
      self = .annealing(AnnealingCost(run: run, steps: sampler.steps))
    } else if let run = specification.chainRun {
      self = .markovChain(MarkovChainCost(run: run))
    } else {
      preconditionFailure("a run is one of Markov chains or of annealing")
    }
  }

  /// Bytes of all tables, as far as they are known.
  public var bytes: Int {
    switch self {
    case .markovChain(let cost): cost.bytes
    case .annealing(let cost): cost.bytes
    }
  }
}

/// What a run of Markov chains will take.
public struct MarkovChainCost: Sendable {
  private let run: MarkovChainRun
  private var chains: Int { run.chains }

  init(run: MarkovChainRun) { self.run = run }

  /// Updates of every chain, thermalisation included.
  public var updates: Int { run.updates }

  /// Evaluations of the force at a site, or local proposals, over all chains and updates.
  public var siteUpdates: Double {
    Double(run.hmc?.forceEvaluations ?? 1) * Double(run.action.lattice.volume) * Double(chains)
      * Double(updates)
  }

  /// Bytes of all tables.
  public var bytes: Int {
    run.tables.reduce(0) { $0 + rows($1.name) * $1.bytesPerRow(chains: chains) }
  }

  private func rows(_ table: String) -> Int {
    switch table {
    case TableName.thermalisation: run.thermalisation
    case TableName.observables: run.trajectories / run.measurementInterval
    case TableName.configurations: run.trajectories / (run.configurationInterval ?? 1)
    case TableName.reversibility: run.trajectories / max(run.reversibilityInterval, 1)
    default: run.trajectories
    }
  }

  /// The time of one update, from at least 20 ms of updates with the untuned step size. No more
  /// chains are timed than keep the threads busy.
  public func secondsPerUpdate(workers: Workers) -> Double {
    var part = run
    part.chains = min(chains, 2 * workers.count)
    var fields = part.initialFields(workers: workers)
    var number = 0
    func step() {
      _ = part.kernel.update(
        &fields, in: UpdateContext(streams: part.streams, number: number, workers: workers))
      if number % part.measurementInterval == 0 {
        _ = part.observables.measure(fields, workers: workers)
      }
      number += 1
    }
    step()
    let start = DispatchTime.now().uptimeNanoseconds
    let first = number
    while DispatchTime.now().uptimeNanoseconds - start < 20_000_000 { step() }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    return seconds / Double(number - first) * Double(chains) / Double(part.chains)
  }
}

extension Table {
  /// Bytes of one row of all chains.
  fileprivate func bytesPerRow(chains: Int) -> Int {
    variables.reduce(0) { $0 + $1.size * $1.type.bytes } * (isPerChain ? chains : 1)
  }
}

/// What a run of annealing will take. Where the pilot decides about the steps, nothing is known about
/// them before.
public struct AnnealingCost: Sendable {
  private let run: AnnealingRun
  /// Steps of a population, there and not back; nil where the pilot decides.
  public let steps: Int?

  init(run: AnnealingRun, steps: Int?) {
    self.run = run
    self.steps = steps
  }

  public var walkers: Int { run.walkers }
  public var populations: Int { run.populations }

  /// Steps of one walker of each population, with those of the way back.
  public var stepsThereAndBack: Int? { steps.map { $0 * (run.reverseUpdates > 0 ? 2 : 1) } }

  /// What a few walkers have shown in a few steps.
  public struct Sample: Sendable {
    /// Of all walkers of a population.
    public var secondsPerStep: Double
    /// Of one walker; or sweeps of local proposals.
    public var gradientEvaluationsPerStep: Double
  }

  /// Steps at the origin with the untuned step size, at least 20 ms of them. No more walkers are
  /// timed than keep the threads busy.
  public func sample(workers: Workers) throws -> Sample {
    let few = min(run.walkers, 8 * workers.count)
    let steps = 1 << 14
    let times = (0...steps).map { Double($0) / Double(steps) }
    let sampler = AnnealedSampler(
      path: run.path, transition: run.transition,
      schedule: AnnealingSchedule(times: times, stepSize: run.stepSize), streams: run.streams)
    var population = sampler.start(population: 0, count: few, workers: workers)
    _ = try sampler.advance(&population, through: 0..<1, workers: workers)
    let start = DispatchTime.now().uptimeNanoseconds
    var (step, evaluations) = (1, 0)
    var seconds = 0.0
    while seconds < 0.02 && step + 4 <= steps {
      let record = try sampler.advance(&population, through: step..<step + 4, workers: workers)
      evaluations += record.gradientEvaluations
      step += 4
      seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    }
    return Sample(
      secondsPerStep: seconds / Double(step - 1) * Double(run.walkers) / Double(few),
      gradientEvaluationsPerStep: Double(evaluations) / Double((step - 1) * few))
  }

  /// Bytes of all tables but those whose rows the pilot or the weights decide about.
  public var bytes: Int {
    run.tables.reduce(0) { $0 + rows($1.name) * $1.bytesPerRow(chains: 1) }
  }

  private func rows(_ table: String) -> Int {
    switch table {
    case TableName.path: (steps ?? 0) + 1
    case TableName.evolution: AnnealingRun.records * run.populations
    case TableName.resampling: 0
    case TableName.configurations: run.populations / (run.configurationInterval ?? 1)
    default: run.populations
    }
  }
}

extension ScalarType {
  /// Bytes of one number in a file.
  public var bytes: Int {
    switch self {
    case .float64, .int64: 8
    case .float32: 4
    case .uint8: 1
    }
  }
}
