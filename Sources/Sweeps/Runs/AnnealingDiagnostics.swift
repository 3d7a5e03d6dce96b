// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Observables
import Statistics

/// What the weights of an annealing run say about whether its numbers can be trusted.
public struct AnnealingDiagnostics: Sendable {
  /// The weights at one stop.
  public struct Stop: Sendable {
    /// Such as `lambda=5.2`.
    public var label: String
    /// As a fraction of the walkers of all populations.
    public var effectiveFraction: WeightedEstimate
    /// log Z of exp(−S) in the run's field.
    public var logZ: Uncertain
    public var verdict: WeightVerdict
    /// ⟨φ ∂S/∂φ⟩, exactly 1; nil where the observables or the weights do not allow it.
    public var schwingerDyson: Uncertain?
    /// What the steps of a transport do to the numbers of the stop; empty without transport.
    public var biases: [TransportBias] = []
  }

  /// The last one is the run's theory.
  public var stops: [Stop]
  /// Whether only whole populations are independent.
  public let isResampled: Bool
  public var acceptance: Double
  /// Over all walkers and populations, without pilot and way back.
  public var gradientEvaluations: Double
  public var updateSeconds: Double
  public var measurementSeconds: Double
  /// Whether the weights are those of continuous time, which finite steps bias.
  public let hasContinuumWeights: Bool
  /// What a reader must know before using the numbers, in words.
  public var warnings: [String]

  /// Reads a run's records. `theories` are those of its stops; `bias` is what a transport's file tells
  /// of its steps. Throws what the reader throws.
  public init(
    _ reader: any EnsembleReader, theories: [StoredTheory], resampled: Bool,
    bias: [String: AttributeValue] = [:]
  ) throws {
    isResampled = resampled
    let populations = try reader.rows(of: TableName.annealing).count
    let walkers = Self.walkers(reader)
    let logWeights = try reader.values(of: "log_weight", in: TableName.annealing)
    guard case .real(let origin)? = try reader.attributes(of: TableName.stops)["log_z_origin"]
    else { throw EnsembleError("the file does not say where the path begins") }
    let accepted = try reader.values(of: "acceptance", in: TableName.annealing)
    acceptance = accepted.reduce(0, +) / Double(accepted.count)
    gradientEvaluations = try reader.values(of: "n_force", in: TableName.annealing).reduce(0, +)
    updateSeconds = try reader.values(of: "update_s", in: TableName.timing).reduce(0, +)
    measurementSeconds = try reader.values(of: "measure_s", in: TableName.timing).reduce(0, +)

    let annealing = try StoredAnnealing(reader)
    hasContinuumWeights = annealing.hasContinuumWeights
    stops = []
    warnings = []
    for (index, theory) in theories.enumerated() {
      // (population, stop, walker)
      func here(_ values: [Double]) -> [Double] {
        (0..<populations).flatMap { population in
          let first = (population * theories.count + index) * walkers
          return values[first..<first + walkers]
        }
      }
      let weights = try LogWeights(here(logWeights), unitSize: resampled ? walkers : 1)
      let identity = try Self.schwingerDyson(theory, reader, weights, stop: index)
      var stop = Stop(
        label: theory.label, effectiveFraction: weights.effectiveFraction,
        logZ: Uncertain(weights.logMean.value + origin, weights.logMean.error),
        verdict: weights.verdict, schwingerDyson: identity)
      if !bias.isEmpty {
        let walkers = try annealing.stop(index, variables: ["m", "phi2"])
        stop.biases = TransportBias.all(bias, stop: index, errors: walkers.statisticalErrors)
      }
      stops.append(stop)
      let place = theories.count == 1 ? "" : "at \(theory.label): "
      warnings += Self.warnings(stop, weights, place: place, resampled: resampled)
      warnings += stop.biases.compactMap(\.warning).map { place + $0 }
    }
    if acceptance < 0.2 {
      warnings.append(String(format: "acceptance is only %.0f %%", 100 * acceptance))
    }
    if case .text(let notes)? = try reader.attributes(of: "sampler")["notes"], !notes.isEmpty {
      warnings += notes.split(separator: "\n").map(String.init)
    }
  }

  private static func walkers(_ reader: any EnsembleReader) -> Int {
    let table = reader.layout.table(TableName.annealing)
    let axes = table?.variables.first { $0.name == "log_weight" }?.axes ?? []
    return axes.last?.coordinates.count ?? 0
  }

  private static func warnings(
    _ stop: Stop, _ weights: LogWeights, place: String, resampled: Bool
  ) -> [String] {
    var warnings: [String] = []
    if stop.verdict.outcome != .trustworthy {
      let effective = stop.effectiveFraction.value * Double(weights.count)
      let hasCollapsed =
        weights.largestShare > WeightVerdict.largestShare
        || effective < WeightVerdict.leastEffectiveSamples
      // Of even weights there are just too few.
      let isSmall = weights.effectiveFraction.value > 0.5
      let cure =
        isSmall
        ? (resampled ? " More populations would help." : " More walkers would help.")
        : hasCollapsed
          ? " The weights have collapsed: more steps along the path, more walkers, "
            + "\(resampled ? "more populations" : "resampling (method smc)") or another transition "
            + "would help."
          : resampled ? " More populations would help." : " More steps along the path would help."
      warnings.append(place + stop.verdict.description + cure)
    }
    // Four standard errors, as for Markov chains.
    if stop.verdict.outcome == .trustworthy, let identity = stop.schwingerDyson,
      !(abs(identity.value - 1) < 4 * identity.error)
    {
      let pull = String(format: "%.1f", (identity.value - 1) / identity.error)
      warnings.append(
        place + "Schwinger-Dyson <phi dS/dphi> = \(identity) is \(pull) standard errors from 1")
    }
    return warnings
  }

  private static func schwingerDyson(
    _ theory: StoredTheory, _ reader: any EnsembleReader, _ weights: LogWeights, stop: Int
  ) throws -> Uncertain? {
    let quantity = theory.quantities.schwingerDyson
    guard let table = reader.layout.table(TableName.observables), !weights.areAllZero,
      quantity.primaries.allSatisfy({ primary in
        table.variables.contains { $0.name == primary.variable }
      })
    else { return nil }
    let series = try quantity.primaries.map { primary in
      try values(of: primary, in: table, reader, stop: stop)
    }
    do {
      let sample = try WeightedSample(weights: weights, primaries: series)
      let estimate = try sample.estimate { quantity.value($0) }
      return estimate.error.isFinite ? estimate.uncertain : nil
    } catch is StatisticsError {
      return nil
    }
  }

  /// A primary quantity of every walker at one stop, population after population.
  private static func values(
    of primary: Primary, in table: Table, _ reader: any EnsembleReader, stop: Int
  ) throws -> [Double] {
    guard let variable = table.variables.first(where: { $0.name == primary.variable }) else {
      return []
    }
    let (stops, walkers) = (
      variable.axes[0].coordinates.count, variable.axes[1].coordinates.count
    )
    let size = variable.size / (stops * walkers)
    let values = try reader.values(of: variable.name, in: table.name)
    return (0..<values.count / variable.size).flatMap { population in
      (0..<walkers).map { walker in
        let first = ((population * stops + stop) * walkers + walker) * size
        let sum = primary.indices.reduce(0) { $0 + values[first + $1] }
        return sum / Double(primary.indices.count)
      }
    }
  }

  /// The same as attributes of a file.
  public var attributes: [String: AttributeValue] {
    let identities = stops.compactMap(\.schwingerDyson)
    var result: [String: AttributeValue] = [
      "ess": .reals(stops.map(\.effectiveFraction.value)),
      "ess_error": .reals(stops.map(\.effectiveFraction.error)),
      "log_z": .reals(stops.map(\.logZ.value)), "log_z_error": .reals(stops.map(\.logZ.error)),
      "verdict": .texts(stops.map(\.verdict.outcome.rawValue)),
      "verdict_words": .texts(stops.map(\.verdict.description)),
      "acceptance": .real(acceptance), "gradient_evaluations": .real(gradientEvaluations),
      "update_seconds": .real(updateSeconds), "measurement_seconds": .real(measurementSeconds),
      "warnings": .text(warnings.joined(separator: "\n")),
    ]
    if identities.count == stops.count {
      result["schwinger_dyson"] = .reals(identities.map(\.value))
      result["schwinger_dyson_error"] = .reals(identities.map(\.error))
    }
    return result
  }

  /// The verdict on the run's theory in a line.
  public var summary: String {
    guard let last = stops.last else { return "no stop" }
    let fraction = String(format: "%.3g", last.effectiveFraction.value)
    // After resampling the weights do not know how much walkers have in common.
    let effective = isResampled ? "" : "ESS \(fraction), "
    let bias = last.biases.first.map { " with a bias of \($0.bias)" } ?? ""
    let identity = last.schwingerDyson.map { ", Schwinger-Dyson \($0)" } ?? ""
    let isBiased =
      hasContinuumWeights
      || stops.contains { $0.biases.contains { $0.outcome == .notExact } }
    let mark = isBiased ? ", NOT EXACT" : ""
    return effective
      + "log Z \(last.logZ)\(bias)\(identity), \(last.verdict.outcome.rawValue)\(mark)"
  }
}
