// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import Observables
import Statistics
import Sweeps

/// Everything that a report tells of one run, read from its file.
public struct ReportedRun {
  /// What belongs to one sampler at one point: a run of Markov chains, or a stop of annealing.
  struct Part {
    let result: SamplerResult
    let field: FieldSample?
    let correlator: CorrelatorCurve?
    /// Of weighted walkers.
    let weights: LogWeights?
  }

  /// The last component of the path.
  let name: String
  let path: String
  let label: String
  let isComplete: Bool
  /// What there is so far, in words.
  let progress: String
  let root: [String: AttributeValue]
  let theory: [String: AttributeValue]
  let sampler: [String: AttributeValue]
  let extents: [Int]
  /// Names and meanings of what was measured.
  let measured: [(name: String, meaning: String)]
  private(set) var parts: [Part] = []
  private(set) var history: ChainHistory?
  private(set) var evolution: PathEvolution?
  private(set) var works: RoundTripWorks?
  /// Mean acceptance of an annealing run.
  private(set) var acceptance: Double?
  private(set) var populations: (count: Int, walkers: Int, isResampled: Bool)?

  /// The results, as they are compared.
  var results: [SamplerResult] { parts.map(\.result) }

  /// Reads a run, complete or not. Throws what the reader throws, or if a required quantity does not
  /// exist.
  public init(
    _ reader: any EnsembleReader, path: String, label: String, quantities: ComparedNames = .usual
  ) throws {
    (self.path, self.label, isComplete) = (path, label, reader.isComplete)
    name = URL(fileURLWithPath: path).lastPathComponent
    root = try reader.attributes(of: "")
    theory = try reader.attributes(of: "theory")
    sampler = try reader.attributes(of: "sampler")
    extents = try StoredTheory(reader).lattice.extents
    measured = (reader.layout.table(TableName.observables)?.variables ?? []).map {
      ($0.name, $0.longName)
    }
    let isAnnealing = try StoredAnnealing.describes(reader)
    let rows = try reader.rows(of: isAnnealing ? TableName.annealing : TableName.observables).count
    progress = NumberWords.count(
      rows, isAnnealing ? "population" : "measurement of each chain",
      isAnnealing ? "populations" : "measurements of each chain")
    if rows == 0 { return }
    let results = try SamplerResult.all(
      reader, path: path, label: label, quantities: quantities)
    if isAnnealing {
      try readWalkers(reader, results)
    } else {
      try readChains(reader, results)
    }
  }

  private mutating func readChains(
    _ reader: any EnsembleReader, _ results: [SamplerResult]
  ) throws {
    let data = try Measurements(reader, variables: ["m", "G_t"])
    let quantities = try StoredTheory(reader).quantities
    for result in results {
      let curve =
        data.contains("G_t")
        ? CorrelatorCurve(quantities) {
          ComparedQuantity(name: $0.name, chains: try $0.estimate(from: data))
        } : nil
      parts.append(
        Part(
          result: result,
          field: data.contains("m") ? .chains(data.series(Primary("m"))) : nil,
          correlator: curve, weights: nil))
    }
    history = try ChainHistory(reader, slowest: results.first?.diagnostics?.slowest)
  }

  private mutating func readWalkers(
    _ reader: any EnsembleReader, _ results: [SamplerResult]
  ) throws {
    let annealing = try StoredAnnealing(reader)
    for (index, result) in results.enumerated() {
      let stop = try annealing.stop(index, variables: ["m", "G_t"])
      let has = stop.measurements.contains
      let curve =
        has("G_t") && !stop.weights.areAllZero
        ? CorrelatorCurve(stop.theory.quantities) {
          ComparedQuantity(
            name: $0.name, weighted: try $0.estimate(from: stop), weights: stop.weights)
        } : nil
      let values = has("m") ? stop.measurements.series(Primary("m")).flatMap { $0 } : nil
      parts.append(
        Part(
          result: result, field: values.map { .walkers($0, stop.weights) }, correlator: curve,
          weights: stop.weights))
      if index == results.count - 1 { works = try RoundTripWorks(annealing, stop.weights) }
    }
    evolution = try PathEvolution(reader)
    populations = (annealing.populations, annealing.walkers, annealing.isResampled)
    let accepted = try reader.values(of: "acceptance", in: StoredAnnealing.table)
    acceptance = accepted.reduce(0, +) / Double(max(1, accepted.count))
  }
}
