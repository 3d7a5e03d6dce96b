// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import Observables
import RandomStreams
import Testing

@Suite struct ObservableTests {
  static let shapes = [
    [8], [5], [2], [4, 6], [3, 5], [2, 7], [9, 9], [3, 4, 5], [2, 3, 2, 4],
  ]

  static func batch(_ lattice: Lattice, count: Int = 3) -> Configurations {
    var batch = Configurations(count: count, dimension: lattice.volume)
    batch.withMutableRows {
      RandomStreams(seed: 21).fillNormals(
        $0, count: count * lattice.volume, purpose: .initialField, walker: 0, step: 0)
    }
    return batch
  }

  @Test(arguments: shapes) func momentsByTheirDefinition(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let batch = Self.batch(lattice)
    let action = Phi4(lattice: lattice, massSquared: -1, coupling: 0.8)
    let c = action.coefficients
    let moments = FieldMoments(
      lattice: lattice, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic)
    let values = moments.measure(batch, workers: Workers(2))
    var energies = [0.0, 0.0, 0.0]
    action.energies(of: batch, into: &energies)
    let v = Double(lattice.volume)
    for member in 0..<3 {
      let phi = Array(batch[member])
      #expect(abs(values[0][member] - phi.reduce(0, +) / v) < 1e-14)
      #expect(abs(values[1][member] - phi.reduce(0) { $0 + $1 * $1 } / v) < 1e-13)
      #expect(abs(values[2][member] - phi.reduce(0) { $0 + pow($1, 4) } / v) < 1e-12)
      for axis in 0..<lattice.dimensions {
        let hop = (0..<lattice.volume).reduce(0) {
          $0 + phi[$1] * phi[lattice.forward($1, axis)]
        }
        #expect(abs(values[3][member * lattice.dimensions + axis] - hop / v) < 1e-13)
      }
      #expect(abs(values[4][member] * v - energies[member]) < 1e-11)
    }
  }

  @Test(arguments: shapes) func correlatorByItsDefinition(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let batch = Self.batch(lattice)
    let values = SliceCorrelator(lattice: lattice).measure(batch, workers: Workers(2))
    let extent = extents.max()!
    let v = Double(lattice.volume)
    for member in 0..<3 {
      let phi = Array(batch[member])
      for t in 0...extent / 2 {
        var sum = 0.0
        for axis in 0..<lattice.dimensions where extents[axis] == extent {
          for a in 0..<lattice.volume {
            for b in 0..<lattice.volume {
              let distance =
                lattice.coordinate(of: b, along: axis) - lattice.coordinate(of: a, along: axis)
              if (distance + extent) % extent == t { sum += phi[a] * phi[b] }
            }
          }
        }
        let exact = sum / v / Double(lattice.longDirections.count)
        #expect(abs(values[0][member * (extent / 2 + 1) + t] - exact) < 1e-12)
      }
    }
  }

  /// F_μ and G(k) are the same power, once from slice sums and once from the transform; the zero mode
  /// is V m²; Parseval: Σ_k G(k) = V φ².
  @Test(arguments: shapes) func propagatorAndSlicesAgree(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let batch = Self.batch(lattice)
    let shells = lattice.momentumShells()
    let power = MomentumPropagator(lattice: lattice, shells: shells.count)
      .measure(batch, workers: Workers(2))[0]
    let kmin = SliceCorrelator(lattice: lattice).measure(batch, workers: Workers(1))[1]
    let v = Double(lattice.volume)
    for member in 0..<3 {
      let g = Array(power[member * shells.count..<(member + 1) * shells.count])
      let m = batch[member].reduce(0, +) / v
      #expect(abs(g[0] - v * m * m) < 1e-12)
      let sum = zip(g, shells).reduce(0) { $0 + $1.0 * Double($1.1.modes.count) }
      #expect(abs(sum - batch[member].reduce(0) { $0 + $1 * $1 }) < 1e-11)
      // On a cube the shell of the smallest momentum is the ±k of all directions.
      if Set(extents).count == 1 {
        let d = lattice.dimensions
        let mean = (0..<d).reduce(0) { $0 + kmin[member * d + $1] } / Double(d)
        #expect(abs(g[1] - mean) < 1e-12)
      }
    }
  }

  /// A plane wave along one axis of a rectangular lattice has all its power in that direction.
  @Test func planeWaveOnARectangle() {
    let lattice = Lattice(extents: [4, 6])
    let phi = (0..<24).map { cos(2 * Double.pi * Double($0 % 6) / 6) }
    let batch = Configurations(count: 1, dimension: 24, values: phi)
    let kmin = SliceCorrelator(lattice: lattice).measure(batch, workers: Workers(1))[1]
    #expect(abs(kmin[0]) < 1e-14)
    #expect(abs(kmin[1] - 24.0 / 4) < 1e-12)
  }
}
