// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

/// Carries out the runs of a sweep one after the other, each into a place of its own.
///
/// A run that is complete is left alone, a run that was cut goes on from its last checkpoint, so that
/// running and resuming are the same loop.
public final class SweepRunner {
  private let definition: SweepDefinition
  private let folder: String
  private let store: any EnsembleStore
  private let workers: Workers
  private let software: [String: AttributeValue]
  private let observer: any SweepObserver

  /// `folder` is where the runs' folders are; `software` is recorded as the root attributes that say
  /// what wrote the files.
  public init(
    _ definition: SweepDefinition, folder: String, store: any EnsembleStore, workers: Workers,
    software: [String: AttributeValue], observer: any SweepObserver
  ) {
    self.definition = definition
    self.folder = folder
    self.store = store
    self.workers = workers
    self.software = software
    self.observer = observer
  }

  /// The path of one run.
  public func path(of run: RunSpecification) -> String { "\(folder)/\(run.folderName)" }

  /// Carries out what is not complete yet. Throws what the store throws; what was committed before
  /// stays.
  public func carryOut() throws -> RunOutcome {
    for run in definition.runs {
      let outcome = try carryOut(run)
      if outcome != .complete { return outcome }
    }
    return .complete
  }

  private func carryOut(_ run: RunSpecification) throws -> RunOutcome {
    let path = path(of: run)
    let layout = run.layout(title: definition.title, sweepText: definition.text)
    let writer: any EnsembleWriter
    var state: RestartState?
    if store.exists(at: path) {
      let reader = try store.open(at: path)
      if reader.isComplete {
        observer.skipped(run)
        return .complete
      }
      state = try reader.restart()
      writer = try store.resume(at: path, layout: layout)
    } else {
      writer = try store.create(at: path, layout: layout)
    }
    let runner: MarkovChainRunner
    do {
      runner = try MarkovChainRunner(
        run.chainRun, writer: writer, from: state, workers: workers,
        checkpoints: CheckpointPolicy(definition.checkpoint), observer: observer)
    } catch let error as EnsembleError {
      throw EnsembleError("\(path): \(error.description)")
    }
    try writer.record(software, in: "")
    observer.began(run, isResumed: state != nil)
    let outcome = try runner.carryOut()
    guard outcome == .complete else { return outcome }

    let diagnostics = try RunDiagnostics(
      store.open(at: path), quantities: run.quantities)
    try writer.record(diagnostics.attributes, in: "diagnostics")
    try writer.finish(runner.state, [:])
    observer.finished(run, diagnostics)
    return .complete
  }
}

extension CheckpointPolicy {
  public init(_ specification: CheckpointSpecification) {
    self.init(
      seconds: specification.seconds, bytes: Int(specification.megabytes * 1_048_576))
  }
}

/// What a sweep tells while it goes on.
public protocol SweepObserver: RunObserver {
  func began(_ run: RunSpecification, isResumed: Bool)
  func skipped(_ run: RunSpecification)
  func finished(_ run: RunSpecification, _ diagnostics: RunDiagnostics)
}
