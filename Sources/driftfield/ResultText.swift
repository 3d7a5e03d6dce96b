// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Sweeps

/// Results as text: tables to read, JSON and CSV to go on with.
enum ResultText {
  /// A row for each ensemble.
  static func summary(_ results: [EnsembleResult], quantities: [String]) -> String {
    var rows = [["run"] + quantities + ["tau_int", "acceptance", "thermalised"]]
    for result in results {
      let values = quantities.map { name in
        result.quantities.first { $0.name == name }?.text
          ?? (name == Comparison.logNormalizer ? "-" : "undefined")
      }
      let diagnostics = result.diagnostics
      let effective = result.weighted.map {
        // After resampling the weights do not know how much walkers have in common.
        ($0.weights.unitSize > 1 ? "weights' ESS " : "ESS ")
          + effectiveSamples($0.weights).description
      }
      rows.append(
        [result.label] + values + [
          effective ?? diagnostics?.slowest?.tau.description ?? "-",
          result.acceptance.map { String(format: "%.3f", $0) } ?? "-",
          diagnostics?.thermalisationOutcome.rawValue ?? "-",
        ])
    }
    var text = TextTable.render(rows)
    let marked = results.filter { $0.quantities.contains { $0.found?.isTrustworthy == false } }
    if marked.contains(where: { $0.weighted == nil }) {
      text +=
        "\n? do not trust this error: chains too short against tau_int, or in disagreement with each other"
    }
    if marked.contains(where: { $0.weighted != nil }) {
      text += "\n? do not trust this error: the notes say why"
    }
    return text
  }

  private static func effectiveSamples(_ weights: LogWeights) -> Uncertain {
    Uncertain(weights.effectiveSamples.value, weights.effectiveSamples.error)
  }

  /// Every quantity of one ensemble.
  static func long(_ result: EnsembleResult) -> String {
    if let weighted = result.weighted { return long(result, weighted) }
    var rows = [["quantity", "value", "jackknife error", "tau_int", "Q", "meaning"]]
    for row in result.quantities {
      let estimate = row.estimate
      rows.append([
        row.name, row.text, row.jackknifeError.map { String(format: "%.2g", $0) } ?? "-",
        estimate.map {
          Uncertain(
            $0.tauIntegrated * result.interval, $0.tauIntegratedError * result.interval
          ).description
        } ?? "-",
        estimate?.replicaConsistency.map { String(format: "%.2g", $0) } ?? "-",
        row.longName,
      ])
    }
    let head =
      "\(result.label): \(result.chains) chains of \(result.measurements) measurements, "
      + (result.interval == 1
        ? "one each trajectory" : "one every \(short(result.interval)) trajectories")
    return head + "\n" + TextTable.render(rows) + diagnostics(result)
  }

  private static func long(
    _ result: EnsembleResult, _ weighted: EnsembleResult.Weighted
  ) -> String {
    var rows = [["quantity", "value", "jackknife error", "meaning"]]
    for row in result.quantities {
      rows.append([
        row.name, row.text, row.jackknifeError.map { String(format: "%.2g", $0) } ?? "-",
        row.longName,
      ])
    }
    let weights = weighted.weights
    let independent =
      weighted.isResampled ? "only populations are independent" : "all independent"
    var lines = [
      "\(result.label): \(weighted.populations) populations of \(weighted.walkers) walkers, "
        + independent,
      TextTable.render(rows), "",
      "effective samples   \(effectiveSamples(weights)) of \(weights.count), a fraction of "
        + "\(Uncertain(weights.effectiveFraction.value, weights.effectiveFraction.error))",
      "heaviest walker     \(String(format: "%.2g %%", 100 * weights.largestShare)) of the weight",
    ]
    if let acceptance = result.acceptance {
      lines.append("acceptance          \(String(format: "%.4f", acceptance))")
    }
    lines.append("verdict             \(weights.verdict)")
    return lines.joined(separator: "\n")
  }

  private static func diagnostics(_ result: EnsembleResult) -> String {
    guard let diagnostics = result.diagnostics else { return "" }
    var lines: [String] = [""]
    if let acceptance = diagnostics.acceptance {
      lines.append("acceptance          \(String(format: "%.4f", acceptance))")
    }
    if let creutz = diagnostics.creutz { lines.append("<exp(-dH)>          \(creutz)") }
    if let balance = diagnostics.acceptanceBalance {
      lines.append("acceptance balance  \(balance)")
    }
    if let changes = diagnostics.signChanges {
      lines.append(
        "sign changes of m   \(String(format: "%.3g", changes)) per 1000 trajectories")
    }
    if let identity = diagnostics.schwingerDyson {
      lines.append("Schwinger-Dyson     \(identity)")
    }
    if let reversibility = diagnostics.reversibility {
      lines.append("reversibility       \(String(format: "%.1e", reversibility))")
    }
    for verdict in diagnostics.thermalisation { lines.append("thermalisation      \(verdict)") }
    let updates = Progress.duration(diagnostics.updateSeconds)
    let measurements = Progress.duration(diagnostics.measurementSeconds)
    lines.append("time                \(updates) in updates, \(measurements) in measurements")
    return lines.joined(separator: "\n")
  }

  static func csv(_ results: [EnsembleResult]) -> String {
    var lines = ["run,quantity,value,error,tau_int,tau_int_error,measurements,interval,Q,reliable"]
    for result in results {
      let label = "\"\(result.label.replacingOccurrences(of: "\"", with: "\"\""))\""
      for row in result.quantities {
        guard let found = row.found else { continue }
        let e = row.estimate
        lines.append(
          "\(label),\(row.name),\(found.value),\(found.error),\(e?.tauIntegrated ?? .nan),"
            + "\(e?.tauIntegratedError ?? .nan),"
            + "\(e?.measurements ?? result.chains * result.measurements),\(result.interval),"
            + "\(e?.replicaConsistency ?? .nan),\(found.isTrustworthy)")
      }
    }
    return lines.joined(separator: "\n")
  }

  static func json(_ results: [EnsembleResult]) throws -> String {
    try JSONText.encode(results.map(Entry.init), keys: .useDefaultKeys)
  }

  private struct Entry: Encodable {
    var run: String
    var path: String
    var complete: Bool
    var chains: Int?
    var measurements: Int?
    /// Trajectories between measurements.
    var interval: Double?
    var acceptance: Double?
    var thermalisation: String?
    var populations: Int?
    var walkers: Int?
    /// Counted from 1.
    var stop: Int?
    var effectiveSamples: Double?
    var effectiveSamplesError: Double?
    /// Whether weights allow errors to be trusted, in words.
    var weights: String?
    var quantities: [String: Number]
    var notes: [String]

    enum CodingKeys: String, CodingKey {
      case run, path, complete, chains, measurements, interval, acceptance, thermalisation
      case populations, walkers, stop, weights, quantities, notes
      case effectiveSamples = "effective_samples"
      case effectiveSamplesError = "effective_samples_error"
    }

    init(_ result: EnsembleResult) {
      run = result.label
      path = result.path
      complete = result.isComplete
      if let weighted = result.weighted {
        (populations, walkers) = (weighted.populations, weighted.walkers)
        stop = weighted.stop
        effectiveSamples = weighted.weights.effectiveSamples.value
        effectiveSamplesError = weighted.weights.effectiveSamples.error
        weights = weighted.weights.verdict.description
      } else {
        (chains, measurements) = (result.chains, result.measurements)
        interval = result.interval
      }
      acceptance = result.acceptance
      thermalisation = result.diagnostics?.thermalisationOutcome.rawValue
      quantities = [:]
      for row in result.quantities {
        guard let found = row.found else { continue }
        quantities[row.name] = Number(found, row.estimate, row.jackknifeError)
      }
      notes = result.notes
    }
  }

  private struct Number: Encodable {
    var value: Double
    var error: Double
    var jackknifeError: Double?
    /// In measurements.
    var tauIntegrated: Double?
    var tauIntegratedError: Double?
    var window: Int?
    /// The probability that the chains agree.
    var consistency: Double?
    var reliable: Bool

    enum CodingKeys: String, CodingKey {
      case value, error, window, reliable
      case consistency = "Q"
      case jackknifeError = "jackknife_error"
      case tauIntegrated = "tau_int"
      case tauIntegratedError = "tau_int_error"
    }

    init(_ found: ComparedQuantity, _ estimate: GammaEstimate?, _ jackknife: Double?) {
      (value, error) = (found.value, found.error)
      jackknifeError = jackknife
      tauIntegrated = estimate?.tauIntegrated
      tauIntegratedError = estimate?.tauIntegratedError
      window = estimate?.window
      consistency = estimate?.replicaConsistency
      reliable = found.isTrustworthy
    }
  }

  private static func short(_ number: Double) -> String {
    number == number.rounded() ? "\(Int(number))" : String(format: "%.3g", number)
  }
}
