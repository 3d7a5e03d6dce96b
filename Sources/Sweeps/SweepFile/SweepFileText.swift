// SPDX-License-Identifier: GPL-3.0-or-later
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads the text of a file.
enum SweepFileText {
  static let largestSize = 1 << 20

  static func read(_ fileName: String) throws -> String {
    func failure(_ message: String, line: Int = 0) -> SweepFileError {
      SweepFileError(
        fileName: fileName,
        problems: [SweepFileError.Problem(line: line, column: line > 0 ? 1 : 0, message: message)])
    }
    guard let file = fopen(fileName, "rb") else {
      throw failure("cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: largestSize + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    if ferror(file) != 0 {
      let reason = errno == EISDIR ? "it is a folder" : String(cString: strerror(errno))
      throw failure("cannot be read: \(reason)")
    }
    guard count <= largestSize else {
      throw failure("is larger than \(largestSize) bytes; a sweep file is a short text")
    }
    bytes.removeLast(bytes.count - count)
    let text = String(decoding: bytes, as: UTF8.self)
    let same = zip(text.utf8, bytes).prefix { $0 == $1 }.count
    guard same == bytes.count else {
      let line = bytes.prefix(same).filter { $0 == UInt8(ascii: "\n") }.count + 1
      throw failure("is not text in UTF-8", line: line)
    }
    return text
  }
}
