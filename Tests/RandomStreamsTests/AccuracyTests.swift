// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Foundation
import RandomStreams
import Testing

/// The transforms against the C library, over the whole range of the integers.
@Suite struct AccuracyTests {
  /// √(−2 ln u), u = (x + ½) 2⁻⁶⁴, from 1 − u where that is smaller.
  private func radius(_ x: UInt64) -> Double {
    x >> 63 == 0
      ? (-2 * log((Double(x) + 0.5) * 0x1p-64)).squareRoot()
      : (-2 * log1p(-(Double(~x) + 0.5) * 0x1p-64)).squareRoot()
  }

  /// cos θ and sin θ of θ = 2π (y + ½) 2⁻⁶⁴ − π/4 from the nearest axis.
  private func direction(_ y: UInt64) -> (Double, Double) {
    let t = (Double(Int64(y & (1 << 62 - 1)) - 1 << 61) + 0.5) * 0x1p-62
    let (c, s) = (cos(t * (.pi / 2)), sin(t * (.pi / 2)))
    return [(c, s), (-s, c), (-c, -s), (s, -c)][Int(y >> 62)]
  }

  /// Integers of every magnitude: near 0, near 2⁶⁴, near multiples of 2⁶¹ (the axes and the limits of the
  /// quadrants), near √½ 2⁶⁴⁻ᵏ (where the logarithm changes its exponent), and anywhere.
  private func integers(_ generator: inout StreamGenerator) -> [UInt64] {
    (0..<16).map { place in
      let x = generator.next()
      let small = x >> UInt64.random(in: 0..<64, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: return small
      case 1: return ~small
      case 2: return (generator.next() << 61) &+ small
      case 3: return (generator.next() << 61) &- small
      case 4 where place < 8:
        let shift = UInt64.random(in: 0..<40, using: &generator)
        return 0xb504_f333_f9de_6485 >> shift &+ (x & 0xfff) &- 0x800
      default: return x
      }
    }
  }

  @Test func boxMullerAgreesWithTheLibrary() {
    var generator = RandomStreams(seed: 3).generator(purpose: .analysis, walker: 0, step: 0)
    var worst = 0.0
    var differing = 0
    for _ in 0..<20_000 {
      let integers = integers(&generator)
      var normals = [Double](repeating: 0, count: 16)
      df_random_box_muller_by(0, integers, &normals)
      for variant in 1..<max(df_random_variants(), 1) {
        var others = normals
        df_random_box_muller_by(variant, integers, &others)
        differing += others.map(\.bitPattern) == normals.map(\.bitPattern) ? 0 : 1
      }
      for lane in 0..<8 {
        let r = radius(integers[lane])
        let (c, s) = direction(integers[8 + lane])
        worst = max(worst, abs(normals[lane] / (r * c) - 1), abs(normals[8 + lane] / (r * s) - 1))
      }
    }
    #expect(worst < 1e-15)
    #expect(differing == 0)
  }

  /// θ = 0 gives the radius itself: its largest value for x = 0, its smallest for x = 2⁶⁴ − 1.
  @Test(arguments: 0..<df_random_variants())
  func extremeRadii(variant: Int32) {
    var integers = [UInt64](repeating: 1 << 61, count: 16)
    integers[0] = 0
    integers[1] = .max
    integers[2] = 1 << 63
    var normals = [Double](repeating: 0, count: 16)
    df_random_box_muller_by(variant, integers, &normals)
    #expect(abs(normals[0] / (130 * log(2)).squareRoot() - 1) < 4e-16)
    #expect(abs(normals[1] / 0x1p-32 - 1) < 4e-16)
    #expect(abs(normals[2] / (2 * log(2)).squareRoot() - 1) < 4e-16)
  }

  /// Rows that contain the integers 0 and 2⁶⁴ − 1, found by running Philox backwards.
  @Test func extremesEndToEnd() {
    let streams = RandomStreams(seed: 77)
    for (x, uniform, r) in [
      (0, 0x1p-65, (130 * log(2)).squareRoot()), (UInt64.max, 1 - 0x1p-53, 0x1p-32),
    ] {
      let place = RareAddress(of: x, key: streams.key)
      let (walker, step) = (place.walker, place.step)
      let uniforms = streams.uniforms(1 << 16, place.purpose, walker: walker, step: step)
      #expect(uniforms[place.index] == uniform)
      #expect(
        streams.uniform(purpose: place.purpose, walker: walker, step: step, index: place.index)
          == uniform)
      for variant in 0..<df_random_variants() {
        var row = [Double](repeating: 0, count: 1 << 16)
        df_random_uniforms_by(
          variant, streams.key, place.purpose.rawValue, UInt32(walker), UInt64(step), &row,
          row.count)
        #expect(row == uniforms)
      }
      let normals = streams.normals(1 << 16, place.purpose, walker: walker, step: step)
      let found = hypot(normals[place.index], normals[place.index + 8])
      #expect(abs(found / r - 1) < 1e-15)
    }
  }

  /// Uniforms against the 65-bit value: half a unit in the last place at most.
  @Test func uniformsAreRoundedOnce() {
    let streams = RandomStreams(seed: 8)
    let uniforms = streams.uniforms(1 << 16, .analysis, walker: 0, step: 0)
    var generator = streams.generator(purpose: .analysis, walker: 0, step: 0)
    var wrong = 0
    for u in uniforms {
      // (2x + 1) 2⁻⁶⁵ and u 2⁶⁵ as 128-bit integers; a unit in the last place of u in the same scale.
      let exact = UInt128(generator.next()) << 1 | 1
      let rounded = UInt128(u * 0x1p65)
      let unit = UInt128(max(1, u.ulp * 0x1p65))
      let distance = exact > rounded ? exact - rounded : rounded - exact
      wrong += 2 * distance <= unit ? 0 : 1
    }
    #expect(wrong == 0)
  }
}
