// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Citations
import Ensembles
import Foundation
import Reports
import Sweeps

/// `driftfield report`.
struct WriteReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "A page about a sweep: tables, comparison, diagnostics, pictures.",
    discussion: """
      Writes one HTML file that stands alone: it needs no network, no script and no other file. Runs \
      that are not complete are shown, with a remark, and are in no comparison. The same runs give \
      the same page.
      """)

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String]

  @Option(
    help: "The page to write, *.html; default report.html in the sweep folder.",
    completion: .file(extensions: ["html"]))
  var output: String?

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: "Quantities of tables and comparison; default abs_m chi2 U4 xi2 energy SD.")
  var quantity: [String] = []

  @Option(help: "The sampler to compare with, by its name; default the first HMC run.")
  var baseline: String?

  @Flag(help: "Compare log Z on two-dimensional lattices with tensor renormalisation.")
  var exact = false

  @Flag(help: "Replace an existing file that is no report.")
  var force = false

  @OptionGroup var parallelism: ThreadOption

  func run() throws {
    let target = try target()
    try check(target)
    let report = try report()
    if let baseline, !report.samplerNames.contains(baseline) {
      let known = report.samplerNames.sorted().joined(separator: ", ")
      throw Failure("--baseline: there is no complete run of '\(baseline)'; there are \(known)")
    }
    do {
      // Under another name first, which then becomes that of the page.
      try Data(report.page.utf8).write(to: URL(fileURLWithPath: target), options: .atomic)
    } catch {
      throw Failure("\(target): cannot be written: \(Failure.reason(error))")
    }
    print(target)
  }

  private func isSweep(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(path)/\(SweepFolder.sweepFile)")
  }

  /// Where the page goes.
  private func target() throws -> String {
    if let output {
      if !output.lowercased().hasSuffix(".html") {
        throw Failure("--output: the name of a page ends in .html, got '\(output)'")
      }
      return output
    }
    if paths.count == 1, isSweep(paths[0]) {
      let folder =
        paths[0].count > 1 && paths[0].hasSuffix("/") ? paths[0].dropLast() : paths[0][...]
      return "\(folder)/report.html"
    }
    // A path that leads nowhere is told first.
    _ = try NamedEnsemble.paths(at: paths, store: HDF5Store())
    throw Failure("--output: name the page to write; only a single sweep has a place for it")
  }

  /// Throws if something is at the target that must stay.
  private func check(_ target: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: target, isDirectory: &isFolder) else { return }
    if isFolder.boolValue { throw Failure("\(target): is a folder; name the page to write") }
    if force { return }
    guard let handle = FileHandle(forReadingAtPath: target) else {
      throw Failure("\(target): is there already and cannot be read; --force replaces it")
    }
    defer { handle.closeFile() }
    let start = try handle.read(upToCount: 4096) ?? Data()
    if !Report.describes(String(decoding: start, as: UTF8.self)) {
      throw Failure("\(target): is there already and is no report; --force replaces it")
    }
  }

  private func report() throws -> Report {
    let store = HDF5Store()
    let names =
      quantity.isEmpty
      ? ComparedNames.usual
      : ComparedNames(quantity.filter { $0 != Comparison.logNormalizer }, isRequired: true)
    var runs: [ReportedRun] = []
    var drifts: [TrainedDrift] = []
    var complete: [(reader: any EnsembleReader, label: String)] = []
    var bibliography = Bibliography()
    for ensemble in try NamedEnsemble.all(at: paths, store: store, withDrifts: true) {
      let reader = try store.open(at: ensemble.path)
      try bibliography.add(reader)
      do {
        if try StoredDrift.describes(reader) {
          drifts.append(try TrainedDrift(reader, label: ensemble.label))
        } else {
          if reader.isComplete { complete.append((reader, ensemble.label)) }
          runs.append(
            try ReportedRun(
              reader, path: ensemble.path, label: ensemble.label, quantities: names))
        }
      } catch let error as EnsembleError {
        throw Failure("\(ensemble.path): \(error)")
      }
    }
    if runs.isEmpty {
      throw Failure(
        "\(paths.joined(separator: ", ")): no run has begun, there is nothing to report")
    }
    var leftOut: [String] = []
    let report = Report(
      runs: runs, drifts: drifts, notBegun: try notBegun(store), baseline: baseline,
      scaling: try ReportedScaling(complete, workers: parallelism.workers()),
      citations: bibliography.citations, program: Software.versionLine
    ) { extents, coefficients in
      exact ? Compare.exactLogNormalizer(extents, coefficients, &leftOut) : nil
    }
    for line in leftOut { Software.complain(line) }
    return report
  }

  /// Runs of sweeps that nothing is there of.
  private func notBegun(_ store: HDF5Store) throws -> [String] {
    try paths.filter(isSweep).flatMap { path -> [String] in
      let folder = try SweepFolder(opening: path)
      return folder.definition.runs.filter { !store.exists(at: folder.path(of: $0)) }.map(\.label)
    }
  }
}
