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
  /// stays. A run that collapses keeps none of the others from being made: what has collapsed is
  /// thrown at the end, as a `CollapsedRun`.
  public func carryOut() throws -> RunOutcome {
    var collapsed: [String] = []
    for run in definition.runs {
      do {
        let outcome = try carryOut(run)
        if outcome != .complete { return outcome }
      } catch let error as CollapsedRun {
        collapsed.append("\(path(of: run)): \(error.description)")
      }
    }
    if !collapsed.isEmpty { throw CollapsedRun(collapsed.joined(separator: "\n")) }
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
    try writer.record(software, in: "")
    observer.began(run, isResumed: state != nil)
    do {
      return switch run.sampler {
      case .markovChain: try carryOutChains(of: run, writer, from: state, path: path)
      case .annealing: try carryOutAnnealing(of: run, writer, from: state, path: path)
      }
    } catch let error as EnsembleError {
      throw EnsembleError("\(path): \(error.description)")
    }
  }

  private func carryOutChains(
    of run: RunSpecification, _ writer: any EnsembleWriter, from state: RestartState?, path: String
  ) throws -> RunOutcome {
    guard let chains = run.chainRun else { preconditionFailure("a run of Markov chains") }
    let runner = try MarkovChainRunner(
      chains, writer: writer, from: state, workers: workers,
      checkpoints: CheckpointPolicy(definition.checkpoint), observer: observer)
    let outcome = try runner.carryOut()
    guard outcome == .complete else { return outcome }
    let diagnostics = try RunDiagnostics(store.open(at: path), quantities: run.quantities)
    try writer.record(diagnostics.attributes, in: "diagnostics")
    try writer.finish(runner.state, [:])
    observer.finished(run, diagnostics)
    return .complete
  }

  private func carryOutAnnealing(
    of run: RunSpecification, _ writer: any EnsembleWriter, from state: RestartState?, path: String
  ) throws -> RunOutcome {
    guard let annealing = run.annealingRun else { preconditionFailure("a run of annealing") }
    let runner = try AnnealingRunner(
      annealing, writer: writer, from: state, workers: workers,
      checkpoints: CheckpointPolicy(definition.checkpoint), observer: observer)
    let outcome = try runner.carryOut()
    guard outcome == .complete else { return outcome }
    let diagnostics = try AnnealingDiagnostics(
      store.open(at: path), theories: run.stopTheories, resampled: annealing.resampling != nil)
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
  func finished(_ run: RunSpecification, _ diagnostics: AnnealingDiagnostics)
}
