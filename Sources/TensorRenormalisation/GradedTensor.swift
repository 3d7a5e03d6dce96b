// SPDX-License-Identifier: GPL-3.0-or-later

/// The states of one leg of a tensor, counted by their parity under φ → −φ.
struct Leg: Equatable {
  var even: Int
  var odd: Int

  var count: Int { even + odd }

  /// The states of parity 0 (even) or 1 (odd).
  subscript(parity: Int) -> Int { parity == 0 ? even : odd }
}

/// A tensor that is unchanged by φ → −φ: entries whose legs carry an odd number of odd states are 0
/// and are not stored.
///
/// Bit k of a pattern is the parity of leg k. The block of a pattern holds the entries of these
/// parities, the last leg fastest.
struct GradedTensor {
  let legs: [Leg]
  /// By pattern; empty where the pattern is odd.
  var blocks: [[Double]]

  /// Zero.
  init(legs: [Leg]) {
    self.legs = legs
    blocks = (0..<1 << legs.count).map { pattern in
      Parity.isEven(pattern)
        ? Array(repeating: 0, count: Self.shape(legs, pattern).reduce(1, *)) : []
    }
  }

  func shape(_ pattern: Int) -> [Int] { Self.shape(legs, pattern) }

  private static func shape(_ legs: [Leg], _ pattern: Int) -> [Int] {
    legs.indices.map { legs[$0][pattern >> $0 & 1] }
  }

  /// The largest modulus of an entry.
  var largest: Double {
    blocks.reduce(0) { $1.reduce($0) { max($0, abs($1)) } }
  }

  mutating func scale(by factor: Double) {
    for pattern in blocks.indices {
      for entry in blocks[pattern].indices { blocks[pattern][entry] *= factor }
    }
  }

  /// The same tensor with its legs in another order: leg k of the result is leg `order[k]` of this.
  func permuted(_ order: [Int]) -> GradedTensor {
    var result = GradedTensor(legs: order.map { legs[$0] })
    for pattern in blocks.indices where Parity.isEven(pattern) {
      result.blocks[Parity.gather(pattern, order)] = permutedBlock(pattern, order)
    }
    return result
  }

  /// One block with its legs in another order.
  func permutedBlock(_ pattern: Int, _ order: [Int]) -> [Double] {
    if order == Array(legs.indices) { return blocks[pattern] }
    let shape = shape(pattern)
    var strides = Array(repeating: 1, count: shape.count)
    for leg in shape.indices.dropLast().reversed() {
      strides[leg] = strides[leg + 1] * shape[leg + 1]
    }
    return Permutation.apply(
      blocks[pattern], shape: order.map { shape[$0] }, strides: order.map { strides[$0] })
  }

  /// The states `range` of one parity of one leg; no state of the other parity.
  func slice(leg: Int, parity: Int, range: Range<Int>) -> GradedTensor {
    var sliced = legs
    sliced[leg] = parity == 0 ? Leg(even: range.count, odd: 0) : Leg(even: 0, odd: range.count)
    var result = GradedTensor(legs: sliced)
    for pattern in blocks.indices where Parity.isEven(pattern) && pattern >> leg & 1 == parity {
      let shape = shape(pattern)
      let inner = shape[(leg + 1)...].reduce(1, *)
      let outer = shape[..<leg].reduce(1, *)
      var entries: [Double] = []
      entries.reserveCapacity(outer * range.count * inner)
      for row in 0..<outer {
        let start = (row * shape[leg] + range.lowerBound) * inner
        entries += blocks[pattern][start..<start + range.count * inner]
      }
      result.blocks[pattern] = entries
    }
    return result
  }

  /// Writes a tensor that has the states `range` of one parity of leg 0 in their place.
  mutating func insert(_ part: GradedTensor, parity: Int, at start: Int) {
    for pattern in blocks.indices where Parity.isEven(pattern) && pattern & 1 == parity {
      let inner = shape(pattern)[1...].reduce(1, *)
      let offset = start * inner
      blocks[pattern].replaceSubrange(
        offset..<offset + part.blocks[pattern].count, with: part.blocks[pattern])
    }
  }
}

/// Patterns of parities as bits.
enum Parity {
  static func isEven(_ pattern: Int) -> Bool { pattern.nonzeroBitCount & 1 == 0 }

  /// Bit k of the result is bit `legs[k]` of the pattern.
  static func gather(_ pattern: Int, _ legs: [Int]) -> Int {
    var result = 0
    for (bit, leg) in legs.enumerated() { result |= (pattern >> leg & 1) << bit }
    return result
  }

  /// Bit `legs[k]` of the result is bit k of the pattern.
  static func spread(_ pattern: Int, _ legs: [Int]) -> Int {
    var result = 0
    for (bit, leg) in legs.enumerated() { result |= (pattern >> bit & 1) << leg }
    return result
  }
}

/// A copy of entries in another order.
enum Permutation {
  /// The entries at Σ_k i_k strides_k, for all i below `shape`, the last index fastest.
  static func apply(_ source: [Double], shape: [Int], strides: [Int]) -> [Double] {
    let count = shape.reduce(1, *)
    if count == 0 { return [] }
    guard let length = shape.last, let stride = strides.last else { return source }
    let outer = shape.count - 1
    return Array(unsafeUninitializedCapacity: count) { result, initialized in
      source.withUnsafeBufferPointer { source in
        var index = Array(repeating: 0, count: outer)
        var start = 0
        var written = 0
        while written < count {
          for k in 0..<length { result[written &+ k] = source[start &+ k &* stride] }
          written += length
          var axis = outer - 1
          while axis >= 0 {
            index[axis] += 1
            start += strides[axis]
            if index[axis] < shape[axis] { break }
            start -= shape[axis] * strides[axis]
            index[axis] = 0
            axis -= 1
          }
        }
      }
      initialized = count
    }
  }
}

extension GradedTensor {
  /// Σ_ij T_{i i j j}.
  var diagonalSum: Double {
    var sum = 0.0
    for (pattern, block) in blocks.enumerated()
    where [0b0000, 0b0011, 0b1100, 0b1111].contains(pattern) {
      let shape = shape(pattern)
      for i in 0..<shape[0] {
        for j in 0..<shape[2] {
          sum += block[((i * shape[1] + i) * shape[2] + j) * shape[3] + j]
        }
      }
    }
    return sum
  }

  func adding(_ other: GradedTensor) -> GradedTensor {
    precondition(legs == other.legs)
    var result = self
    for pattern in blocks.indices {
      for entry in blocks[pattern].indices {
        result.blocks[pattern][entry] += other.blocks[pattern][entry]
      }
    }
    return result
  }
}
