// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import HDF5Storage

/// `driftfield verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check that results are whole: every segment, checksum and row.",
    discussion: "Exits with 1 if anything is wrong.")

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String]

  func run() throws {
    var isSound = true
    for ensemble in try NamedEnsemble.all(at: paths, store: HDF5Store()) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: ensemble.path, isDirectory: &isFolder)
      let report =
        try isFolder.boolValue
        ? RunFolder(ensemble.path).verify() : verifyPacked(ensemble.path)
      isSound = isSound && report.isSound
      let rows = report.rows.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      print(
        "\(ensemble.path): \(report.isSound ? "sound" : "NOT SOUND"), \(report.files) files, rows: "
          + rows.joined(separator: ", "))
      for problem in report.problems { print("  \(problem)") }
    }
    if !isSound { throw ExitCode(Software.checkFailed) }
  }
}

/// `driftfield pack`.
struct Pack: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make one plain HDF5 file of a run, for publication.")

  @Argument(help: "The run folder.", completion: .directory)
  var folder: String

  @Argument(help: "The file to write.", completion: .file(extensions: ["h5"]))
  var file: String

  @Flag(help: "Replace an existing file.")
  var force = false

  func run() throws {
    guard HDF5Store().exists(at: folder) else { throw Failure("\(folder): is not a run folder") }
    try RunFolder(folder).pack(to: file, replacing: force)
  }
}
