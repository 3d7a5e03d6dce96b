// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// All random numbers of a run: a pure function of the address (key, purpose, walker, step, index).
///
/// Nothing is carried from one number to the next, so results do not depend on the order of the calls,
/// on threads, or on where a run was resumed. The numbers are those of Philox4x32-10 (J. K. Salmon,
/// M. A. Moraes, R. O. Dror, D. E. Shaw, SC11, 2011): block b of an address is its output for
///
///     counter words  { b,  step mod 2³²,  walker,  purpose · 2²⁴ + step div 2³² }
///     key words      { key mod 2³²,  key div 2³² }
///
/// and makes two 64-bit integers, x_b = w0 + 2³² w1 and y_b = w2 + 2³² w3. Eight blocks make a group of
/// sixteen numbers, the eight made of x before the eight made of y; rows are prefixes of the sequence of
/// groups. The bits are the same on every processor.
///
/// Limits, checked by preconditions: 0 ≤ walker < 2³², 0 ≤ step < 2⁵⁶, at most 2³³ numbers an address.
public struct RandomStreams: Sendable, Equatable {
  /// The Philox key.
  public let key: UInt64

  /// The streams of a seed, which is the key itself.
  public init(seed: UInt64) {
    key = seed
  }

  /// Independent streams for a named part of a run.
  ///
  /// Philox is the compression function of a hash of the UTF-8 bytes of the label: for each twelve
  /// bytes, the last time for fewer or none (padded with zeros),
  ///
  ///     key ← w0 + 2³² w1 of block { bytes 0–3, bytes 4–7, bytes 8–11, derivedKey · 2²⁴ + count },
  ///
  /// bytes in little-endian words. Two of N labels get the same key with probability ≈ N² 2⁻⁶⁵.
  public func derived(_ label: String) -> RandomStreams {
    var derived = key
    let bytes = Array(label.utf8)
    for start in stride(from: 0, through: bytes.count, by: 12) {
      let chunk = bytes[start..<min(start + 12, bytes.count)]
      var counter: [UInt32] = [0, 0, 0, UInt32(Purpose.derivedKey.rawValue) << 24]
      for (offset, byte) in chunk.enumerated() {
        counter[offset / 4] |= UInt32(byte) << (8 * UInt32(offset % 4))
      }
      counter[3] |= UInt32(chunk.count)
      let words = philox(counter: (counter[0], counter[1], counter[2], counter[3]), key: derived)
      derived = UInt64(words.0) | UInt64(words.1) << 32
    }
    return RandomStreams(seed: derived)
  }

  /// Standard normals by the Box–Muller transform (Ann. Math. Stat. 29 (1958) 610): with
  /// r = √(−2 ln u), u = (x_b + ½) 2⁻⁶⁴ and θ = 2π (y_b + ½) 2⁻⁶⁴ − π/4, the place of x_b in the
  /// group holds r cos θ and that of y_b holds r sin θ.
  ///
  /// u and θ enter with all their bits: 2⁻³² ≤ r ≤ √(130 ln 2) = 9.49, and the relative error of
  /// each normal is below 6·10⁻¹⁶.
  public func fillNormals(
    _ destination: UnsafeMutablePointer<Double>, count: Int, purpose: Purpose, walker: Int,
    step: Int
  ) {
    checkAddress(walker: walker, step: step)
    precondition(count >= 0 && count <= 1 << 33, "an address has 2^33 numbers")
    df_random_normals(key, purpose.rawValue, UInt32(walker), UInt64(step), destination, count)
  }

  /// Uniforms in the open interval (0, 1): the nearest double to (integer + ½) 2⁻⁶⁴, or 1 − 2⁻⁵³
  /// where that is 1. They lie in [2⁻⁶⁵, 1 − 2⁻⁵³].
  public func fillUniforms(
    _ destination: UnsafeMutablePointer<Double>, count: Int, purpose: Purpose, walker: Int,
    step: Int
  ) {
    checkAddress(walker: walker, step: step)
    precondition(count >= 0 && count <= 1 << 33, "an address has 2^33 numbers")
    df_random_uniforms(key, purpose.rawValue, UInt32(walker), UInt64(step), destination, count)
  }

  /// One uniform: what `fillUniforms` writes at `index`.
  public func uniform(purpose: Purpose, walker: Int, step: Int, index: Int = 0) -> Double {
    precondition(index >= 0 && index < 1 << 33, "an address has 2^33 numbers")
    let words = bits(
      purpose: purpose, walker: walker, step: step, block: 8 * (index / 16) + index % 8)
    return index % 16 < 8
      ? uniformDouble(UInt64(words.0) | UInt64(words.1) << 32)
      : uniformDouble(UInt64(words.2) | UInt64(words.3) << 32)
  }

  /// The four words of one Philox block of an address, block < 2³².
  public func bits(
    purpose: Purpose, walker: Int, step: Int, block: Int
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    checkAddress(walker: walker, step: step)
    precondition(block >= 0 && block < 1 << 32, "an address has 2^32 blocks")
    return philox(
      counter: (
        UInt32(block), UInt32(truncatingIfNeeded: step), UInt32(walker),
        UInt32(purpose.rawValue) << 24 | UInt32(step >> 32)
      ), key: key)
  }

  /// The integers of an address one after the other, for code that cannot tell how many it needs.
  public func generator(purpose: Purpose, walker: Int, step: Int) -> StreamGenerator {
    checkAddress(walker: walker, step: step)
    return StreamGenerator(
      key: key, purpose: purpose, walker: UInt32(walker), step: UInt64(step))
  }
}

private func checkAddress(walker: Int, step: Int) {
  precondition(walker >= 0 && walker < 1 << 32, "a walker number is below 2^32")
  precondition(step >= 0 && step < 1 << 56, "a step number is below 2^56")
}

private func philox(
  counter: (UInt32, UInt32, UInt32, UInt32), key: UInt64
) -> (UInt32, UInt32, UInt32, UInt32) {
  var words = counter
  var keyWords = (UInt32(truncatingIfNeeded: key), UInt32(key >> 32))
  withUnsafeMutableBytes(of: &words) { words in
    withUnsafeBytes(of: &keyWords) { keyWords in
      let block = words.baseAddress!.assumingMemoryBound(to: UInt32.self)
      df_philox4x32_10(
        block, keyWords.baseAddress!.assumingMemoryBound(to: UInt32.self), block)
    }
  }
  return words
}
