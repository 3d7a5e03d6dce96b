// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import Observables
import Statistics

extension SamplerResult {
  /// What one ensemble gives: one result for Markov chains, one for each stop of a run of annealing.
  /// Throws what the reader throws, or if a required quantity does not exist.
  public static func all(
    _ reader: any EnsembleReader, path: String, label: String,
    quantities: ComparedNames = .usual
  ) throws -> [SamplerResult] {
    if try StoredAnnealing.describes(reader) {
      let annealing = try StoredAnnealing(reader)
      return try annealing.stops.indices.map {
        try SamplerResult(
          reader, annealing, stop: $0, path: path, label: label, names: quantities)
      }
    }
    return [try SamplerResult(chains: reader, path: path, label: label, names: quantities)]
  }

  /// The names of the sampler and of its method, and what its seconds depend on.
  private static func names(
    _ reader: any EnsembleReader
  ) throws -> (name: String, method: String, machine: String, identity: String?) {
    let sampler = try reader.attributes(of: "sampler")
    let root = try reader.attributes(of: "")
    let method = sampler.text("method") ?? "unknown"
    let threads = root.real("threads").map { "\(Int($0)) threads" } ?? "threads unknown"
    let level = root.text("kernel_level").map { ", \($0)" } ?? ""
    return (sampler.text("name") ?? method, method, threads + level, root.text("run_id"))
  }

  private init(
    chains reader: any EnsembleReader, path: String, label: String, names: ComparedNames
  ) throws {
    let theory = try StoredTheory(reader)
    let derived = try names.derived(
      theory.quantities, from: reader.layout.table(TableName.observables), axes: 0)
    let measurements = try Measurements(
      reader, variables: Set(derived.flatMap { $0.primaries.map(\.variable) }))
    (name, method, machine, identity) = try Self.names(reader)
    (self.label, self.path, stop, isWeighted) = (label, path, nil, false)
    (lattice, coefficients) = (theory.lattice, theory.coefficients)
    (logNormalizer, bennett) = (nil, nil)
    var warnings: [String] = []
    quantities = derived.compactMap { quantity in
      Self.attempt(quantity.name, &warnings) {
        ComparedQuantity(
          name: quantity.name, chains: try quantity.estimate(from: measurements))
      }
    }
    if try reader.attributes(of: "sampler").text("weight") == "continuum" {
      warnings.append(Self.biasWarning)
    }
    cost = try SamplingCost.ofChains(reader)
    let found = Set(quantities.map(\.name))
    correlations = BinCorrelations(
      chains: measurements, quantities: derived.filter { found.contains($0.name) },
      tau: quantities.compactMap(\.tau?.value).max() ?? .nan)
    let count = measurements.chains * measurements.count
    if reader.layout.table(TableName.timing) != nil {
      let diagnostics = try RunDiagnostics(reader, quantities: theory.quantities)
      self.diagnostics = diagnostics
      warnings += diagnostics.warnings
      let interval = RunDiagnostics.interval(try reader.rows(of: TableName.observables))
      effectiveSize = diagnostics.slowest.map { slowest in
        EffectiveSize(
          count: count, observable: slowest.name, tau: slowest.tau, interval: interval)
      }
    } else {
      let slowest = quantities.filter { $0.tau != nil }
        .max { ($0.tau?.value ?? 0) < ($1.tau?.value ?? 0) }
      effectiveSize = slowest.map {
        EffectiveSize(
          count: count, observable: $0.name, tau: $0.tau ?? Uncertain(0.5, 0), interval: 1)
      }
    }
    if let warning = quantities.compactMap(Self.identityWarning).first { warnings.append(warning) }
    for quantity in quantities where !quantity.isTrustworthy {
      warnings.append(
        "\(quantity.name): its error is not to be trusted; chains are too short against tau_int, or "
          + "disagree with each other")
    }
    self.warnings = warnings
  }

  private init(
    _ reader: any EnsembleReader, _ annealing: StoredAnnealing, stop index: Int, path: String,
    label: String, names: ComparedNames
  ) throws {
    let stored = annealing.stops[index]
    let derived = try names.derived(
      StoredTheory(
        lattice: annealing.theory.lattice, coefficients: stored.coefficients, label: ""
      ).quantities, from: reader.layout.table(TableName.observables), axes: 2)
    let stop = try annealing.stop(
      index,
      variables: Set(derived.flatMap { $0.primaries.map(\.variable) })
        .union(["m", "phi2", "action"]))
    let weights = stop.weights
    (name, method, machine, identity) = try Self.names(reader)
    (self.label, self.path, isWeighted) = (label, path, true)
    self.stop = annealing.stops.count > 1 ? index + 1 : nil
    (lattice, coefficients) = (stop.theory.lattice, stored.coefficients)
    var warnings: [String] = []
    quantities = derived.compactMap { quantity in
      Self.attempt(quantity.name, &warnings) {
        ComparedQuantity(
          name: quantity.name, weighted: try quantity.estimate(from: stop), weights: weights)
      }
    }
    logNormalizer = ComparedQuantity(
      name: Comparison.logNormalizer, weighted: stop.logNormalizer, weights: weights)
    let isLast = index == annealing.stops.count - 1
    bennett = isLast ? try Self.bennett(annealing, stop, &warnings) : nil
    effectiveSize = EffectiveSize(of: stop)
    cost = try SamplingCost.ofAnnealing(reader, annealing, stop: index)
    let found = Set(quantities.map(\.name))
    correlations = BinCorrelations(
      weighted: stop, quantities: derived.filter { found.contains($0.name) })
    if annealing.hasContinuumWeights { warnings.append(Self.biasWarning) }
    biases = try annealing.biases(at: index, of: stop)
    warnings += biases.compactMap(\.warning)
    for bias in biases where bias.outcome == .notExact {
      if bias.name == Comparison.logNormalizer { logNormalizer?.isTrustworthy = false }
      for index in quantities.indices where bias.concerns(quantities[index].name) {
        quantities[index].isTrustworthy = false
      }
    }
    if weights.verdict.outcome != .trustworthy { warnings.append(weights.verdict.description) }
    for quantity in quantities where weights.verdict.outcome == .trustworthy {
      let isBiased = biases.contains {
        $0.concerns(quantity.name) && $0.outcome == .notExact
      }
      if !quantity.isTrustworthy, !isBiased, let jackknife = quantity.jackknifeError {
        warnings.append(
          "\(quantity.name): the error is \(Self.short(quantity.error)) by the delta method and "
            + "\(Self.short(jackknife)) by the jackknife; neither is to be believed")
      }
    }
    self.warnings = warnings
  }

  /// log Z from the works there and back, where the run went back; nothing may be resampled then.
  private static func bennett(
    _ annealing: StoredAnnealing, _ stop: WeightedStop, _ warnings: inout [String]
  ) throws -> ComparedQuantity? {
    guard !annealing.isResampled, !stop.weights.areAllZero,
      let reverse = try annealing.reverseLogWeights(), !reverse.areAllZero
    else { return nil }
    let roundTrip = try RoundTrip(
      forward: LogWeights(stop.weights.values, unitSize: annealing.walkers), reverse: reverse)
    var estimate = roundTrip.bennettAcceptanceRatio()
    estimate.value = stop.originLogNormalizer - estimate.value
    if estimate.verdict.outcome != .trustworthy {
      warnings.append("log Z by Bennett's ratio is \(estimate.verdict)")
    }
    var result = ComparedQuantity(
      name: Comparison.bennettLogNormalizer, bennett: estimate, units: reverse.units)
    // The way back begins at the walkers that came, drawn by weight.
    if stop.weights.verdict.outcome != .trustworthy { result.isTrustworthy = false }
    return result
  }

  private static func short(_ number: Double) -> String { String(format: "%.2g", number) }

  /// Of weights that are not exact.
  static let biasWarning =
    "BIASED by choice: its weights are those of continuous time (weight: continuum), wrong at any "
    + "finite step size; differences need not be noise"

  /// What a closure gives; what stands in its way becomes a warning.
  private static func attempt(
    _ name: String, _ warnings: inout [String], _ body: () throws -> ComparedQuantity
  ) -> ComparedQuantity? {
    do {
      return try body()
    } catch StatisticsError.derivedQuantityUndefined {
      warnings.append("\(name) is undefined within the noise")
    } catch {
      warnings.append("\(name): \(error)")
    }
    return nil
  }
}
