// SPDX-License-Identifier: GPL-3.0-or-later

/// All velocity fields of R^d that are polynomials of degree two at most: e_a, x_b e_a and x_b x_c e_a
/// for all a and b ≤ c, in units of a length.
public struct QuadraticFeatures: VelocityFeatures, FeatureSlice {
  public let dimension: Int
  /// The unit of length.
  public let scale: Double

  public init(dimension: Int, scale: Double = 1) {
    precondition(dimension >= 1 && scale > 0)
    self.dimension = dimension
    self.scale = scale
  }

  /// Monomials of degree 0, 1 and 2.
  private var monomials: Int { 1 + dimension + dimension * (dimension + 1) / 2 }

  public var count: Int { dimension * monomials }

  public func slice(at time: Double) -> QuadraticFeatures { self }

  /// ∂_a p − g_a p for every monomial p, axis by axis.
  public func regressors(
    at position: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Double>
  ) {
    let inverse = 1 / scale
    for axis in 0..<dimension {
      let slope = gradient[axis]
      var next = axis * monomials
      row[next] = -slope
      next += 1
      for first in 0..<dimension {
        let x = position[first] * inverse
        row[next] = (first == axis ? inverse : 0) - slope * x
        next += 1
      }
      for first in 0..<dimension {
        let x = position[first] * inverse
        for second in first..<dimension {
          let y = position[second] * inverse
          row[next] =
            (first == axis ? y * inverse : 0) + (second == axis ? x * inverse : 0)
            - slope * x * y
          next += 1
        }
      }
    }
  }

  public func velocity(
    at position: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    into velocity: UnsafeMutablePointer<Double>
  ) -> Double {
    let inverse = 1 / scale
    var divergence = 0.0
    for axis in 0..<dimension {
      var part = weights + axis * monomials
      var speed = part[0]
      part += 1
      for first in 0..<dimension { speed += part[first] * position[first] * inverse }
      divergence += part[axis] * inverse
      part += dimension
      for first in 0..<dimension {
        let x = position[first] * inverse
        for second in first..<dimension {
          let y = position[second] * inverse
          let weight = part[second - first]
          speed += weight * x * y
          if first == axis { divergence += weight * y * inverse }
          if second == axis { divergence += weight * x * inverse }
        }
        part += dimension - first
      }
      velocity[axis] = speed
    }
    return divergence
  }
}
