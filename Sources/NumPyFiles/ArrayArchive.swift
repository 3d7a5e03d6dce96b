// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// An `.npz` file in the making: a ZIP archive of `.npy` files, stored without compression.
///
/// Numbers go to the file as they come; sizes and check are filled in when an array is complete. Sizes and
/// places are kept in 64 bits (ZIP64), as NumPy itself writes them. PKWARE, APPNOTE 6.3.
public final class ArrayArchive {
  private struct Entry {
    let name: [UInt8]
    /// Where its header and its content begin.
    let place: UInt64
    let content: UInt64
    let size: UInt64
    var check: UInt32 = 0
  }

  private let handle: FileHandle
  private let path: String
  private var entries: [Entry] = []
  private var names: Set<String> = []
  private var place: UInt64 = 0
  /// Of the array that is being written.
  private var check = Checksum()

  /// Begins a file, which must not be there yet.
  public init(creating path: String) throws {
    self.path = path
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
    guard descriptor >= 0 else {
      throw NumPyError("\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Adds an array: its name, type and shape, and its numbers, which `fill` hands on piece by piece, the
  /// last axis fastest. Throws if a name comes twice or the numbers do not fill the shape.
  public func add(
    _ name: String, _ header: ArrayHeader,
    fill: (_ append: ([Double]) throws -> Void) throws -> Void
  ) throws {
    try begin(name, head: header.bytes, count: header.count * header.type.size)
    try fill { try append(header.type.bytes(of: $0)) }
    try end(name)
  }

  /// Adds a text, an array without axes of NumPy's strings, which are UTF-32.
  public func add(_ name: String, text: String) throws {
    let bytes = text.unicodeScalars.flatMap { little(UInt64($0.value), 4) }
    let head = ArrayHeader.bytes(descriptor: "<U\(bytes.count / 4)", shape: [])
    try begin(name, head: head, count: bytes.count)
    try append(bytes)
    try end(name)
  }

  private func begin(_ name: String, head: [UInt8], count: Int) throws {
    guard names.insert(name).inserted else {
      throw NumPyError("\(path): two arrays have the name '\(name)'")
    }
    let file = Array((name + ".npy").utf8)
    let size = UInt64(head.count + count)
    let start = place
    try write(localHeader(file, size: size, check: 0))
    entries.append(Entry(name: file, place: start, content: place, size: size))
    check = Checksum()
    try append(head)
  }

  private func append(_ bytes: [UInt8]) throws {
    check.add(bytes)
    try write(bytes)
  }

  private func end(_ name: String) throws {
    var entry = entries.removeLast()
    guard place - entry.content == entry.size else {
      throw NumPyError(
        "\(path): '\(name)' has \(place - entry.content) bytes, where its shape needs "
          + "\(entry.size)")
    }
    entry.check = check.value
    // The check stands 14 bytes into the header.
    let end = place
    try seek(to: entry.place + 14)
    try write(little(UInt64(entry.check), 4))
    try seek(to: end)
    entries.append(entry)
  }

  /// Writes the table of contents and closes the file.
  public func finish() throws {
    let begin = place
    for entry in entries { try write(contents(of: entry)) }
    let (size, count) = (place - begin, UInt64(entries.count))
    let end = place
    // End of central directory in 64 bits, where it is, and the one of 32 bits, which defers to it.
    try write(
      little(0x0606_4b50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4)
        + little(0, 4) + little(count, 8) + little(count, 8) + little(size, 8) + little(begin, 8))
    try write(little(0x0706_4b50, 4) + little(0, 4) + little(end, 8) + little(1, 4))
    try write(
      little(0x0605_4b50, 4) + little(0, 4) + little(0xFFFF, 2) + little(0xFFFF, 2)
        + little(0xFFFF_FFFF, 4) + little(0xFFFF_FFFF, 4) + little(0, 2))
    do {
      try handle.synchronize()
      try handle.close()
    } catch { throw failure(error) }
  }

  /// The innermost reason of an error of Foundation.
  private func failure(_ error: any Error) -> NumPyError {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    let reason = underlying.map { String(cString: strerror(Int32($0.code))) }
    return NumPyError("\(path): cannot be written: \(reason ?? "\(error)")")
  }

  private func localHeader(_ name: [UInt8], size: UInt64, check: UInt32) -> [UInt8] {
    little(0x0403_4b50, 4) + little(45, 2) + common(check)
      + little(UInt64(name.count), 2) + little(20, 2) + name
      + little(1, 2) + little(16, 2) + little(size, 8) + little(size, 8)
  }

  private func contents(of entry: Entry) -> [UInt8] {
    little(0x0201_4b50, 4) + little(45, 2) + little(45, 2) + common(entry.check)
      + little(UInt64(entry.name.count), 2) + little(28, 2) + little(0, 2) + little(0, 2)
      + little(0, 2) + little(0, 4) + little(0xFFFF_FFFF, 4) + entry.name
      + little(1, 2) + little(24, 2) + little(entry.size, 8) + little(entry.size, 8)
      + little(entry.place, 8)
  }

  /// Flags (names in UTF-8), method (stored), time and date (1980-01-01), check, and both sizes, which the
  /// 64-bit field has.
  private func common(_ check: UInt32) -> [UInt8] {
    little(0x0800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) + little(UInt64(check), 4)
      + little(0xFFFF_FFFF, 4) + little(0xFFFF_FFFF, 4)
  }

  private func little(_ value: UInt64, _ bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  private func seek(to place: UInt64) throws {
    do { try handle.seek(toOffset: place) } catch {
      throw failure(error)
    }
    self.place = place
  }

  private func write(_ bytes: [UInt8]) throws {
    do { try handle.write(contentsOf: Data(bytes)) } catch {
      throw failure(error)
    }
    place += UInt64(bytes.count)
  }
}
