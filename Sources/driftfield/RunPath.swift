// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The path of one run, where a command takes no more than one.
enum RunPath {
  /// Throws unless a run folder or a packed file is at the path.
  static func require(_ path: String, store: HDF5Store) throws {
    if FileManager.default.fileExists(atPath: "\(path)/\(SweepFolder.sweepFile)") {
      let runs = try SweepFolder(opening: path).definition.runs
      throw Failure(
        "\(path): is a sweep; name one run of it, such as \(path)/\(runs[0].folderName)")
    }
    guard store.exists(at: path) else {
      throw Failure("\(path): is neither a run folder nor a packed file")
    }
  }

  /// Whether nothing, or an empty folder, is at the path.
  static func isFree(_ path: String) throws -> Bool {
    var isFolder: ObjCBool = false
    let manager = FileManager.default
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else { return true }
    return try isFolder.boolValue && manager.contentsOfDirectory(atPath: path).isEmpty
  }
}
