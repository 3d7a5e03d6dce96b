// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices

/// A function of averages, such as a susceptibility, with the averages it needs.
public struct DerivedQuantity: Sendable {
  public let name: String
  public let longName: String
  /// The definition with its normalisation, in LaTeX.
  public let definition: String
  public let primaries: [Primary]
  /// The value from the averages of the primaries, in their order.
  public let value: @Sendable ([Double]) -> Double

  public init(
    name: String, longName: String, definition: String, primaries: [Primary],
    value: @escaping @Sendable ([Double]) -> Double
  ) {
    self.name = name
    self.longName = longName
    self.definition = definition
    self.primaries = primaries
    self.value = value
  }

  /// The average of one primary.
  public static func mean(
    _ name: String, _ longName: String, _ definition: String, of primary: Primary
  ) -> DerivedQuantity {
    DerivedQuantity(
      name: name, longName: longName, definition: definition, primaries: [primary]
    ) { $0[0] }
  }
}

/// The standard derived quantities of a scalar theory on one lattice.
public struct ScalarQuantities: Sendable {
  public let lattice: Lattice
  let hopping: Double
  let quadratic: Double
  let quartic: Double

  /// The coefficients of S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴ ].
  public init(lattice: Lattice, hopping: Double, quadratic: Double, quartic: Double) {
    self.lattice = lattice
    self.hopping = hopping
    self.quadratic = quadratic
    self.quartic = quartic
  }

  private static let magnitude = Primary("m", [0], .magnitude)
  private static let square = Primary("m", [0], .square)
  private static let fourth = Primary("m", [0], .fourthPower)

  /// Every quantity that the measured variables allow.
  public func all(for measurements: Measurements) -> [DerivedQuantity] {
    let candidates =
      moments
      + [
        schwingerDyson, correlationLength, renormalisedCoupling, smallestMomentum,
        meanEffectiveMass,
      ]
      + twoPointFunction + connectedTwoPointFunction + effectiveMasses
      + propagator(shells: measurements.size(of: "G_k"))
    return candidates.filter { $0.primaries.allSatisfy { measurements.contains($0.variable) } }
  }

  /// Magnetization, susceptibilities, Binder cumulant, field powers and energies.
  public var moments: [DerivedQuantity] {
    let volume = Double(lattice.volume)
    let directions = Array(0..<lattice.dimensions)
    return [
      .mean("m", "magnetization", #"\langle m \rangle"#, of: Primary("m")),
      .mean("abs_m", "magnitude of the magnetization", #"\langle |m| \rangle"#, of: Self.magnitude),
      .mean("m2", "second moment", #"\langle m^2 \rangle"#, of: Self.square),
      .mean("m4", "fourth moment", #"\langle m^4 \rangle"#, of: Self.fourth),
      DerivedQuantity(
        name: "chi2", longName: "susceptibility of the symmetric phase",
        definition: #"\chi_2 = V \langle m^2 \rangle"#, primaries: [Self.square]
      ) { volume * $0[0] },
      DerivedQuantity(
        name: "chi", longName: "connected susceptibility with |m|",
        definition: #"\chi = V (\langle m^2 \rangle - \langle |m| \rangle^2)"#,
        primaries: [Self.square, Self.magnitude]
      ) { volume * ($0[0] - $0[1] * $0[1]) },
      DerivedQuantity(
        name: "chi_m", longName: "connected susceptibility with m",
        definition: #"\chi_m = V (\langle m^2 \rangle - \langle m \rangle^2)"#,
        primaries: [Self.square, Primary("m")]
      ) { volume * ($0[0] - $0[1] * $0[1]) },
      DerivedQuantity(
        name: "V4", longName: "moment ratio",
        definition: #"V_4 = \langle m^4 \rangle / \langle m^2 \rangle^2"#,
        primaries: [Self.fourth, Self.square]
      ) { $0[0] / ($0[1] * $0[1]) },
      DerivedQuantity(
        name: "U4", longName: "Binder cumulant", definition: #"U_4 = 1 - V_4/3"#,
        primaries: [Self.fourth, Self.square]
      ) { 1 - $0[0] / (3 * $0[1] * $0[1]) },
      .mean("phi2", "mean square of the field", #"\langle \phi^2 \rangle"#, of: Primary("phi2")),
      .mean("phi4", "mean fourth power", #"\langle \phi^4 \rangle"#, of: Primary("phi4")),
      .mean(
        "energy", "nearest-neighbour energy, mean over directions",
        #"E = D^{-1} \sum_\mu \langle \phi_x \phi_{x+\mu} \rangle"#,
        of: Primary("hop", directions)),
      .mean("action", "action per site", #"\langle S \rangle / V"#, of: Primary("action")),
    ]
  }

  /// ⟨φ_x ∂S/∂φ_x⟩ = 1: partial integration of ∂(φ_x e^−S)/∂φ_x. Written with the recorded means,
  /// −2J Σ_μ hop_μ + 2 c2 phi2 + 4 c4 phi4.
  public var schwingerDyson: DerivedQuantity {
    let d = Double(lattice.dimensions)
    let (hopping, quadratic, quartic) = (hopping, quadratic, quartic)
    return DerivedQuantity(
      name: "SD", longName: "Schwinger-Dyson identity, exactly 1",
      definition: #"\langle \phi_x\, \partial S/\partial\phi_x \rangle"#,
      primaries: [Primary("hop", Array(0..<lattice.dimensions)), Primary("phi2"), Primary("phi4")]
    ) { -2 * hopping * d * $0[0] + 2 * quadratic * $0[1] + 4 * quartic * $0[2] }
  }

  /// ξ = (χ2/F − 1)^½ / (2 sin(π/L)) along the longest extent; exactly 1/m for the free field.
  public var correlationLength: DerivedQuantity {
    let volume = Double(lattice.volume)
    let factor = 0.5 / sin(Double.pi / Double(lattice.longestExtent))
    return DerivedQuantity(
      name: "xi2", longName: "second-moment correlation length",
      definition: #"\xi_2 = \frac{1}{2 \sin(\pi/L)} \sqrt{\chi_2/F - 1}"#,
      primaries: [Self.square, Primary("F_kmin", lattice.longDirections)]
    ) { factor * (volume * $0[0] / $0[1] - 1).squareRoot() }
  }

  /// g_R = (3 − V4) V/ξ2^D, the zero-momentum four-point coupling of the symmetric phase: dimensionless,
  /// independent of the field's normalisation, 0 for a Gaussian field.
  /// M. Lüscher and P. Weisz, Nucl. Phys. B 290 (1987) 25, in finite volume and with the second-moment
  /// mass.
  public var renormalisedCoupling: DerivedQuantity {
    let length = correlationLength
    let (volume, dimensions) = (Double(lattice.volume), lattice.dimensions)
    return DerivedQuantity(
      name: "g_R", longName: "renormalised coupling",
      definition: #"g_R = (3 - V_4)\, V / \xi_2^D"#,
      primaries: [Self.fourth] + length.primaries
    ) { means in
      let ratio = means[0] / (means[1] * means[1])
      let mass = 1 / length.value([means[1], means[2]])
      return (3 - ratio) * volume * (0..<dimensions).reduce(1.0) { power, _ in power * mass }
    }
  }

  /// F, the two-point function at the smallest momentum, mean over the longest directions.
  public var smallestMomentum: DerivedQuantity {
    .mean(
      "F_kmin", "two-point function at the smallest momentum",
      #"\langle V^{-1} |\tilde\phi(k_{\min})|^2 \rangle"#,
      of: Primary("F_kmin", lattice.longDirections))
  }

  /// G(k) of each measured momentum shell, numbered from the smallest p̂²; the shells' p̂² are the
  /// coordinates of the variable G_k.
  public func propagator(shells: Int) -> [DerivedQuantity] {
    (0..<shells).map {
      .mean(
        "Gk(\($0))", "momentum-space propagator, shell \($0)",
        #"\langle V^{-1} |\tilde\phi(k)|^2 \rangle"#, of: Primary("G_k", [$0]))
    }
  }

  /// G(t), t = 0 ... T/2.
  public var twoPointFunction: [DerivedQuantity] {
    (0...lattice.longestExtent / 2).map {
      .mean(
        "G(\($0))", "zero-momentum two-point function", #"\langle G(t) \rangle"#,
        of: Primary("G_t", [$0]))
    }
  }

  /// G(t) − (V/T) ⟨|m|⟩², for the broken phase: Φ(t) has the mean (V/T) m.
  public var connectedTwoPointFunction: [DerivedQuantity] {
    let area = Double(lattice.volume / lattice.longestExtent)
    return (0...lattice.longestExtent / 2).map {
      DerivedQuantity(
        name: "Gc(\($0))", longName: "connected two-point function",
        definition: #"G_c(t) = \langle G(t) \rangle - (V/T) \langle |m| \rangle^2"#,
        primaries: [Primary("G_t", [$0]), Self.magnitude]
      ) { $0[0] - area * $0[1] * $0[1] }
    }
  }

  /// m_eff(t) = arccosh[(G(t−1) + G(t+1))/(2G(t))], t = 1 ... T/2; for the free field
  /// arccosh(1 + m²/2) at every t and T.
  public var effectiveMasses: [DerivedQuantity] {
    let extent = lattice.longestExtent
    return (1...extent / 2).map { t in
      DerivedQuantity(
        name: "m_eff(\(t))", longName: "effective mass",
        definition: #"m_{\rm eff}(t) = {\rm arcosh} \frac{G(t-1)+G(t+1)}{2 G(t)}"#,
        primaries: Self.neighbours(t, extent)
      ) { acosh(($0[0] + $0[2]) / (2 * $0[1])) }
    }
  }

  /// The mean of m_eff(t) over t = 1 ... T − 1. Albergo, Kanwar, Shanahan, Phys. Rev. D 100 (2019)
  /// 034515.
  public var meanEffectiveMass: DerivedQuantity {
    let extent = lattice.longestExtent
    return DerivedQuantity(
      name: "m_eff", longName: "effective mass, mean over t",
      definition: #"(T-1)^{-1} \sum_{t=1}^{T-1} m_{\rm eff}(t)"#,
      primaries: (0...extent / 2).map { Primary("G_t", [$0]) }
    ) { means in
      func g(_ t: Int) -> Double { means[min(t, extent - t)] }
      let sum = (1..<extent).reduce(0.0) { $0 + acosh((g($1 - 1) + g($1 + 1)) / (2 * g($1))) }
      return sum / Double(extent - 1)
    }
  }

  private static func neighbours(_ t: Int, _ extent: Int) -> [Primary] {
    [t - 1, t, t + 1].map { Primary("G_t", [min($0, extent - $0)]) }
  }
}
