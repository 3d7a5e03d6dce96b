// SPDX-License-Identifier: GPL-3.0-or-later

/// How an array keeps its numbers: the part of NumPy's type strings that fields and series need.
public struct ElementType: Sendable, Equatable {
  public enum Kind: String, Sendable {
    case float = "f"
    case integer = "i"
    case unsigned = "u"
  }

  public let kind: Kind
  /// Bytes of a number.
  public let size: Int
  public let isLittleEndian: Bool

  public static let float64 = ElementType(kind: .float, size: 8)
  public static let float32 = ElementType(kind: .float, size: 4)
  public static let int64 = ElementType(kind: .integer, size: 8)
  public static let uint8 = ElementType(kind: .unsigned, size: 1)

  init(kind: Kind, size: Int, isLittleEndian: Bool = true) {
    (self.kind, self.size, self.isLittleEndian) = (kind, size, isLittleEndian)
  }

  /// From a type string such as `<f8`; nil for one that is not a real number of 8 bytes or less.
  public init?(descriptor: String) {
    let characters = Array(descriptor)
    guard characters.count == 3, "<>|=".contains(characters[0]),
      let kind = Kind(rawValue: String(characters[1])),
      let size = Int(String(characters[2])),
      kind == .float ? [4, 8].contains(size) : [1, 2, 4, 8].contains(size)
    else { return nil }
    self.init(kind: kind, size: size, isLittleEndian: characters[0] != ">")
  }

  /// NumPy's type string.
  public var descriptor: String {
    let order = size == 1 ? "|" : isLittleEndian ? "<" : ">"
    return order + kind.rawValue + String(size)
  }

  /// Whether the bytes are those of a `Double` in memory.
  private var isNative: Bool {
    kind == .float && size == 8 && isLittleEndian == (UInt16(1).littleEndian == 1)
  }

  /// The numbers in these bytes, whose count is a multiple of `size`. Integers beyond 2^53 are rounded.
  public func values(of bytes: [UInt8]) -> [Double] {
    if isNative {
      return [Double](unsafeUninitializedCapacity: bytes.count / size) { values, count in
        count = bytes.count / size
        UnsafeMutableRawBufferPointer(values).copyBytes(from: bytes.prefix(count * size))
      }
    }
    return (0..<bytes.count / size).map { index in
      var bits: UInt64 = 0
      for byte in 0..<size {
        let place = isLittleEndian ? size - 1 - byte : byte
        bits = bits << 8 | UInt64(bytes[index * size + place])
      }
      switch kind {
      case .float:
        return size == 8
          ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      case .unsigned: return Double(bits)
      case .integer:
        let unused = UInt64(64 - 8 * size)
        return Double(Int64(bitPattern: bits << unused) >> Int64(unused))
      }
    }
  }

  /// The bytes of these numbers. Integers must be whole and in range.
  public func bytes(of values: [Double]) -> [UInt8] {
    if isNative { return values.withUnsafeBytes { Array($0) } }
    var result: [UInt8] = []
    result.reserveCapacity(values.count * size)
    for value in values {
      let bits: UInt64 =
        switch kind {
        case .float: size == 8 ? value.bitPattern : UInt64(Float(value).bitPattern)
        case .unsigned: UInt64(value)
        case .integer: UInt64(bitPattern: Int64(value))
        }
      for byte in 0..<size {
        let place = isLittleEndian ? byte : size - 1 - byte
        result.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * place)))
      }
    }
    return result
  }
}
