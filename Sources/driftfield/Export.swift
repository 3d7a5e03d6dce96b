// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import NumPyFiles

/// `driftfield export`.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the arrays of runs as NumPy archives (.npz).",
    discussion: """
      numpy.load opens them: arrays are called as in the HDF5 files, 'observables/m', each table with \
      its row numbers and coordinates, and 'attributes' is a text of JSON. Tables of results go to \
      CSV with 'driftfield table --csv'.
      """)

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String]

  @Option(help: "The file to write for one run, NAME.npz, or a folder with one for each run.")
  var output: String

  @Option(
    name: .customLong("table"), parsing: .upToNextOption,
    help: "Only these tables, such as observables; default all.")
  var tables: [String] = []

  @Flag(help: "Leave out stored configurations.")
  var noConfigurations = false

  func run() throws {
    let store = HDF5Store()
    let ensembles = try NamedEnsemble.all(at: paths, store: store)
    if try !RunPath.isFree(output) {
      throw Failure("\(output): is there already; --output must name something new")
    }
    let isFile = output.hasSuffix(".npz")
    if isFile && ensembles.count != 1 {
      throw Failure(
        "--output: \(output) is one file for \(ensembles.count) runs; name a folder instead")
    }
    // Everything is looked at before anything is written.
    let parts = try ensembles.map { ensemble in
      let reader = try store.open(at: ensemble.path)
      return (
        path: isFile ? output : "\(output)/\(Self.fileName(ensemble.path)).npz",
        arrays: ExportedArrays(
          reader, tables: try chosen(reader.layout.tables.map(\.name), ensemble.path))
      )
    }
    if let twice = Dictionary(grouping: parts, by: \.path).first(where: { $1.count > 1 }) {
      throw Failure("\(twice.key): two of the runs would be written there")
    }
    do {
      let folder =
        isFile ? URL(fileURLWithPath: output).deletingLastPathComponent().path : output
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (path, arrays) in parts {
        let temporary = path + ".tmp"
        do {
          try arrays.write(to: temporary)
        } catch {
          unlink(temporary)
          throw error
        }
        guard rename(temporary, path) == 0 else { throw Failure.system(path, "cannot be written") }
        print(path)
      }
    } catch let error as NumPyError {
      throw Failure("\(error)")
    } catch let error as CocoaError {
      throw Failure("\(output): cannot be written: \(Failure.reason(error))")
    }
  }

  private func chosen(_ all: [String], _ path: String) throws -> [String] {
    if let missing = tables.first(where: { !all.contains($0) }) {
      throw Failure("\(path): has no table '\(missing)'; there are " + all.joined(separator: ", "))
    }
    return all.filter {
      (tables.isEmpty || tables.contains($0)) && !(noConfigurations && $0 == "configurations")
    }
  }

  /// The last part of a path without the end of a packed file.
  private static func fileName(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".h5") ? String(name.dropLast(3)) : name
  }
}
