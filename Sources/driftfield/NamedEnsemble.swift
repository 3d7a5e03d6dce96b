// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Sweeps

/// One ensemble that a command was pointed to.
struct NamedEnsemble {
  let label: String
  let path: String

  /// The ensembles under paths that are each a sweep folder, a run folder or a packed file. Of a
  /// sweep, runs that have not begun are told on standard error and left out.
  static func all(at paths: [String], store: HDF5Store) throws -> [NamedEnsemble] {
    try places(at: paths, store: store).map { path, label in
      if let label { return NamedEnsemble(label: label, path: path) }
      let label = try StoredTheory(store.open(at: path)).label
      return NamedEnsemble(label: label.isEmpty ? path : label, path: path)
    }
  }

  /// The paths of `all` alone, without a look into their files.
  static func paths(at paths: [String], store: HDF5Store) throws -> [String] {
    try places(at: paths, store: store).map(\.path)
  }

  private static func places(
    at paths: [String], store: HDF5Store
  ) throws -> [(path: String, label: String?)] {
    try paths.flatMap { given -> [(path: String, label: String?)] in
      let path = given.count > 1 && given.hasSuffix("/") ? String(given.dropLast()) : given
      if FileManager.default.fileExists(atPath: "\(path)/\(SweepFolder.sweepFile)") {
        let folder = try SweepFolder(opening: path)
        return folder.definition.runs.compactMap { run in
          let place = folder.path(of: run)
          if store.exists(at: place) { return (place, run.label) }
          Software.complain("\(place): \(run.label) has not begun")
          return nil
        }
      }
      guard store.exists(at: path) else {
        throw Failure("\(path): is neither a sweep, nor a run, nor a packed file")
      }
      return [(path, nil)]
    }
  }
}
