// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Observables
import Statistics
import Sweeps

/// `driftfield table`.
struct ShowTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Averages with errors, a row for each run.",
    discussion: """
      Errors are those of the Gamma method over all chains. With --all, every derived quantity of \
      each run with its integrated autocorrelation time and the jackknife error beside it.
      """)

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String]

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: "Quantities to show, such as abs_m chi2 U4 xi2 'G(3)'.")
  var quantity: [String] = []

  /// Shown unless others are asked for; those that were not measured are left out.
  private static let usual = ["abs_m", "chi2", "chi", "U4", "xi2", "energy", "SD"]

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
    let results = try ensembles.map { ensemble in
      try EnsembleResult(ensemble, store: store, quantities: selection)
    }
    if json { return print(try ResultText.json(results)) }
    if csv { return print(ResultText.csv(results)) }
    if all {
      for result in results { print(ResultText.long(result), terminator: "\n\n") }
    } else {
      let known = Set(results.flatMap { $0.quantities.map(\.quantity.name) })
      let shown = quantity.isEmpty ? Self.usual.filter { known.contains($0) } : quantity
      print(ResultText.summary(results, quantities: shown))
    }
    let notes = results.flatMap { result in
      result.notes.map { "\(result.ensemble.label): \($0)" }
    }
    if !notes.isEmpty { print("\nnotes") }
    for note in notes { print("  \(note)") }
  }
}

/// One quantity of one ensemble.
struct QuantityResult {
  let quantity: DerivedQuantity
  /// Nil where the quantity is undefined at the averages or the series are too short.
  let estimate: GammaEstimate?
  let jackknife: ResamplingEstimate?
}

/// Which quantities a table shows.
enum QuantitySelection {
  /// All that can be derived, with jackknife errors.
  case all
  /// These, all of which must exist.
  case named([String])
  /// Those of these that can be derived from what was measured.
  case available(of: [String])
}

/// Everything a table shows of one ensemble.
struct EnsembleResult {
  let ensemble: NamedEnsemble
  let isComplete: Bool
  let chains: Int
  let measurements: Int
  /// Trajectories between measurements.
  let interval: Double
  let quantities: [QuantityResult]
  let diagnostics: RunDiagnostics?
  let notes: [String]

  /// Throws if the ensemble cannot be read, or lacks a quantity that is named.
  init(
    _ ensemble: NamedEnsemble, store: HDF5Store, quantities selection: QuantitySelection
  ) throws {
    self.ensemble = ensemble
    let reader = try store.open(at: ensemble.path)
    let theory = try StoredTheory(reader)
    isComplete = reader.isComplete
    chains = reader.layout.chains
    let data = try Measurements(reader)
    measurements = data.count
    interval = RunDiagnostics.interval(try reader.rows(of: TableName.observables))
    var derived = theory.quantities.all(for: data)
    var isAll = false
    switch selection {
    case .all: isAll = true
    case .named(let wanted):
      let names = derived.map(\.name)
      if let unknown = wanted.first(where: { !names.contains($0) }) {
        throw Failure(
          "\(ensemble.path): has no quantity '\(unknown)'; there are "
            + names.joined(separator: ", "))
      }
      derived = wanted.compactMap { name in derived.first { $0.name == name } }
    case .available(let wanted):
      derived = wanted.compactMap { name in derived.first { $0.name == name } }
    }
    var notes: [String] = []
    var undefined: [String] = []
    if !reader.isComplete { notes.append("the run is not complete") }
    quantities = derived.map { quantity in
      do {
        let estimate = try quantity.estimate(from: data)
        return QuantityResult(
          quantity: quantity, estimate: estimate,
          jackknife: isAll ? Self.jackknife(quantity, data, estimate) : nil)
      } catch StatisticsError.derivedQuantityUndefined {
        undefined.append(quantity.name)
        return QuantityResult(quantity: quantity, estimate: nil, jackknife: nil)
      } catch {
        notes.append("\(quantity.name): \(error)")
        return QuantityResult(quantity: quantity, estimate: nil, jackknife: nil)
      }
    }
    if !undefined.isEmpty {
      notes.append("undefined within the noise: \(undefined.joined(separator: ", "))")
    }
    if reader.layout.table(TableName.timing) != nil {
      let diagnostics = try RunDiagnostics(
        reader, quantities: theory.quantities)
      notes += diagnostics.warnings
      self.diagnostics = diagnostics
    } else {
      diagnostics = nil
    }
    self.notes = notes
  }

  private static func jackknife(
    _ quantity: DerivedQuantity, _ data: Measurements, _ estimate: GammaEstimate
  ) -> ResamplingEstimate? {
    do {
      return try quantity.jackknife(from: data, tauIntegrated: estimate.tauIntegrated)
    } catch {
      return nil
    }
  }
}
