// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// What stands before the numbers of a `.npy` file: their type and the shape of the array.
///
/// The magic string `\x93NUMPY`, two bytes of version, the length of the header (two bytes
/// little-endian in version 1, four from version 2 on), and a Python dictionary literal with the keys
/// `descr`, `fortran_order` and `shape`, padded with spaces to a multiple of 64 and ended by a newline.
/// NumPy enhancement proposal 1.
public struct ArrayHeader: Sendable, Equatable {
  public var type: ElementType
  public var shape: [Int]

  public init(type: ElementType, shape: [Int]) { (self.type, self.shape) = (type, shape) }

  /// Numbers in the array.
  public var count: Int { shape.reduce(1, *) }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The bytes before the numbers, in version 1.
  public var bytes: [UInt8] { Self.bytes(descriptor: type.descriptor, shape: shape) }

  static func bytes(descriptor: String, shape: [Int]) -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ")
    let tuple = "(\(extents)\(shape.count == 1 ? "," : ""))"
    var text = Array("{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(tuple), }".utf8)
    let before = magic.count + 4
    let padding = (64 - (before + text.count + 1) % 64) % 64
    text += Array(repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
    let length = UInt16(text.count)
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + text
  }

  /// From the dictionary of a file. Throws, with words that follow the name of the file, if it is not an
  /// array of numbers in C order.
  init(dictionary: String) throws {
    func value(_ key: String) throws -> Substring {
      guard let start = dictionary.range(of: "'\(key)':") else {
        throw NumPyError("its header has no '\(key)'")
      }
      return dictionary[start.upperBound...].drop { $0 == " " }
    }
    let descriptor = try value("descr").prefix { $0 != "," }.filter { !"'\" ".contains($0) }
    guard let type = ElementType(descriptor: descriptor) else {
      throw NumPyError(
        "its type is '\(descriptor)', where real numbers are read: float64, float32 or integers")
    }
    guard try value("fortran_order").hasPrefix("False") else {
      throw NumPyError(
        "is in Fortran order; save numpy.ascontiguousarray(array), with the axes in the order (n, x, "
          + "y, ...)")
    }
    let tuple = try value("shape")
    guard tuple.first == "(", let end = tuple.firstIndex(of: ")") else {
      throw NumPyError("its header has no shape")
    }
    let parts = tuple[tuple.index(after: tuple.startIndex)..<end].split(separator: ",")
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    let extents = parts.compactMap { Int($0) }
    let bytes = extents.reduce((type.size, false)) { product, extent in
      let next = product.0.multipliedReportingOverflow(by: extent)
      return (next.partialValue, product.1 || next.overflow)
    }
    guard extents.count == parts.count, extents.allSatisfy({ $0 >= 0 }), !bytes.1 else {
      throw NumPyError("its shape is (\(parts.joined(separator: ", "))), which is none")
    }
    self.init(type: type, shape: extents)
  }
}
