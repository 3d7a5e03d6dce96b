// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import RandomStreams

/// A density ρ(φ) = exp(−U(φ))/Z given by its energy U. All calls act on whole batches.
public protocol Target: Sendable {
  /// Numbers in one configuration.
  var dimension: Int { get }

  /// U of every member; `energies` holds one number for each.
  func energies(of batch: Configurations, into energies: inout [Double])

  /// ∇U of every member, one row each, together with its energy U.
  func gradients(
    of batch: Configurations, into gradients: inout Configurations, energies: inout [Double])
}

/// A target with exact independent samples and a known normalizer.
public protocol SampleableTarget: Target {
  /// log Z = log ∫ dφ exp(−U(φ)).
  var logNormalizer: Double { get }

  /// Overwrites `batch` with independent exact samples; member i draws from walker `firstWalker` + i
  /// of the stream `purpose` at `step`.
  func sample(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int)
}

/// A target that integrates Hamilton's equations itself, faster than by calls to `gradients`.
public protocol TrajectoryTarget: Target {
  /// Bytes of scratch memory that one thread needs for `trajectory`.
  var workspaceBytes: Int { get }

  /// One trajectory of one configuration with unit-mass momenta, in place:
  /// p −= kicks[0] ∇U; then for each i: φ += drifts[i] p, p −= kicks[i+1] ∇U.
  func trajectory(
    position: UnsafeMutablePointer<Double>, momentum: UnsafeMutablePointer<Double>,
    kicks: [Double], drifts: [Double], workspace: UnsafeMutableRawPointer
  ) -> TrajectoryEnergies
}

/// The energies at both ends of a trajectory.
public struct TrajectoryEnergies: Sendable, Equatable {
  public var potentialBefore: Double
  public var kineticBefore: Double
  public var potentialAfter: Double
  public var kineticAfter: Double

  public init(
    potentialBefore: Double, kineticBefore: Double, potentialAfter: Double, kineticAfter: Double
  ) {
    self.potentialBefore = potentialBefore
    self.kineticBefore = kineticBefore
    self.potentialAfter = potentialAfter
    self.kineticAfter = kineticAfter
  }

  /// ΔH, summed so that the large potential energies cancel first.
  public var change: Double {
    (potentialAfter - potentialBefore) + (kineticAfter - kineticBefore)
  }
}
