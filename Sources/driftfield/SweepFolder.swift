// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Sweeps

/// The output folder of a sweep: a copy of the sweep file, and a folder for each run and each drift.
struct SweepFolder {
  static let sweepFile = "sweep.yaml"

  let path: String
  let definition: SweepDefinition
  /// Nil where the folder is only read.
  private let lock: SweepLock?

  func path(of run: RunSpecification) -> String { "\(path)/\(run.folderName)" }

  /// Makes the folder for a new sweep. Existing output is refused, or removed with `force`, and then
  /// only what a sweep writes. Nothing is changed where this throws because of what is there.
  init(creating definition: SweepDefinition, path: String, force: Bool, store: HDF5Store) throws {
    self.path = path
    self.definition = definition
    let manager = FileManager.default
    var isFolder: ObjCBool = false
    if manager.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      throw Failure("\(path): is a file, and the sweep's output must be a folder")
    }
    try Self.makeFolder(path)
    lock = try SweepLock(path)
    let contents = try manager.contentsOfDirectory(atPath: path)
    if !force, Self.hasDriftsAlone(contents, of: definition, path) { return }
    if !contents.isEmpty {
      // A sweep file among other files may be one that the user has written.
      let runs = contents.filter { Self.isRunFolder("\(path)/\($0)") }
      guard contents.contains(Self.sweepFile), !runs.isEmpty || contents.count == 1 else {
        throw Failure(
          "\(path): holds files but no sweep; choose a new folder with --output"
            + (force ? " (--force removes only what a sweep has written)" : ""))
      }
      guard force else {
        throw Failure(
          "\(path): holds a sweep already; 'driftfield resume \(path)' goes on with it, --force "
            + "writes it anew")
      }
      for run in runs { try Self.removeRun("\(path)/\(run)", store: store) }
    }
    try Self.write(definition, into: path)
  }

  private static func write(_ definition: SweepDefinition, into path: String) throws {
    do {
      try Data(definition.text.utf8).write(
        to: URL(fileURLWithPath: "\(path)/\(sweepFile)"), options: .atomic)
    } catch {
      throw Failure("\(path)/\(sweepFile): cannot be written: \(Failure.reason(error))")
    }
  }

  /// The folder in which the drifts of a sweep are trained: a new one, or that of the same sweep.
  init(training definition: SweepDefinition, path: String) throws {
    if FileManager.default.fileExists(atPath: "\(path)/\(Self.sweepFile)") {
      guard Self.isSame(definition, path) else {
        throw Failure(
          "\(path): holds a sweep of another file; choose another folder with --output")
      }
      try self.init(resuming: path)
    } else {
      try self.init(creating: definition, path: path, force: false, store: HDF5Store())
    }
  }

  /// Whether the folder holds the sweep of this very file.
  private static func isSame(_ definition: SweepDefinition, _ path: String) -> Bool {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(sweepFile)"))
        == Data(definition.text.utf8)
    } catch {
      return false
    }
  }

  /// Whether nothing but drifts was made of this very sweep.
  private static func hasDriftsAlone(
    _ contents: [String], of definition: SweepDefinition, _ path: String
  ) -> Bool {
    let made = contents.filter { isRunFolder("\(path)/\($0)") }
    return contents.contains(sweepFile) && !made.isEmpty
      && made.allSatisfy { $0.hasPrefix("drift-") } && isSame(definition, path)
  }

  /// The folder of a sweep that was begun before, to read.
  init(opening path: String) throws { try self.init(opening: path, lock: nil) }

  /// The folder of a sweep that was begun before, to go on with.
  init(resuming path: String) throws {
    try Self.requireSweep(path)
    try self.init(opening: path, lock: SweepLock(path))
  }

  private init(opening path: String, lock: SweepLock?) throws {
    try Self.requireSweep(path)
    self.path = path
    self.lock = lock
    definition = try SweepDefinition(readingFile: "\(path)/\(Self.sweepFile)")
  }

  private static func requireSweep(_ path: String) throws {
    let manager = FileManager.default
    if manager.fileExists(atPath: "\(path)/\(sweepFile)") { return }
    guard manager.fileExists(atPath: path) else { throw Failure("\(path): does not exist") }
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().relativePath
    let isRun = manager.fileExists(atPath: "\(parent)/\(sweepFile)")
    throw Failure(
      "\(path): is not the output folder of a sweep (no \(sweepFile) in it)"
        + (isRun ? "; the folder above it, \(parent), is one" : ""))
  }

  /// Makes a folder and those above it.
  private static func makeFolder(_ path: String) throws {
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    let code = errno
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent().relativePath
    guard code == ENOENT, parent != path, !FileManager.default.fileExists(atPath: parent) else {
      throw Failure.system(path, "the folder cannot be made", code)
    }
    try makeFolder(parent)
    if mkdir(path, 0o777) != 0 && errno != EEXIST {
      throw Failure.system(path, "the folder cannot be made")
    }
  }

  /// Whether a folder with the name that a sweep gives to a run or a drift is at a path.
  private static func isRunFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    let name = URL(fileURLWithPath: path).lastPathComponent
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue && name.wholeMatch(of: /(run|drift)-[0-9]{3,}-[A-Za-z0-9_-]+/) != nil
  }

  private static func removeRun(_ path: String, store: HDF5Store) throws {
    do {
      try store.remove(at: path)
    } catch {
      throw Failure("\(path): cannot be removed: \(Failure.reason(error))")
    }
  }
}
