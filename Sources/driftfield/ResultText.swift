// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Observables
import Statistics

/// Results as text: tables to read, JSON and CSV to go on with.
enum ResultText {
  /// A row for each ensemble.
  static func summary(_ results: [EnsembleResult], quantities: [String]) -> String {
    var rows = [["run"] + quantities + ["tau_int", "acceptance", "thermalised"]]
    for result in results {
      let values = quantities.map { name in
        let found = result.quantities.first { $0.quantity.name == name }
        guard let estimate = found?.estimate else { return "undefined" }
        return estimate.uncertain.description + (estimate.isTrustworthy ? "" : "?")
      }
      let diagnostics = result.diagnostics
      rows.append(
        [result.ensemble.label] + values + [
          diagnostics?.slowest?.tau.description ?? "-",
          diagnostics?.acceptance.map { String(format: "%.3f", $0) } ?? "-",
          diagnostics?.thermalisationOutcome.rawValue ?? "-",
        ])
    }
    var text = TextTable.render(rows)
    if results.contains(where: { $0.quantities.contains { $0.estimate?.isTrustworthy == false } }) {
      text +=
        "\n? do not trust this error: chains too short against tau_int, or in disagreement with each other"
    }
    return text
  }

  /// Every quantity of one ensemble.
  static func long(_ result: EnsembleResult) -> String {
    var rows = [["quantity", "value", "jackknife error", "tau_int", "Q", "meaning"]]
    for row in result.quantities {
      let estimate = row.estimate
      rows.append([
        row.quantity.name,
        estimate.map { $0.uncertain.description + ($0.isTrustworthy ? "" : "?") } ?? "undefined",
        row.jackknife.map { String(format: "%.2g", $0.error) } ?? "-",
        estimate.map {
          Uncertain(
            $0.tauIntegrated * result.interval, $0.tauIntegratedError * result.interval
          ).description
        } ?? "-",
        estimate?.replicaConsistency.map { String(format: "%.2g", $0) } ?? "-",
        row.quantity.longName,
      ])
    }
    let head =
      "\(result.ensemble.label): \(result.chains) chains of \(result.measurements) measurements, "
      + (result.interval == 1
        ? "one each trajectory" : "one every \(short(result.interval)) trajectories")
    return head + "\n" + TextTable.render(rows) + diagnostics(result)
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
      for row in result.quantities {
        guard let e = row.estimate else { continue }
        let label = "\"\(result.ensemble.label.replacingOccurrences(of: "\"", with: "\"\""))\""
        lines.append(
          "\(label),\(row.quantity.name),\(e.value),\(e.error),\(e.tauIntegrated),"
            + "\(e.tauIntegratedError),\(e.measurements),\(result.interval),"
            + "\(e.replicaConsistency ?? .nan),\(e.isTrustworthy)")
      }
    }
    return lines.joined(separator: "\n")
  }

  static func json(_ results: [EnsembleResult]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(results.map(Entry.init)), as: UTF8.self)
  }

  private struct Entry: Encodable {
    var run: String
    var path: String
    var complete: Bool
    var chains: Int
    var measurements: Int
    /// Trajectories between measurements.
    var interval: Double
    var acceptance: Double?
    var thermalisation: String?
    var quantities: [String: Number]
    var notes: [String]

    init(_ result: EnsembleResult) {
      run = result.ensemble.label
      path = result.ensemble.path
      complete = result.isComplete
      chains = result.chains
      measurements = result.measurements
      interval = result.interval
      acceptance = result.diagnostics?.acceptance
      thermalisation = result.diagnostics?.thermalisationOutcome.rawValue
      quantities = [:]
      for row in result.quantities {
        guard let estimate = row.estimate else { continue }
        quantities[row.quantity.name] = Number(estimate, row.jackknife)
      }
      notes = result.notes
    }
  }

  private struct Number: Encodable {
    var value: Double
    var error: Double
    var jackknifeError: Double?
    /// In measurements.
    var tauIntegrated: Double
    var tauIntegratedError: Double
    var window: Int
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

    init(_ estimate: GammaEstimate, _ jackknife: ResamplingEstimate?) {
      value = estimate.value
      error = estimate.error
      jackknifeError = jackknife?.error
      tauIntegrated = estimate.tauIntegrated
      tauIntegratedError = estimate.tauIntegratedError
      window = estimate.window
      consistency = estimate.replicaConsistency
      reliable = estimate.isTrustworthy
    }
  }

  private static func short(_ number: Double) -> String {
    number == number.rounded() ? "\(Int(number))" : String(format: "%.3g", number)
  }
}
