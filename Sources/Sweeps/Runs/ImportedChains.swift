// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import Observables
import Statistics

/// Markov chains of configurations that another program made, as a result like those of Driftfield's own
/// runs: the configurations, and the observables measured on each of them.
public struct ImportedChains: Sendable {
  public let action: Phi4
  public let chains: Int
  /// Configurations of each chain.
  public let count: Int
  /// Updates between two configurations: their trajectory numbers are `every`, 2 `every`, ...
  public let every: Int
  /// What the result is called.
  public let name: String
  /// How numbers were kept, and will be.
  public let type: ScalarType
  private let observables: [any Observable]

  /// The field must be in the normalisation of the couplings' parametrisation. Throws if the weight
  /// exp(-S) cannot be normalised, or if a number is not positive.
  public init(
    couplings: Phi4Couplings.Parametrisation, extents: [Int], chains: Int, count: Int,
    every: Int = 1, name: String = "imported", type: ScalarType = .float64,
    observables: [MeasurementSpecification.Observable], shells: Int
  ) throws {
    let lattice = Lattice(extents: extents)
    action = Phi4(lattice: lattice, couplings: couplings)
    let c = action.coefficients
    // The free field is bounded below where K(p) = c2 − J Σ_μ cos p_μ is positive at every p.
    let lowest = c.quadratic - abs(c.hopping) * Double(lattice.dimensions)
    guard c.quartic > 0 || (c.quartic == 0 && lowest > 0) else {
      throw EnsembleError(
        "with the couplings \(couplings.name) J=\(c.hopping) c2=\(c.quadratic) c4=\(c.quartic) the "
          + "weight exp(-S) cannot be normalised")
    }
    guard chains >= 1, count >= 1, every >= 1 else {
      throw EnsembleError(
        "chains (\(chains)), configurations (\(count)) and the distance between them (\(every)) must "
          + "all be at least 1")
    }
    if count.multipliedReportingOverflow(by: every).overflow {
      throw EnsembleError(
        "a distance of \(every) between \(count) configurations makes trajectory numbers too large")
    }
    (self.chains, self.count, self.every) = (chains, count, every)
    (self.name, self.type) = (name, type)
    let theory = StoredTheory(lattice: lattice, coefficients: c, label: name)
    self.observables = theory.observables(observables, shells: shells)
  }

  /// What the file says of itself. `sources` names where the configurations come from; `fingerprint`
  /// tells them from others, since the same configurations twice are not independent.
  public func layout(
    title: String, sources: [String], fingerprint: String, software: [String: AttributeValue]
  ) -> EnsembleLayout {
    let extents = action.lattice.extents
    let theory = TheorySpecification(
      model: action.coefficients.quartic == 0 ? .free : .phi4,
      parametrisation: action.couplings.given)
    let attributes: [String: AttributeValue] = [
      "title": .text(title), "label": .text(name), "units": .text("lattice"),
      "ensemble_id": .text(RunSpecification.stableHash("\(theory.identity) \(extents)")),
      "run_id": .text(RunSpecification.stableHash("imported \(theory.identity) \(fingerprint)")),
      "imported_from": .texts(sources),
    ]
    return EnsembleLayout(
      chains: chains, attributes: attributes.merging(software) { $1 },
      descriptions: [
        "theory": action.attributes(model: theory.model), "lattice": action.lattice.attributes,
        "sampler": [
          "name": .text(name), "method": .text("imported"), "family": .text("markov"),
          "chains": .integer(chains), "measure_every": .integer(every),
        ],
      ],
      tables: [
        Table(name: TableName.observables, variables: observables.flatMap(\.variables)),
        Table(
          name: TableName.configurations,
          variables: [MarkovChainRun.fieldVariable(on: action.lattice, type: type)]),
      ])
  }

  /// Takes all configurations over: `configuration` gives that of a chain at a position, both from 0, its
  /// last axis fastest. Throws if one is not finite.
  public func carryOut(
    into writer: any EnsembleWriter, workers: Workers,
    configuration: (_ chain: Int, _ position: Int) throws -> [Double]
  ) throws {
    let volume = action.lattice.volume
    var fields = Configurations(count: chains, dimension: volume)
    for position in 0..<count {
      for chain in 0..<chains {
        let field = try configuration(chain, position)
        if let site = field.firstIndex(where: { !$0.isFinite }) {
          throw EnsembleError(
            "configuration \(position) of chain \(chain) has \(field[site]) at site \(site): fields "
              + "must be finite")
        }
        fields[chain] = field[...]
      }
      let row = (position + 1) * every
      let measured = observables.measure(fields, workers: workers)
      if measured.contains(where: { $0.contains { !$0.isFinite } }) {
        throw EnsembleError(
          "configuration \(position) of a chain has observables that are not finite: its field is too "
            + "large")
      }
      try writer.append(row: row, to: TableName.observables, measured)
      try writer.append(row: row, to: TableName.configurations, [fields.values])
      if writer.pendingBytes > Self.largestCommit {
        try writer.commit(RestartState(fields: fields, integers: ["trajectory": row]))
      }
    }
    try writer.finish(
      RestartState(fields: fields, integers: ["trajectory": count * every]), [:])
  }

  /// The Schwinger-Dyson identity of what was taken over: 1 where the couplings are those that the
  /// configurations were made with. Nil where it cannot be computed.
  public static func schwingerDyson(_ reader: any EnsembleReader) throws -> Uncertain? {
    let quantity = try StoredTheory(reader).quantities.schwingerDyson
    let variables = Set(quantity.primaries.map(\.variable))
    let table = reader.layout.table(TableName.observables)
    guard variables.isSubset(of: Set(table?.variables.map(\.name) ?? [])) else { return nil }
    do {
      let estimate = try quantity.estimate(from: Measurements(reader, variables: variables))
      return Uncertain(estimate.value, estimate.error)
    } catch is StatisticsError {
      return nil
    }
  }

  private static let largestCommit = 1 << 26
}
