// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import RandomStreams
import Testing

/// The bits do not depend on the processor.
@Suite struct VariantTests {
  @Test func variantsAgreeBitForBit() {
    var generator = RandomStreams(seed: 11).generator(purpose: .analysis, walker: 0, step: 0)
    let count = 50
    var differing = 0
    for _ in 0..<20_000 {
      let key = generator.next()
      let purpose = UInt8.random(in: 0 ... .max, using: &generator)
      let walker = UInt32.random(in: 0 ... .max, using: &generator)
      let step = generator.next() >> 8
      var normals = [Double](repeating: 0, count: count)
      var uniforms = normals
      df_random_normals(key, purpose, walker, step, &normals, count)
      df_random_uniforms(key, purpose, walker, step, &uniforms, count)
      for variant in 0..<df_random_variants() {
        var row = [Double](repeating: 0, count: count)
        df_random_normals_by(variant, key, purpose, walker, step, &row, count)
        differing += row.map(\.bitPattern) == normals.map(\.bitPattern) ? 0 : 1
        df_random_uniforms_by(variant, key, purpose, walker, step, &row, count)
        differing += row.map(\.bitPattern) == uniforms.map(\.bitPattern) ? 0 : 1
      }
    }
    #expect(differing == 0)
  }

  /// The formulas of the kernel one number at a time, in the scalar arithmetic of another compiler:
  /// what is particular to vectors, or to a contraction of a·b + c, would show.
  @Test func scalarArithmeticGivesTheSameBits() {
    let streams = RandomStreams(seed: 12)
    let normals = streams.normals(1 << 16, .noise, walker: 1, step: 1)
    var generator = streams.generator(purpose: .noise, walker: 1, step: 1)
    var differing = 0
    for group in 0..<normals.count / 16 {
      let integers = (0..<16).map { _ in generator.next() }
      for lane in 0..<8 {
        let (cosine, sine) = ScalarBoxMuller.normals(integers[lane], integers[8 + lane])
        differing += normals[16 * group + lane].bitPattern == cosine.bitPattern ? 0 : 1
        differing += normals[16 * group + 8 + lane].bitPattern == sine.bitPattern ? 0 : 1
      }
    }
    #expect(differing == 0)
  }
}

/// The Box–Muller transform of CKernels, operation by operation.
private enum ScalarBoxMuller {
  static let logarithm = [
    0x1.5555555555558p-1, 0x1.99999999952e2p-2, 0x1.2492492df148dp-2, 0x1.c71c62e5800a1p-3,
    0x1.7462b4ab2ef6bp-3, 0x1.39fe606542ddep-3, 0x1.2b584aae78a57p-3,
  ]
  static let sine = [
    0x1.921fb54442d18p+0, -0x1.4abbce625be41p-1, 0x1.466bc677587f8p-4, -0x1.32d2cce2e5b19p-8,
    0x1.50782fda12d96p-13, -0x1.e30071afc3e59p-19, 0x1.e3f38399551bfp-25,
  ]
  static let cosine = [
    -0x1.3bd3cc9be45dep+0, 0x1.03c1f081b5ac0p-2, -0x1.55d3c7e3cb241p-6, 0x1.e1f5068688d5bp-11,
    -0x1.a6d1eef479be1p-16, 0x1.f9ce245cada0bp-22, -0x1.b2f3eb054afcdp-28,
  ]

  static func polynomial(_ coefficients: [Double], _ z: Double) -> Double {
    coefficients.dropLast().reversed().reduce(coefficients.last!) { $0 * z + $1 }
  }

  static func normals(_ x: UInt64, _ y: UInt64) -> (Double, Double) {
    let high = Double(UInt32(x >> 32)) * 0x1p-32
    let low = (Double(UInt32(truncatingIfNeeded: x)) + 0.5) * 0x1p-64
    let u = high + low
    let rest = low - (u - high)
    var n = -u.exponent
    var reduced = u.significand
    if reduced >= 0x1.6a09e667f3bcdp+0 {
      n -= 1
      reduced /= 2
    }
    let f = (reduced - 1) + rest * Double(sign: .plus, exponent: n, significand: 1)
    let s = f / (2 + f)
    let z = s * s
    let residue = (s * (f - z * polynomial(logarithm, z)) + Double(n) * 0x1.de6af278ece60p-46) - f
    let minusLog = Double(n) * 0x1.62e42fefa3900p-1 + residue
    let r = (minusLog + minusLog).squareRoot()

    let quadrant = y >> 62
    let t =
      (Double(y >> 32 & 0x3fff_ffff) * 0x1p-30 - 0.5)
      + (Double(UInt32(truncatingIfNeeded: y)) + 0.5) * 0x1p-62
    let sin = t * polynomial(sine, t * t)
    let cos = 1 + t * t * polynomial(cosine, t * t)
    switch quadrant {
    case 0: return (r * cos, r * sin)
    case 1: return (r * -sin, r * cos)
    case 2: return (r * -cos, r * -sin)
    default: return (r * sin, r * -cos)
    }
  }
}
