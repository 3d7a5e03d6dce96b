// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Networks

/// Where the loss takes ∂_tF_t from.
public enum FreeEnergyRate: Sendable, Equatable {
  /// At every time the value that makes the loss smallest, minus the weighted mean of the rest of the
  /// residual. Costs one more evaluation of the drift, without derivatives.
  case centred
  /// A network of time, trained with the drift: Chebyshev polynomials up to an order into a perceptron, times
  /// the dimension.
  case learned(order: Int, widths: [Int])
}

/// The loss of the continuity equation,
///
///     L = K^-1 Σ_k Σ_i w_ki r_ki²,    r = ∇·b − ∇U·b − ∂_tU + ∂_tF,
///
/// over K slices. It is zero if and only if b carries ρ_t itself wherever the points may lie, so they may
/// come from anywhere; walkers are constants to it. Albergo, Vanden-Eijnden, arXiv:2410.02711. With
/// probes instead of the exact divergence it is larger by their variance.
public struct PINNObjective<Trained: TrainableDrift>: DriftObjective {
  private let network: FreeEnergyProgram?

  /// `conditions` is how many the drift has.
  public init(
    freeEnergy: FreeEnergyRate = .centred, dimension: Int, conditions: Int = 0
  ) {
    switch freeEnergy {
    case .centred: network = nil
    case .learned(let order, let widths):
      network = FreeEnergyProgram(
        order: order, widths: widths, conditions: conditions, scale: Double(dimension))
    }
  }

  public var initialParameters: [Double] {
    Array(repeating: 0, count: network?.parameterCount ?? 0)
  }

  public var isOnPolicy: Bool { false }

  public func evaluate(
    _ drift: Trained, _ own: [Double], at states: TrainingStates, probes: Configurations?,
    workers: Workers
  ) -> ObjectiveValue {
    let rateNetwork = network.map { PreparedNetwork($0, parameters: own) }
    let rateInputs = network.map { _ in freeEnergyInputs(states, drift.conditions) }
    let rates: [Double]
    if let rateNetwork, let rateInputs {
      rates = rateNetwork.outputs(of: rateInputs)[0].values
    } else {
      rates = centre(drift, states, probes, workers)
    }
    let slices = Double(states.slices.count)
    var rate = Array(repeating: 0.0, count: states.count)
    for (slice, members) in states.slices.enumerated() {
      for member in members { rate[member] = rates[slice] }
    }
    let memberRates = rate
    let result = drift.gradient(
      of: states.positions, at: states.times, probes: probes, workers: workers
    ) { members, values in
      var bars = values
      for (place, member) in members.enumerated() {
        let residual =
          states.bracket(
            member, velocity: values.velocities[place], divergence: values.divergences[place])
          + memberRates[member]
        let bar = 2 * states.weights[member] * residual / slices
        bars.divergences[place] = bar
        bars.velocities[place] = ArraySlice(states.energyGradients[member].map { -bar * $0 })
      }
      return bars
    }
    var loss = 0.0
    var rateBars = Array(repeating: 0.0, count: states.slices.count)
    for (slice, members) in states.slices.enumerated() {
      for member in members {
        let residual =
          states.bracket(
            member, velocity: result.values.velocities[member],
            divergence: result.values.divergences[member]) + rates[slice]
        loss += states.weights[member] * residual * residual / slices
        rateBars[slice] += 2 * states.weights[member] * residual / slices
      }
    }
    let bars = rateBars
    let ownGradient =
      zip(rateNetwork, rateInputs).map { network, inputs in
        network.gradient(of: inputs) { members, _ in
          [Configurations(count: members.count, dimension: 1, values: Array(bars[members]))]
        }.gradient
      } ?? []
    return ObjectiveValue(
      loss: loss, residualPerSite: loss.squareRoot() / Double(drift.dimension),
      gradient: result.gradient, ownGradient: ownGradient)
  }

  /// ∂_tF of each slice that makes the loss smallest.
  private func centre(
    _ drift: Trained, _ states: TrainingStates, _ probes: Configurations?, _ workers: Workers
  ) -> [Double] {
    let values = drift.values(
      of: states.positions, at: states.times, probes: probes, workers: workers)
    return states.slices.map { members in
      -members.reduce(0) { sum, member in
        let bracket = states.bracket(
          member, velocity: values.velocities[member], divergence: values.divergences[member])
        return sum + states.weights[member] * bracket
      }
    }
  }

  private func freeEnergyInputs(
    _ states: TrainingStates, _ conditions: [Double]
  ) -> [Configurations] {
    let times = states.sliceTimes
    let rows = [Configurations(count: times.count, dimension: 1, values: times)]
    if conditions.isEmpty { return rows }
    return rows + [
      Configurations(
        count: times.count, dimension: conditions.count, values: times.flatMap { _ in conditions })
    ]
  }
}

private func zip<A, B>(_ a: A?, _ b: B?) -> (A, B)? {
  guard let a, let b else { return nil }
  return (a, b)
}

/// ∂_tF as a network of time and conditions.
private struct FreeEnergyProgram: NetworkProgram {
  private let conditioner: Conditioner
  private let scale: Double
  let parameterCount: Int
  let inputs: [(channels: Int, sites: Int)]
  let chunk = 64

  init(order: Int, widths: [Int], conditions: Int, scale: Double) {
    var layout = ParameterLayout()
    conditioner = Conditioner(
      "rate", order: order, conditions: conditions, hidden: widths, outputs: 1, in: &layout)
    self.scale = scale
    parameterCount = layout.count
    inputs = [(1, 1)] + (conditions > 0 ? [(conditions, 1)] : [])
  }

  func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable] {
    conditioner.prepare(parameters, on: tape)
  }

  func outputs(
    of inputs: [TapeVariable], prepared: [TapeVariable], on tape: Tape
  ) -> [TapeVariable] {
    let rate = conditioner.apply(
      times: inputs[0], conditions: inputs.count > 1 ? inputs[1] : nil, prepared: prepared[...],
      on: tape)
    return [tape.scale(rate.value, by: scale)]
  }
}
