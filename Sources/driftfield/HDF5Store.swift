// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Sweeps

/// Ensembles as folders of HDF5 segments, or as packed HDF5 files to read.
struct HDF5Store: EnsembleStore {
  /// Whether a name in a run folder is one that only the storage gives: a segment, the index, or
  /// what a killed writer leaves of them.
  static func isOwnFile(_ name: String) -> Bool {
    let suffix = StorageLayout.temporarySuffix
    let final = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    return final == StorageLayout.indexFile || StorageLayout.segmentNumber(final) != nil
  }

  /// Of a run folder, any segment or the index counts, so that a lost segment is found out.
  func exists(at path: String) -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return false }
    return isFolder.boolValue ? holdsRun(path) : isHDF5(path)
  }

  private func holdsRun(_ folder: String) -> Bool {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).contains {
        Self.isOwnFile($0) && !$0.hasSuffix(StorageLayout.temporarySuffix)
      }
    } catch {
      return true  // Opening it tells why it cannot be read.
    }
  }

  /// Whether a file begins like HDF5.
  private func isHDF5(_ file: String) -> Bool {
    let signature = Data([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
    guard let handle = FileHandle(forReadingAtPath: file) else { return true }
    defer { handle.closeFile() }
    do {
      return try handle.read(upToCount: signature.count) == signature
    } catch {
      return true  // Opening it tells why it cannot be read.
    }
  }

  func create(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
    // A killed run may have left a folder without segments, and the user may keep notes in it.
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return try isThere && isFolder.boolValue
      ? HDF5EnsembleWriter(resuming: path, layout: layout)
      : HDF5EnsembleWriter(creating: path, layout: layout)
  }

  /// Writes an ensemble in one go: a run folder, or a packed file where the path ends in .h5, which is put
  /// together in a folder beside it. What fails leaves nothing behind.
  func writeWhole(
    to path: String, layout: EnsembleLayout, _ body: (any EnsembleWriter) throws -> Void
  ) throws {
    let isPacked = path.hasSuffix(".h5")
    let folder = isPacked ? path + ".parts" : path
    if isPacked, try !RunPath.isFree(folder) {
      throw Failure("\(folder): is in the way of what is put together there")
    }
    do {
      try body(create(at: folder, layout: layout))
      if isPacked { try RunFolder(folder).pack(to: path) }
    } catch {
      if FileManager.default.fileExists(atPath: folder) { try remove(at: folder) }
      throw error
    }
    if isPacked { try remove(at: folder) }
  }

  func resume(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
    try HDF5EnsembleWriter(resuming: path, layout: layout)
  }

  func open(at path: String) throws -> any EnsembleReader {
    try HDF5EnsembleReader(path)
  }

  /// A run to read, or nil where none has begun, or where it is damaged: carrying out the sweep
  /// comes across that and tells.
  func reader(at path: String) throws -> HDF5EnsembleReader? {
    guard exists(at: path) else { return nil }
    do {
      return try HDF5EnsembleReader(path)
    } catch is StorageError {
      return nil
    }
  }

  /// Writes the index of a complete run anew where a kill, or a loss, left it behind.
  func mendIndex(at path: String, _ reader: HDF5EnsembleReader) throws {
    if reader.isComplete, !RunFolder(path).isIndexComplete {
      _ = try HDF5EnsembleWriter(resuming: path, layout: reader.layout)
    }
  }

  func remove(at path: String) throws {
    let manager = FileManager.default
    for name in try manager.contentsOfDirectory(atPath: path) where Self.isOwnFile(name) {
      try manager.removeItem(atPath: "\(path)/\(name)")
    }
    if try manager.contentsOfDirectory(atPath: path).isEmpty {
      try manager.removeItem(atPath: path)
    }
  }
}
