// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import MonteCarlo

/// What a run will take, before it is made.
public struct RunCost: Sendable {
  private let run: MarkovChainRun
  private let chains: Int

  public init(_ specification: RunSpecification) {
    run = specification.chainRun
    chains = specification.sampler.chains
  }

  /// Updates of every chain, thermalisation included.
  public var updates: Int { run.updates }

  /// Evaluations of the force at a site, or local proposals, over all chains and updates.
  public var siteUpdates: Double {
    Double(run.hmc?.forceEvaluations ?? 1) * Double(run.action.lattice.volume) * Double(chains)
      * Double(updates)
  }

  /// Bytes of all tables.
  public var bytes: Int {
    run.tables.reduce(0) { sum, table in
      let perRow = table.variables.reduce(0) { $0 + $1.size * $1.type.bytes }
      return sum + rows(table.name) * perRow * (table.isPerChain ? chains : 1)
    }
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
