// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Sweeps

/// The output folder of a sweep: a copy of the sweep file, and a folder for each run.
struct SweepFolder {
  static let sweepFile = "sweep.yaml"

  let path: String
  let definition: SweepDefinition

  /// Makes the folder for a new sweep. Existing output is refused, or removed with `force`, and then
  /// only what a sweep writes. Throws before anything is written.
  init(creating definition: SweepDefinition, path: String, force: Bool, store: HDF5Store) throws {
    self.path = path
    self.definition = definition
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if manager.fileExists(atPath: path, isDirectory: &isFolder) {
      guard isFolder.boolValue else {
        throw Failure("\(path): is a file, and the sweep's output must be a folder")
      }
      let contents = try manager.contentsOfDirectory(atPath: path)
      if !contents.isEmpty {
        guard force else {
          throw Failure(
            "\(path): holds something already; 'driftfield resume \(path)' goes on with it, "
              + "--force writes it anew")
        }
        guard contents.contains(Self.sweepFile) else {
          throw Failure("\(path): holds no sweep; --force removes only what a sweep has written")
        }
        let lock = try SweepLock(path)
        for name in contents where name.hasPrefix("run-") {
          try store.remove(at: "\(path)/\(name)")
        }
        try manager.removeItem(atPath: "\(path)/\(Self.sweepFile)")
        _ = lock
      }
    }
    do {
      try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data(definition.text.utf8).write(
        to: URL(fileURLWithPath: "\(path)/\(Self.sweepFile)"), options: .atomic)
    } catch {
      throw Failure("\(path): cannot be written: \(Failure.reason(error))")
    }
  }

  /// The folder of a sweep that was begun before.
  init(opening path: String) throws {
    self.path = path
    guard FileManager.default.fileExists(atPath: "\(path)/\(Self.sweepFile)") else {
      throw Failure("\(path): is not the output folder of a sweep (no \(Self.sweepFile) in it)")
    }
    definition = try SweepDefinition(readingFile: "\(path)/\(Self.sweepFile)")
  }
}

/// Keeps a second process from writing to the same sweep; released when the process ends, however.
final class SweepLock {
  private let descriptor: Int32

  init(_ folder: String) throws {
    let file = "\(folder)/\(SweepFolder.sweepFile)"
    descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure("\(file): cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Failure("\(folder): another driftfield is at work in this folder")
    }
  }

  deinit { close(descriptor) }
}

/// What went wrong, in a line for the user.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }

  /// The innermost reason of a Foundation error.
  static func reason(_ error: any Error) -> String {
    let cocoa = error as NSError
    if let posix = cocoa.userInfo[NSUnderlyingErrorKey] as? NSError,
      posix.domain == NSPOSIXErrorDomain
    {
      return String(cString: strerror(Int32(posix.code)))
    }
    return cocoa.localizedDescription
  }
}

/// One ensemble that a command was pointed to.
struct NamedEnsemble {
  let label: String
  let path: String

  /// The ensembles under paths that are each a sweep folder, a run folder or a packed file. Of a
  /// sweep, runs that have not begun are told on standard error and left out.
  static func all(at paths: [String], store: HDF5Store) throws -> [NamedEnsemble] {
    try paths.flatMap { given -> [NamedEnsemble] in
      let path = given.count > 1 && given.hasSuffix("/") ? String(given.dropLast()) : given
      if FileManager.default.fileExists(atPath: "\(path)/\(SweepFolder.sweepFile)") {
        let folder = try SweepFolder(opening: path)
        return folder.definition.runs.compactMap { run in
          let place = "\(path)/\(run.folderName)"
          if store.exists(at: place) { return NamedEnsemble(label: run.label, path: place) }
          Software.complain("\(place): \(run.label) has not begun")
          return nil
        }
      }
      guard store.exists(at: path) else {
        throw Failure("\(path): is neither a sweep, nor a run, nor a packed file")
      }
      let reader = try store.open(at: path)
      let label = try StoredTheory(reader).label
      return [NamedEnsemble(label: label.isEmpty ? path : label, path: path)]
    }
  }
}
