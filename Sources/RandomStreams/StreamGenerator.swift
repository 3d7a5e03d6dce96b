// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// The 64-bit integers of one address in order, as a generator for code of variable demand such as
/// cluster growth.
///
/// The k-th call of `nextUniform()` returns `RandomStreams.uniform(…, index: k)`, and `next()` the integer
/// behind it. A copy of a generator repeats its numbers.
public struct StreamGenerator: RandomNumberGenerator, Sendable {
  private let key: UInt64
  private let purpose: Purpose
  private let walker: UInt32
  private let step: UInt64
  private var group = 0
  private var position = 16
  private var integers = SIMD16<UInt64>()

  init(key: UInt64, purpose: Purpose, walker: UInt32, step: UInt64) {
    self.key = key
    self.purpose = purpose
    self.walker = walker
    self.step = step
  }

  /// The next integer, uniform in 0 … 2⁶⁴ − 1.
  public mutating func next() -> UInt64 {
    if position == 16 {
      refill()
    }
    defer { position += 1 }
    return integers[position]
  }

  /// The next uniform in (0, 1), rounded as in `RandomStreams.fillUniforms`.
  public mutating func nextUniform() -> Double {
    uniformDouble(next())
  }

  private mutating func refill() {
    precondition(group < 1 << 29, "an address has 2^33 numbers")
    withUnsafeMutableBytes(of: &integers) { bytes in
      df_random_bits(
        key, purpose.rawValue, walker, step, UInt32(group),
        bytes.baseAddress!.assumingMemoryBound(to: UInt64.self))
    }
    group += 1
    position = 0
  }
}

/// (x + ½) 2⁻⁶⁴ rounded to the nearest double, or 1 − 2⁻⁵³ where that is 1.
///
/// The high word and the low word plus ½ are exact doubles, so that their sum is rounded once.
func uniformDouble(_ x: UInt64) -> Double {
  let high = Double(UInt32(x >> 32)) * 0x1p-32
  let low = (Double(UInt32(truncatingIfNeeded: x)) + 0.5) * 0x1p-64
  return min(high + low, 1 - 0x1p-53)
}
