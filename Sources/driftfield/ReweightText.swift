// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Sweeps

/// Reweighted averages as text and as JSON.
enum ReweightText {
  static func text(
    _ rows: [ReweightRow], _ reweighting: Reweighting, ensembles: [NamedEnsemble], notes: [String]
  ) -> String {
    var lines = ["from \(reweighting.description):"]
    lines += ensembles.map { "  \($0.path): \($0.label)" }
    var names: [String] = []
    for row in rows {
      for quantity in row.result.quantities where !names.contains(quantity.name) {
        names.append(quantity.name)
      }
    }
    let logZ = reweighting.isAbsolute ? "log_z" : "log_z/z_run"
    var table = [["target"] + names + [logZ, "overlap", "ESS"]]
    for row in rows {
      let result = row.result
      func cell(_ quantity: ComparedQuantity?) -> String {
        quantity.map { $0.uncertain.description + ($0.isTrustworthy ? "" : "?") } ?? "undefined"
      }
      table.append(
        [row.label] + names.map { name in cell(result.quantities.first { $0.name == name }) } + [
          cell(result.logNormalizer), overlap(result.overlap),
          CompareText.number(result.effectiveSamples),
        ])
    }
    lines += ["", TextTable.render(table)]
    if rows.contains(where: { $0.result.quantities.contains { !$0.isTrustworthy } }) {
      lines.append("? do not trust this error: the notes say why")
    }
    let words = notes + rows.flatMap(words)
    if !words.isEmpty { lines += ["", "notes"] + words.map { "  \($0)" } }
    return lines.joined(separator: "\n")
  }

  private static func overlap(_ overlap: Uncertain) -> String {
    overlap.error.isFinite ? "\(overlap)" : String(format: "%.3g", overlap.value)
  }

  /// Where the reweighting goes too far.
  private static func words(_ row: ReweightRow) -> [String] {
    let verdict = row.result.verdict
    var lines: [String] = []
    switch verdict.outcome {
    case .trustworthy: break
    case .doubtful: lines.append("\(row.label): goes rather far; \(verdict)")
    case .untrustworthy: lines.append("\(row.label): goes TOO FAR; \(verdict)")
    case .withoutError: lines.append("\(row.label): \(verdict)")
    }
    let weak = row.result.quantities.filter { !$0.isTrustworthy }.map(\.name)
    if verdict.outcome == .trustworthy, !weak.isEmpty {
      lines.append(
        "\(row.label): the weights are good, but chains are too short, or disagree, for "
          + weak.joined(separator: ", "))
    }
    return lines + row.result.undefined.map { "\(row.label): \($0)" }
  }

  static func json(
    _ rows: [ReweightRow], _ reweighting: Reweighting, notes: [String]
  ) throws -> String {
    try JSONText.encode(
      Root(
        source: reweighting.description, notes: notes,
        logZIsAbsolute: reweighting.isAbsolute, targets: rows.map(Entry.init)))
  }

  private struct Root: Encodable {
    var source: String
    var notes: [String]
    var logZIsAbsolute: Bool
    var targets: [Entry]
  }

  private struct Entry: Encodable {
    var target: String
    /// J, c2 and c4.
    var coefficients: [String: Double]
    var quantities: [String: Number]
    var logZ: Number?
    var overlap: Double
    var overlapError: Double
    var effectiveSamples: Double
    var outcome: String
    var reasons: [String]

    init(_ row: ReweightRow) {
      let result = row.result
      target = row.label
      coefficients = [
        "J": result.coefficients.hopping, "c2": result.coefficients.quadratic,
        "c4": result.coefficients.quartic,
      ]
      quantities = [:]
      for quantity in result.quantities { quantities[quantity.name] = Number(quantity) }
      logZ = result.logNormalizer.map { Number($0) }
      (overlap, overlapError) = (result.overlap.value, result.overlap.error)
      effectiveSamples = result.effectiveSamples
      outcome = result.verdict.outcome.rawValue
      reasons = result.verdict.reasons + result.undefined
    }
  }

  private struct Number: Encodable {
    var value: Double
    var error: Double
    var jackknifeError: Double?
    var reliable: Bool

    init(_ quantity: ComparedQuantity) {
      (value, error) = (quantity.value, quantity.error)
      jackknifeError = quantity.jackknifeError
      reliable = quantity.isTrustworthy
    }
  }
}
