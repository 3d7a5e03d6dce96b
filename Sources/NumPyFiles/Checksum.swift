// SPDX-License-Identifier: GPL-3.0-or-later

/// The 32-bit cyclic redundancy check of ZIP, polynomial 0xEDB88320 in reflected form, taken along with
/// the bytes. ITU-T V.42; eight tables, so that eight bytes go at once.
struct Checksum {
  private var state: UInt32 = 0xFFFF_FFFF

  private static let tables: [[UInt32]] = {
    var tables = [[UInt32]](repeating: [UInt32](repeating: 0, count: 256), count: 8)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
      tables[0][byte] = value
    }
    for byte in 0..<256 {
      for table in 1..<8 {
        let last = tables[table - 1][byte]
        tables[table][byte] = tables[0][Int(last & 0xFF)] ^ (last >> 8)
      }
    }
    return tables
  }()

  /// The check of all bytes so far.
  var value: UInt32 { state ^ 0xFFFF_FFFF }

  mutating func add(_ bytes: [UInt8]) {
    let tables = Self.tables
    var state = self.state
    bytes.withUnsafeBufferPointer { bytes in
      var place = 0
      while place + 8 <= bytes.count {
        var next: UInt32 = 0
        for byte in 0..<8 {
          let mixed = byte < 4 ? UInt8(truncatingIfNeeded: state >> UInt32(8 * byte)) : 0
          next ^= tables[7 - byte][Int(bytes[place + byte] ^ mixed)]
        }
        state = next
        place += 8
      }
      while place < bytes.count {
        state = tables[0][Int(UInt8(truncatingIfNeeded: state) ^ bytes[place])] ^ (state >> 8)
        place += 1
      }
    }
    self.state = state
  }
}
