// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// Velocity fields ψ_j of R^d whose weighted sum is a drift, b_t(x) = Σ_j c_j(t) ψ_j(x, t).
///
/// The residual of the transport equation is linear in the weights c: the j-th regressor is
/// A_j = ∇·ψ_j − ∇U_t·ψ_j.
public protocol VelocityFeatures: Sendable {
  associatedtype Slice: FeatureSlice

  var dimension: Int { get }
  /// The number of features.
  var count: Int { get }

  /// The features at one time.
  func slice(at time: Double) -> Slice
}

/// Velocity fields at one time, evaluated at one point after the other.
public protocol FeatureSlice: Sendable {
  /// A_j = ∇·ψ_j − g·ψ_j of every feature at a point, where g = ∇U.
  func regressors(
    at position: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Double>
  )

  /// Overwrites `velocity` with Σ_j c_j ψ_j and returns Σ_j c_j ∇·ψ_j.
  func velocity(
    at position: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    into velocity: UnsafeMutablePointer<Double>
  ) -> Double
}

/// No features: what annealing without a drift is trained with.
public struct NoFeatures: VelocityFeatures, FeatureSlice {
  public let dimension: Int
  public var count: Int { 0 }

  public init(dimension: Int) { self.dimension = dimension }

  public func slice(at time: Double) -> NoFeatures { self }

  public func regressors(
    at position: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Double>
  ) {}

  public func velocity(
    at position: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    into velocity: UnsafeMutablePointer<Double>
  ) -> Double {
    velocity.update(repeating: 0, count: dimension)
    return 0
  }
}
