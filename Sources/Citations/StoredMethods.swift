// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// What a stored ensemble says of how it was made.
///
/// The names are those of `Documentation/StorageFormat.md`.
struct StoredMethods {
  /// The sampler's attributes; of an unweighted ensemble those of the walkers' sampler too.
  private let samplers: [[String: AttributeValue]]
  private let root: [String: AttributeValue]
  private let stops: [String: AttributeValue]
  private let drift: [String: AttributeValue]
  private let variables: Set<String>

  init(_ reader: any EnsembleReader) throws {
    root = try reader.attributes(of: "")
    samplers = try ["sampler", "source_sampler"].map { try reader.attributes(of: $0) }
      .filter { !$0.isEmpty }
    stops = try reader.attributes(of: "stops")
    drift = try reader.attributes(of: "drift")
    variables = Set(reader.layout.table("observables")?.variables.map(\.name) ?? [])
  }

  /// The version of Driftfield that wrote it.
  var version: String? { Self.text(root["version"]) }
  var isPhilox: Bool { Self.text(root["rng"])?.hasPrefix("Philox") ?? false }
  var isHDF5: Bool { root["hdf5_version"] != nil }

  var hasChains: Bool { has("family", "markov") }
  /// Walkers with weights.
  var hasWalkers: Bool { has("family", "annealing") }
  var hasDrift: Bool { has("method", "nets") }

  /// Whether it is moved by one of these, as chains or along a path.
  func moves(by names: String...) -> Bool {
    names.contains { has("method", $0) || has("transition", $0) }
  }

  var isFourierAccelerated: Bool { moves(by: "fourier-hmc") || has("acceleration", "fourier") }
  var hasClusters: Bool { isPositive("cluster") }
  var goesBack: Bool { isPositive("reverse") }
  var isTuned: Bool { has("tune", "true") }
  var isTunedByDualAveraging: Bool {
    isTuned && (hasChains || moves(by: "hmc", "mala", "metropolis"))
  }
  var isResampled: Bool { holds { Self.text($0["resampling"]).map { $0 != "none" } ?? false } }

  /// Whether a network belongs to its drift: the drift's own file, or that of a run.
  var hasNetwork: Bool { drift["network"] != nil || drift["parameters"] != nil }
  /// Whether its drifts are those of a line of couplings.
  var isAmortised: Bool { drift["coupling_nodes"] != nil }

  var usesTransforms: Bool {
    isFourierAccelerated || hasDrift || variables.contains("G_k")
      || Self.text(stops["origin"])?.hasPrefix("free") ?? false
  }

  func measures(_ variable: String) -> Bool { variables.contains(variable) }

  func has(_ name: String, _ text: String) -> Bool { holds { Self.text($0[name]) == text } }

  private func isPositive(_ name: String) -> Bool {
    holds { if case .integer(let count)? = $0[name] { count > 0 } else { false } }
  }

  private func holds(_ condition: ([String: AttributeValue]) -> Bool) -> Bool {
    samplers.contains(where: condition)
  }

  private static func text(_ value: AttributeValue?) -> String? {
    if case .text(let text)? = value { text } else { nil }
  }
}
