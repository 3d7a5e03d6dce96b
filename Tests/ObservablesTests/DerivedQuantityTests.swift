// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Observables
import Statistics
import Testing

@Suite struct DerivedQuantityTests {
  /// Every derived quantity of the free field from its exact averages: χ2 = 1/m², ξ2 = 1/m,
  /// m_eff(t) = arccosh(1 + m²/2) at every t, for even and odd T, exactly on the finite torus.
  @Test(arguments: [[8], [7], [5, 4], [2, 2], [3, 9, 3]], [0.3, 1.7])
  func freeFieldIdentities(extents: [Int], massSquared: Double) throws {
    let lattice = Lattice(extents: extents)
    let extent = extents.max()!
    let correlator = (0...extent / 2).map { t in
      (0..<extent).reduce(0.0) { sum, n in
        let k = 2 * Double.pi * Double(n) / Double(extent)
        return sum + cos(k * Double(t)) / (2 - 2 * cos(k) + massSquared)
      } / Double(extent)
    }
    let kmin = 1 / (2 - 2 * cos(2 * Double.pi / Double(extent)) + massSquared)
    let quantities = ScalarQuantities(lattice: lattice, hopping: 1, quadratic: 1, quartic: 0)
    let m2 = 1 / (massSquared * Double(lattice.volume))
    #expect(
      abs(quantities.correlationLength.value([m2, kmin]) - 1 / massSquared.squareRoot()) < 1e-12)
    let mass = acosh(1 + massSquared / 2)
    #expect(abs(quantities.meanEffectiveMass.value(correlator) - mass) < 1e-10)
    for (index, quantity) in quantities.effectiveMasses.enumerated() {
      let means = quantity.primaries.map { correlator[$0.indices[0]] }
      #expect(abs(quantity.value(means) - mass) < 1e-10, "t = \(index + 1)")
    }
  }

  /// To first order in λ of S = ½(∂φ)² + ½m²φ² + (λ/4!)φ⁴ the connected ⟨m⁴⟩ is −λ χ⁴/V³ with χ = 1/m²,
  /// so that g_R = λ m^(D−4); a factor of the field changes nothing.
  @Test(arguments: [[6], [5, 4], [3, 9, 3], [4, 4, 4, 4]], [1.0, 2.5])
  func renormalisedCoupling(extents: [Int], fieldScale s: Double) {
    let lattice = Lattice(extents: extents)
    let (mass, lambda, volume) = (0.7, 0.013, Double(lattice.volume))
    let susceptibility = 1 / (mass * mass)
    let m2 = susceptibility / volume
    let m4 = 3 * m2 * m2 - lambda * pow(susceptibility, 4) / pow(volume, 3)
    let lowest = 2 - 2 * cos(2 * Double.pi / Double(lattice.longestExtent))
    let kmin = 1 / (lowest + mass * mass)
    let quantities = ScalarQuantities(lattice: lattice, hopping: 1, quadratic: 1, quartic: 0)
    let coupling = quantities.renormalisedCoupling.value([pow(s, 4) * m4, s * s * m2, s * s * kmin])
    #expect(abs(coupling - lambda * pow(mass, Double(extents.count) - 4)) < 1e-9)
  }

  @Test func momentsOfTwoPoints() throws {
    // m = ±2 in turn on two chains: ⟨m⟩ = 0, ⟨|m|⟩ = 2, ⟨m²⟩ = 4, V4 = 1, U4 = 2/3, χ = 0, χ_m = 4V.
    var data = Measurements(chains: 2, count: 100)
    data.insert("m", size: 1, (0..<200).map { $0 % 2 == 0 ? 2 : -2 })
    let quantities = ScalarQuantities(
      lattice: Lattice(extents: [3, 3]), hopping: 1, quadratic: 1, quartic: 0)
    let exact = [
      "m": 0, "abs_m": 2, "m2": 4, "m4": 16, "chi2": 36, "chi": 0, "chi_m": 36, "V4": 1,
      "U4": 2.0 / 3,
    ]
    let found = try quantities.all(for: data).map { ($0.name, try $0.estimate(from: data).value) }
    #expect(found.count == exact.count)
    for (name, value) in found { #expect(abs(value - exact[name]!) < 1e-12, "\(name)") }
  }

  @Test func seriesAndDropping() {
    var data = Measurements(chains: 2, count: 3)
    data.insert("hop", size: 2, [1, 2, 3, 4, 5, 6, -7, -8, -9, -10, -11, -12])
    #expect(data.series(Primary("hop", [1])) == [[2, 4, 6], [-8, -10, -12]])
    #expect(data.series(Primary("hop", [0, 1])) == [[1.5, 3.5, 5.5], [-7.5, -9.5, -11.5]])
    #expect(data.series(Primary("hop", [0], .magnitude)) == [[1, 3, 5], [7, 9, 11]])
    #expect(data.dropping(1).series(Primary("hop", [0], .square)) == [[9, 25], [81, 121]])
  }
}
