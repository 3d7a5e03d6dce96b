// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The exponents of a critical point that extrapolations in the size take as known.
public struct ScalingExponents: Sendable, Equatable {
  /// ν of the correlation length.
  public var nu: Double
  /// ω, the power of L of the leading correction to ratios such as U4.
  public var omega: Double
  /// β/ν of the magnetization; γ/ν = D − 2β/ν.
  public var betaOverNu: Double?
  /// Where they are from.
  public var source: String
  /// U4 and ξ₂/L at the transition on lattices of equal extents, where they are known.
  public var ratios: [String: Double] = [:]

  public init(nu: Double, omega: Double, betaOverNu: Double? = nil, source: String) {
    (self.nu, self.omega, self.betaOverNu, self.source) = (nu, omega, betaOverNu, source)
  }

  /// Those of the Ising class, to which the transition of φ⁴ theory belongs; nil in one dimension,
  /// without a transition, and in four, with logarithms.
  ///
  /// D = 2: ν = 1 and β/ν = 1/8 (L. Onsager, Phys. Rev. 65 (1944) 117). Corrections of irrelevant
  /// operators begin with L^-2; U4 and ξ₂/L see before that L^(-7/4), as the part of χ that is regular
  /// at the transition is smaller than the singular part by L^(-γ/ν). D = 3: M. Hasenbusch, Phys. Rev.
  /// B 82 (2010) 174433, ν = 0.63002(10), ω = 0.832(6), β/ν = (1 + η)/2 with η = 0.03627(10).
  public static func ising(dimensions: Int) -> ScalingExponents? {
    switch dimensions {
    case 2:
      twoDimensional
    case 3:
      ScalingExponents(
        nu: 0.63002, omega: 0.832, betaOverNu: 0.518135, source: "3D Ising, Hasenbusch 2010")
    default: nil
    }
  }

  private static let twoDimensional: ScalingExponents = {
    var exponents = ScalingExponents(
      nu: 1, omega: 1.75, betaOverNu: 0.125, source: "2D Ising, omega = gamma/nu")
    // J. Salas and A. D. Sokal, J. Stat. Phys. 98 (2000) 551: V4 = 1.16793, xi_2/L = 0.90505.
    exponents.ratios = ["U4": 0.610690, "V4": 1.167930, "xi2/L": 0.905048]
    return exponents
  }()

  /// The same with another ω, to see what the extrapolation owes to it.
  func with(omega: Double) -> ScalingExponents {
    var other = self
    other.omega = omega
    return other
  }

  /// The shift of the crossing of L and L' in units of its amplitude. With f = f* + a t L^(1/ν) +
  /// c L^-ω the curves meet at t = (c/a) x, x = (L^-ω − L'^-ω) / (L'^(1/ν) − L^(1/ν)), which for a
  /// fixed ratio of sizes is L^-(ω + 1/ν): K. Binder, Z. Phys. B 43 (1981) 119.
  package func shift(_ first: Double, _ second: Double) -> Double {
    (pow(first, -omega) - pow(second, -omega))
      / (pow(second, 1 / nu) - pow(first, 1 / nu))
  }

  /// What multiplies c in the value at the crossing, f* + c (L^-ω + L^(1/ν) x).
  package func valueShift(_ first: Double, _ second: Double) -> Double {
    pow(first, -omega) + pow(first, 1 / nu) * shift(first, second)
  }
}
