// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Sweeps

/// `driftfield table`.
struct ShowTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Averages with errors, a row for each run.",
    discussion: """
      Errors are those of the Gamma method over all chains. With --all, every derived quantity of \
      each run with its integrated autocorrelation time and the jackknife error beside it. A run \
      of annealing has a row for each stop: weighted averages with errors over what is \
      independent, walkers or whole populations, and the effective sample size.
      """)

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String]

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: "Quantities to show, such as abs_m chi2 U4 xi2 'G(3)'.")
  var quantity: [String] = []

  /// Shown unless others are asked for; those that were not measured are left out.
  private static let usual = [
    "abs_m", "chi2", "chi", "U4", "xi2", "energy", "SD", Comparison.logNormalizer,
  ]

  @Flag(help: "Every quantity of each run.")
  var all = false

  @Flag(help: "As JSON, in full precision.")
  var json = false

  @Flag(help: "As CSV, in full precision.")
  var csv = false

  func validate() throws {
    if json && csv { throw ValidationError("--json and --csv exclude each other") }
  }

  private var selection: QuantitySelection {
    if !quantity.isEmpty { return .named(quantity) }
    return all || json || csv ? .all : .available(of: Self.usual)
  }

  func run() throws {
    let store = HDF5Store()
    let ensembles = try NamedEnsemble.all(at: paths, store: store)
    let results = try ensembles.flatMap { ensemble in
      try EnsembleResult.all(ensemble, store: store, quantities: selection)
    }
    if quantity.contains(Comparison.logNormalizer), !results.contains(where: { $0.weighted != nil })
    {
      throw Failure("\(Comparison.logNormalizer): only weighted runs give it, and none was named")
    }
    if json { return print(try ResultText.json(results)) }
    if csv { return print(ResultText.csv(results)) }
    if all {
      for result in results { print(ResultText.long(result), terminator: "\n\n") }
    } else {
      let known = Set(results.flatMap { $0.quantities.map(\.name) })
      let shown = quantity.isEmpty ? Self.usual.filter { known.contains($0) } : quantity
      print(ResultText.summary(results, quantities: shown))
    }
    let notes = results.flatMap { result in
      result.notes.map { "\(result.label): \($0)" }
    }
    if !notes.isEmpty { print("\nnotes") }
    for note in notes { print("  \(note)") }
  }
}
