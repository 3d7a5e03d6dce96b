// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Foundation

/// A file or folder of an ensemble could not be made, written or read.
///
/// `description` is one line: the file, what was tried, and why it failed: the innermost entries of
/// HDF5's error stack, or the words of the operating system.
public struct StorageError: Error, Equatable, CustomStringConvertible {
  public let file: String
  public let action: String
  public let reasons: [String]

  public init(file: String, action: String, reasons: [String] = []) {
    self.file = file
    self.action = action
    self.reasons = reasons
  }

  public var description: String {
    "\(file): \(action)" + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; "))
  }

  /// The failure of a call to the operating system that has just set `errno`.
  static func system(_ file: String, _ action: String, _ code: Int32 = errno) -> StorageError {
    StorageError(
      file: file, action: action, reasons: ["\(String(cString: strerror(code))) (errno \(code))"])
  }

  /// The failure of an HDF5 call that has just filled the error stack, which is emptied.
  static func library(_ file: String, _ action: String) -> StorageError {
    var lines: [String] = []
    _ = withUnsafeMutablePointer(to: &lines) { lines in
      H5Ewalk2(
        hdf5_default_error_stack(), H5E_WALK_UPWARD,
        { _, entry, lines in
          if let text = entry?.pointee.desc, let lines {
            lines.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
          }
          return 0
        }, lines)
    }
    H5Eclear2(hdf5_default_error_stack())
    return StorageError(file: file, action: action, reasons: Array(lines.prefix(3)))
  }
}
