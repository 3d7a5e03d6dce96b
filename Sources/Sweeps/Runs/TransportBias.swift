// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Statistics
import Transport

/// What the finite steps of a transport do to one number of a run, beside its statistical error.
public struct TransportBias: Sendable, Equatable {
  /// As tables call it, such as `log_z` or `abs_m`.
  public var name: String
  public var bias: Uncertain
  /// The statistical error of the number itself.
  public var error: Double

  /// Beside a statistical error, a bias of up to this part of it hardly counts.
  public static let harmless = 1.0 / 3

  public enum Outcome: Sendable {
    /// The bias, with its own error added, is harmless.
    case exact
    /// It is more than that by two of its own errors.
    case notExact
    /// Its own error is too large to tell, or there is no statistical error to compare with.
    case unknown
  }

  public var outcome: Outcome {
    guard error.isFinite else { return .unknown }
    let limit = Self.harmless * error
    if abs(bias.value) + bias.error <= limit { return .exact }
    return abs(bias.value) - 2 * bias.error > limit ? .notExact : .unknown
  }

  /// Why the number is not to be believed within its error; nil where it is.
  public var warning: String? {
    let size = String(format: "%.2g", error)
    switch outcome {
    case .exact: return nil
    case .notExact:
      return "not exact: the steps of the transport shift \(name) by \(bias), more than a third of "
        + "its statistical error \(size). More path_steps, or integrator: rk4, would help."
    case .unknown where !error.isFinite:
      return "not known to be exact: the steps of the transport shift \(name) by \(bias), and "
        + "\(name) has no statistical error."
    case .unknown:
      return "not known to be exact: the steps of the transport shift \(name) by \(bias), beside a "
        + "statistical error of \(size). More bias_walkers would tell."
    }
  }

  /// Whether a quantity of a table is this number, but for a known factor.
  public func concerns(_ quantity: String) -> Bool {
    quantity == name || name == "m2" && quantity == "chi2"
  }

  /// The biases that a file tells of at one stop, beside statistical errors by name.
  static func all(
    _ attributes: [String: AttributeValue], stop: Int, errors: [String: Double]
  ) -> [TransportBias] {
    StepBias.names.compactMap { name in
      guard let values = attributes.reals(name), let own = attributes.reals("\(name)_error"),
        values.indices.contains(stop), own.indices.contains(stop), let error = errors[name]
      else { return nil }
      return TransportBias(name: name, bias: Uncertain(values[stop], own[stop]), error: error)
    }
  }
}

extension StoredAnnealing {
  /// What the steps of a transport do to the numbers of one stop; empty without transport.
  public func biases(at index: Int, of stop: WeightedStop) throws -> [TransportBias] {
    TransportBias.all(try biasAttributes(), stop: index, errors: stop.statisticalErrors)
  }

  /// Why what is computed with the weights of one stop may be biased, in words; `name` is what is of no
  /// interest.
  func biasWarnings(
    at index: Int, of stop: WeightedStop, except name: String? = nil
  ) throws -> [String] {
    (hasContinuumWeights ? [SamplerResult.biasWarning] : [])
      + (try biases(at: index, of: stop).filter { $0.name != name }.compactMap(\.warning))
  }
}

extension StepBias {
  /// What tables call the numbers whose bias is known.
  static let names = [Comparison.logNormalizer, "abs_m", "m2", "phi2"]

  /// The biases at all stops as attributes of a run's file.
  static func attributes(
    _ stops: [StepBias], walkers: Int, seconds: Double
  ) -> [String: AttributeValue] {
    var result: [String: AttributeValue] = [
      "walkers": .integer(walkers), "seconds": .real(seconds),
    ]
    let parts = [\StepBias.logZ, \.absoluteMagnetization, \.squaredMagnetization, \.fieldSquared]
    for (name, part) in zip(names, parts) {
      result[name] = .reals(stops.map { $0[keyPath: part].value })
      result["\(name)_error"] = .reals(stops.map { $0[keyPath: part].error })
    }
    return result
  }
}

extension TableName {
  /// Attributes alone: what the steps of a transport do to the run's numbers.
  public static let bias = "bias"
}
