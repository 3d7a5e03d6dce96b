// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

/// Velocity fields of R^d that gather or spread walkers around centres, the gradients of normal bumps,
///
///     ψ_j(x) = ((x − c_j)/h_j) exp(−|x − c_j|²/(2h_j²)),
///     ∇·ψ_j = (d/h_j − |x − c_j|²/h_j³) exp(…),
///
/// besides the constant fields e_a and x/ℓ with the largest h for ℓ. Beyond 7h a bump counts as zero:
/// it is below 10⁻¹⁰ of its height there.
public struct RadialFeatures: VelocityFeatures, FeatureSlice {
  /// c_j, one row each.
  public let centres: Configurations
  /// h_j.
  public let widths: [Double]

  public init(centres: Configurations, widths: [Double]) {
    precondition(centres.count == widths.count && centres.count >= 1)
    precondition(widths.allSatisfy { $0 > 0 })
    self.centres = centres
    self.widths = widths
  }

  /// Centres on square grids in the plane, each with its spacing, its width in units of the spacing, and
  /// its reach: those within this distance of the origin along both axes.
  public static func grids(
    _ grids: [(spacing: Double, reach: Double)], width: Double = 1
  ) -> RadialFeatures {
    var values: [Double] = []
    var widths: [Double] = []
    for grid in grids {
      let half = Int(grid.reach / grid.spacing)
      for row in -half...half {
        for column in -half...half {
          values += [Double(row) * grid.spacing, Double(column) * grid.spacing]
          widths.append(width * grid.spacing)
        }
      }
    }
    return RadialFeatures(
      centres: Configurations(count: widths.count, dimension: 2, values: values), widths: widths)
  }

  public var dimension: Int { centres.dimension }

  public var count: Int { centres.count + dimension + 1 }

  public func slice(at time: Double) -> RadialFeatures { self }

  private var reach: Double { widths.max() ?? 1 }

  /// Calls `body` with the number of each bump that counts, h, |x − c|²/h² and its height.
  private func forEachBump(
    at position: UnsafePointer<Double>, _ centres: UnsafePointer<Double>,
    _ body: (Int, Double, Double, Double) -> Void
  ) {
    let dimension = dimension
    widths.withUnsafeBufferPointer { widths in
      for bump in 0..<widths.count {
        var square = 0.0
        let centre = centres + bump &* dimension
        for axis in 0..<dimension {
          let distance = position[axis] - centre[axis]
          square += distance * distance
        }
        let width = widths[bump]
        if square < 49 * width * width {
          let scaled = square / (width * width)
          body(bump, width, scaled, exp(-0.5 * scaled))
        }
      }
    }
  }

  public func regressors(
    at position: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Double>
  ) {
    let dimension = dimension
    row.update(repeating: 0, count: count)
    centres.withRows { centres in
      forEachBump(at: position, centres) { bump, width, square, height in
        var product = 0.0
        for axis in 0..<dimension {
          product += gradient[axis] * (position[axis] - centres[bump * dimension + axis])
        }
        row[bump] = (Double(dimension) - square - product) / width * height
      }
    }
    let last = row + self.centres.count
    var product = Double(dimension)
    for axis in 0..<dimension {
      last[axis] = -gradient[axis]
      product -= gradient[axis] * position[axis]
    }
    last[dimension] = product / reach
  }

  public func velocity(
    at position: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    into velocity: UnsafeMutablePointer<Double>
  ) -> Double {
    let dimension = dimension
    let last = weights + centres.count
    let stretch = last[dimension] / reach
    for axis in 0..<dimension { velocity[axis] = last[axis] + stretch * position[axis] }
    var divergence = Double(dimension) * stretch
    centres.withRows { centres in
      forEachBump(at: position, centres) { bump, width, square, height in
        let factor = weights[bump] / width * height
        for axis in 0..<dimension {
          velocity[axis] += factor * (position[axis] - centres[bump * dimension + axis])
        }
        divergence += factor * (Double(dimension) - square)
      }
    }
    return divergence
  }
}
