// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// The action of a potential drift b = b_0 + ∇Φ along ρ_t, 0 ≤ t ≤ T,
///
///     L = ∫_0^T E_t[ ½ |b|² + ∂_tΦ_t ] dt + E_0[Φ_0] − E_T[Φ_T],
///
/// least where b carries ρ_t, but not zero there. E_t must be averages over ρ_t itself, so walkers need their
/// weights. Neklyudov et al., arXiv:2210.06662; Albergo, Vanden-Eijnden, arXiv:2410.02711.
///
/// The first and the last slice give the boundary terms, those between them the integral: their times must
/// be uniform in (0, T).
public struct ActionMatchingObjective: DriftObjective {
  public typealias Trained = GradientDrift

  public init() {}

  public var initialParameters: [Double] { [] }

  public var isOnPolicy: Bool { true }

  public func evaluate(
    _ drift: GradientDrift, _ own: [Double], at states: TrainingStates, probes: Configurations?,
    workers: Workers
  ) -> ObjectiveValue {
    precondition(states.slices.count >= 3, "action matching needs both ends and times between them")
    let times = states.sliceTimes
    let last = states.slices.count - 1
    let factor = (times[last] - times[0]) / Double(last - 1)
    // The factors of the integrand and of Φ.
    var inner = Array(repeating: 0.0, count: states.count)
    var boundary = inner
    for (slice, members) in states.slices.enumerated() {
      for member in members {
        let weight = states.weights[member]
        switch slice {
        case 0: boundary[member] = weight
        case last: boundary[member] = -weight
        default: inner[member] = factor * weight
        }
      }
    }
    let (integrand, ends) = (inner, boundary)
    let result = drift.potentialGradient(
      of: states.positions, at: states.times, workers: workers
    ) { members, values in
      var bars = values
      for (place, member) in members.enumerated() {
        bars.velocities[place] = ArraySlice(values.velocities[place].map { integrand[member] * $0 })
      }
      bars.divergences = Array(repeating: 0, count: members.count)
      bars.timeDerivatives = Array(integrand[members])
      bars.potentials = Array(ends[members])
      return bars
    }
    var loss = 0.0
    for member in 0..<states.count {
      let square = result.values.velocities[member].reduce(0) { $0 + $1 * $1 }
      loss +=
        integrand[member] * (0.5 * square + result.values.timeDerivatives[member])
        + ends[member] * result.values.potentials[member]
    }
    return ObjectiveValue(
      loss: loss, residualPerSite: residual(result.values, states, dimension: drift.dimension),
      gradient: result.gradient, ownGradient: [])
  }

  /// The centred residual of the continuity equation, which tells how good the drift is.
  private func residual(
    _ values: PotentialValues, _ states: TrainingStates, dimension: Int
  ) -> Double {
    var sum = 0.0
    for members in states.slices {
      let brackets = members.map {
        states.bracket($0, velocity: values.velocities[$0], divergence: values.divergences[$0])
      }
      let weights = states.weights[members]
      let mean = zip(weights, brackets).reduce(0) { $0 + $1.0 * $1.1 }
      sum += zip(weights, brackets).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
    }
    return (sum / Double(states.slices.count)).squareRoot() / Double(dimension)
  }
}
