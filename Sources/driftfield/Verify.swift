// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import HDF5Storage

/// `driftfield verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check that results are whole: every segment, checksum and row.",
    discussion: "Exits with 1 if anything is wrong.")

  @Argument(help: "Sweep folders or run folders.", completion: .directory)
  var paths: [String]

  func run() throws {
    var isSound = true
    for ensemble in try NamedEnsemble.all(at: paths, store: HDF5Store()) {
      let report = try verify(ensemble.path)
      if report.problems.isEmpty {
        print("\(ensemble.path): sound")
      } else {
        isSound = false
        for problem in report.problems { print("\(ensemble.path): \(problem)") }
      }
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
    try pack(folder, to: file, replacing: force)
  }
}
