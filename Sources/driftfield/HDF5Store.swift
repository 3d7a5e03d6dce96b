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
    if !isFolder.boolValue { return true }
    return !segments(at: path).isEmpty
  }

  private func segments(at path: String) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { StorageLayout.segmentNumber($0) != nil }
    } catch {
      return []
    }
  }

  func create(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
    // A run that was killed before its first checkpoint leaves a folder without segments.
    if FileManager.default.fileExists(atPath: path), segments(at: path).isEmpty {
      return try HDF5EnsembleWriter(resuming: path, layout: layout)
    }
    return try HDF5EnsembleWriter(creating: path, layout: layout)
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
