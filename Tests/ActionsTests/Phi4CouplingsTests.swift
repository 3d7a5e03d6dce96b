// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Testing

@Suite struct Phi4CouplingsTests {
  static let points: [(Phi4Couplings.Parametrisation, Int)] = [
    (.unhalved(massSquared: -4, coupling: 6.975), 2), (.unhalved(massSquared: 1, coupling: 1), 2),
    (.unhalved(massSquared: -9, coupling: 0.7), 3), (.unhalved(massSquared: 0.3, coupling: 0), 1),
    (.hopping(kappa: 0.25, coupling: 0.5), 2), (.hopping(kappa: 0.1875483, coupling: 1.1), 3),
    (.hopping(kappa: 0.1119, coupling: 0.01234), 4),
    (.continuum(massSquared: -1.27251, coupling: 6), 2),
    (.continuum(massSquared: 0.5, coupling: 2.4), 4),
    (.common(Phi4Couplings.Coefficients(hopping: 0.7, quadratic: 1.9, quartic: 0.3)), 3),
  ]

  static func numbers(_ couplings: Phi4Couplings) -> [Double] {
    switch couplings.given {
    case .unhalved(let a, let b), .hopping(let a, let b), .continuum(let a, let b): [a, b]
    case .common(let c): [c.hopping, c.quadratic, c.quartic]
    }
  }

  @Test(arguments: points) func conversionsClose(
    given: Phi4Couplings.Parametrisation, dimensions: Int
  ) throws {
    let couplings = Phi4Couplings(given, dimensions: dimensions)
    let forms = [couplings.unhalved, couplings.continuum, try #require(couplings.hopping)]
    for form in forms {
      for back in [form.unhalved, form.continuum, try #require(form.hopping)] {
        for other in forms where other.given.name == back.given.name {
          for (a, b) in zip(Self.numbers(back), Self.numbers(other)) {
            #expect(abs(a - b) < 1e-12 * max(1, abs(a)))
          }
        }
      }
    }
  }

  /// The same field in three normalisations has the same action: the law behind every conversion.
  @Test(arguments: points) func actionIsTheSame(
    given: Phi4Couplings.Parametrisation, dimensions: Int
  ) throws {
    let lattice = Lattice(extents: Array([3, 4, 2, 3].prefix(dimensions)))
    let couplings = Phi4Couplings(given, dimensions: dimensions)
    var canonicalField = Configurations(count: 1, dimension: lattice.volume)
    canonicalField.withMutableRows {
      RandomStreams(seed: 3).fillNormals(
        $0, count: lattice.volume, purpose: .initialField, walker: 0, step: 0)
    }
    let canonicalAction = Self.energy(lattice, couplings.unhalved, canonicalField)
    for form in [couplings, couplings.continuum, try #require(couplings.hopping)] {
      var field = canonicalField
      for site in field.values.indices { field.values[site] *= form.fieldScale }
      #expect(
        abs(Self.energy(lattice, form, field) - canonicalAction) < 1e-12 * abs(canonicalAction))
    }
  }

  static func energy(_ lattice: Lattice, _ form: Phi4Couplings, _ field: Configurations) -> Double {
    var energies = [0.0]
    Phi4(lattice: lattice, couplings: form.given).energies(of: field, into: &energies)
    return energies[0]
  }

  /// In two dimensions m² = −4 is the line λ_hopping = 1/2, κ = 1/√(2λ).
  @Test(arguments: [6.975, 6.008, 4.398]) func halfFillingLine(coupling: Double) throws {
    let hopping = try #require(
      Phi4Couplings(.unhalved(massSquared: -4, coupling: coupling), dimensions: 2).hopping)
    let numbers = Self.numbers(hopping)
    #expect(abs(numbers[0] - 1 / (2 * coupling).squareRoot()) < 1e-15)
    #expect(abs(numbers[1] - 0.5) < 1e-15)
  }

  /// The coefficients of the actions as they are written, site by site: the derivative form expanded
  /// by hand on one field.
  @Test func derivativeForm() {
    let lattice = Lattice(extents: [3, 2])
    let phi = [0.3, -1.2, 0.7, 0.1, -0.4, 2.0]
    var unhalved = 0.0
    var continuum = 0.0
    for site in 0..<6 {
      for axis in 0..<2 {
        let difference = phi[lattice.forward(site, axis)] - phi[site]
        unhalved += difference * difference
        continuum += 0.5 * difference * difference
      }
      let square = phi[site] * phi[site]
      unhalved += 0.7 * square + 1.3 * square * square
      continuum += 0.5 * 0.7 * square + 1.3 / 24 * square * square
    }
    let field = Configurations(count: 1, dimension: 6, values: phi)
    let forms: [(Phi4Couplings.Parametrisation, Double)] = [
      (.unhalved(massSquared: 0.7, coupling: 1.3), unhalved),
      (.continuum(massSquared: 0.7, coupling: 1.3), continuum),
    ]
    for (form, exact) in forms {
      let energy = Self.energy(lattice, Phi4Couplings(form, dimensions: 2), field)
      #expect(abs(energy - exact) < 1e-13 * exact)
    }
  }
}
