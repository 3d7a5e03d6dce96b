// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import Statistics
import Transport

/// Refines a drift that is trained in closed form by a network, from the start or from a checkpoint, and
/// measures what has come of it.
final class RefinementRunner {
  /// What a training has taken so far.
  struct Cost: Equatable {
    /// Wall time of the search for the path, of the closed form, and of everything after it.
    var pathSeconds: Double
    var closedFormSeconds: Double
    var seconds = 0.0
    var gradientEvaluations: Int
    var driftEvaluations: Int
  }

  private let run: TrainingRun
  private let network: NetworkSpecification
  private let base: SpectralDrift
  private let schedule: AnnealingSchedule
  private let trainer: GradientTrainer<CouplingPath, PINNObjective<ConvolutionDrift>>
  private let writer: any EnsembleWriter
  private let workers: Workers
  private let checkpoints: CheckpointPolicy
  private let observer: (any RunObserver)?
  private var state: GradientTrainingState
  private var cost: Cost
  private var lastCommit = DispatchTime.now()
  /// Of the walkers of the last iteration.
  private var residual: Double?

  private enum Name {
    static let seconds = "seconds"
    static let times = "times"
    static let stepSizes = "step_sizes"
    static let gradientEvaluations = "gradient_evaluations"
    static let driftEvaluations = "drift_evaluations"
  }

  /// A refinement that begins. `schedule` has the times and the step sizes of the closed form's walkers.
  init(
    _ run: TrainingRun, by network: NetworkSpecification, of base: SpectralDrift,
    schedule: AnnealingSchedule, cost: Cost, writer: any EnsembleWriter, workers: Workers,
    checkpoints: CheckpointPolicy, observer: (any RunObserver)?
  ) {
    self.run = run
    self.network = network
    self.base = base
    self.schedule = schedule
    self.writer = writer
    self.workers = workers
    self.checkpoints = checkpoints
    self.observer = observer
    self.cost = cost
    trainer = run.refinement(of: base, by: network, schedule: schedule, workers: workers)
    state = trainer.initialState
  }

  /// A refinement that goes on from what `stored` has; nil if that is in the closed form still.
  /// Throws if it does not belong to this training.
  convenience init?(
    _ run: TrainingRun, from stored: any EnsembleReader, writer: any EnsembleWriter,
    workers: Workers, checkpoints: CheckpointPolicy, observer: (any RunObserver)?
  ) throws {
    let restart = try stored.restart()
    guard let network = run.specification.network, GradientTrainingState.describes(restart) else {
      return nil
    }
    guard let seconds = restart.reals[Name.seconds], seconds.count == 3,
      let times = restart.reals[Name.times], let sizes = restart.reals[Name.stepSizes],
      times.first == 0, times.last == 1, zip(times, times.dropFirst()).allSatisfy(<),
      sizes.count == times.count - 1, sizes.allSatisfy({ $0 > 0 }),
      let gradients = restart.integers[Name.gradientEvaluations],
      let drifts = restart.integers[Name.driftEvaluations]
    else { throw Self.foreign }
    self.init(
      run, by: network, of: try StoredDrift.spectral(stored),
      schedule: AnnealingSchedule(times: times, stepSizes: sizes),
      cost: Cost(
        pathSeconds: seconds[0], closedFormSeconds: seconds[1], seconds: seconds[2],
        gradientEvaluations: gradients, driftEvaluations: drifts), writer: writer,
      workers: workers, checkpoints: checkpoints, observer: observer)
    guard let state = GradientTrainingState(restart, of: trainer.initialState),
      state.iteration <= network.iterations
    else { throw Self.foreign }
    self.state = state
  }

  private static let foreign = EnsembleError(
    "the stored state does not belong to this training")

  /// Makes durable that the closed form is complete.
  func begin() throws { try commit() }

  /// Trains to the end, or until the observer asks to stop. The ensemble is complete then.
  /// Throws a `CollapsedRun` if all weights of the walkers that measure the result become zero.
  func carryOut() throws -> RunOutcome {
    lastCommit = DispatchTime.now()
    while state.iteration < network.iterations {
      if observer?.shouldStop == true { return try stop() }
      let start = DispatchTime.now()
      try append(trainer.advance(&state))
      cost.driftEvaluations += network.driftEvaluations
      cost.seconds += elapsed(since: start)
      tell(.network, fraction: Double(state.iteration) / Double(network.iterations))
      if writer.pendingBytes >= checkpoints.bytes
        || elapsed(since: lastCommit) >= checkpoints.seconds
      {
        try commit()
      }
    }
    return try finish()
  }

  private func stop() throws -> RunOutcome {
    try commit()
    return .stopped(update: state.iteration)
  }

  private func append(_ record: TrainingRecord) throws {
    let volume = Double(run.run.lattice.volume)
    cost.gradientEvaluations += record.gradientEvaluations
    residual = record.loss / volume
    try writer.append(
      row: record.iteration, to: TableName.refinement,
      [
        [record.loss], [record.loss / volume], [record.effectiveFraction ?? .nan],
        [record.gradientNorm], [record.learningRate], [record.horizon],
      ])
  }

  private func restart(seconds: [Double]) -> RestartState {
    var restart = state.restart(dimension: run.run.lattice.volume)
    restart.integers[Name.gradientEvaluations] = cost.gradientEvaluations
    restart.integers[Name.driftEvaluations] = cost.driftEvaluations
    restart.reals[Name.times] = schedule.times
    restart.reals[Name.stepSizes] = schedule.stepSizes
    restart.reals[Name.seconds] = seconds
    return restart
  }

  private func commit() throws {
    try writer.commit(
      restart(seconds: [cost.pathSeconds, cost.closedFormSeconds, cost.seconds]))
    lastCommit = DispatchTime.now()
  }

  /// Measures the result and stores it with what it has cost. A stop in the measurement loses that alone.
  private func finish() throws -> RunOutcome {
    let start = DispatchTime.now()
    let drift = trainer.drift(of: state)
    let check = run.check(of: drift, base: base, schedule: schedule, workers: workers)
    var measured: ResidualCheck.Result?
    do {
      measured = try check.measure(streams: run.refinementStreams) { fraction in
        tell(.check, fraction: fraction)
        return observer?.shouldStop != true
      }
    } catch StatisticsError.allWeightsZero {
      throw CollapsedRun(
        "the training of the drift failed: all weights of the walkers that follow its network became "
          + "zero. A smaller learning_rate would help")
    }
    guard let measured else { return try stop() }
    let volume = Double(run.run.lattice.volume)
    for (row, slice) in measured.slices.enumerated() {
      try writer.append(
        row: row, to: TableName.check,
        [
          [slice.time], [slice.before / volume], [slice.after / volume],
          [slice.effectiveFraction],
        ])
    }
    for (row, value) in drift.parameters.enumerated() {
      try writer.append(row: row, to: TableName.parameters, [[value]])
    }
    try writer.record(StoredNetwork.attributes(of: drift.layout), in: TableName.parameters)
    cost.gradientEvaluations += measured.gradientEvaluations
    cost.driftEvaluations += measured.driftEvaluations
    cost.seconds += elapsed(since: start)
    try writer.record(["seconds": .real(cost.seconds)], in: TableName.refinement)
    try writer.record(
      [
        "path_seconds": .real(cost.pathSeconds),
        "seconds": .real(cost.closedFormSeconds + cost.seconds),
        "n_force": .integer(cost.gradientEvaluations),
        "n_drift": .integer(cost.driftEvaluations),
      ], in: TableName.training)
    // What it took is told by attributes: the same training ends in the same state.
    try writer.finish(restart(seconds: [0, 0, 0]), [:])
    return .complete
  }

  private func tell(_ phase: TrainingPlace.Phase, fraction: Double) {
    var place = TrainingPlace(
      phase: phase, sweep: min(state.iteration + 1, network.iterations),
      sweeps: network.iterations, fraction: fraction)
    place.residual = residual
    observer?.progressed(place)
  }

  private func elapsed(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
  }
}
