// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import HDF5Storage

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
    try RunPath.require(folder, store: HDF5Store())
    try checkTarget()
    try RunFolder(folder).pack(to: file, replacing: force)
  }

  private func checkTarget() throws {
    let target = URL(fileURLWithPath: file)
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) {
      if isFolder.boolValue { throw Failure("\(file): is a folder; name the file to write") }
      if !force { throw Failure("\(file): is there already; --force replaces it") }
    }
    if HDF5Store.isOwnFile(target.lastPathComponent) {
      throw Failure("\(file): is the name of a run's own file; choose another one")
    }
    let parent = target.deletingLastPathComponent().path
    if !FileManager.default.fileExists(atPath: parent) {
      throw Failure("\(file): the folder \(parent) does not exist")
    }
  }
}
