// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import MonteCarlo
import Observables

/// Carries a `MarkovChainRun` out, from its start or from a checkpoint.
public final class MarkovChainRunner {
  private let run: MarkovChainRun
  private let writer: any EnsembleWriter
  private let workers: Workers
  private let checkpoints: CheckpointPolicy
  private let observer: (any RunObserver)?

  private var kernel: any TunableKernel
  private var tuner: StepSizeTuner
  private var fields: Configurations
  private var update: Int
  private let thermalisationMoments: any Observable

  /// A runner that starts from the beginning, or goes on from `state`.
  /// Throws if the state does not belong to this run.
  public init(
    _ run: MarkovChainRun, writer: any EnsembleWriter, from state: RestartState?,
    workers: Workers, checkpoints: CheckpointPolicy = CheckpointPolicy(),
    observer: (any RunObserver)? = nil
  ) throws {
    self.run = run
    self.writer = writer
    self.workers = workers
    self.checkpoints = checkpoints
    self.observer = observer
    kernel = run.kernel
    tuner = StepSizeTuner(
      initial: run.kernel.stepSize, targetAcceptance: run.kernel.targetAcceptance)
    let c = run.action.coefficients
    thermalisationMoments = FieldMoments(
      lattice: run.action.lattice, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic)
    if let state {
      guard
        let update = state.integers[StateName.update], (0...run.updates).contains(update),
        let stepSize = state.reals[StateName.stepSize], stepSize.count == 1,
        let tunerState = state.reals[StateName.tuner], tunerState.count == 3,
        state.fields.count == run.chains, state.fields.dimension == run.action.lattice.volume
      else { throw EnsembleError("the stored state does not belong to this run") }
      self.update = update
      fields = state.fields
      kernel.stepSize = stepSize[0]
      tuner.state = tunerState
    } else {
      update = 0
      fields = run.initialFields(workers: workers)
    }
  }

  private enum StateName {
    static let update = "update"
    static let stepSize = "step_size"
    static let tuner = "tuner"
  }

  /// The state after the last update.
  public var state: RestartState {
    RestartState(
      fields: fields, integers: [StateName.update: update],
      reals: [StateName.stepSize: [kernel.stepSize], StateName.tuner: tuner.state])
  }

  /// Runs to the end, or until the observer asks to stop. What was appended is committed on return;
  /// the ensemble is not yet marked as complete, so that what is learned from it can be recorded.
  public func carryOut() throws -> RunOutcome {
    var lastCommit = DispatchTime.now()
    while update < run.updates {
      if observer?.shouldStop == true {
        try writer.commit(state)
        return .stopped(update: update)
      }
      if update < run.thermalisation { try thermalise() } else { try produce() }
      update += 1
      observer?.progressed(
        done: update, total: run.updates, isThermalising: update < run.thermalisation)
      if writer.pendingBytes >= checkpoints.bytes
        || seconds(since: lastCommit) >= checkpoints.seconds
      {
        try writer.commit(state)
        lastCommit = DispatchTime.now()
      }
    }
    try writer.commit(state)
    return .complete
  }

  private var context: UpdateContext {
    UpdateContext(streams: run.streams, number: update, workers: workers)
  }

  private func thermalise() throws {
    let stepSize = kernel.stepSize
    let info = kernel.update(&fields, in: context)
    let moments = thermalisationMoments.measure(fields, workers: workers)
    let count = Double(run.chains)
    if run.isTuned {
      let mean = info.acceptance.reduce(0, +) / count
      let next = tuner.next(acceptance: mean)
      kernel.stepSize = update + 1 < run.thermalisation ? next : tuner.result
    }
    try writer.append(
      row: update, to: TableName.thermalisation,
      [
        moments[0], moments[4], info.acceptance,
        Array(repeating: stepSize, count: run.chains),
      ])
  }

  private func produce() throws {
    let trajectory = update - run.thermalisation + 1
    if run.reversibilityInterval > 0, trajectory % run.reversibilityInterval == 0 {
      try checkReversibility(trajectory)
    }
    let before = DispatchTime.now()
    let info = kernel.update(&fields, in: context)
    let updateTime = seconds(since: before)
    for (table, values) in zip(kernel.diagnostics, info.values) {
      try writer.append(row: trajectory, to: table.name, values)
    }

    let middle = DispatchTime.now()
    if trajectory % run.measurementInterval == 0 {
      try writer.append(
        row: trajectory, to: TableName.observables,
        run.observables.measure(fields, workers: workers))
    }
    if let interval = run.configurationInterval, trajectory % interval == 0 {
      let isSingle = run.configurationType == .float32
      try writer.append(
        row: trajectory, to: TableName.configurations,
        [isSingle ? fields.values.map { Double(Float($0)) } : fields.values])
    }
    try writer.append(
      row: trajectory, to: TableName.timing, [[updateTime], [seconds(since: middle)]])
  }

  private func checkReversibility(_ trajectory: Int) throws {
    guard let hmc = MarkovChainRun.hmc(of: kernel) else { return }
    let chain = (trajectory / run.reversibilityInterval - 1) % run.chains
    let defect = hmc.reversibility(of: fields[chain], chain: chain, in: context)
    try writer.append(
      row: trajectory, to: TableName.reversibility,
      [[Double(chain)], [defect.position], [defect.energy]])
  }

  private func seconds(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
  }
}
