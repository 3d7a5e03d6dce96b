// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import RandomStreams
import Statistics
import Transport

/// Carries a `TrainingRun` out, from its start or from a checkpoint.
///
/// The path is searched for first, if the sweep file does not give it, and stored with what a pilot has
/// found before the first sweep of walkers.
final class TrainingRunner {
  private let run: TrainingRun
  private let writer: any EnsembleWriter
  private let workers: Workers
  private let checkpoints: CheckpointPolicy
  private let observer: (any RunObserver)?
  private var lastCommit = DispatchTime.now()
  private var training: ClosedFormTraining?
  private var progress: TrainingState?
  /// What follows the closed form, once that is complete.
  private var refinement: RefinementRunner?
  /// Wall time of the search for the path, and of everything after it.
  private var pathSeconds = 0.0
  private var seconds = 0.0

  /// A runner that starts from the beginning, or goes on from what `stored` has.
  /// Throws if that does not belong to this training.
  init(
    _ run: TrainingRun, writer: any EnsembleWriter, from stored: (any EnsembleReader)?,
    workers: Workers, checkpoints: CheckpointPolicy, observer: (any RunObserver)?
  ) throws {
    self.run = run
    self.writer = writer
    self.workers = workers
    self.checkpoints = checkpoints
    self.observer = observer
    guard let stored else { return }
    refinement = try RefinementRunner(
      run, from: stored, writer: writer, workers: workers, checkpoints: checkpoints,
      observer: observer)
    if refinement != nil { return }
    let training = run.training(along: try StoredPath.read(stored), workers: workers)
    let restart = try stored.restart()
    guard let state = TrainingState(restart, of: training),
      let spent = restart.reals[Self.secondsName], spent.count == 2
    else { throw EnsembleError("the stored state does not belong to this training") }
    self.training = training
    progress = state
    (pathSeconds, seconds) = (spent[0], spent[1])
  }

  private static let secondsName = "seconds"

  /// Trains to the end, or until the observer asks to stop. The ensemble is complete then.
  /// Throws if there is no path, if all weights become zero or if the equations are singular.
  func carryOut() throws -> RunOutcome {
    do {
      return try train()
    } catch StatisticsError.allWeightsZero {
      throw CollapsedRun(
        "the training of the drift failed: all weights of its \(run.specification.walkers) walkers "
          + "became zero. More training_walkers or more training_slices would help")
    } catch let error as TrainingError {
      throw CollapsedRun("the training of the drift failed: \(error)")
    }
  }

  private func train() throws -> RunOutcome {
    if let refinement { return try refinement.carryOut() }
    lastCommit = DispatchTime.now()
    let training = try self.training ?? begin()
    self.training = training
    var state: TrainingState
    if let progress {
      state = progress
    } else {
      let start = DispatchTime.now()
      tell(.pilot, fraction: 0)
      state = try training.begin(streams: run.streams)
      seconds += elapsed(since: start)
      try commit(state)
    }
    progress = nil
    while !training.isComplete(state) {
      if observer?.shouldStop == true {
        try commit(state)
        return .stopped(update: state.sweep * state.schedule.times.count + state.step)
      }
      let start = DispatchTime.now()
      let known = state.slices.count
      try training.advance(&state, streams: run.streams)
      seconds += elapsed(since: start)
      try append(state.slices[known...], from: known)
      tell(.training, fraction: training.fraction(state), state)
      if writer.pendingBytes >= checkpoints.bytes
        || elapsed(since: lastCommit) >= checkpoints.seconds
      {
        try commit(state)
      }
    }
    return try finish(training, state)
  }

  private func begin() throws -> ClosedFormTraining {
    let start = DispatchTime.now()
    tell(.path, fraction: 0)
    let path = try run.run.findPath(streams: run.streams, workers: workers)
    pathSeconds = elapsed(since: start)
    try StoredPath.append(path, to: writer)
    try writer.record(path.originAttributes, in: TableName.stops)
    return run.training(along: path, workers: workers)
  }

  private func append(_ slices: ArraySlice<ClosedFormTraining.Slice>, from row: Int) throws {
    let volume = Double(run.run.lattice.volume)
    for (offset, slice) in slices.enumerated() {
      try writer.append(
        row: row + offset, to: TableName.training,
        [
          [Double(slice.sweep + 1)], [slice.time], [slice.reference / volume],
          [slice.local / volume], [slice.fitted / volume], [slice.effectiveFraction],
        ])
    }
  }

  private func commit(_ state: TrainingState) throws {
    var restart = state.restart(dimension: run.run.lattice.volume)
    restart.reals[Self.secondsName] = [pathSeconds, seconds]
    try writer.commit(restart)
    lastCommit = DispatchTime.now()
  }

  /// Stores the weights and what they have cost, unless a network is to refine them.
  private func finish(
    _ training: ClosedFormTraining, _ state: TrainingState
  ) throws -> RunOutcome {
    let result = training.result(state)
    let weights = result.drift.weights
    for (leg, series) in weights.coefficients.enumerated() {
      let orders = series.count / max(1, weights.count)
      for order in 0..<orders {
        try writer.append(
          row: leg * orders + order, to: TableName.weights,
          [
            [Double(leg + 1)], [Double(order)],
            Array(series[order * weights.count..<(order + 1) * weights.count]),
          ])
      }
    }
    if let network = run.specification.network {
      let refinement = RefinementRunner(
        run, by: network, of: result.drift, schedule: state.schedule,
        cost: RefinementRunner.Cost(
          pathSeconds: pathSeconds, closedFormSeconds: seconds,
          gradientEvaluations: result.gradientEvaluations,
          driftEvaluations: result.driftEvaluations), writer: writer, workers: workers,
        checkpoints: checkpoints, observer: observer)
      try refinement.begin()
      return try refinement.carryOut()
    }
    try writer.record(
      [
        "path_seconds": .real(pathSeconds), "seconds": .real(seconds),
        "n_force": .integer(result.gradientEvaluations),
        "n_drift": .integer(result.driftEvaluations),
      ], in: TableName.training)
    // What it took is told by attributes: the same training ends in the same state.
    var restart = state.restart(dimension: run.run.lattice.volume)
    restart.reals[Self.secondsName] = [0, 0]
    try writer.finish(restart, [:])
    return .complete
  }

  private func tell(
    _ phase: TrainingPlace.Phase, fraction: Double, _ state: TrainingState? = nil
  ) {
    observer?.progressed(
      TrainingPlace(
        phase: phase, sweep: min((state?.sweep ?? 0) + 1, run.specification.sweeps),
        sweeps: run.specification.sweeps, fraction: fraction))
  }

  private func elapsed(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
  }
}

/// How far a training has come.
public struct TrainingPlace: Sendable, Equatable {
  public enum Phase: Sendable {
    /// The path of constant susceptibility is searched for.
    case path
    /// The step sizes of the refresh are.
    case pilot
    case training
    /// A network is trained by gradients; sweeps are its iterations.
    case network
    /// The result of that is measured.
    case check
  }

  public var phase: Phase
  /// From 1.
  public var sweep: Int
  public var sweeps: Int
  /// Of the phase that is done.
  public var fraction: Double
  /// The variance of the residual per site in the last iteration, if a network is trained.
  public var residual: Double?
}
