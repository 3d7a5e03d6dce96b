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
    /// Its own error is too large to tell.
    case unknown
  }

  public var outcome: Outcome {
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
    case .unknown:
      return "not known to be exact: the steps of the transport shift \(name) by \(bias), beside a "
        + "statistical error of \(size). More bias_walkers would tell."
    }
  }

  /// The biases that a file tells of, beside statistical errors by name.
  static func all(
    _ attributes: [String: AttributeValue], errors: [String: Double]
  ) -> [TransportBias] {
    StepBias.names.compactMap { name in
      guard let value = attributes.real(name), let own = attributes.real("\(name)_error"),
        let error = errors[name]
      else { return nil }
      return TransportBias(name: name, bias: Uncertain(value, own), error: error)
    }
  }
}

extension StepBias {
  /// What tables call the numbers whose bias is known.
  static let names = [Comparison.logNormalizer, "abs_m", "m2", "phi2"]

  /// The biases as attributes of a run's file.
  func attributes(walkers: Int, seconds: Double) -> [String: AttributeValue] {
    var result: [String: AttributeValue] = [
      "walkers": .integer(walkers), "seconds": .real(seconds),
    ]
    let values = [logZ, absoluteMagnetization, squaredMagnetization, fieldSquared]
    for (name, bias) in zip(Self.names, values) {
      result[name] = .real(bias.value)
      result["\(name)_error"] = .real(bias.error)
    }
    return result
  }
}

extension TableName {
  /// Attributes alone: what the steps of a transport do to the run's numbers.
  public static let bias = "bias"
}
