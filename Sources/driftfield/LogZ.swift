// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import ArgumentParser
import Foundation
import Lattices
import Statistics
import Sweeps
import TensorRenormalisation

/// `driftfield logz`.
struct LogZ: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logz",
    abstract: "log Z of two-dimensional theories by tensor renormalisation, without sampling.",
    discussion: """
      Of one theory, given by options, or of every theory and lattice of a sweep. The error is an \
      estimate of what truncation left out; the bond dimension grows until it is below the \
      tolerance.
      """)

  @Argument(help: "A sweep file or a sweep folder.", completion: .file())
  var sweep: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Two extents: 16 16 or 16x16.", valueName: "L1 L2"))
  var extents: [String] = []

  @OptionGroup var theory: CouplingOptions

  @Option(help: "States of a leg, 4 to 128: the most, or exactly so many without --tolerance.")
  var bondDimension: Int?

  @Option(parsing: .unconditional, help: "The error of log Z to aim at. (default: 1e-5)")
  var tolerance: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Also log Z - log Z_free, from the free field of this m² with the same hopping.",
      valueName: "m2"))
  var fromFree: Double?

  @Flag(help: "As JSON, in full precision.")
  var json = false

  private static let usualTolerance = 1e-5
  private static let usualBondDimension = 40

  func validate() throws {
    if let bondDimension, !(4...128).contains(bondDimension) {
      throw ValidationError("--bond-dimension must be 4 to 128, got \(bondDimension)")
    }
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance must be above 0, got \(tolerance)")
    }
    if let fromFree, !(fromFree > 0 && fromFree.isFinite) {
      throw ValidationError("--from-free must be above 0, got \(fromFree)")
    }
    if sweep == nil {
      _ = try single()
    } else if !extents.isEmpty || theory.isGiven {
      throw ValidationError("give a sweep, or a theory with --extents, not both")
    }
  }

  func run() throws {
    let rows = try theories().map(row)
    print(json ? try LogZText.json(rows) : LogZText.table(rows))
  }

  /// The theory that options name.
  private func single() throws -> TorusTheory {
    if extents.isEmpty { throw ValidationError("give a sweep, or a theory with --extents") }
    guard let numbers = ExtentsText.numbers(extents, count: 2...2) else {
      throw ValidationError(
        "--extents must be two integers from 2 to 1000000, such as 16 16 or 16x16, got '"
          + extents.joined(separator: " ") + "'")
    }
    let couplings = try theory.couplings()
    if fromFree != nil, case .hopping(let kappa, _) = couplings, kappa <= 0 {
      throw ValidationError("--from-free needs --kappa above 0, got \(kappa)")
    }
    return TorusTheory(couplings: couplings, extents: numbers)
  }

  /// The different theories and lattices of the sweep, or the one that options name. Those that are
  /// not two-dimensional are told on standard error and left out.
  private func theories() throws -> [TorusTheory] {
    guard let sweep else { return [try single()] }
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: sweep, isDirectory: &isFolder)
    let definition =
      exists && isFolder.boolValue
      ? try SweepFolder(opening: sweep).definition : try SweepDefinition(readingFile: sweep)
    var seen: Set<TorusTheory> = []
    var found: [TorusTheory] = []
    for run in definition.runs {
      let theory = TorusTheory(couplings: run.theory.parametrisation, extents: run.extents)
      guard seen.insert(theory).inserted else { continue }
      if run.extents.count == 2 {
        found.append(theory)
      } else {
        Software.complain("\(theory): left out, the lattice has \(run.extents.count) dimensions")
      }
    }
    if found.isEmpty { throw Failure("\(sweep): has no two-dimensional lattice") }
    return found
  }

  private func row(_ theory: TorusTheory) throws -> LogZRow {
    let start = Date()
    let partition: TorusPartition
    let isExact = bondDimension != nil && tolerance == nil
    let tolerance = tolerance ?? Self.usualTolerance
    do {
      let torus = try TensorRenormalisation(couplings: theory.couplings, extents: theory.extents)
      partition =
        isExact
        ? try torus.logZ(bondDimension: bondDimension ?? Self.usualBondDimension)
        : try torus.logZ(
          tolerance: tolerance, largestBondDimension: bondDimension ?? Self.usualBondDimension)
    } catch let error as TensorRenormalisationError {
      throw Failure("\(theory): \(error)")
    }
    return LogZRow(
      theory: theory, partition: partition,
      isWithinTolerance: isExact || partition.truncationError <= tolerance,
      free: fromFree.map { ($0, theory.freeLogNormalizer(massSquared: $0)) },
      seconds: Date().timeIntervalSince(start))
  }
}

/// The forms of the action that `--parametrisation` knows.
enum TheoryForm: String, CaseIterable, ExpressibleByArgument {
  case unhalved, hopping, continuum
}
