// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Observables

/// Observables measured anew on the stored configurations of an ensemble.
public struct ConfigurationMeasurement {
  private let reader: any EnsembleReader
  private let theory: StoredTheory
  private let observables: [any Observable]

  /// Throws if the ensemble has no stored configurations or describes no theory.
  public init(
    _ reader: any EnsembleReader, observables: [MeasurementSpecification.Observable], shells: Int
  ) throws {
    self.reader = reader
    theory = try StoredTheory(reader)
    if try reader.attributes(of: "sampler")["family"] == .text("annealing") {
      throw EnsembleError(
        "holds weighted walkers, which only mean something with their weights; 'measure' is for "
          + "configurations of Markov chains")
    }
    guard reader.layout.table(TableName.configurations) != nil,
      try !reader.rows(of: TableName.configurations).isEmpty
    else { throw EnsembleError("no configurations are stored (the sweep's key 'configurations')") }
    self.observables = theory.observables(observables, shells: shells)
  }

  /// The layout of the new ensemble: the same theory, one table.
  public func layout(source: String) throws -> EnsembleLayout {
    var attributes = reader.layout.attributes
    attributes["measured_from"] = .text(source)
    var descriptions = reader.layout.descriptions
    descriptions["sampler", default: [:]]["measure_every"] = nil
    return EnsembleLayout(
      chains: reader.layout.chains, attributes: attributes, descriptions: descriptions,
      tables: [Table(name: TableName.observables, variables: observables.flatMap(\.variables))])
  }

  /// Measures every stored configuration, in order, and finishes the new ensemble.
  public func carryOut(into writer: any EnsembleWriter, workers: Workers) throws {
    let chains = reader.layout.chains
    let volume = theory.lattice.volume
    var last = Configurations(count: chains, dimension: volume)
    let rows = try reader.rows(of: TableName.configurations)
    for (position, row) in rows.enumerated() {
      last = Configurations(
        count: chains, dimension: volume,
        values: try reader.values(
          of: "phi", in: TableName.configurations, positions: position..<position + 1))
      try writer.append(
        row: row, to: TableName.observables,
        observables.measure(last, workers: workers))
    }
    try writer.finish(RestartState(fields: last, integers: ["trajectory": rows.last ?? 0]), [:])
  }
}
