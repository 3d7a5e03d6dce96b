// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import RandomStreams
import Testing

/// Which bits are at which address.
@Suite struct AddressTests {
  /// Random123, kat_vectors, philox4x32 10.
  @Test func philoxKnownAnswers() {
    #expect(
      philox(Words(repeating: 0), key: 0)
        == Words(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      philox(Words(repeating: .max), key: .max)
        == Words(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      philox(
        Words(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: 0x299f_31d0_a409_3822)
        == Words(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  /// The third known answer as an address: purpose 3, and the other digits of π.
  @Test func counterLayout() {
    let words = RandomStreams(seed: 0x299f_31d0_a409_3822).bits(
      purpose: .acceptance, walker: 0x1319_8a2e, step: 0x70_7344_85a3_08d3, block: 0x243f_6a88)
    #expect(words == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func rawValuesOfPurposes() {
    let fixed: [Purpose: UInt8] = [
      .initialField: 1, .momentum: 2, .acceptance: 3, .proposal: 4, .cluster: 5,
      .thermalisation: 6, .jitter: 7, .derivedKey: 8, .analysis: 9, .noise: 10, .exchange: 11,
      .resampling: 12, .training: 13,
    ]
    #expect(fixed.count == Purpose.allCases.count)
    #expect(Purpose.allCases.allSatisfy { fixed[$0] == $0.rawValue })
  }

  /// Row, single number, generator and blocks agree, at the limits of the address too.
  @Test(arguments: [(0, 0), (7, 1), (1 << 32 - 1, 1 << 56 - 1), (3, 1 << 32)])
  func oneSequenceForEveryCall(walker: Int, step: Int) {
    let streams = RandomStreams(seed: 20_240_517)
    let row = streams.uniforms(75, .cluster, walker: walker, step: step)
    var generator = streams.generator(purpose: .cluster, walker: walker, step: step)
    var integers = streams.generator(purpose: .cluster, walker: walker, step: step)
    for index in 0..<75 {
      let single = streams.uniform(purpose: .cluster, walker: walker, step: step, index: index)
      let words = streams.bits(
        purpose: .cluster, walker: walker, step: step, block: index / 16 * 8 + index % 8)
      let integer =
        index % 16 < 8
        ? UInt64(words.0) | UInt64(words.1) << 32 : UInt64(words.2) | UInt64(words.3) << 32
      #expect(single == row[index])
      #expect(generator.nextUniform() == single)
      #expect(integers.next() == integer)
    }
  }

  @Test func shorterRowsArePrefixes() {
    let streams = RandomStreams(seed: 5)
    let normals = streams.normals(100, .momentum, walker: 2, step: 9)
    let uniforms = streams.uniforms(100, .momentum, walker: 2, step: 9)
    for count in 0...100 {
      // The place after the row must stay as it was.
      var row = [Double](repeating: -7, count: count + 1)
      streams.fillNormals(&row, count: count, purpose: .momentum, walker: 2, step: 9)
      #expect(row == normals.prefix(count) + [-7])
      streams.fillUniforms(&row, count: count, purpose: .momentum, walker: 2, step: 9)
      #expect(row == uniforms.prefix(count) + [-7])
    }
  }

  /// Every part of the address matters: no two of these rows begin alike.
  @Test func addressesAreDistinct() {
    var first: Set<Double> = []
    var rows = 0
    for seed: UInt64 in [0, 1, 1 << 32] {
      for purpose in Purpose.allCases {
        for walker in [0, 1, 2, 1 << 31] {
          for step in [0, 1, 2, 1 << 31, 1 << 32, 1 << 55] {
            let streams = RandomStreams(seed: seed)
            first.insert(streams.normals(1, purpose, walker: walker, step: step)[0])
            rows += 1
          }
        }
      }
    }
    #expect(first.count == rows)
  }

  @Test func derivedKeysFollowTheHash() {
    let streams = RandomStreams(seed: 0x0123_4567_89ab_cdef)
    let run = philox(Words(0x6e7572, 0, 0, 0x0800_0003), key: streams.key)
    #expect(streams.derived("run").key == UInt64(run[0]) | UInt64(run[1]) << 32)
    let full = philox(Words(0x3332_3130, 0x3736_3534, 0x6261_3938, 0x0800_000c), key: streams.key)
    let closed = philox(Words(0, 0, 0, 0x0800_0000), key: UInt64(full[0]) | UInt64(full[1]) << 32)
    #expect(streams.derived("0123456789ab").key == UInt64(closed[0]) | UInt64(closed[1]) << 32)
  }

  @Test func derivedKeysAreDistinct() {
    let streams = RandomStreams(seed: 0)
    let labels =
      ["", "a", "a\0", "ab", "ba", "φ", "0123456789ab", "0123456789ab\0", "0123456789abc"]
      + (0..<1000).map { "replica \($0)" }
    var keys = Set(labels.map { streams.derived($0).key })
    keys.insert(streams.key)
    keys.insert(streams.derived("a").derived("b").key)
    keys.insert(streams.derived("b").derived("a").key)
    #expect(keys.count == labels.count + 3)
    #expect(streams.derived("a") == streams.derived("a"))
  }
}
