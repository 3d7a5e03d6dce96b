// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Sweeps

/// A comparison as text: a block for each coupling, quantities as rows and samplers as columns.
enum CompareText {
  /// Columns of a terminal that a block may take.
  private static let width = 100

  static func text(_ comparison: Comparison, leftOut: [String]) -> String {
    var parts = comparison.couplings.map(block)
    parts.append("verdict\n" + list(comparison.verdict))
    let notes = comparison.notes
    if !notes.isEmpty { parts.append("notes\n" + list(notes)) }
    if !leftOut.isEmpty { parts.append("left out\n" + list(leftOut)) }
    return parts.joined(separator: "\n\n")
  }

  private static func list(_ lines: [String]) -> String {
    lines.map { "  " + $0.replacingOccurrences(of: "\n", with: "\n    ") }
      .joined(separator: "\n")
  }

  private static func block(_ coupling: CouplingComparison) -> String {
    var lines = [coupling.results[0].coupling]
    for (index, name) in coupling.names.enumerated() {
      let result = coupling.results[index]
      let role = coupling.hasBaseline && index == 0 ? ", the baseline" : ""
      let stop = result.stop.map { ", stop \($0)" } ?? ""
      lines.append("  \(name): \(result.path)\(stop)\(role)")
    }
    for columns in split(coupling) {
      lines.append("")
      lines.append(TextTable.render(rows(coupling, columns)))
    }
    if coupling.hasBaseline && coupling.results.count > 1 {
      lines.append("cost: error^2 times seconds (times gradients), relative to the baseline")
    }
    if coupling.results.contains(where: { $0.quantities.contains { !$0.isTrustworthy } }) {
      lines.append("? do not trust this error: the notes say why")
    }
    return lines.joined(separator: "\n")
  }

  /// The samplers of each table, so that none is too wide; the baseline stands in all.
  private static func split(_ coupling: CouplingComparison) -> [[Int]] {
    let first = coupling.hasBaseline ? [0] : []
    var tables: [[Int]] = []
    var current = first
    for index in coupling.results.indices.dropFirst(first.count) {
      let next = current + [index]
      let line = TextTable.render(rows(coupling, next)).split(separator: "\n").map(\.count).max()
      if line ?? 0 > width, current.count > first.count {
        tables.append(current)
        current = first + [index]
      } else {
        current = next
      }
    }
    return tables + [current]
  }

  private static func rows(_ coupling: CouplingComparison, _ columns: [Int]) -> [[String]] {
    func isCompared(_ index: Int) -> Bool { coupling.difference(of: index) != nil }
    var head = [""]
    for index in columns {
      head.append(coupling.names[index])
      if isCompared(index) { head.append("pull") }
    }
    func row(
      _ title: String, _ cell: (SamplerResult) -> String?, pull name: String? = nil
    ) -> [String]? {
      let cells = columns.map { cell(coupling.results[$0]) }
      if cells.allSatisfy({ $0 == nil }) { return nil }
      var words = [title]
      for (index, text) in zip(columns, cells) {
        words.append(text ?? "-")
        guard isCompared(index) else { continue }
        let found = name.flatMap { coupling.difference(of: index)?.difference($0) }
        words.append(found.map { $0.isJudged ? signed($0.pull) : "-" } ?? "")
      }
      return words
    }
    var names: [String] = []
    for result in coupling.results {
      for quantity in result.quantities where !names.contains(quantity.name) {
        names.append(quantity.name)
      }
    }
    var result: [[String]?] = [head]
    for name in names {
      result.append(row(name, { cell($0.quantity(name)) }, pull: name))
    }
    let logZ = Comparison.logNormalizer
    result.append(row(logZ, { cell($0.logNormalizer) }, pull: logZ))
    let bennett = Comparison.bennettLogNormalizer
    result.append(row(bennett, { cell($0.bennett) }, pull: bennett))
    if let exact = coupling.exactLogNormalizer {
      result.append(["\(logZ) exact", exact.description])
    }
    result.append(
      row("bias \(logZ)", { result in result.biases.first { $0.name == logZ }?.bias.description }))
    result += [
      row("ESS", { $0.effectiveSize.map { "\($0.samples)" } }),
      row("ESS/N", { $0.effectiveSize.map { "\($0.fraction)" } }),
      row("ESS of", { $0.effectiveSize?.observable }),
      row("tau_int", { $0.effectiveSize?.tau?.description }),
      row("Kish ESS/N", { $0.effectiveSize?.kishFraction?.description }),
      row("gradients", { $0.cost.map { number($0.gradientEvaluations) } }),
      row("drifts", { $0.cost?.driftEvaluations.map(number) }),
      row("seconds", { $0.cost.map { number($0.seconds) } }),
      row("training seconds", { $0.cost?.trainingSeconds.map(number) }),
      row("ESS/second", { $0.samplesPerSecond.map(number) }),
    ]
    func mark(_ name: String, _ index: Int) -> String {
      let isSure = [0, index].allSatisfy {
        coupling.results[$0].quantity(name)?.isTrustworthy == true
      }
      return isSure ? "" : "?"
    }
    let costs = names.compactMap { name -> [String]? in
      var words = ["cost \(name)"]
      var isKnown = false
      for index in columns {
        let ratio = index == 0 ? nil : coupling.costAtEqualError(of: index, name)
        if ratio != nil { isKnown = true }
        words.append(
          ratio.map {
            "\(number($0.seconds)) (\(number($0.gradientEvaluations)))\(mark(name, index))"
          }
            ?? (index == 0 && coupling.hasBaseline ? "1 (1)" : "-"))
        if isCompared(index) { words.append("") }
      }
      return isKnown ? words : nil
    }
    return result.compactMap { $0 } + costs
  }

  private static func cell(_ quantity: ComparedQuantity?) -> String? {
    quantity.map { $0.uncertain.description + ($0.isTrustworthy ? "" : "?") }
  }

  private static func signed(_ pull: Double) -> String {
    abs(pull) < 0.05 ? "0.0" : String(format: "%+.1f", pull)
  }

  /// Three digits, a power of ten where it is shorter.
  static func number(_ value: Double) -> String {
    if value >= 100, value < 1e5 { return String(format: "%.0f", value) }
    return String(format: "%.3g", value)
  }
}
