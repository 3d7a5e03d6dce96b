// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import RandomStreams
import Statistics

/// Weighted walkers of one stop turned into Markov chains without weights, which any analysis of chains
/// can read.
///
/// The walkers are independent proposals, each with its weight. They are dealt out to several chains,
/// none to two, in their order. Chains leave the density of the stop exactly invariant; what they
/// remember of their start dies out, and is cut off.
public struct Unweighting {
  public enum Method: Sendable, Equatable {
    /// Independence Metropolis: each walker in its turn is accepted with min(1, w'/w). Where walkers
    /// were resampled, whole populations are proposed with their mean weights (particle independence
    /// Metropolis), and a member of an accepted one is drawn.
    case metropolis
    /// Iterated sampling importance resampling: so many new walkers at a time, and one of them and of
    /// the state is chosen by weight.
    case iteratedResampling(proposals: Int)
  }

  /// The least number of iterations of a chain, thermalisation not counted.
  public static let leastLength = 20
  /// How many times the time in which the start is forgotten is cut off.
  static let forgetting = 5.0

  private let reader: any EnsembleReader
  private let annealing: StoredAnnealing
  private let index: Int
  public let method: Method
  /// Which walker each chain is at, after each iteration, and whether it has just moved; populations
  /// and walkers counted from 0.
  let chains: [IndependenceChain]
  /// Iterations that are cut off.
  public let thermalisation: Int
  /// Walkers, or whole populations, that did not fill a chain.
  public let leftOver: Int

  /// What is known to be wrong with the weights, in words.
  public let warnings: [String]

  /// Iterations of each chain that are kept.
  public var length: Int { chains[0].indices.count - thermalisation }

  /// The fraction of all iterations that moved.
  public var acceptance: Double {
    let moved = chains.reduce(0) { $0 + $1.accepted }
    return Double(moved) / Double(chains.reduce(0) { $0 + $1.iterations })
  }

  /// From a run of annealing, at its last stop or at another one counted from 1. Without
  /// `thermalisation`, five times w_max/⟨w⟩ iterations are cut off: independence Metropolis forgets its
  /// start at least like (1 − ⟨w⟩/w_max)^n. Mengersen and Tweedie, Ann. Stat. 24 (1996) 101. `count`
  /// chains, or as many as there are walkers for.
  /// Throws if walkers, or populations where only these are independent, are too few.
  public init(
    _ reader: any EnsembleReader, stop: Int? = nil, method: Method, chains count: Int? = nil,
    thermalisation: Int? = nil, seed: UInt64 = 1
  ) throws {
    guard try StoredAnnealing.describes(reader) else {
      throw EnsembleError("is no run of annealing: it has no weights")
    }
    self.reader = reader
    self.method = method
    annealing = try StoredAnnealing(reader)
    index = try Reweighting.index(of: stop, in: annealing)
    let walkers = try annealing.stop(index, variables: ["m", "phi2"])
    warnings = try annealing.biasWarnings(
      at: index, of: walkers, except: Comparison.logNormalizer)
    let weights = walkers.weights
    if weights.areAllZero { throw EnsembleError("all weights are zero") }
    let size = annealing.unitSize
    let units = weights.units
    let what = annealing.isResampled ? "populations" : "walkers"
    var perIteration = 1
    if case .iteratedResampling(let proposals) = method {
      if annealing.isResampled {
        throw EnsembleError(
          "walkers were resampled, so that only whole populations are independent proposals; "
            + "--method imh proposes those")
      }
      if proposals < 1 { throw EnsembleError("--proposals must be at least 1, got \(proposals)") }
      perIteration = proposals
    }
    // Whole populations carry their total weights.
    let totals = stride(from: 0, to: weights.count, by: size).map {
      weights.relativeWeights[$0..<$0 + size].reduce(0, +)
    }
    let ratio = (totals.max() ?? 0) / (totals.reduce(0, +) / Double(units))
    let automatic = Int((Self.forgetting * ratio / Double(perIteration)).rounded(.up))
    let burn = thermalisation ?? automatic
    // The start is no iteration.
    let needed = (burn + Self.leastLength) * perIteration + 1
    let chainCount = count ?? max(1, min(8, units / needed))
    if chainCount < 1 { throw EnsembleError("--chains must be at least 1, got \(chainCount)") }
    let share = units / chainCount
    if share < needed {
      throw EnsembleError(
        "\(units) independent \(what) are too few for \(chainCount) "
          + (chainCount == 1 ? "chain" : "chains") + ": each needs \(needed), for "
          + "\(burn) iterations of thermalisation (the heaviest weight is "
          + String(format: "%.3g", ratio) + " times the mean) and \(Self.leastLength) to keep"
          + (annealing.isResampled
            ? "; particle independence Metropolis proposes whole populations: run more of them"
            : ""))
    }
    self.thermalisation = burn
    // Runs and stops must not share decisions.
    let identity = try reader.attributes(of: "").text("run_id") ?? ""
    let streams = RandomStreams(seed: seed).derived("unweighting \(identity) \(index)")
    let method = method
    chains = try (0..<chainCount).map { chain in
      let range = chain * share * size..<(chain + 1) * share * size
      let part = Array(weights.values[range])
      func uniform(_ number: Int) -> Double {
        streams.uniform(purpose: .acceptance, walker: chain, step: number)
      }
      if size > 1 {
        return try IndependenceChain.particleMetropolis(
          weights: LogWeights(part, unitSize: size), uniform: uniform)
      }
      switch method {
      case .metropolis:
        return try IndependenceChain.metropolis(logWeights: part, uniform: uniform)
      case .iteratedResampling(let proposals):
        return try IndependenceChain.iteratedResampling(
          logWeights: part, freshProposals: proposals, uniform: uniform)
      }
    }
    leftOver = units - chainCount * share
  }

  /// What files call the method.
  public var name: String {
    switch method {
    case .metropolis: annealing.isResampled ? "pimh" : "imh"
    case .iteratedResampling: "i-sir"
    }
  }

  static let table = "independence"

  /// The layout of the new ensemble: the theory of the stop, and chains.
  public func layout(source: String) throws -> EnsembleLayout {
    let old = reader.layout
    var descriptions: [String: [String: AttributeValue]] = [:]
    for group in ["theory", "lattice"] { descriptions[group] = try reader.attributes(of: group) }
    if index != annealing.stops.count - 1 {
      descriptions["theory"] = theory(descriptions["theory"] ?? [:])
    }
    let sampler = try reader.attributes(of: "sampler")
    descriptions["source_sampler"] = sampler
    var own: [String: AttributeValue] = [
      "name": .text("\(sampler.text("name") ?? "annealing")-\(name)"), "method": .text(name),
      "family": .text("markov"), "chains": .integer(chains.count),
      "thermalisation": .integer(thermalisation), "stop": .integer(index + 1),
    ]
    if case .iteratedResampling(let proposals) = method { own["proposals"] = .integer(proposals) }
    if annealing.hasContinuumWeights { own["weight"] = .text("continuum") }
    descriptions["sampler"] = own
    var attributes = try reader.attributes(of: "").filter {
      !Self.ownByFile.contains($0.key) && !$0.key.hasPrefix("driftfield_")
    }
    attributes["unweighted_from"] = .text(source)
    let stop = annealing.stops[index]
    let label = attributes.text("label") ?? ""
    let place = annealing.stops.count > 1 && !stop.label.isEmpty ? " \(stop.label)" : ""
    attributes["label"] = .text("\(label)\(place) \(name)".trimmingCharacters(in: .whitespaces))
    var observables = old.table(TableName.observables)?.variables ?? []
    for place in observables.indices { observables[place].axes.removeFirst(2) }
    return EnsembleLayout(
      chains: chains.count, attributes: attributes, descriptions: descriptions,
      tables: [
        Table(name: TableName.observables, variables: observables),
        Table(
          name: Self.table,
          variables: [
            Variable(
              name: "accept", type: .uint8, units: "1", longName: "outcome of the iteration",
              flagMeanings: ["stayed", "moved"]),
            Variable(
              name: "population", type: .int64, units: "1",
              longName: "the population that the state comes from, from 1"),
            Variable(
              name: "walker", type: .int64, units: "1", longName: "its walker there, from 0"),
            Variable(
              name: "log_weight", units: "1", longName: "logarithm of the weight of the state"),
          ]),
      ])
  }

  /// Attributes that each file has of its own.
  private static let ownByFile: Set<String> = [
    "Conventions", "complete", "created", "host", "hdf5_version",
  ]

  /// The theory of a stop that is not the last one.
  private func theory(_ last: [String: AttributeValue]) -> [String: AttributeValue] {
    let c = annealing.stops[index].coefficients
    let couplings = Phi4Couplings(.common(c), dimensions: annealing.theory.lattice.dimensions)
    var result = last.filter { ["name", "boundary", "D"].contains($0.key) }
    result["parametrisation"] = .text(couplings.given.name)
    (result["J"], result["c2"]) = (.real(c.hopping), .real(c.quadratic))
    result["c4"] = .real(c.quartic)
    if c.hopping > 0 {
      result["field_scale"] = .real(couplings.fieldScale)
      result["m2"] = .real(couplings.canonical.massSquared)
      result["lambda"] = .real(couplings.canonical.coupling)
    }
    return result
  }

  /// Writes the chains, trajectory 1 the first that is kept, and finishes the new ensemble.
  public func carryOut(into writer: any EnsembleWriter) throws {
    let logWeights = try annealing.values(
      of: "log_weight", in: StoredAnnealing.table, stop: index)
    let variables = reader.layout.table(TableName.observables)?.variables ?? []
    let columns = try variables.map { variable -> (size: Int, values: [Double]) in
      let own = variable.size / (annealing.stops.count * annealing.walkers)
      return (
        own, try annealing.values(of: variable.name, in: TableName.observables, stop: index)
      )
    }
    let share = (annealing.populations * annealing.walkers / annealing.unitSize) / chains.count
    let offset = share * annealing.unitSize
    for iteration in 0..<length {
      let place = iteration + thermalisation
      let states = chains.indices.map { $0 * offset + chains[$0].indices[place] }
      let moved = chains.map { chain in
        place > 0 && chain.indices[place] != chain.indices[place - 1] ? 1.0 : 0
      }
      try writer.append(
        row: iteration + 1, to: TableName.observables,
        columns.map { column in
          states.flatMap { column.values[$0 * column.size..<($0 + 1) * column.size] }
        })
      try writer.append(
        row: iteration + 1, to: Self.table,
        [
          moved, states.map { Double($0 / annealing.walkers + 1) },
          states.map { Double($0 % annealing.walkers) },
          states.map { logWeights[$0] },
        ])
    }
    try writer.record(["acceptance": .real(acceptance)], in: "diagnostics")
    try writer.record(
      SamplingCost.ofAnnealing(reader, annealing, stop: index).attributes,
      in: SamplingCost.group)
    try writer.finish(
      RestartState(
        fields: Configurations(count: chains.count, dimension: 0),
        integers: ["trajectory": length]), [:])
  }
}
