// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Lattices

/// The kinetic term of molecular dynamics.
public enum KineticEnergy: Sendable {
  /// ½ Σ p_x²: every site has mass 1.
  case unitMass
  /// ½ V^-1 Σ_p |π̃(p)|²/M(p): Fourier acceleration.
  case spectral(SpectralMass)
}

/// A mass for every momentum, M(p) = J (p̂² + M²): with M² near the inverse correlation length
/// squared, slow and fast modes move with the same frequency. On a free field in the canonical form,
/// whose action has the curvature 2(p̂² + m²), M² = m² makes every frequency exactly 1.
/// Batrouni et al., Phys. Rev. D 32 (1985) 2736; Duane et al., Phys. Lett. B 176 (1986) 143.
public struct SpectralMass: Sendable {
  /// v = M^-1 π.
  public let inverse: SpectralOperator
  /// v = M^-1/2 η turns standard normals into velocities.
  public let inverseRoot: SpectralOperator
  /// M^1/2, which undoes that.
  public let root: SpectralOperator

  /// Any positive even spectrum M(p), numbered like the sites.
  public init(lattice: Lattice, spectrum: [Double]) {
    precondition(spectrum.allSatisfy { $0 > 0 }, "every mass is positive")
    let transform = FourierTransform(lattice)
    inverse = SpectralOperator(transform, kernel: spectrum.map { 1 / $0 })
    inverseRoot = SpectralOperator(transform, kernel: spectrum.map { 1 / $0.squareRoot() })
    root = SpectralOperator(transform, kernel: spectrum.map { $0.squareRoot() })
  }

  /// M(p) = J (p̂² + M²) for the hopping J of the action.
  public init(accelerating action: Phi4, massSquared: Double) {
    self.init(
      lattice: action.lattice,
      spectrum: action.lattice.momentaSquared().map {
        action.coefficients.hopping * ($0 + massSquared)
      })
  }

  public var lattice: Lattice { inverse.transform.lattice }
}
