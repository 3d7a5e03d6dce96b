// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Foundation

/// The HDF5 handles that are open while one file is worked on, closed in reverse order at the end.
///
/// The library is not safe to enter from two threads. Every use of it goes through `exclusively`,
/// which holds one lock for the whole process and closes every handle before it lets go.
final class HDF5Session {
  private static let lock = NSLock()

  /// The file named in errors.
  let file: String
  private var handles: [(identifier: hid_t, close: (hid_t) -> herr_t)] = []

  private init(file: String) { self.file = file }

  /// Runs `body` as the only user of the library. Does not nest.
  static func exclusively<Result>(
    _ file: String, _ body: (HDF5Session) throws -> Result
  ) throws -> Result {
    lock.lock()
    defer { lock.unlock() }
    H5Eset_auto2(hdf5_default_error_stack(), nil, nil)
    return try HDF5Session(file: file).closing(body)
  }

  /// The number of files, groups, datasets, attributes and types open in the library.
  static func openHandles() -> Int {
    lock.lock()
    defer { lock.unlock() }
    return H5Fget_obj_count(hdf5_every_file(), hdf5_every_object())
  }

  /// The version of the library, such as 1.10.8.
  static func libraryVersion() throws -> String {
    try exclusively("HDF5 library") { session in
      var version: (UInt32, UInt32, UInt32) = (0, 0, 0)
      try session.require(
        H5get_libversion(&version.0, &version.1, &version.2), "cannot tell its version")
      return "\(version.0).\(version.1).\(version.2)"
    }
  }

  /// Runs `body` with a session of its own for the handles it opens.
  func scope<Result>(
    of file: String? = nil, _ body: (HDF5Session) throws -> Result
  ) throws -> Result {
    try HDF5Session(file: file ?? self.file).closing(body)
  }

  /// Hands on a new handle and notes it to be closed at the end.
  func keep(
    _ identifier: hid_t, _ close: @escaping (hid_t) -> herr_t, _ action: @autoclosure () -> String
  ) throws -> hid_t {
    guard identifier >= 0 else { throw StorageError.library(file, action()) }
    handles.append((identifier, close))
    return identifier
  }

  /// Throws unless an HDF5 call was successful.
  @discardableResult
  func require<Status: SignedInteger>(
    _ status: Status, _ action: @autoclosure () -> String
  ) throws -> Status {
    guard status >= 0 else { throw StorageError.library(file, action()) }
    return status
  }

  private func closing<Result>(_ body: (HDF5Session) throws -> Result) throws -> Result {
    let result: Result
    do {
      result = try body(self)
    } catch {
      // The first error says what went wrong; what closing has to add does not matter any more.
      _ = closeAll()
      H5Eclear2(hdf5_default_error_stack())
      throw error
    }
    if !closeAll() { throw StorageError.library(file, "cannot be closed") }
    return result
  }

  private func closeAll() -> Bool {
    var good = true
    while let handle = handles.popLast() {
      if handle.close(handle.identifier) < 0 { good = false }
    }
    return good
  }
}
