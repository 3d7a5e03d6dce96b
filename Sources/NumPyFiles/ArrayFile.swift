// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A `.npy` file, of which any part can be read without the rest.
public final class ArrayFile {
  public let path: String
  public let header: ArrayHeader
  private let handle: FileHandle
  private let start: UInt64

  /// Opens a file. Throws `NumPyError` if it is not there, not such a file, not real numbers in C order,
  /// or shorter than its header says.
  public init(_ path: String) throws {
    self.path = path
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw NumPyError("\(path): cannot be opened")
    }
    self.handle = handle
    do {
      let fixed = [UInt8](try handle.read(upToCount: 8) ?? Data())
      guard fixed.count == 8, Array(fixed.prefix(6)) == ArrayHeader.magic else {
        throw NumPyError("is no .npy file of NumPy")
      }
      let width = fixed[6] == 1 ? 2 : 4
      guard (1...3).contains(fixed[6]) else {
        throw NumPyError("is of version \(fixed[6]), where 1 to 3 are read")
      }
      let length = try Self.read(width, from: handle).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length < 1 << 20 else { throw NumPyError("has a header of \(length) bytes") }
      let text = String(decoding: try Self.read(length, from: handle), as: UTF8.self)
      header = try ArrayHeader(dictionary: text)
      start = UInt64(8 + width + length)
      let (found, needed) = (try handle.seekToEnd() - start, header.count * header.type.size)
      guard found == UInt64(needed) else {
        throw NumPyError(
          "has \(found) bytes of numbers, where shape (\(Self.text(header.shape))) of "
            + "\(header.type.descriptor) needs \(needed)")
      }
    } catch let error as NumPyError {
      throw NumPyError("\(path): \(error)")
    } catch {
      throw NumPyError("\(path): cannot be read")
    }
  }

  deinit { handle.closeFile() }

  /// The numbers in this range of the flat array, the last axis fastest.
  public func values(_ range: Range<Int>) throws -> [Double] {
    precondition(range.lowerBound >= 0 && range.upperBound <= header.count, "beyond the array")
    try handle.seek(toOffset: start + UInt64(range.lowerBound * header.type.size))
    do {
      return header.type.values(of: try Self.read(range.count * header.type.size, from: handle))
    } catch let error as NumPyError {
      throw NumPyError("\(path): \(error)")
    }
  }

  private static func read(_ count: Int, from handle: FileHandle) throws -> [UInt8] {
    let data = count == 0 ? Data() : try handle.read(upToCount: count) ?? Data()
    guard data.count == count else { throw NumPyError("ends too early") }
    return [UInt8](data)
  }

  private static func text(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: ", ")
  }
}
