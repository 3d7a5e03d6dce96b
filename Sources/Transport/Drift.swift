// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A velocity field b_t(φ), 0 ≤ t ≤ 1, that carries walkers along a path of densities ρ_t ∝ exp(−U_t).
///
/// The drift that carries ρ_t itself, ∂_t ρ_t + ∇·(b_t ρ_t) = 0, solves
///
///     ∇·b_t − ∇U_t·b_t − ∂_tU_t + ∂_tF_t = 0,      F_t = −log Z_t,
///
/// and makes all weights equal; any other gives exact weights that vary. Albergo, Vanden-Eijnden,
/// arXiv:2410.02711.
public protocol Drift: Sendable {
  /// Numbers in one configuration.
  var dimension: Int { get }

  /// b_t of every member, one row each.
  func velocities(of batch: Configurations, at time: Double, into velocities: inout Configurations)
}

/// A drift whose divergence is known exactly.
public protocol DivergenceDrift: Drift {
  /// b_t of every member, one row each, and ∇·b_t = Σ_x ∂b_x/∂φ_x, one number each.
  func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double])
}

extension DivergenceDrift {
  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations
  ) {
    var divergences = [Double](repeating: 0, count: batch.count)
    self.velocities(of: batch, at: time, into: &velocities, divergences: &divergences)
  }
}

/// No drift: what annealing without transport amounts to.
public struct ZeroDrift: DivergenceDrift {
  public let dimension: Int

  public init(dimension: Int) { self.dimension = dimension }

  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double]
  ) {
    velocities = Configurations(count: batch.count, dimension: dimension)
    divergences = Array(repeating: 0, count: batch.count)
  }
}
