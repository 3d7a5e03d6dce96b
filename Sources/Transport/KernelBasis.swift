// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices

/// The functions B_j(p) that the kernels of a drift are combinations of, W(p) = Σ_j c_j B_j(p): real
/// and even, so that W commutes with x → −x, and constant on the orbits of the lattice's symmetries.
public struct KernelBasis: Sendable, Equatable {
  public enum Shape: Sendable, Hashable {
    /// One free number for each orbit of sites r: B_j(p) = Σ_{r in orbit j} cos(p·r), with |r| ≤ the
    /// radius where there is one (periodic distance).
    case orbits(radius: Double?)
    /// Functions of p̂² alone, the same for every volume: Chebyshev polynomials T_j of
    /// x = 2 log(1 + p̂²/μ²)/log(1 + 4D/μ²) − 1, j < count.
    case momentumSquared(count: Int, scale: Double)
    /// Functions of p̂² alone: B_j(p) = 1/(1 + s_j² p̂²) for each scale s_j, and one more, 1 at p = 0
    /// and 0 elsewhere.
    case scales([Double])
  }

  public let lattice: Lattice
  public let shape: Shape
  public let symmetry: PointGroup
  /// Orbits of momenta, on which every B_j is constant.
  public let orbits: Orbits
  /// B_j on every orbit of momenta: `values[j][orbit]`.
  public let values: [[Double]]

  public init(_ lattice: Lattice, shape: Shape, symmetry: PointGroup = .hyperoctahedral) {
    self.lattice = lattice
    self.shape = shape
    self.symmetry = symmetry
    let orbits = Orbits(lattice, under: symmetry)
    self.orbits = orbits
    switch shape {
    case .momentumSquared(let count, let scale):
      precondition(count >= 1 && scale > 0, "a basis has functions and a positive scale")
      let squares = lattice.momentaSquared()
      let top = log1p(4 * Double(lattice.dimensions) / (scale * scale))
      let angles = orbits.representatives.map { mode in
        acos(max(-1, min(1, 2 * log1p(squares[mode] / (scale * scale)) / top - 1)))
      }
      values = (0..<count).map { j in angles.map { cos(Double(j) * $0) } }
    case .scales(let scales):
      let all = lattice.momentaSquared()
      let squares = orbits.representatives.map { all[$0] }
      values =
        scales.map { scale in squares.map { 1 / (1 + scale * scale * $0) } }
        + [squares.indices.map { $0 == 0 ? 1 : 0 }]
    case .orbits(let radius):
      let chosen = orbits.representatives.indices.filter { number in
        guard let radius else { return true }
        return lattice.distanceSquared(orbits.representatives[number]) <= radius * radius + 1e-9
      }
      values = chosen.map { number in
        let sites = orbits.orbit.indices.filter { orbits.orbit[$0] == number }
        return orbits.representatives.map { mode in
          sites.reduce(0) { $0 + cos(lattice.phase(mode: mode, site: $1)) }
        }
      }
    }
  }

  /// The number of functions.
  public var count: Int { values.count }

  /// W(p) for every momentum, numbered like the sites.
  public func kernel(_ coefficients: ArraySlice<Double>) -> [Double] {
    precondition(coefficients.count == count, "one coefficient for each function")
    var onOrbits = [Double](repeating: 0, count: orbits.count)
    for (function, coefficient) in zip(values, coefficients) {
      for orbit in onOrbits.indices { onOrbits[orbit] += coefficient * function[orbit] }
    }
    return orbits.orbit.map { onOrbits[$0] }
  }
}

extension Lattice {
  /// The squared periodic distance of a site from the origin.
  func distanceSquared(_ site: Int) -> Double {
    (0..<dimensions).reduce(0) { sum, axis in
      let x = coordinate(of: site, along: axis)
      let distance = Double(min(x, extents[axis] - x))
      return sum + distance * distance
    }
  }

  /// p·x = Σ_μ 2π n_μ x_μ/L_μ.
  func phase(mode: Int, site: Int) -> Double {
    (0..<dimensions).reduce(0) { sum, axis in
      let turns = coordinate(of: mode, along: axis) * coordinate(of: site, along: axis)
      return sum + 2 * Double.pi * Double(turns % extents[axis]) / Double(extents[axis])
    }
  }
}
