// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Sweeps

/// The work of the runs of a plan, with times from a few updates of each kind of run.
struct PlanTiming {
  /// Nil to time nothing.
  let workers: Workers?
  /// Of all runs so far, as far as they are known.
  private(set) var seconds = 0.0
  /// What must be said besides, once each.
  private(set) var notes: [String] = []
  /// Seconds an update; runs that differ in couplings alone take the same time.
  private var rates: [String: Double] = [:]
  private var samples: [String: AnnealingCost.Sample] = [:]

  init(workers: Workers?) { self.workers = workers }

  /// Chains or walkers, updates, site updates and time of a run.
  mutating func columns(_ run: RunSpecification, _ cost: RunCost) throws -> [String] {
    let kind = "\(run.extents) \(run.sampler)"
    if case .annealing(let sampler) = run.sampler {
      for note in sampler.notes { say("\(sampler.name): \(note)") }
      if sampler.transport?.training != nil {
        say("\(sampler.name): the training of its drift is not in the time")
      }
    }
    switch cost {
    case .markovChain(let cost):
      var time = "-"
      if let workers {
        let rate = rates[kind] ?? cost.secondsPerUpdate(workers: workers)
        rates[kind] = rate
        time = add(rate * Double(cost.updates))
      }
      return [
        "\(run.members) chains", "\(cost.updates)", String(format: "%.2g", cost.siteUpdates), time,
      ]
    case .annealing(let cost):
      let members = "\(cost.walkers) x \(cost.populations) walkers"
      guard let steps = cost.stepsThereAndBack else {
        say(
          "\(run.sampler.name): schedule: adaptive; the pilot decides about the number of steps, so "
            + "that neither it nor the time is known before")
        return [members, "?", "?", workers == nil ? "-" : "?"]
      }
      guard let workers else { return [members, "\(steps)", "-", "-"] }
      let sample = try samples[kind] ?? cost.sample(workers: workers)
      samples[kind] = sample
      let all = Double(steps) * Double(cost.populations)
      let sites =
        sample.gradientEvaluationsPerStep * all * Double(cost.walkers)
        * Double(run.lattice.volume)
      return [
        members, "\(steps)", String(format: "%.2g", sites), add(sample.secondsPerStep * all),
      ]
    }
  }

  private mutating func add(_ estimate: Double) -> String {
    seconds += estimate
    return Progress.duration(estimate)
  }

  private mutating func say(_ note: String) {
    if !notes.contains(note) { notes.append(note) }
  }
}

extension RunSpecification {
  /// Chains of a run of Markov chains.
  fileprivate var members: Int {
    if case .markovChain(let chain) = sampler { return chain.chains }
    return 0
  }
}
