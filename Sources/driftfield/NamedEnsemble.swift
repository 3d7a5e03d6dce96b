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
  /// Trained drifts are ensembles of nothing: they count where `withDrifts` says so, and are refused
  /// elsewhere.
  static func all(
    at paths: [String], store: HDF5Store, withDrifts: Bool = false
  ) throws -> [NamedEnsemble] {
    try places(at: paths, store: store, withDrifts: withDrifts).map { path, label in
      if let label { return NamedEnsemble(label: label, path: path) }
      let reader = try store.open(at: path)
      if !withDrifts, try StoredDrift.describes(reader) {
        throw Failure("\(path): is a trained drift, not an ensemble")
      }
      let label = try StoredTheory(reader).label
      return NamedEnsemble(label: label.isEmpty ? path : label, path: path)
    }
  }

  /// The paths of `all`, drifts included, without a look into their files.
  static func paths(at paths: [String], store: HDF5Store) throws -> [String] {
    try places(at: paths, store: store, withDrifts: true).map(\.path)
  }

  private static func places(
    at paths: [String], store: HDF5Store, withDrifts: Bool
  ) throws -> [(path: String, label: String?)] {
    try paths.flatMap { given -> [(path: String, label: String?)] in
      let path = given.count > 1 && given.hasSuffix("/") ? String(given.dropLast()) : given
      if FileManager.default.fileExists(atPath: "\(path)/\(SweepFolder.sweepFile)") {
        let folder = try SweepFolder(opening: path)
        let drifts = folder.definition.trainings.map { training in
          (path: "\(path)/\(training.folderName)", label: Optional(training.label))
        }.filter { withDrifts && store.exists(at: $0.path) }
        return drifts
          + folder.definition.runs.compactMap { run in
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
