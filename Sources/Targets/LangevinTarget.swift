// SPDX-License-Identifier: GPL-3.0-or-later

/// A target that makes an unadjusted Langevin step itself, faster than by calls to `gradients`.
///
/// The step goes from any density exp(−U_old) to this one, exp(−U), with the gradient g = ∇U_old(φ)
/// carried along, so that each step takes one gradient:
///
///     φ' = φ − h g + √(2h) η,     g' = ∇U(φ').
///
/// With F(φ'|φ) the density of this step and B(φ|φ') that of the step back, which has g' in the place
/// of g, each a normal density of variance 2h in every component, B comes from φ with the noise
/// η̃ = √(h/2) (g + g') − η, and
///
///     log B(φ|φ') − log F(φ'|φ) = ½ Σ (η² − η̃²) = √(h/2) Σ η·(g + g') − (h/4) Σ (g + g')².
///
/// For φ distributed as exp(−U_old)/Z_old and any h, the weight exp(U_old(φ) − U(φ')) B/F has the mean
/// Z/Z_old.
public protocol LangevinTarget: Target {
  /// Bytes of scratch memory that one thread needs for `langevinStep`.
  var workspaceBytes: Int { get }

  /// One step of size h > 0 of one configuration, in place: `position` holds φ, then φ'; `gradient`
  /// holds g, then g'; `noise` holds standard normals η; each has `dimension` numbers.
  func langevinStep(
    position: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    noise: UnsafePointer<Double>, stepSize: Double, workspace: UnsafeMutableRawPointer
  ) -> LangevinStep
}

/// What a Langevin step reports.
public struct LangevinStep: Sendable, Equatable {
  /// U(φ'), the energy at the end.
  public var energy: Double
  /// log B(φ|φ') − log F(φ'|φ).
  public var logRatio: Double

  public init(energy: Double, logRatio: Double) {
    self.energy = energy
    self.logRatio = logRatio
  }
}
