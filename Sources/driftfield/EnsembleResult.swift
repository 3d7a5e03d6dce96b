// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Observables
import Statistics
import Sweeps

/// One quantity of one ensemble.
struct QuantityResult {
  let name: String
  let longName: String
  /// Nil where the quantity is undefined at the averages or the series are too short.
  let found: ComparedQuantity?
  /// What the Gamma method says besides, for Markov chains.
  let estimate: GammaEstimate?
  let jackknifeError: Double?

  /// `1.2345(67)`, with a mark where the error is not to be trusted.
  var text: String {
    guard let found else { return "undefined" }
    return found.uncertain.description + (found.isTrustworthy ? "" : "?")
  }
}

/// Which quantities a table shows.
enum QuantitySelection {
  /// All that can be derived, with jackknife errors.
  case all
  /// These, all of which must exist.
  case named([String])
  /// Those of these that can be derived from what was measured.
  case available(of: [String])

  /// The quantities of these among those that there are. Throws if one is missing that is named.
  func selected(
    from derived: [DerivedQuantity], path: String
  ) throws -> [DerivedQuantity] {
    let names = derived.map(\.name)
    switch self {
    case .all: return derived
    case .named(let wanted):
      // Of log Z the whole table decides.
      let known = names + [Comparison.logNormalizer]
      if let unknown = wanted.first(where: { !known.contains($0) }) {
        throw Failure(
          "\(path): has no quantity '\(unknown)'; there are " + names.joined(separator: ", "))
      }
      return wanted.compactMap { name in derived.first { $0.name == name } }
    case .available(let wanted):
      return wanted.compactMap { name in derived.first { $0.name == name } }
    }
  }

  func contains(_ name: String) -> Bool {
    switch self {
    case .all: true
    case .named(let names), .available(of: let names): names.contains(name)
    }
  }

  var isAll: Bool {
    if case .all = self { true } else { false }
  }
}

/// Everything a table shows of one ensemble, or of one stop of a run of annealing.
struct EnsembleResult {
  /// What only weighted walkers have.
  struct Weighted {
    let populations: Int
    let walkers: Int
    /// Whether only whole populations are independent.
    let isResampled: Bool
    let weights: LogWeights
    /// Counted from 1.
    let stop: Int
  }

  let label: String
  let path: String
  let isComplete: Bool
  /// Chains of so many measurements; populations of so many walkers.
  let chains: Int
  let measurements: Int
  /// Trajectories between measurements.
  let interval: Double
  let quantities: [QuantityResult]
  let acceptance: Double?
  let diagnostics: RunDiagnostics?
  let weighted: Weighted?
  let notes: [String]

  /// One result, or one for each stop. Throws if the ensemble cannot be read, or lacks a quantity that
  /// is named.
  static func all(
    _ ensemble: NamedEnsemble, store: HDF5Store, quantities selection: QuantitySelection
  ) throws -> [EnsembleResult] {
    let reader = try store.open(at: ensemble.path)
    guard try StoredAnnealing.describes(reader) else {
      return [try EnsembleResult(chains: reader, ensemble, selection)]
    }
    do {
      let annealing = try StoredAnnealing(reader)
      return try annealing.stops.indices.map {
        try EnsembleResult(reader, annealing, stop: $0, ensemble, selection)
      }
    } catch let error as EnsembleError {
      throw Failure("\(ensemble.path): \(error)")
    }
  }

  private init(
    chains reader: any EnsembleReader, _ ensemble: NamedEnsemble, _ selection: QuantitySelection
  ) throws {
    (label, path, weighted) = (ensemble.label, ensemble.path, nil)
    let theory = try StoredTheory(reader)
    isComplete = reader.isComplete
    chains = reader.layout.chains
    let data = try Measurements(reader)
    measurements = data.count
    interval = RunDiagnostics.interval(try reader.rows(of: TableName.observables))
    var notes = Notes(isComplete: reader.isComplete)
    quantities = try selection.selected(
      from: theory.quantities.all(for: data), path: ensemble.path
    ).map { quantity in
      let estimate = notes.attempt(quantity.name) { try quantity.estimate(from: data) }
      return QuantityResult(
        name: quantity.name, longName: quantity.longName,
        found: estimate.map { ComparedQuantity(name: quantity.name, chains: $0) },
        estimate: estimate,
        jackknifeError: selection.isAll
          ? estimate.flatMap { Self.jackknife(quantity, data, $0)?.error } : nil)
    }
    notes.finishUndefined()
    if let warning = quantities.compactMap({ SamplerResult.identityWarning($0.found) }).first {
      notes.lines.append(warning)
    }
    if reader.layout.table(TableName.timing) != nil {
      let diagnostics = try RunDiagnostics(
        reader, quantities: theory.quantities)
      notes.lines += diagnostics.warnings
      self.diagnostics = diagnostics
      acceptance = diagnostics.acceptance
    } else {
      diagnostics = nil
      if case .real(let number)? = try reader.attributes(of: "diagnostics")["acceptance"] {
        acceptance = number
      } else {
        acceptance = nil
      }
    }
    self.notes = notes.lines
  }

  private init(
    _ reader: any EnsembleReader, _ annealing: StoredAnnealing, stop index: Int,
    _ ensemble: NamedEnsemble, _ selection: QuantitySelection
  ) throws {
    let stop = try annealing.stop(index)
    let weights = stop.weights
    let name = annealing.stops[index].label
    let place = name.isEmpty ? "stop \(index + 1)" : "at \(name)"
    label = annealing.stops.count > 1 ? "\(ensemble.label) \(place)" : ensemble.label
    path = ensemble.path
    (isComplete, interval, diagnostics) = (reader.isComplete, 1, nil)
    (chains, measurements) = (annealing.populations, annealing.walkers)
    weighted = Weighted(
      populations: annealing.populations, walkers: annealing.walkers,
      isResampled: annealing.isResampled, weights: weights, stop: index + 1)
    let accepted = try reader.values(of: "acceptance", in: StoredAnnealing.table)
    acceptance = accepted.reduce(0, +) / Double(accepted.count)
    var notes = Notes(isComplete: reader.isComplete)
    let biases = try annealing.biases(at: index, of: stop)
    func marked(_ quantity: ComparedQuantity) -> ComparedQuantity {
      var quantity = quantity
      if biases.contains(where: { $0.concerns(quantity.name) && $0.outcome == .notExact }) {
        quantity.isTrustworthy = false
      }
      return quantity
    }
    var results = try selection.selected(
      from: stop.theory.quantities.all(for: stop.measurements),
      path: ensemble.path
    ).map { quantity in
      let estimate = notes.attempt(quantity.name) { try quantity.estimate(from: stop) }
      return QuantityResult(
        name: quantity.name, longName: quantity.longName,
        found: estimate.map {
          marked(ComparedQuantity(name: quantity.name, weighted: $0, weights: weights))
        }, estimate: nil, jackknifeError: estimate?.jackknifeError)
    }
    if selection.contains(Comparison.logNormalizer) {
      let logNormalizer = stop.logNormalizer
      results.append(
        QuantityResult(
          name: Comparison.logNormalizer,
          longName: "logarithm of the normalisation of exp(-S), in the field of the run",
          found: marked(
            ComparedQuantity(
              name: Comparison.logNormalizer, weighted: logNormalizer, weights: weights)),
          estimate: nil, jackknifeError: logNormalizer.jackknifeError))
    }
    quantities = results
    notes.finishUndefined()
    if annealing.hasContinuumWeights {
      notes.lines.append(
        "the weights are those of continuous time (weight: continuum), which the step size biases")
    }
    notes.lines += biases.compactMap(\.warning)
    if weights.verdict.outcome != .trustworthy { notes.lines.append(weights.verdict.description) }
    self.notes = notes.lines
  }

  /// What stands beside the numbers.
  private struct Notes {
    var lines: [String]
    var undefined: [String] = []

    init(isComplete: Bool) { lines = isComplete ? [] : ["the run is not complete"] }

    mutating func attempt<Estimate>(_ name: String, _ body: () throws -> Estimate) -> Estimate? {
      do {
        return try body()
      } catch StatisticsError.derivedQuantityUndefined {
        undefined.append(name)
      } catch {
        lines.append("\(name): \(error)")
      }
      return nil
    }

    mutating func finishUndefined() {
      if !undefined.isEmpty {
        lines.append("undefined within the noise: \(undefined.joined(separator: ", "))")
      }
    }
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
