// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import NumPyFiles
import Testing

@Suite struct ArrayArchiveTests {
  private func little(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Bit by bit, as the definition of the check has it.
  private func check(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var state: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state & 1 == 1 ? 0xEDB8_8320 ^ (state >> 1) : state >> 1 }
    }
    return state ^ 0xFFFF_FFFF
  }

  @Test func entriesAreWhereTheContentsSay() throws {
    let path = NSTemporaryDirectory() + "archive-" + UUID().uuidString + ".npz"
    defer { unlink(path) }
    let archive = try ArrayArchive(creating: path)
    let header = ArrayHeader(type: .float64, shape: [2, 3])
    try archive.add("observables/m", header) { append in
      try append([1, 2])
      try append([3, 4, 5, 6])
    }
    try archive.add("attributes", text: "φ⁴")
    #expect(throws: NumPyError.self) { try archive.add("attributes", text: "again") }
    try archive.finish()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    // The last record defers to the one of 64 bits, which the locator before it points to.
    let end = bytes.count - 22
    #expect(Array(bytes[end..<end + 4]) == [0x50, 0x4B, 5, 6])
    let record = Int(little(bytes[(end - 12)..<(end - 4)]))
    #expect(Array(bytes[record..<record + 4]) == [0x50, 0x4B, 6, 6])
    #expect(little(bytes[(record + 32)..<(record + 40)]) == 2)
    var place = Int(little(bytes[(record + 48)..<(record + 56)]))
    var found: [String: ArraySlice<UInt8>] = [:]
    for _ in 0..<2 {
      #expect(Array(bytes[place..<place + 4]) == [0x50, 0x4B, 1, 2])
      let length = Int(little(bytes[(place + 28)..<(place + 30)]))
      let name = String(decoding: bytes[(place + 46)..<(place + 46 + length)], as: UTF8.self)
      let extra = place + 46 + length
      let size = Int(little(bytes[(extra + 4)..<(extra + 12)]))
      let local = Int(little(bytes[(extra + 20)..<(extra + 28)]))
      #expect(Array(bytes[local..<local + 4]) == [0x50, 0x4B, 3, 4])
      #expect(
        Array(bytes[(local + 14)..<(local + 18)]) == Array(bytes[(place + 16)..<(place + 20)]))
      let content = local + 30 + length + 20
      let part = bytes[content..<content + size]
      #expect(UInt32(little(bytes[(place + 16)..<(place + 20)])) == check(part))
      found[name] = part
      place = extra + 28
    }
    #expect(place == record)
    let numbers = try #require(found["observables/m.npy"])
    #expect(Array(numbers.prefix(header.bytes.count)) == header.bytes)
    let values = ElementType.float64.values(of: Array(numbers.dropFirst(header.bytes.count)))
    #expect(values == [1, 2, 3, 4, 5, 6])
    let text = try #require(found["attributes.npy"])
    #expect(Array(text.suffix(8)) == [0xC6, 3, 0, 0, 0x74, 0x20, 0, 0])
  }

  @Test func tooFewNumbersAreAnError() throws {
    let path = NSTemporaryDirectory() + "archive-" + UUID().uuidString + ".npz"
    defer { unlink(path) }
    let archive = try ArrayArchive(creating: path)
    #expect(throws: NumPyError.self) {
      try archive.add("x", ArrayHeader(type: .float64, shape: [3])) { try $0([1, 2]) }
    }
    #expect(throws: NumPyError.self) { try ArrayArchive(creating: path) }
  }
}
