// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Networks
import RandomStreams

/// A path to one target, and the conditions under which a drift is to follow it.
public struct ConditionedPath<P: Path>: Sendable {
  public let path: P
  public let conditions: [Double]

  public init(_ path: P, conditions: [Double] = []) {
    self.path = path
    self.conditions = conditions
  }
}

/// Trains a drift by gradients: algorithm 1 of Albergo, Vanden-Eijnden, arXiv:2410.02711.
///
/// Every iteration sends walkers along a grid of random times with the drift as it is, takes the loss over
/// all of them (to which they are constants) and makes one step of Adam. With several targets, iteration
/// i takes number i mod (number of targets). All random numbers are addressed by the iteration, so that a
/// stored `GradientTrainingState` goes on to the same bits, for any number of threads.
public struct GradientTrainer<P: Path, Objective: DriftObjective>: Sendable {
  public let objective: Objective
  public let settings: TrainingSettings
  public let targets: [ConditionedPath<P>]
  private let template: Objective.Trained
  private let streams: RandomStreams
  private let refresh: (any Transition<P.Snapshot>)?
  private let workers: Workers

  /// Training of `drift` towards some targets. `refresh` moves walkers at every time, keeping ρ_t.
  public init(
    _ drift: Objective.Trained, towards targets: [ConditionedPath<P>], by objective: Objective,
    settings: TrainingSettings, using streams: RandomStreams,
    refresh: (any Transition<P.Snapshot>)? = nil, workers: Workers = Workers(1)
  ) {
    precondition(!targets.isEmpty, "training needs a target")
    precondition(
      targets.allSatisfy {
        $0.path.dimension == drift.dimension && $0.conditions.count == drift.conditions.count
      }, "targets have the dimension and the conditions of the drift")
    precondition(
      !objective.isOnPolicy || settings.replay == nil && settings.weighting == .jarzynski,
      "this loss needs new walkers and their weights")
    template = drift
    self.targets = targets
    self.objective = objective
    self.settings = settings
    self.streams = streams.derived("training")
    self.refresh = refresh
    self.workers = workers
  }

  /// Where training begins: the drift as it was given.
  public var initialState: GradientTrainingState {
    GradientTrainingState(
      parameters: template.parameters, objectiveParameters: objective.initialParameters,
      optimiser: Adam(count: template.parameters.count + objective.initialParameters.count),
      average: settings.averageDecay.map { ParameterAverage(template.parameters, decay: $0) },
      iteration: 0, rollouts: [])
  }

  /// The drift of a state, with the averaged parameters where there are any.
  public func drift(of state: GradientTrainingState, averaged: Bool = true) -> Objective.Trained {
    var drift = template
    drift.parameters = averaged ? state.average?.values ?? state.parameters : state.parameters
    return drift
  }

  /// One iteration.
  public func advance(_ state: inout GradientTrainingState) -> TrainingRecord {
    let iteration = state.iteration
    let (rollout, fraction, evaluations) = chooseRollout(&state)
    let target = targets[rollout.target]
    var drift = drift(of: state, averaged: false)
    drift.conditions = target.conditions
    let states = TrainingStates(rollout.slices, on: target.path)
    let value = objective.evaluate(
      drift, state.objectiveParameters, at: states,
      probes: walk(target).probes(drift, count: states.count, iteration: iteration, number: 0),
      workers: workers)

    var gradient = value.gradient + value.ownGradient
    let norm = GradientClipping.clip(&gradient, to: settings.gradientLimit)
    let rate = settings.learningRate[iteration]
    // A step along what is no number would end all training.
    if norm.isFinite {
      var parameters = state.parameters + state.objectiveParameters
      state.optimiser.update(&parameters, gradient: gradient, rate: rate)
      state.objectiveParameters = Array(parameters[state.parameters.count...])
      state.parameters = Array(parameters[..<state.parameters.count])
    }
    state.average?.update(state.parameters)
    state.iteration += 1
    return TrainingRecord(
      iteration: iteration, loss: value.loss, residualPerSite: value.residualPerSite,
      gradientNorm: norm, learningRate: rate, horizon: settings.horizon(iteration),
      target: rollout.target, effectiveFraction: fraction,
      gradientEvaluations: evaluations + states.count)
  }

  /// A number of iterations.
  public func advance(_ state: inout GradientTrainingState, iterations: Int) -> [TrainingRecord] {
    (0..<iterations).map { _ in advance(&state) }
  }

  private func walk(_ target: ConditionedPath<P>) -> TrainingWalk<P> {
    TrainingWalk(
      path: target.path, settings: settings, streams: streams, refresh: refresh, workers: workers)
  }

  /// A new roll-out, or slices drawn from those that are kept.
  private func chooseRollout(
    _ state: inout GradientTrainingState
  ) -> (rollout: TrainingRollout, effectiveFraction: Double?, gradientEvaluations: Int) {
    let iteration = state.iteration
    let interval = settings.replay?.interval ?? 1
    var fraction: Double?
    var evaluations = 0
    var fresh: TrainingRollout?
    if state.rollouts.isEmpty || iteration % interval == 0 {
      let number = iteration / interval % targets.count
      var drift = drift(of: state, averaged: false)
      drift.conditions = targets[number].conditions
      let made = walk(targets[number]).rollOut(drift, iteration: iteration)
      let rollout = TrainingRollout(target: number, slices: made.slices)
      fraction = Self.effectiveFraction(made.logWeights)
      evaluations = made.gradientEvaluations
      fresh = rollout
      if let replay = settings.replay {
        state.rollouts.append(rollout)
        state.rollouts.removeFirst(max(0, state.rollouts.count - replay.capacity))
      }
    }
    guard let replay = settings.replay else {
      guard let fresh else { preconditionFailure("without replay every roll-out is new") }
      return (fresh, fraction, evaluations)
    }
    // One of the targets that are kept, then slices of its roll-outs, in the order of their times.
    var uniforms = Array(repeating: 0.0, count: 1 + replay.slices)
    streams.derived("replay").fillUniforms(
      &uniforms, count: uniforms.count, purpose: .training, walker: 0, step: iteration)
    let target = state.rollouts[Int(uniforms[0] * Double(state.rollouts.count))].target
    let candidates = state.rollouts.filter { $0.target == target }.flatMap(\.slices)
    let drawn = uniforms.dropFirst().map { candidates[Int($0 * Double(candidates.count))] }
    return (
      TrainingRollout(target: target, slices: drawn.sorted { $0.time < $1.time }), fraction,
      evaluations
    )
  }

  private static func effectiveFraction(_ logWeights: [Double]) -> Double {
    let weights = TrainingStates.normalised(logWeights)
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    return squares > 0 ? 1 / (squares * Double(weights.count)) : 0
  }
}
