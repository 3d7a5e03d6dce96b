// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import Observables
import RandomStreams
import Statistics
import TestSupport
import Testing

/// Averages of φ⁶ theory on a ring of two sites, joined by two bonds, by the midpoint rule.
struct TwoSites {
  private(set) var normalizer = 0.0
  private var sums: (square: Double, wall: Double) = (0, 0)

  init(massSquared: Double, quartic: Double, sextic: Double) {
    let points = 400
    let cutoff = 3.2
    let width = 2 * cutoff / Double(points)
    let grid = (0..<points).map { -cutoff + (Double($0) + 0.5) * width }
    let potential = grid.map { x in
      massSquared * pow(x, 2) + quartic * pow(x, 4) + sextic * pow(x, 6)
    }
    for (i, x) in grid.enumerated() {
      for (j, y) in grid.enumerated() {
        let weight = width * width * exp(-2 * (x - y) * (x - y) - potential[i] - potential[j])
        normalizer += weight
        sums.square += weight * (x * x + y * y) / 2
        sums.wall += x * y < 0 ? weight : 0
      }
    }
  }

  var square: Double { sums.square / normalizer }
  var wall: Double { sums.wall / normalizer }
}

@Suite struct ActionTests {
  static let theories = [[5, 4], [3], [2, 3, 4], [2, 2, 3, 2]]

  @Test(arguments: theories) func theGradientIsThatOfTheAction(_ extents: [Int]) {
    let theory = Phi6(
      lattice: Lattice(extents: extents), massSquared: 0.7, quartic: -1.3, sextic: 0.4)
    #expect(TargetLaws.gradientError(of: theory) < 1e-8)
  }

  /// All but the last term are φ⁴ theory.
  @Test func withoutItsLastTermItIsPhi4() {
    let lattice = Lattice(extents: [3, 4])
    let theory = Phi6(lattice: lattice, massSquared: -0.5, quartic: 0.8, sextic: 0.3)
    let phi4 = Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.8)
    let field = (0..<12).map { sin(Double(3 * $0 + 1)) }
    let batch = Configurations(count: 1, dimension: 12, values: field)
    var (own, other) = ([0.0], [0.0])
    theory.energies(of: batch, into: &own)
    phi4.energies(of: batch, into: &other)
    let last = field.reduce(0) { $0 + 0.3 * pow($1, 6) }
    #expect(abs(own[0] - other[0] - last) < 1e-12)
  }

  /// The example program on two sites, where every average is a double integral.
  @Test func theProgramAgreesWithIntegrals() throws {
    let lattice = Lattice(extents: [2])
    let theory = Phi6(lattice: lattice, massSquared: 1, quartic: -2, sextic: 1)
    let exact = TwoSites(massSquared: 1, quartic: -2, sextic: 1)
    let walls = DomainWalls(lattice: lattice)
    let moments = FieldMoments(lattice: lattice, hopping: 0, quadratic: 0, quartic: 0)
    let observables: [any Observable] = [walls, moments]
    let ensemble = MemoryEnsemble(
      layout: EnsembleLayout(
        chains: 16,
        tables: [Table(name: "observables", variables: observables.flatMap(\.variables))]))
    try Tricritical.sample(theory, measuring: observables, into: ensemble)
    #expect(ensemble.isComplete)

    let measurements = try Measurements(ensemble)
    let density = try walls.density.estimate(from: measurements)
    #expect(density.error < 0.01)
    #expect(abs(density.value - exact.wall) < 4 * density.error)
    let square = try DerivedQuantity.mean("phi2", "", "", of: Primary("phi2"))
      .estimate(from: measurements)
    #expect(square.error < 0.01)
    #expect(abs(square.value - exact.square) < 4 * square.error)

    let logZ = try Tricritical.logZ(theory)
    #expect(logZ.error < 0.02)
    #expect(abs(logZ.value - log(exact.normalizer)) < 4 * logZ.error)
  }
}
