// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Sweeps

/// Ensembles in memory, as a sweep stores them under paths. For tests on one thread.
final class MemoryStore: EnsembleStore, @unchecked Sendable {
  // Unchecked: only the thread of the runner opens and creates ensembles.
  var ensembles: [String: MemoryEnsemble] = [:]

  func exists(at path: String) -> Bool { ensembles[path] != nil }

  func create(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
    let ensemble = MemoryEnsemble(layout: layout)
    ensembles[path] = ensemble
    return ensemble
  }

  func resume(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
    try ensemble(at: path)
  }

  func open(at path: String) throws -> any EnsembleReader { try ensemble(at: path) }

  func remove(at path: String) throws { ensembles[path] = nil }

  func ensemble(at path: String) throws -> MemoryEnsemble {
    guard let ensemble = ensembles[path] else { throw EnsembleError("nothing is at \(path)") }
    return ensemble
  }
}

/// Stops a sweep after so many steps, and remembers what was told.
final class CountingObserver: SweepObserver {
  private var left: Int
  var told: [String] = []
  var summaries: [TrainingSummary] = []
  var diagnostics: [AnnealingDiagnostics] = []

  init(stopAfter steps: Int = .max) { left = steps }

  var shouldStop: Bool { left <= 0 }

  func progressed(done: Int, total: Int, isThermalising: Bool) {}
  func progressed(_ place: AnnealingPlace) { if place.phase != .pilot { left -= 1 } }
  func progressed(_ place: TrainingPlace) {
    if [.training, .network].contains(place.phase) { left -= 1 }
  }
  func began(_ run: RunSpecification, isResumed: Bool) { told.append("began \(run.label)") }
  func skipped(_ run: RunSpecification) { told.append("skipped \(run.label)") }
  func finished(_ run: RunSpecification, _ diagnostics: RunDiagnostics) {}
  func finished(_ run: RunSpecification, _ diagnostics: AnnealingDiagnostics) {
    told.append("finished \(run.label)")
    self.diagnostics.append(diagnostics)
  }
  func beganTraining(_ run: RunSpecification, isResumed: Bool) {
    told.append("training \(run.label)")
  }
  func skippedTraining(_ run: RunSpecification) { told.append("had trained \(run.label)") }
  func trained(_ run: RunSpecification, _ summary: TrainingSummary) {
    told.append("trained \(run.label)")
    summaries.append(summary)
  }
}
