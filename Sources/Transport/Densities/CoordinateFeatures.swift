// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Velocity fields that move each coordinate by a function of itself alone: for every coordinate a
///
///     ψ = e_a,   ψ = (x_a/ℓ) e_a,   ψ_j = exp(−(x_a − c_j)²/(2h²)) e_a,
///
/// with `bumps` centres c_j equally spaced in [−ℓ, ℓ] and h the spacing. Together they approximate any
/// drift of a density whose coordinates are independent, whichever their densities are.
public struct CoordinateFeatures: VelocityFeatures, FeatureSlice {
  public let dimension: Int
  public let bumps: Int
  /// ℓ.
  public let reach: Double

  public init(dimension: Int, bumps: Int, reach: Double) {
    precondition(dimension >= 1 && bumps >= 2 && reach > 0)
    self.dimension = dimension
    self.bumps = bumps
    self.reach = reach
  }

  public var count: Int { dimension * (bumps + 2) }

  public func slice(at time: Double) -> CoordinateFeatures { self }

  private var width: Double { 2 * reach / Double(bumps - 1) }

  public func regressors(
    at position: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Double>
  ) {
    let width = width
    for axis in 0..<dimension {
      let (x, slope) = (position[axis], gradient[axis])
      let part = row + axis * (bumps + 2)
      part[0] = -slope
      part[1] = (1 - slope * x) / reach
      for bump in 0..<bumps {
        let distance = (x + reach) / width - Double(bump)
        // (κ' − g κ) with κ' = −(distance/h) κ.
        part[2 + bump] = -(distance / width + slope) * exp(-0.5 * distance * distance)
      }
    }
  }

  public func velocity(
    at position: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    into velocity: UnsafeMutablePointer<Double>
  ) -> Double {
    let width = width
    var divergence = 0.0
    for axis in 0..<dimension {
      let x = position[axis]
      let part = weights + axis * (bumps + 2)
      var speed = part[0] + part[1] * x / reach
      var slope = part[1] / reach
      for bump in 0..<bumps {
        let distance = (x + reach) / width - Double(bump)
        let value = part[2 + bump] * exp(-0.5 * distance * distance)
        speed += value
        slope -= value * distance / width
      }
      velocity[axis] = speed
      divergence += slope
    }
    return divergence
  }
}
