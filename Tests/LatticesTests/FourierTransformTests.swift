// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Testing

@Suite struct FourierTransformTests {
  static let lines: [[Int]] = (Array(2...17) + [20, 32, 60, 64]).map { [$0] }
  static let shapes: [[Int]] = lines + [[4, 6], [3, 5], [2, 3, 4], [2, 3, 2, 3]]

  /// Numbers without symmetry, the same on every machine.
  static func field(_ volume: Int, _ shift: Double) -> [Double] {
    (0..<volume).map { site in
      let square = Double(site * site % 101)
      return sin(1.7 * Double(site) + shift) + 0.3 * cos(0.9 * square)
    }
  }

  /// φ̃(p) by its definition.
  static func naive(_ lattice: Lattice, _ field: [Double], _ mode: Int) -> (Double, Double) {
    var real = 0.0
    var imaginary = 0.0
    for site in 0..<lattice.volume {
      var turns = 0.0
      for axis in 0..<lattice.dimensions {
        let n = lattice.coordinate(of: mode, along: axis)
        let x = lattice.coordinate(of: site, along: axis)
        turns += Double(n * x % lattice.extents[axis]) / Double(lattice.extents[axis])
      }
      real += field[site] * cos(2 * Double.pi * turns)
      imaginary -= field[site] * sin(2 * Double.pi * turns)
    }
    return (real, imaginary)
  }

  @Test(arguments: shapes) func agreesWithTheDefinition(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let transform = FourierTransform(lattice)
    let buffer = TransformBuffer(lattice)
    let field = Self.field(lattice.volume, 0.2)
    buffer.field.update(from: field, count: lattice.volume)
    transform.forward(buffer)
    var momenta = 0
    for (index, mode) in transform.halfModes.enumerated() {
      let (real, imaginary) = Self.naive(lattice, field, mode)
      #expect(abs(buffer.modes[2 * index] - real) < 1e-12 * Double(lattice.volume))
      #expect(abs(buffer.modes[2 * index + 1] - imaginary) < 1e-12 * Double(lattice.volume))
      momenta += transform.multiplicity(ofHalfMode: index)
    }
    #expect(momenta == lattice.volume)
    transform.backward(buffer)
    for site in 0..<lattice.volume {
      #expect(abs(buffer.field[site] / Double(lattice.volume) - field[site]) < 1e-13)
    }
  }

  @Test(arguments: shapes) func powerByItsDefinition(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let field = Self.field(lattice.volume, 0.2)
    let shells = lattice.momentumShells()
    let spectrum = PowerSpectrum(FourierTransform(lattice), shells: shells)
    var power = Array(repeating: 0.0, count: shells.count)
    spectrum.measure(field, buffer: TransformBuffer(lattice), into: &power)
    for (index, shell) in shells.enumerated() {
      let exact = shell.modes.reduce(0.0) { sum, mode in
        let (real, imaginary) = Self.naive(lattice, field, mode)
        return sum + real * real + imaginary * imaginary
      }
      let mean = exact / Double(shell.modes.count * lattice.volume)
      #expect(abs(power[index] - mean) < 1e-11 * max(1, mean))
    }
  }

  /// The lattice Laplacian as a spectral operator against its stencil.
  @Test(arguments: shapes) func laplacian(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let laplacian = SpectralOperator(FourierTransform(lattice), kernel: lattice.momentaSquared())
    let field = Self.field(lattice.volume, 1)
    var result = field
    laplacian.apply(&result, buffer: TransformBuffer(lattice))
    for site in 0..<lattice.volume {
      var stencil = 0.0
      for axis in 0..<lattice.dimensions {
        stencil += 2 * field[site]
        stencil -= field[lattice.forward(site, axis)] + field[lattice.backward(site, axis)]
      }
      #expect(abs(result[site] - stencil) < 1e-11)
    }
  }
}
