// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Transport

extension SweepRunner {
  /// Tries ways to use each trained drift of the sweep, after training what is not trained yet, and
  /// hands over what was found drift after drift. Nothing of it is stored. Runs that differ in nothing
  /// that the search keeps share one. Throws like `carryOut`.
  public func tune(
    _ settings: TuningSettings, found: (DriftTuning) throws -> Void
  ) throws -> RunOutcome {
    var known: Set<String> = []
    for run in definition.runs {
      guard let annealing = run.annealing, let transport = annealing.transport else { continue }
      let place = driftPlace(of: run, transport).path
      guard known.insert("\(place)\n\(run.theory.identity)\n\(annealing.fixedInTuning)").inserted
      else { continue }
      do {
        if let training = run.trainingKey.flatMap({ trainings[$0] }) {
          let outcome = try carryOut(training, isAsked: false)
          guard outcome == .complete else { return outcome }
        }
        let tuning = try DriftTuning(
          run, annealing, transport, along: drift(of: run, transport), at: place,
          isNamed: transport.training != nil && places(of: annealing.name).count == 1, settings,
          workers: workers
        ) { [observer] tried in
          observer.tuned(run, candidates: tried, of: settings.count)
          return !observer.shouldStop
        }
        guard let tuning else { return .stopped(update: 0) }
        try found(tuning)
      } catch let error as CollapsedRun {
        throw CollapsedRun("\(place): \(error.description)")
      }
    }
    return .complete
  }

  /// Where the drifts of a sampler are.
  private func places(of sampler: String) -> Set<String> {
    Set(
      definition.runs.compactMap { run in
        run.annealing?.name == sampler
          ? run.annealing?.transport.map { driftPlace(of: run, $0).path } : nil
      })
  }
}

extension AnnealingSpecification {
  /// What a search for the use of a drift takes from the sampler, in a line.
  fileprivate var fixedInTuning: String {
    let mass = acceleration.map(NumberText.text) ?? "none"
    let integrator = transport?.integrator.rawValue ?? ""
    return "\(integrator) \(refreshScheme.rawValue) \(mass) \(tuningIdentity)"
  }
}
