// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Foundation
import Lattices
import Testing
import Transport

/// Drifts between trained ones on a line of couplings.
@Suite struct SpectralDriftFamilyTests {
  private static let lattice = Lattice(extents: [4, 4])
  private static let first = Phi4(lattice: lattice, massSquared: -1, coupling: 0.6)
  private static let second = Phi4(lattice: lattice, massSquared: -1, coupling: 1.4)

  /// A drift whose origin, path and weights are known functions of u.
  private static func drift(
    at u: Double, mass: (Double) -> Double, weight: (Double, Int) -> Double
  ) -> SpectralDrift {
    let end = SpectralDriftFamily.theory(at: u, from: first, to: second).coefficients
    let start = FreeField(lattice, massSquared: mass(u))
    let middle = CouplingPath.Knot(
      time: 0.5,
      coefficients: Phi4Couplings.Coefficients(
        hopping: end.hopping, quadratic: 2 + u * u, quartic: 0.25 * end.quartic))
    let path = CouplingPath(
      from: .free(start), legs: [[middle, CouplingPath.Knot(time: 1, coefficients: end)]])
    let (features, basis) = ([SpectralFeature.field], KernelBasis(lattice, shape: .scales([1, 2])))
    let count = SpectralDrift.weightCount(features, basis)
    return SpectralDrift(
      path: path, features: features, basis: basis,
      weights: ChebyshevCurve(
        knots: [0, 1], count: count,
        coefficients: [(0..<2 * count).map { weight(u, $0) }]))
  }

  private static func family(
    _ count: Int, mass: (Double) -> Double = { 1 + $0 },
    weight: (Double, Int) -> Double = { u, i in Double(i) - 2 * u + 3 * u * u }
  ) -> SpectralDriftFamily {
    SpectralDriftFamily(
      from: first, to: second,
      drifts: SpectralDriftFamily.nodes(count: count).map {
        drift(at: $0, mass: mass, weight: weight)
      })
  }

  /// Polynomials of degree n − 1 in u come out exactly, at the nodes and between them.
  @Test(arguments: [0, 0.1, 0.5, 0.77, 1]) func polynomialsAreExact(u: Double) throws {
    let drift = try #require(Self.family(3).drift(at: u))
    let exact = Self.drift(
      at: u, mass: { 1 + $0 }, weight: { u, i in Double(i) - 2 * u + 3 * u * u })
    for (a, b) in zip(drift.weights.coefficients[0], exact.weights.coefficients[0]) {
      #expect(abs(a - b) < 1e-13)
    }
    for (a, b) in zip(drift.path.knots, exact.path.knots) {
      #expect(a.time == b.time)
      #expect(abs(a.coefficients.quadratic - b.coefficients.quadratic) < 1e-13)
      #expect(abs(a.coefficients.quartic - b.coefficients.quartic) < 1e-13)
    }
  }

  /// What is no polynomial converges with the number of nodes.
  @Test func smoothFunctionsConverge() throws {
    let weight = { (u: Double, i: Int) in exp(-Double(i) * u) / (1.5 + u) }
    let errors = try [2, 4, 8].map { count in
      let drift = try #require(Self.family(count, weight: weight).drift(at: 0.3))
      return zip(drift.weights.coefficients[0], drift.weights.coefficients[0].indices).map {
        abs($0 - weight(0.3, $1))
      }.max() ?? .nan
    }
    #expect(errors[1] < 0.1 * errors[0])
    #expect(errors[2] < 0.05 * errors[1])
  }

  /// A theory on the line has a path that ends at it to the last bit; others have none.
  @Test func theoriesOnTheLine() throws {
    let family = Self.family(3)
    let theory = Phi4(lattice: Self.lattice, massSquared: -1, coupling: 0.93)
    let drift = try #require(family.drift(for: theory))
    #expect(drift.path.knots.last?.coefficients == theory.coefficients)
    #expect(abs(try #require(family.place(of: theory)) - (0.93 - 0.6) / 0.8) < 1e-12)
    for (massSquared, coupling) in [(-1, 1.41), (-1, 0.59), (-1.1, 0.9)] {
      let other = Phi4(lattice: Self.lattice, massSquared: massSquared, coupling: coupling)
      #expect(family.drift(for: other) == nil)
    }
    let large = Phi4(lattice: Lattice(extents: [4, 6]), massSquared: -1, coupling: 0.93)
    #expect(family.place(of: large) == nil)
    // Beyond the outermost node the mass of the free field is not positive.
    let steep = Self.family(2, mass: { $0 - 0.1 })
    #expect(steep.drift(at: 0.5) != nil)
    #expect(steep.drift(at: 0) == nil)
  }
}
