// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import Statistics
import Transport

/// Carries out the runs of a sweep one after the other, each into a place of its own.
///
/// A run that is complete is left alone, a run that was cut goes on from its last checkpoint, so that
/// running and resuming are the same loop.
public final class SweepRunner {
  let definition: SweepDefinition
  let folder: String
  let store: any EnsembleStore
  let workers: Workers
  private let software: [String: AttributeValue]
  let observer: any SweepObserver
  /// The drifts that are trained here, by what tells one training from another.
  let trainings: [String: TrainingRun]

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
    trainings = Dictionary(
      definition.trainings.map { ($0.run.trainingKey ?? "", $0) }, uniquingKeysWith: { $1 })
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

  /// Trains every drift that the sweep asks for and that is not trained yet. Throws like `carryOut`.
  public func train() throws -> RunOutcome {
    var collapsed: [String] = []
    for training in definition.trainings {
      do {
        let outcome = try carryOut(training, isAsked: true)
        if outcome != .complete { return outcome }
      } catch let error as CollapsedRun {
        collapsed.append("\(folder)/\(training.folderName): \(error.description)")
      }
    }
    if !collapsed.isEmpty { throw CollapsedRun(collapsed.joined(separator: "\n")) }
    return .complete
  }

  /// Trains a drift unless it is trained already; that is only told where training is what was asked
  /// for.
  func carryOut(_ training: TrainingRun, isAsked: Bool) throws -> RunOutcome {
    let path = "\(folder)/\(training.folderName)"
    let layout = training.layout(title: definition.title, sweepText: definition.text)
    let writer: any EnsembleWriter
    var stored: (any EnsembleReader)?
    if store.exists(at: path) {
      let reader = try store.open(at: path)
      if reader.isComplete {
        if isAsked { observer.skippedTraining(training.run) }
        return .complete
      }
      stored = reader
      writer = try store.resume(at: path, layout: layout)
    } else {
      writer = try store.create(at: path, layout: layout)
    }
    try writer.record(software, in: "")
    observer.beganTraining(training.run, isResumed: stored != nil)
    do {
      let runner = try TrainingRunner(
        training, writer: writer, from: stored, workers: workers,
        checkpoints: CheckpointPolicy(definition.checkpoint), observer: observer)
      let outcome = try runner.carryOut()
      guard outcome == .complete else { return outcome }
      observer.trained(training.run, try TrainingSummary(store.open(at: path)))
      return .complete
    } catch let error as EnsembleError {
      throw EnsembleError("\(path): \(error.description)")
    }
  }

  private func carryOut(_ run: RunSpecification) throws -> RunOutcome {
    let path = path(of: run)
    let layout = run.layout(title: definition.title, sweepText: definition.text)
    let writer: any EnsembleWriter
    var stored: (any EnsembleReader)?
    if store.exists(at: path) {
      let reader = try store.open(at: path)
      if reader.isComplete {
        observer.skipped(run)
        return .complete
      }
      stored = reader
      writer = try store.resume(at: path, layout: layout)
    } else {
      if let training = run.trainingKey.flatMap({ trainings[$0] }) {
        let outcome = try carryOut(training, isAsked: false)
        guard outcome == .complete else { return outcome }
      }
      writer = try store.create(at: path, layout: layout)
    }
    try writer.record(software, in: "")
    observer.began(run, isResumed: stored != nil)
    do {
      return switch run.sampler {
      case .markovChain:
        try carryOutChains(of: run, writer, from: stored?.restart(), path: path)
      case .annealing: try carryOutAnnealing(of: run, writer, from: stored, path: path)
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
    of run: RunSpecification, _ writer: any EnsembleWriter, from stored: (any EnsembleReader)?,
    path: String
  ) throws -> RunOutcome {
    let annealing = try annealingRun(run, writer, from: stored)
    let runner = try AnnealingRunner(
      annealing, writer: writer, from: stored?.restart(), workers: workers,
      checkpoints: CheckpointPolicy(definition.checkpoint), observer: observer)
    let outcome = try runner.carryOut()
    guard outcome == .complete else { return outcome }
    let bias = try recordBias(of: annealing, runner.schedule, writer)
    let diagnostics = try AnnealingDiagnostics(
      store.open(at: path), theories: run.stopTheories, resampled: annealing.resampling != nil,
      bias: bias)
    try writer.record(diagnostics.attributes, in: "diagnostics")
    try writer.finish(runner.state, [:])
    observer.finished(run, diagnostics)
    return .complete
  }
}

extension SweepRunner {
  /// The run with its path, found or stored, and with its drift.
  private func annealingRun(
    _ run: RunSpecification, _ writer: any EnsembleWriter, from stored: (any EnsembleReader)?
  ) throws -> AnnealingRun {
    let start = DispatchTime.now()
    let path: CouplingPath
    var drift: (any DivergenceDrift)?
    if let transport = run.annealing?.transport {
      let (place, name) = driftPlace(of: run, transport)
      let found = try self.drift(of: run, transport)
      let recorded = try stored?.attributes(of: TableName.drift).text("id")
      if let recorded, recorded != found.identity {
        throw EnsembleError(
          "the drift \(place) is not the one that the run has begun with (id \(found.identity), "
            + "not \(recorded))")
      }
      try writer.record(found.attributes(file: name), in: TableName.drift)
      do {
        (path, drift) = try found.followed(by: run)
      } catch let error as EnsembleError {
        throw EnsembleError("the drift \(place): \(error)")
      }
    } else if let stored, run.annealing?.isCurved == true {
      path = try StoredPath.read(stored)
    } else {
      path = try run.findPath(streams: run.streams, workers: workers)
      if run.annealing?.isCurved == true {
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
        try writer.record(["path_seconds": .real(seconds)], in: TableName.pilot)
      }
    }
    guard let annealing = run.annealingRun(along: path, drift: drift) else {
      preconditionFailure("a run of annealing")
    }
    return annealing
  }

  /// Measures what the steps of a transport bias; empty for annealing without transport, and where
  /// all walkers ran away.
  private func recordBias(
    of run: AnnealingRun, _ schedule: AnnealingSchedule, _ writer: any EnsembleWriter
  ) throws -> [String: AttributeValue] {
    let start = DispatchTime.now()
    do {
      let biases = try run.stepBiases(schedule, workers: workers)
      guard !biases.isEmpty else { return [:] }
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
      let attributes = StepBias.attributes(biases, walkers: run.biasWalkers, seconds: seconds)
      try writer.record(attributes, in: TableName.bias)
      return attributes
    } catch StatisticsError.allWeightsZero {
      return [:]
    }
  }

  /// The trained drift of a run.
  func drift(of run: RunSpecification, _ transport: TransportSpecification) throws -> StoredDrift {
    let place = driftPlace(of: run, transport).path
    do {
      return try StoredDrift(store.open(at: place))
    } catch let error as EnsembleError {
      throw EnsembleError("the drift \(place): \(error)")
    }
  }

  /// Where the drift of a run is, and what the run calls it: as the sweep file does, or relative to
  /// the run's own folder.
  func driftPlace(
    of run: RunSpecification, _ transport: TransportSpecification
  ) -> (path: String, name: String) {
    if case .file(let name) = transport.drift { return (name, name) }
    let name =
      run.trainingKey.flatMap { trainings[$0]?.folderName } ?? TrainingRun.folderName(of: run)
    return ("\(folder)/\(name)", "../\(name)")
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
  /// The drift of a run, and of others that follow the same one, is trained.
  func beganTraining(_ run: RunSpecification, isResumed: Bool)
  func skippedTraining(_ run: RunSpecification)
  func trained(_ run: RunSpecification, _ summary: TrainingSummary)
  /// Of the candidates for the use of a run's drift, so many have been tried.
  func tuned(_ run: RunSpecification, candidates: Int, of total: Int)
}

extension SweepObserver {
  public func tuned(_ run: RunSpecification, candidates: Int, of total: Int) {}
}
