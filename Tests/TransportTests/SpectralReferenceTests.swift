// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Foundation
import Lattices
import Testing
import Transport

/// The Gaussian reference: its mass and its drift.
@Suite struct SpectralReferenceTests {
  /// A smooth leg along which all three couplings change.
  static func path(_ extents: [Int]) -> CouplingPath {
    let lattice = Lattice(extents: extents)
    let bare = Double(extents.count)
    return CouplingPath(
      from: .free(
        FreeField(
          lattice: lattice,
          couplings: .common(.init(hopping: 1.5, quadratic: 1 + 1.5 * bare, quartic: 0)))),
      legs: [
        [
          .init(
            time: 0.4, coefficients: .init(hopping: 1.8, quadratic: 1.8 * bare - 1, quartic: 0.5)),
          .init(
            time: 0.7, coefficients: .init(hopping: 2.1, quadratic: 2.1 * bare - 2, quartic: 2)),
          .init(time: 1, coefficients: .init(hopping: 2, quadratic: 2 * bare - 4, quartic: 5)),
        ]
      ])
  }

  /// μ = c2 − J D + 6 c4 V^-1 Σ_p 1/(J p̂² + 2μ), in either phase.
  @Test(arguments: [[5], [4, 3], [2, 3, 3]]) func massSolvesItsEquation(extents: [Int]) {
    let path = Self.path(extents)
    let reference = GaussianReference(path)
    for time in [0, 0.1, 0.5, 0.9, 1] {
      let c = path.coefficients(at: time)
      let mass = reference.mass(at: time)
      let variance = path.lattice.momentaSquared().reduce(0) {
        $0 + 1 / (c.hopping * $1 + 2 * mass)
      }
      let right =
        c.quadratic - c.hopping * Double(extents.count)
        + 6 * c.quartic * variance / Double(path.lattice.volume)
      #expect(mass > 0)
      #expect(
        abs(mass - right) < 1e-12 * (abs(right) + abs(c.quadratic)), "\(time): \(mass) \(right)")
    }
  }

  /// −½ ∂_t log K by difference quotients.
  @Test(arguments: [[5], [4, 3], [2, 3, 3]]) func kernelIsTheDerivative(extents: [Int]) {
    let path = Self.path(extents)
    let reference = GaussianReference(path)
    func logarithms(_ time: Double) -> [Double] {
      let hopping = path.coefficients(at: time).hopping
      let mass = reference.mass(at: time)
      return path.lattice.momentaSquared().map { log(hopping * $0 + 2 * mass) }
    }
    for time in [0.1, 0.35, 0.6, 0.95] {
      let h = 1e-4
      let (a, b) = (logarithms(time + h), logarithms(time - h))
      for (mode, value) in reference.kernel(at: time).enumerated() {
        let quotient = -0.5 * (a[mode] - b[mode]) / (2 * h)
        #expect(abs(value - quotient) < 1e-6 * (1 + abs(quotient)), "\(value) \(quotient)")
      }
    }
  }
}
