// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Foundation
import Lattices

/// The free field that a φ⁴ theory comes closest to, and the drift that carries it along a path.
///
/// The energy S = Σ_x [−J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴] is replaced by ½ V^-1 Σ_p K(p) |φ̃(p)|²
/// with the variational (Hartree) mass,
///
///     K(p) = J p̂² + 2 μ,   μ = c2 − J D + 6 c4 v,   v = ⟨φ_x²⟩ = V^-1 Σ_p 1/K(p),
///
/// which has one solution with μ > 0 on every finite lattice if c4 > 0. The exact drift of these
/// densities is diagonal in momentum, b_p = −½ (∂_tK/K) φ̃_p; without a quartic term it is exact for the
/// theory itself.
public struct GaussianReference: Sendable {
  public let path: CouplingPath
  private let momentaSquared: [Double]

  public init(_ path: CouplingPath) {
    self.path = path
    momentaSquared = path.lattice.momentaSquared()
  }

  /// μ at a time.
  public func mass(at time: Double) -> Double { mass(path.coefficients(at: time)) }

  private func mass(_ c: Phi4Couplings.Coefficients) -> Double {
    let bare = c.quadratic - c.hopping * Double(path.lattice.dimensions)
    if c.quartic == 0 { return bare }
    // μ − 6 c4 v(μ) increases with μ.
    func excess(_ mass: Double) -> Double {
      mass - bare - 6 * c.quartic * variance(c.hopping, mass).value
    }
    var upper = max(1, abs(bare))
    while excess(upper) < 0 { upper *= 2 }
    var lower = upper
    while excess(lower) > 0 { lower *= 0.5 }
    for _ in 0..<200 where upper - lower > 1e-15 * upper {
      let middle = 0.5 * (lower + upper)
      if excess(middle) < 0 { lower = middle } else { upper = middle }
    }
    return 0.5 * (lower + upper)
  }

  /// v, ∂v/∂μ and ∂v/∂J.
  private func variance(
    _ hopping: Double, _ mass: Double
  ) -> (value: Double, massSlope: Double, hoppingSlope: Double) {
    var (value, massSlope, hoppingSlope) = (0.0, 0.0, 0.0)
    for square in momentaSquared {
      let inverse = 1 / (hopping * square + 2 * mass)
      value += inverse
      massSlope -= 2 * inverse * inverse
      hoppingSlope -= square * inverse * inverse
    }
    let volume = Double(momentaSquared.count)
    return (value / volume, massSlope / volume, hoppingSlope / volume)
  }

  /// −½ ∂_tK/K for every momentum, numbered like the sites; the derivative to the right at a corner.
  public func kernel(at time: Double) -> [Double] {
    let c = path.coefficients(at: time)
    let velocity = path.velocity(at: time)
    let mass = mass(c)
    let v = variance(c.hopping, mass)
    // The derivative of μ = c2 − J D + 6 c4 v(J, μ) along the path.
    let bare = velocity.quadratic - velocity.hopping * Double(path.lattice.dimensions)
    let direct = bare + 6 * velocity.quartic * v.value
    let massVelocity =
      (direct + 6 * c.quartic * v.hoppingSlope * velocity.hopping)
      / (1 - 6 * c.quartic * v.massSlope)
    return momentaSquared.map { square in
      -0.5 * (velocity.hopping * square + 2 * massVelocity) / (c.hopping * square + 2 * mass)
    }
  }
}
