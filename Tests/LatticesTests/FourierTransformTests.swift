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
    buffer.pack(field, nil)
    transform.forward(buffer)
    for mode in 0..<lattice.volume {
      let (real, imaginary) = Self.naive(lattice, field, mode)
      #expect(abs(buffer.values[2 * mode] - real) < 1e-12 * Double(lattice.volume))
      #expect(abs(buffer.values[2 * mode + 1] - imaginary) < 1e-12 * Double(lattice.volume))
    }
    transform.backward(buffer)
    for site in 0..<lattice.volume {
      #expect(abs(buffer.values[2 * site] / Double(lattice.volume) - field[site]) < 1e-13)
      #expect(abs(buffer.values[2 * site + 1]) < 1e-12 * Double(lattice.volume))
    }
  }

  @Test(arguments: shapes) func powerOfPackedPairs(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let a = Self.field(lattice.volume, 0.2)
    let b = Self.field(lattice.volume, 1.1)
    let shells = lattice.momentumShells()
    let spectrum = PowerSpectrum(FourierTransform(lattice), shells: shells)
    var first = Array(repeating: 0.0, count: shells.count)
    var second = first
    spectrum.measure(a, b, buffer: TransformBuffer(lattice), into: &first, &second)
    for (index, shell) in shells.enumerated() {
      for (field, measured) in [(a, first[index]), (b, second[index])] {
        let exact = shell.modes.reduce(0.0) { sum, mode in
          let (real, imaginary) = Self.naive(lattice, field, mode)
          return sum + real * real + imaginary * imaginary
        }
        let mean = exact / Double(shell.modes.count * lattice.volume)
        #expect(abs(measured - mean) < 1e-11 * max(1, mean))
      }
    }
  }

  /// The lattice Laplacian as a spectral operator against its stencil, on an odd number of rows.
  @Test(arguments: shapes) func laplacian(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let volume = lattice.volume
    let laplacian = SpectralOperator(FourierTransform(lattice), kernel: lattice.momentaSquared())
    let fields = (0..<3).map { Self.field(volume, Double($0)) }
    var rows = fields.flatMap { $0 }
    laplacian.apply(&rows, count: 3, buffer: TransformBuffer(lattice))
    for (row, field) in fields.enumerated() {
      for site in 0..<volume {
        let stencil = (0..<lattice.dimensions).reduce(0.0) {
          $0 + 2 * field[site] - field[lattice.forward(site, $1)]
            - field[lattice.backward(site, $1)]
        }
        #expect(abs(rows[row * volume + site] - stencil) < 1e-11)
      }
    }
  }
}
