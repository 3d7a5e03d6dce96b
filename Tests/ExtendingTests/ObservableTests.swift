// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Testing

@Suite struct ObservableTests {
  /// Stripes one site wide across the first direction: walls on every bond along it, and on no other.
  @Test func stripesHaveTheirWalls() {
    let lattice = Lattice(extents: [4, 3])
    let stripes = (0..<12).map { lattice.coordinate(of: $0, along: 0) % 2 == 0 ? 1.0 : -0.5 }
    let batch = Configurations(count: 2, dimension: 12, values: stripes + stripes.map(abs))
    #expect(DomainWalls(lattice: lattice).measure(batch) == [[1, 0, 0, 0]])
  }

  /// Two normal variables of correlation r have opposite signs with probability arccos(r)/π; in the
  /// free field r = Σ_p cos p_μ/K(p) / Σ_p 1/K(p).
  @Test func theFreeFieldHasTheWallsOfItsCorrelation() {
    let lattice = Lattice(extents: [6, 4])
    let free = FreeField(lattice, massSquared: 0.5)
    var batch = Configurations(count: 20_000, dimension: 24)
    free.sample(
      into: &batch, using: RandomStreams(seed: 5), purpose: .initialField, firstWalker: 0, step: 0)
    let values = DomainWalls(lattice: lattice).measure(batch)[0]
    for axis in 0..<2 {
      let series = stride(from: axis, to: values.count, by: 2).map { values[$0] }
      let mean = series.reduce(0, +) / Double(series.count)
      let squares = series.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error = squares.squareRoot() / Double(series.count)
      var (joint, single) = (0.0, 0.0)
      for (p, spectrum) in free.spectrum.enumerated() {
        let number = Double(lattice.coordinate(of: p, along: axis))
        joint += cos(2 * Double.pi * number / Double(lattice.extents[axis])) / spectrum
        single += 1 / spectrum
      }
      #expect(error < 0.002)
      #expect(abs(mean - acos(joint / single) / Double.pi) < 4 * error)
    }
  }
}
