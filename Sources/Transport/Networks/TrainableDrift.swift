// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Networks

/// Velocities b and divergences ∇·b of a batch, or the derivatives of a loss by them.
public struct DriftValues: Sendable, Equatable {
  /// One row for each member.
  public var velocities: Configurations
  /// One number for each member.
  public var divergences: [Double]

  public init(velocities: Configurations, divergences: [Double]) {
    precondition(velocities.count == divergences.count, "one divergence for each velocity")
    self.velocities = velocities
    self.divergences = divergences
  }
}

/// A drift with parameters that are trained by gradients.
///
/// All losses are functions of b and ∇·b at given points (φ_i, t_i), so a drift answers to all of them by
/// one pullback, which takes both cotangents:
///
///     θ̄ = Σ_i ( (∂b_i/∂θ)ᵀ b̄_i + (∂(∇·b_i)/∂θ) (∇·b)‾_i ).
public protocol TrainableDrift: Drift {
  /// θ.
  var parameters: [Double] { get set }
  /// The names of the parts of θ.
  var layout: ParameterLayout { get }
  /// Numbers that the drift depends on besides time, such as the couplings of the target; as many as it
  /// was made for.
  var conditions: [Double] { get set }
  /// Whether ∇·b is estimated in training from one probe ε of ±1 for each member, ε·(∂b/∂φ)ε: unbiased,
  /// with a variance. M. F. Hutchinson, Commun. Stat. Simul. 18 (1989) 1059.
  var needsProbes: Bool { get }

  /// b and ∇·b of members that have their own times; one row of `probes` for each where they are needed.
  func values(
    of batch: Configurations, at times: [Double], probes: Configurations?, workers: Workers
  ) -> DriftValues

  /// The same, and θ̄ of a loss. `cotangents` gets some members and their values and returns the
  /// derivatives of the loss by them; it is called on several threads. The bits of θ̄ do not depend on
  /// their number.
  func gradient(
    of batch: Configurations, at times: [Double], probes: Configurations?, workers: Workers,
    cotangents: @Sendable (Range<Int>, DriftValues) -> DriftValues
  ) -> (values: DriftValues, gradient: [Double])
}

extension TrainableDrift {
  /// θ̄ of cotangents that are known beforehand.
  public func pullback(
    of batch: Configurations, at times: [Double], cotangents: DriftValues,
    probes: Configurations? = nil, workers: Workers = Workers(1)
  ) -> [Double] {
    gradient(of: batch, at: times, probes: probes, workers: workers) { members, _ in
      DriftValues(
        velocities: cotangents.velocities.members(members),
        divergences: Array(cotangents.divergences[members]))
    }.gradient
  }
}

extension Configurations {
  /// The rows of some members.
  func members(_ range: Range<Int>) -> Configurations {
    Configurations(
      count: range.count, dimension: dimension,
      values: Array(values[range.lowerBound * dimension..<range.upperBound * dimension]))
  }
}
