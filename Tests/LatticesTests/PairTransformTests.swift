// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Testing

/// Two real fields in one complex transform, against the transform of each.
@Suite struct PairTransformTests {
  private static let shapes =
    (2...9).map { [$0] } + [
      [4, 6], [3, 5], [5, 2], [2, 3, 4], [3, 3, 3], [2, 3, 2, 3],
    ]

  @Test(arguments: shapes) func holdsBothTransforms(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let volume = lattice.volume
    let fields = [0.2, 1.9].map { FourierTransformTests.field(volume, $0) }
    let pair = PairBuffer(lattice)
    for site in 0..<volume {
      pair.numbers[2 * site] = fields[0][site]
      pair.numbers[2 * site + 1] = fields[1][site]
    }
    let transform = PairTransform(lattice)
    transform.forward(pair)
    let single = FourierTransform(lattice)
    let buffer = TransformBuffer(lattice)
    let tolerance = 1e-13 * Double(volume)
    for field in 0..<2 {
      buffer.field.update(from: fields[field], count: volume)
      single.forward(buffer)
      for (index, mode) in single.halfModes.enumerated() {
        let opposite = lattice.opposite(mode)
        let (z, w) = (
          (pair.numbers[2 * mode], pair.numbers[2 * mode + 1]),
          (pair.numbers[2 * opposite], pair.numbers[2 * opposite + 1])
        )
        // f̃ = (z(p) + z(−p)*)/2 and g̃ = (z(p) − z(−p)*)/2i.
        let (real, imaginary) =
          field == 0
          ? (0.5 * (z.0 + w.0), 0.5 * (z.1 - w.1)) : (0.5 * (z.1 + w.1), 0.5 * (w.0 - z.0))
        #expect(abs(real - buffer.modes[2 * index]) < tolerance)
        #expect(abs(imaginary - buffer.modes[2 * index + 1]) < tolerance)
      }
    }
    // A real and even kernel acts on both without mixing them.
    let kernel = lattice.momentaSquared().map { 1 / (1 + $0) / Double(volume) }
    for mode in 0..<volume {
      pair.numbers[2 * mode] *= kernel[mode]
      pair.numbers[2 * mode + 1] *= kernel[mode]
    }
    transform.backward(pair)
    let operation = SpectralOperator(single, kernel: kernel.map { $0 * Double(volume) })
    for field in 0..<2 {
      var expected = fields[field]
      expected.withUnsafeMutableBufferPointer {
        operation.apply($0.baseAddress!, buffer: buffer)
      }
      for site in 0..<volume {
        #expect(abs(pair.numbers[2 * site + field] - expected[site]) < tolerance)
      }
    }
  }
}
