// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation
import Lattices

extension ReferencePoint {
  /// A free field, S = ½ Σ φ(−Δ + m²)φ, with every average from its sum over momenta:
  /// ⟨φ²⟩ = V^-1 Σ_p 1/(p̂² + m²), χ2 = 1/m², ξ2 = 1/m, m_eff = arccosh(1 + m²/2) and
  /// G(t) = T^-1 Σ_k cos(kt)/(k̂² + m²) over the T momenta along the longest extent;
  /// log Z = ½ Σ_p log[2π/(p̂² + m²)].
  public static func freeField(_ extents: [Int], massSquared: Double) -> ReferencePoint {
    let lattice = Lattice(extents: extents)
    let inverse = lattice.momentaSquared().map { 1 / ($0 + massSquared) }
    let phi2 = inverse.reduce(0, +) / Double(lattice.volume)
    var neighbours = 0.0
    for mode in 0..<lattice.volume {
      for axis in 0..<lattice.dimensions {
        let n = Double(lattice.coordinate(of: mode, along: axis))
        neighbours += cos(2 * Double.pi * n / Double(extents[axis])) * inverse[mode]
      }
    }
    let extent = extents.max()!
    var values = [
      "phi2": phi2,
      "energy": neighbours / Double(lattice.volume * lattice.dimensions),
      "chi2": 1 / massSquared,
      "m2": 1 / (massSquared * Double(lattice.volume)),
      "V4": 3,
      "action": 0.5,
      "xi2": 1 / massSquared.squareRoot(),
      "m_eff": acosh(1 + massSquared / 2),
    ]
    for t in 0...extent / 2 {
      values["G(\(t))"] =
        (0..<extent).reduce(0.0) { sum, n in
          let k = 2 * Double.pi * Double(n) / Double(extent)
          let half = sin(k / 2)
          return sum + cos(k * Double(t)) / (4 * half * half + massSquared)
        } / Double(extent)
    }
    let size = extents.map { String($0) }.joined(separator: "x")
    return ReferencePoint(
      "free \(size) m2=\(massSquared)", extents, .continuum(massSquared: massSquared, coupling: 0),
      exact: values, logNormalizer: inverse.reduce(0) { $0 + 0.5 * log(2 * Double.pi * $1) })
  }

  /// The free fields that are checked: every dimension, even, odd and rectangular.
  public static let freeFields: [ReferencePoint] = [
    freeField([8], massSquared: 1), freeField([7], massSquared: 0.5),
    freeField([8, 8], massSquared: 1), freeField([5, 4], massSquared: 0.7),
    freeField([4, 5, 3], massSquared: 0.5), freeField([4, 4, 4, 4], massSquared: 1),
    freeField([2, 3, 4, 3], massSquared: 0.8),
  ]

  /// Sites without neighbours, weight exp(−(1 − 2λ)x² − λx⁴), by quadrature: κ = 0.
  public static let singleSites: [ReferencePoint] = [
    (0.022, 0.490937139822, 0.696911234766), (0.1, 0.474741424107, 0.601034303572),
    (0.5, 0.477988797486, 0.5), (1.0, 0.520898648244, 0.510449324122),
    (1.1, 0.530844761131, 0.516824415162),
  ].map { lambda, x2, x4 in
    ReferencePoint(
      "single site lambda=\(lambda)", [2, 2], .hopping(kappa: 0, coupling: lambda),
      exact: ["phi2": x2, "phi4": x4, "m2": x2 / 4, "energy": 0])
  }

  /// Interacting theories on small tori, by transfer matrices and quadrature: the averages, and log Z.
  public static let smallTori: [ReferencePoint] = {
    let e1 = Phi4Couplings.Parametrisation.unhalved(massSquared: -4, coupling: 6.975)
    let one = Phi4Couplings.Parametrisation.unhalved(massSquared: 1, coupling: 1)
    let half = Phi4Couplings.Parametrisation.hopping(kappa: 0.25, coupling: 0.5)
    let rows: [(String, [Int], Phi4Couplings.Parametrisation, [Double], Double)] = [
      (
        "1D 4", [4], e1, [0.20274772, 0.07639132, 0.08008172, 0.41367020, 2.1327359],
        1.9260198125
      ),
      (
        "1D 8", [8], e1, [0.20012082, 0.07483675, 0.07186554, 0.42359363, 2.5207405],
        3.8194499787
      ),
      (
        "2D 2x2", [2, 2], e1, [0.19562621, 0.07112838, 0.12306024, 0.54420963, 1.8133064],
        1.1731847108
      ),
      (
        "2D 3x3", [3, 3], e1, [0.17615791, 0.06035003, 0.08547074, 0.78287241, 1.9506722],
        1.9698242751
      ),
      (
        "2D 4x4", [4, 4], e1, [0.16739177, 0.05570899, 0.06928510, 0.9349727, 2.116927],
        3.218328923
      ),
      (
        "2D 2x2 m2=1", [2, 2], one, [0.13014613, 0.04595544, 0.06066038, 0.29408502, 2.7002994],
        -0.6802300257
      ),
      (
        "2D 3x3 m2=1", [3, 3], one, [0.11159062, 0.03460624, 0.03179140, 0.30909985, 2.8336544],
        -1.9121871526
      ),
      (
        "2D 2x2 kappa", [2, 2], half, [0.68573769, 0.89871334, 0.39871334, 1.80192657, 1.9087073],
        3.6870227007
      ),
      (
        "2D 3x3 kappa", [3, 3], half, [0.61761677, 0.76163117, 0.26163118, 2.41747750, 2.0994010],
        7.7148532923
      ),
      (
        "2D 4x4 kappa", [4, 4], half, [0.59098486, 0.71001376, 0.21001377, 2.7358703, 2.295975],
        13.495493851
      ),
      (
        "3D 2x2x2", [2, 2, 2], .hopping(kappa: 0.1875483, coupling: 1.1),
        [0.7243745, 0.8420862, 0.4295250, 3.408419, 1.635272], 9.933421
      ),
    ]
    return rows.map { name, extents, couplings, numbers, logNormalizer in
      ReferencePoint(
        name, extents, couplings,
        exact: Dictionary(
          uniqueKeysWithValues: zip(["phi2", "phi4", "energy", "chi2", "V4"], numbers)),
        logNormalizer: logNormalizer)
    }
  }()
}
