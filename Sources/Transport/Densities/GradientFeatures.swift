// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Targets

/// Velocity fields along the gradient of a target's energy, everywhere and around centres,
///
///     ψ_0 = ∇U,     ψ_j = κ_j ∇U,     κ_j(x) = exp(−|x − c_j|²/(2h²)),
///     ∇·ψ_j = κ_j (ΔU − ((x − c_j)/h²)·∇U):
///
/// they tighten and widen all modes of the target at once without knowing where these are.
public struct GradientFeatures<Density: LaplacianTarget>: VelocityFeatures, FeatureSlice {
  public let target: Density
  /// c_j, one row each; possibly none.
  public let centres: Configurations
  /// h.
  public let width: Double

  public init(of target: Density, centres: Configurations, width: Double) {
    precondition(centres.dimension == target.dimension && width > 0)
    self.target = target
    self.centres = centres
    self.width = width
  }

  public var dimension: Int { target.dimension }

  public var count: Int { centres.count + 1 }

  public func slice(at time: Double) -> GradientFeatures { self }

  /// Calls `body` with ∇U, ΔU and for every j ≥ 1 with κ_j and ((x − c_j)/h²)·∇U.
  private func evaluate(
    at position: UnsafePointer<Double>,
    _ body: (UnsafePointer<Double>, Double, (_ visit: (Int, Double, Double) -> Void) -> Void) ->
      Void
  ) {
    let dimension = dimension
    withUnsafeTemporaryAllocation(of: Double.self, capacity: dimension) {
      let slope = $0.baseAddress!
      let laplacian = target.laplacian(at: position, gradient: slope)
      centres.withRows { centres in
        body(slope, laplacian) { visit in
          for bump in 0..<self.centres.count {
            var (square, product) = (0.0, 0.0)
            for axis in 0..<dimension {
              let distance = (position[axis] - centres[bump * dimension + axis]) / width
              square += distance * distance
              product += distance * slope[axis]
            }
            if square < 49 { visit(bump + 1, exp(-0.5 * square), product / width) }
          }
        }
      }
    }
  }

  public func regressors(
    at position: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Double>
  ) {
    row.update(repeating: 0, count: count)
    evaluate(at: position) { slope, laplacian, forEach in
      var product = 0.0
      for axis in 0..<dimension { product += slope[axis] * gradient[axis] }
      row[0] = laplacian - product
      forEach { feature, height, fall in row[feature] = height * (laplacian - fall - product) }
    }
  }

  public func velocity(
    at position: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    into velocity: UnsafeMutablePointer<Double>
  ) -> Double {
    var divergence = 0.0
    evaluate(at: position) { slope, laplacian, forEach in
      var factor = weights[0]
      divergence = weights[0] * laplacian
      forEach { feature, height, fall in
        factor += weights[feature] * height
        divergence += weights[feature] * height * (laplacian - fall)
      }
      for axis in 0..<dimension { velocity[axis] = factor * slope[axis] }
    }
    return divergence
  }
}
