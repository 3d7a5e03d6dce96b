// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import HDF5Storage
import Sweeps

/// `driftfield verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check that results are whole: every segment, checksum and row.",
    discussion: """
      Exits with 1 if anything is wrong. The index run.h5 of a run that was killed may be one \
      checkpoint behind, which is told and is not wrong until the run is complete: 'driftfield \
      resume' mends it.
      """)

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String]

  func run() throws {
    var isSound = true
    for path in try NamedEnsemble.paths(at: paths, store: HDF5Store()) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      let isGood = try isFolder.boolValue ? verifyRun(path) : verifyFile(path)
      isSound = isSound && isGood
    }
    if !isSound { throw ExitCode(Software.checkFailed) }
  }

  private func verifyRun(_ path: String) throws -> Bool {
    var report = try RunFolder(path).verify()
    passOverLegalNumbers(&report, of: path)
    // A run that was killed between a segment and the index is whole; resuming mends its index.
    let isGood =
      report.isSound
      || report.problems.allSatisfy { $0.kind == .leftover || $0.kind == .index }
        && !isComplete(path)
    show(report, of: path, isGood: isGood)
    if report.problems.contains(where: { $0.kind != .leftover && $0.kind != .index }) {
      print(
        "  to make the run again from the damage on: remove its segments from the first damaged "
          + "one on (and run.h5 if none is left), then resume the sweep")
    } else if report.problems.contains(where: { $0.kind == .index }) {
      print("  resuming the sweep mends the index")
    }
    return isGood
  }

  private func verifyFile(_ path: String) throws -> Bool {
    do {
      var report = try verifyPacked(path)
      passOverLegalNumbers(&report, of: path)
      show(report, of: path, isGood: report.isSound)
      return report.isSound
    } catch let error as StorageError {
      print("\(path): NOT SOUND\n  \(error)")
      return false
    }
  }

  private func isComplete(_ path: String) -> Bool {
    do {
      return try HDF5Store().open(at: path).isComplete
    } catch {
      return false  // Then the report has the reason among its problems.
    }
  }

  /// In a run of annealing some numbers are not finite by their meaning: no step leads to the
  /// origin, and a walker that ran away has the weight zero and a field that may not be finite.
  private func passOverLegalNumbers(_ report: inout VerificationReport, of path: String) {
    let problems = report.problems.filter { $0.kind == .nonFinite }
    guard !problems.isEmpty, isAnnealing(path) else { return }
    let ranAway = problems.contains { $0.path.hasPrefix("\(TableName.annealing)/") }
    report.passOver {
      $0.kind == .nonFinite && (ranAway || !Self.mustBeFinite.contains(Self.group($0.path)))
    }
  }

  /// Tables of numbers that are finite unless a weight is zero.
  private static let mustBeFinite = [
    TableName.observables, TableName.configurations, TableName.reverse,
  ]

  private static func group(_ path: String) -> String {
    String(path.prefix { $0 != "/" })
  }

  private func isAnnealing(_ path: String) -> Bool {
    do {
      return try HDF5Store().open(at: path).attributes(of: "sampler")["family"]
        == .text("annealing")
    } catch {
      return false  // Then the report has the reason among its problems.
    }
  }

  private func show(_ report: VerificationReport, of path: String, isGood: Bool) {
    let rows = report.rows.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    print(
      "\(path): \(isGood ? "sound" : "NOT SOUND"), \(report.files) files, rows: "
        + rows.joined(separator: ", "))
    for problem in report.problems { print("  \(problem)") }
  }
}
