// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import NumPyFiles
import Testing

/// A folder that goes with the test.
private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = NSTemporaryDirectory() + "numpy-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  do { try body(folder) } catch {
    try FileManager.default.removeItem(atPath: folder)
    throw error
  }
  try FileManager.default.removeItem(atPath: folder)
}

/// The bytes of a file of version 1 with this dictionary.
private func file(_ dictionary: String, _ numbers: [UInt8], version: UInt8 = 1) -> Data {
  let text = Array(dictionary.utf8) + [10]
  let length = UInt8(text.count)
  let width: [UInt8] = version == 1 ? [length, 0] : [length, 0, 0, 0]
  return Data([0x93] + Array("NUMPY".utf8) + [version, 0] + width + text + numbers)
}

@Suite struct ArrayFileTests {
  @Test func readsPartsOfAnArray() throws {
    try withFolder { folder in
      // 1, 2, -0.5 and 3.0 as IEEE 754 doubles, the lowest byte first.
      let numbers: [UInt8] =
        [0, 0, 0, 0, 0, 0, 0xF0, 0x3F] + [0, 0, 0, 0, 0, 0, 0, 0x40]
        + [0, 0, 0, 0, 0, 0, 0xE0, 0xBF] + [0, 0, 0, 0, 0, 0, 0x08, 0x40]
      for version: UInt8 in [1, 2, 3] {
        let path = "\(folder)/a\(version).npy"
        try file(
          "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }", numbers, version: version
        ).write(to: URL(fileURLWithPath: path))
        let array = try ArrayFile(path)
        #expect(array.header == ArrayHeader(type: .float64, shape: [2, 2]))
        #expect(try array.values(0..<4) == [1, 2, -0.5, 3])
        #expect(try array.values(2..<3) == [-0.5])
        #expect(try array.values(1..<1) == [])
      }
    }
  }

  @Test(arguments: [
    ("<f4", [0x00, 0x00, 0x20, 0xC0], -2.5), (">f4", [0xC0, 0x20, 0x00, 0x00], -2.5),
    (">f8", [0xBF, 0xE0, 0, 0, 0, 0, 0, 0], -0.5), ("|u1", [200], 200), ("|i1", [200], -56),
    ("<i2", [0xFE, 0xFF], -2), (">u2", [1, 2], 258),
    ("<i8", [255, 255, 255, 255, 255, 255, 255, 255], -1),
  ])
  func typesAndByteOrders(descriptor: String, bytes: [UInt8], value: Double) throws {
    let type = try #require(ElementType(descriptor: descriptor))
    #expect(type.values(of: bytes) == [value])
    #expect(type.bytes(of: [value]) == bytes)
    #expect(type.descriptor == descriptor)
  }

  @Test(arguments: [
    ("{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }", "its type is '<c16'"),
    ("{'descr': '<f8', 'fortran_order': True, 'shape': (1,), }", "is in Fortran order"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", "has 8 bytes of numbers"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (x,), }", "its shape is (x)"),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 8), }",
      "which is none"
    ),
    ("{'fortran_order': False, 'shape': (1,), }", "its header has no 'descr'"),
  ])
  func refusesWhatItCannotRead(dictionary: String, message: String) throws {
    try withFolder { folder in
      let path = folder + "/bad.npy"
      try file(dictionary, [0, 0, 0, 0, 0, 0, 0, 0]).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: NumPyError.self) { try ArrayFile(path) }
      #expect(error?.description.hasPrefix(path + ": ") == true)
      #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
  }

  @Test func refusesOtherFiles() throws {
    try withFolder { folder in
      let path = folder + "/other.npy"
      try Data("not numbers at all".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: NumPyError("\(path): is no .npy file of NumPy")) { try ArrayFile(path) }
      #expect(throws: NumPyError("\(folder)/none.npy: cannot be opened")) {
        try ArrayFile(folder + "/none.npy")
      }
    }
  }

  /// The header is NumPy's: 64 bytes or a multiple, ended by a newline, a comma in a tuple of one.
  @Test func headerIsPadded() {
    for shape in [[], [7], [3, 4], Array(repeating: 1_000_000, count: 9)] {
      let header = ArrayHeader(type: .float32, shape: shape)
      let bytes = header.bytes
      #expect(bytes.count % 64 == 0 && bytes.last == 10)
      #expect(Int(bytes[8]) + 256 * Int(bytes[9]) == bytes.count - 10)
    }
    let text = String(
      decoding: ArrayHeader(type: .int64, shape: [7]).bytes.dropFirst(10), as: UTF8.self)
    #expect(text.hasPrefix("{'descr': '<i8', 'fortran_order': False, 'shape': (7,), }"))
  }
}
