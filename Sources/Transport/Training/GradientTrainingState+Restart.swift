// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Networks

/// The state of a training by gradients as a restart state: parameters, both moments of Adam and the
/// average lie in the rows of `fields`, one after the other, padded with zeros.
extension GradientTrainingState {
  private enum Name {
    static let iteration = "iteration"
    static let steps = "adam_steps"
    static let averaged = "averaged_steps"
  }

  /// Whether a restart state is one of a training by gradients.
  public static func describes(_ state: RestartState) -> Bool {
    state.integers[Name.iteration] != nil
  }

  /// The state in rows of `dimension` numbers. It must keep no roll-outs.
  public func restart(dimension: Int) -> RestartState {
    precondition(rollouts.isEmpty, "roll-outs are not stored")
    var numbers =
      parameters + objectiveParameters + optimiser.firstMoments + optimiser.secondMoments
      + (average?.values ?? [])
    let rows = (numbers.count + dimension - 1) / dimension
    numbers += Array(repeating: 0, count: rows * dimension - numbers.count)
    var integers = [Name.iteration: iteration, Name.steps: optimiser.steps]
    integers[Name.averaged] = average?.steps
    return RestartState(
      fields: Configurations(count: rows, dimension: dimension, values: numbers),
      integers: integers)
  }

  /// The state that was stored; nil if it does not belong to the training that begins with `initial`.
  public init?(_ state: RestartState, of initial: GradientTrainingState) {
    let (own, others) = (initial.parameters.count, initial.objectiveParameters.count)
    let needed = 3 * (own + others) + (initial.average == nil ? 0 : own)
    var rest = state.fields.values[...]
    guard rest.count >= needed, rest.count - needed < max(1, state.fields.dimension),
      let iteration = state.integers[Name.iteration], iteration >= 0,
      let steps = state.integers[Name.steps], (0...iteration).contains(steps),
      (state.integers[Name.averaged] != nil) == (initial.average != nil)
    else { return nil }
    func take(_ count: Int) -> [Double] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    parameters = take(own)
    objectiveParameters = take(others)
    let (first, second) = (take(own + others), take(own + others))
    optimiser = Adam(firstMoments: first, secondMoments: second, steps: steps)
    average = nil
    if let start = initial.average, let steps = state.integers[Name.averaged], steps >= 0 {
      average = ParameterAverage(take(own), decay: start.decay, steps: steps)
    }
    self.iteration = iteration
    rollouts = []
  }
}
