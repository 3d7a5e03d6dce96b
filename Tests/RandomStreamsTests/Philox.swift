// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import RandomStreams

typealias Words = SIMD4<UInt32>

func philox(_ counter: Words, key: UInt64) -> Words {
  let input = (0..<4).map { counter[$0] }
  var output: [UInt32] = [0, 0, 0, 0]
  df_philox4x32_10(input, [UInt32(truncatingIfNeeded: key), UInt32(key >> 32)], &output)
  return Words(output)
}

/// The counter that Philox takes to given words: the ten rounds undone one by one, the multipliers by
/// their inverses modulo 2³².
func inversePhilox(_ words: Words, key: UInt64) -> Words {
  let inverse0 = inverse(0xd251_1f53)
  let inverse1 = inverse(0xcd9e_8d57)
  var c = words
  for round in (0..<10).reversed() {
    let k0 = UInt32(truncatingIfNeeded: key) &+ UInt32(round) &* 0x9e37_79b9
    let k1 = UInt32(key >> 32) &+ UInt32(round) &* 0xbb67_ae85
    let c0 = c[3] &* inverse0
    let c2 = c[1] &* inverse1
    let high0 = UInt32(truncatingIfNeeded: (UInt64(c0) &* 0xd251_1f53) >> 32)
    let high1 = UInt32(truncatingIfNeeded: (UInt64(c2) &* 0xcd9e_8d57) >> 32)
    c = Words(c0, c[0] ^ high1 ^ k0, c2, c[2] ^ high0 ^ k1)
  }
  return c
}

/// 1/a modulo 2³² by Newton's iteration, which doubles the number of right bits.
private func inverse(_ a: UInt32) -> UInt32 {
  var x = a
  for _ in 0..<5 {
    x = x &* (2 &- a &* x)
  }
  return x
}

/// The address of a block, among the first 2¹⁵ of its row, that starts with a given 64-bit integer.
struct RareAddress {
  let purpose: Purpose
  let walker: Int
  let step: Int
  /// Where the integer is in the row.
  let index: Int

  /// Tries second integers y until the counter of (x, y) has a small block number and a real purpose;
  /// about one in 2.6 million does.
  init(of x: UInt64, key: UInt64) {
    var y: UInt64 = 0
    while true {
      let counter = inversePhilox(
        Words(
          UInt32(truncatingIfNeeded: x), UInt32(x >> 32), UInt32(truncatingIfNeeded: y),
          UInt32(y >> 32)), key: key)
      if counter[0] < 1 << 15, let purpose = Purpose(rawValue: UInt8(counter[3] >> 24)) {
        self.purpose = purpose
        walker = Int(counter[2])
        step = Int(counter[1]) | Int(counter[3] & 0xff_ffff) << 32
        index = 16 * Int(counter[0] / 8) + Int(counter[0] % 8)
        return
      }
      y += 1
    }
  }
}

extension RandomStreams {
  func normals(_ count: Int, _ purpose: Purpose, walker: Int, step: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { row, filled in
      fillNormals(row.baseAddress!, count: count, purpose: purpose, walker: walker, step: step)
      filled = count
    }
  }

  func uniforms(_ count: Int, _ purpose: Purpose, walker: Int, step: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { row, filled in
      fillUniforms(row.baseAddress!, count: count, purpose: purpose, walker: walker, step: step)
      filled = count
    }
  }
}
