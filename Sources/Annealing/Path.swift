// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Targets

/// A curve of densities ρ_t ∝ exp(−U_t), 0 ≤ t ≤ 1, that begins at one with exact samples.
public protocol Path<Snapshot>: Sendable {
  /// The density at one time.
  associatedtype Snapshot: Target
  associatedtype Start: SampleableTarget

  /// ρ_0, the same density as `snapshot(at: 0)`.
  var start: Start { get }

  /// ρ_t.
  func snapshot(at time: Double) -> Snapshot

  /// ∂U_t/∂t of every member; at a corner of the path, the derivative to the right.
  func timeDerivatives(of batch: Configurations, at time: Double, into derivatives: inout [Double])
}

extension Path {
  /// Numbers in one configuration.
  public var dimension: Int { start.dimension }
}
