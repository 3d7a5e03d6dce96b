// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A set of lattice momenta with the same p̂², as an average over it is taken.
public struct MomentumShell: Sendable, Equatable {
  /// p̂² = Σ_μ 4 sin²(p_μ/2).
  public let momentumSquared: Double
  /// The site numbers of its momenta in the dual lattice.
  public let modes: [Int]
}

extension Lattice {
  /// p̂² = Σ_μ 4 sin²(p_μ/2) for every momentum p_μ = 2π n_μ/L_μ, numbered like the sites.
  public func momentaSquared() -> [Double] {
    let terms = extents.map { extent in
      (0..<extent).map { n in
        let half = sin(Double.pi * Double(n) / Double(extent))
        return 4 * half * half
      }
    }
    return (0..<volume).map { mode in
      (0..<dimensions).reduce(0) { $0 + terms[$1][coordinate(of: mode, along: $1)] }
    }
  }

  /// The number of −p, for the momentum numbered `mode`.
  public func opposite(_ mode: Int) -> Int {
    var result = 0
    for axis in 0..<dimensions {
      let n = coordinate(of: mode, along: axis)
      result += (n == 0 ? 0 : extents[axis] - n) * strides[axis]
    }
    return result
  }

  /// All momenta in shells of equal p̂², the smallest first. Values that differ by rounding alone
  /// (less than 1e-9) are one shell.
  public func momentumShells() -> [MomentumShell] {
    let squares = momentaSquared()
    let order = (0..<volume).sorted { (squares[$0], $0) < (squares[$1], $1) }
    var shells: [MomentumShell] = []
    var modes: [Int] = []
    for mode in order {
      if let first = modes.first, squares[mode] - squares[first] > 1e-9 {
        shells.append(MomentumShell(momentumSquared: squares[first], modes: modes.sorted()))
        modes = []
      }
      modes.append(mode)
    }
    if let first = modes.first {
      shells.append(MomentumShell(momentumSquared: squares[first], modes: modes.sorted()))
    }
    return shells
  }
}
