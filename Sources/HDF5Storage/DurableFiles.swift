// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Files that are either there whole or not at all, also after a kill or a loss of power.
package enum DurableFiles {
  /// Writes a file under a temporary name, makes it durable and gives it its name. On an error the
  /// temporary file is removed and a file that had the name before is unchanged.
  static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
    let temporary = path + StorageLayout.temporarySuffix
    try write(bytes, toTemporary: temporary)
    try rename(temporary, to: path)
  }

  /// Writes a durable file under a temporary name, and makes sure of room on the disk for it to
  /// grow by `growth` bytes. Removes it on an error.
  static func write(
    _ bytes: UnsafeRawBufferPointer, toTemporary temporary: String, growingBy growth: Int = 0
  ) throws {
    let descriptor = Foundation.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw StorageError.system(temporary, "cannot be created") }
    do {
      var written = 0
      while written < bytes.count {
        let count = Foundation.write(
          descriptor, bytes.baseAddress! + written, min(bytes.count - written, 1 << 26))
        if count < 0 && errno == EINTR { continue }
        if count < 0 { throw StorageError.system(temporary, "cannot be written") }
        written += count
      }
      if growth > 0 {
        let code = posix_fallocate(descriptor, off_t(bytes.count), off_t(growth))
        if code != 0 {
          throw StorageError.system(temporary, "cannot grow by \(growth) bytes", code)
        }
      }
      if fsync(descriptor) != 0 { throw StorageError.system(temporary, "cannot be made durable") }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    if close(descriptor) != 0 {
      let error = StorageError.system(temporary, "cannot be closed")
      unlink(temporary)
      throw error
    }
  }

  /// Gives a finished temporary file its name; removes it where that fails.
  static func rename(_ temporary: String, to path: String) throws {
    if Foundation.rename(temporary, path) != 0 {
      let error = StorageError.system(path, "cannot get its name")
      unlink(temporary)
      throw error
    }
  }

  /// Makes the bytes of a file, or the names in a folder, durable.
  static func synchronize(_ path: String) throws {
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw StorageError.system(path, "cannot be opened") }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw StorageError.system(path, "cannot be made durable") }
  }

  /// The folder a path lies in: `.` for a bare name.
  package static func parent(of path: String) -> String {
    var parts = path[...]
    while parts.count > 1, parts.last == "/" { parts.removeLast() }
    guard let slash = parts.lastIndex(of: "/") else { return "." }
    var parent = parts[..<slash]
    while parent.last == "/" { parent.removeLast() }
    return parent.isEmpty ? "/" : String(parent)
  }
}

/// The right to write into a run folder. It ends with this object or with the process, however that
/// ends, and leaves no file behind.
final class FolderLock {
  private let descriptor: Int32

  init(_ folder: String) throws {
    descriptor = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { throw StorageError.system(folder, "cannot be opened as a folder") }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK {
      close(descriptor)
      throw StorageError(
        file: folder, action: "cannot be written", reasons: ["another writer has it open"])
    }
    // Any other failure means that this file system has no such locks; then there is none.
  }

  deinit { close(descriptor) }
}
