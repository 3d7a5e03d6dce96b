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
/// found before the first sweep of walkers. On a line of couplings the nodes follow one after the other.
final class TrainingRunner {
  private let run: TrainingRun
  private let writer: any EnsembleWriter
  private let workers: Workers
  private let checkpoints: CheckpointPolicy
  private let observer: (any RunObserver)?
  private var lastCommit = DispatchTime.now()
  /// Which of the run's nodes is trained, from 0.
  private var node = 0
  private var training: ClosedFormTraining?
  private var progress: TrainingState?
  /// What follows the closed form, once that is complete, where a network does.
  private var refinement: RefinementRunner?
  /// What the nodes before this one have shown and cost.
  private var earlier = Earlier()
  /// Wall time of the search for paths, and of everything after it.
  private var pathSeconds = 0.0
  private var seconds = 0.0

  private struct Earlier {
    var slices = 0
    var gradientEvaluations = 0
    var driftEvaluations = 0
  }

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
    let restart = try stored.restart()
    func counter(_ name: String) -> Int { restart.integers[name] ?? 0 }
    node = counter(Name.node)
    guard run.nodes.indices.contains(node) else { throw Self.foreign }
    let training = run.nodes[node].training(
      along: try StoredPath.read(stored, node: place), workers: workers)
    guard let state = TrainingState(restart, of: training),
      let spent = restart.reals[Name.seconds], spent.count == 2
    else { throw Self.foreign }
    self.training = training
    progress = state
    (pathSeconds, seconds) = (spent[0], spent[1])
    earlier = Earlier(
      slices: counter(Name.slices), gradientEvaluations: counter(Name.gradients),
      driftEvaluations: counter(Name.drifts))
  }

  private static let foreign = EnsembleError("the stored state does not belong to this training")

  private enum Name {
    static let seconds = "seconds"
    static let node = "node"
    static let slices = "earlier_slices"
    static let gradients = "earlier_gradient_evaluations"
    static let drifts = "earlier_drift_evaluations"
  }

  /// The node as tables have it; nil where there is no line of couplings.
  private var place: Int? { run.specification.line == nil ? nil : node }

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
    while true {
      let training = try self.training ?? begin()
      self.training = training
      let state = try trained(training)
      guard training.isComplete(state) else {
        return .stopped(update: state.sweep * state.schedule.times.count + state.step)
      }
      let result = training.result(state)
      try append(result.drift.weights)
      earlier.slices += result.slices.count
      earlier.gradientEvaluations += result.gradientEvaluations
      earlier.driftEvaluations += result.driftEvaluations
      guard node + 1 < run.nodes.count else { return try finish(result.drift, state) }
      node += 1
      self.training = nil
    }
  }

  /// The state at the end of the training of one node, or where the observer asked to stop before.
  private func trained(_ training: ClosedFormTraining) throws -> TrainingState {
    let streams = run.nodes[node].streams
    var state: TrainingState
    if let progress {
      state = progress
    } else {
      let start = DispatchTime.now()
      tell(.pilot, fraction: 0)
      state = try training.begin(streams: streams)
      seconds += elapsed(since: start)
      try commit(state)
    }
    progress = nil
    while !training.isComplete(state) {
      if observer?.shouldStop == true {
        try commit(state)
        return state
      }
      let start = DispatchTime.now()
      let known = state.slices.count
      try training.advance(&state, streams: streams)
      seconds += elapsed(since: start)
      try append(state.slices[known...], from: earlier.slices + known)
      tell(.training, fraction: training.fraction(state), state)
      if writer.pendingBytes >= checkpoints.bytes
        || elapsed(since: lastCommit) >= checkpoints.seconds
      {
        try commit(state)
      }
    }
    return state
  }

  private func begin() throws -> ClosedFormTraining {
    let start = DispatchTime.now()
    tell(.path, fraction: 0)
    let own = run.nodes[node]
    let path = try own.run.findPath(streams: own.streams, workers: workers)
    pathSeconds += elapsed(since: start)
    try StoredPath.append(path, to: writer, node: place)
    if place == nil { try writer.record(path.originAttributes, in: TableName.stops) }
    return own.training(along: path, workers: workers)
  }

  private func append(_ slices: ArraySlice<ClosedFormTraining.Slice>, from row: Int) throws {
    let volume = Double(run.run.lattice.volume)
    for (offset, slice) in slices.enumerated() {
      try writer.append(
        row: row + offset, to: TableName.training,
        [
          [Double(slice.sweep + 1)], [slice.time], [slice.reference / volume],
          [slice.local / volume], [slice.fitted / volume], [slice.effectiveFraction],
        ] + StoredLine.column(place))
    }
  }

  private func append(_ weights: ChebyshevCurve) throws {
    let orders = weights.coefficients.map { $0.count / max(1, weights.count) }
    var row = node * orders.reduce(0, +)
    for (leg, series) in weights.coefficients.enumerated() {
      for order in 0..<orders[leg] {
        try writer.append(
          row: row, to: TableName.weights,
          [
            [Double(leg + 1)], [Double(order)],
            Array(series[order * weights.count..<(order + 1) * weights.count]),
          ] + StoredLine.column(place))
        row += 1
      }
    }
  }

  private func commit(_ state: TrainingState) throws {
    try writer.commit(restart(state, seconds: [pathSeconds, seconds]))
    lastCommit = DispatchTime.now()
  }

  private func restart(_ state: TrainingState, seconds: [Double]) -> RestartState {
    var restart = state.restart(dimension: run.run.lattice.volume)
    restart.reals[Name.seconds] = seconds
    if place != nil {
      restart.integers[Name.node] = node
      restart.integers[Name.slices] = earlier.slices
      restart.integers[Name.gradients] = earlier.gradientEvaluations
      restart.integers[Name.drifts] = earlier.driftEvaluations
    }
    return restart
  }

  /// Stores what the training has cost, unless a network is to refine the drift.
  private func finish(_ drift: SpectralDrift, _ state: TrainingState) throws -> RunOutcome {
    if let network = run.specification.network {
      let refinement = RefinementRunner(
        run, by: network, of: drift, schedule: state.schedule,
        cost: RefinementRunner.Cost(
          pathSeconds: pathSeconds, closedFormSeconds: seconds,
          gradientEvaluations: earlier.gradientEvaluations,
          driftEvaluations: earlier.driftEvaluations), writer: writer, workers: workers,
        checkpoints: checkpoints, observer: observer)
      try refinement.begin()
      return try refinement.carryOut()
    }
    try writer.record(
      [
        "path_seconds": .real(pathSeconds), "seconds": .real(seconds),
        "n_force": .integer(earlier.gradientEvaluations),
        "n_drift": .integer(earlier.driftEvaluations),
      ], in: TableName.training)
    // What it took is told by attributes: the same training ends in the same state.
    try writer.finish(restart(state, seconds: [0, 0]), [:])
    return .complete
  }

  private func fraction(_ part: Double) -> Double {
    (Double(node) + part) / Double(run.nodes.count)
  }

  private func tell(
    _ phase: TrainingPlace.Phase, fraction: Double, _ state: TrainingState? = nil
  ) {
    observer?.progressed(
      TrainingPlace(
        phase: phase, sweep: min((state?.sweep ?? 0) + 1, run.specification.sweeps),
        sweeps: run.specification.sweeps, node: node + 1, nodes: run.nodes.count,
        fraction: self.fraction(fraction)))
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
  /// Which of the theories that drifts are trained for, from 1, and how many there are.
  public var node = 1
  public var nodes = 1
  /// Of the phase that is done, counting that of all theories.
  public var fraction: Double
  /// The variance of the residual per site in the last iteration, if a network is trained.
  public var residual: Double?
}
