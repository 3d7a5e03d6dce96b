// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Sweeps

/// Ensembles as folders of HDF5 segments, or as packed HDF5 files to read.
struct HDF5Store: EnsembleStore {
  func exists(at path: String) -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return false }
    return !isFolder.boolValue || hasSegments(path)
  }

  private func hasSegments(_ folder: String) -> Bool {
    let first = folder + "/" + StorageLayout.segmentFile(0)
    return FileManager.default.fileExists(atPath: first)
  }

  func create(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
    // A run that was killed before its first checkpoint leaves a folder without segments.
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if isThere, isFolder.boolValue, !hasSegments(path), isLeftover(path) {
      return try HDF5EnsembleWriter(resuming: path, layout: layout)
    }
    return try HDF5EnsembleWriter(creating: path, layout: layout)
  }

  /// Whether a folder without segments holds nothing but what a killed writer leaves behind.
  private func isLeftover(_ folder: String) -> Bool {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy {
        $0.hasSuffix(StorageLayout.temporarySuffix) || $0.hasPrefix(".")
      }
    } catch {
      return false
    }
  }

  func resume(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
    try HDF5EnsembleWriter(resuming: path, layout: layout)
  }

  func open(at path: String) throws -> any EnsembleReader {
    try HDF5EnsembleReader(path)
  }

  func remove(at path: String) throws {
    let manager = FileManager.default
    for name in try manager.contentsOfDirectory(atPath: path)
    where name.hasSuffix(".h5") || name.hasSuffix(".h5.tmp") {
      try manager.removeItem(atPath: "\(path)/\(name)")
    }
    if try manager.contentsOfDirectory(atPath: path).isEmpty {
      try manager.removeItem(atPath: path)
    }
  }
}
