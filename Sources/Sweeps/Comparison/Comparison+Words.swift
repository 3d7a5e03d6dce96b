// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics

extension Comparison {
  /// What the numbers say, in sentences: who disagrees, and what cannot be judged.
  public var verdict: [String] {
    let count = differences.count
    if count == 0 { return ["Nothing was compared."] }
    let large = differences.filter { abs($0.pull) > Self.notable }.count
    let expected = Self.falseAlarm * Double(count)
    var lines = [
      "\(count) differences were looked at: \(large) beyond 3 combined standard errors, "
        + "\(Self.short(expected)) expected by chance. A single one counts as disagreement beyond "
        + String(format: "%.2f", bound) + " (0.27 % by chance for all \(count) together)."
    ]
    for coupling in couplings where !coupling.differences.isEmpty {
      lines += headed(coupling, coupling.differences.flatMap { words($0, coupling) })
    }
    let wrong = couplings.flatMap(\.differences).count(where: disagrees)
    let doubted = couplings.flatMap { coupling in
      coupling.differences.map { coupling.results[$0.result] }
    }.count { $0.quantities.contains { !$0.isTrustworthy } }
    let rest =
      doubted == 0
      ? "" : " The errors of \(doubted) of them cannot be trusted: their agreement says little."
    lines.append(
      (wrong == 0 ? "All samplers agree." : "\(wrong) of the samplers above DISAGREE.") + rest)
    return lines
  }

  /// Lines under the name of their coupling, where there are several.
  private func headed(_ coupling: CouplingComparison, _ lines: [String]) -> [String] {
    if couplings.count == 1 || lines.isEmpty { return lines }
    return ["\(coupling.results[0].coupling):"] + lines.map { "  " + $0 }
  }

  /// What one sampler says against its references.
  private func words(_ difference: SamplerDifference, _ coupling: CouplingComparison) -> [String] {
    let name = coupling.names[difference.result]
    var lines: [String] = []
    let reference = coupling.names[0]
    let judged = difference.judged
    let worst = judged.max { abs($0.pull) < abs($1.pull) }
    if let overall = difference.overall {
      let isWrong = overall.probability < leastOverallProbability
      lines.append(
        "\(name) and \(reference): chi2 = \(Self.short(overall.chiSquare)) for "
          + "\(overall.degreesOfFreedom) correlated quantities, p = "
          + "\(Self.short(overall.probability)): \(isWrong ? "DISAGREE" : "agree")"
          + (worst.map { "; largest difference \(Self.signed($0.pull)) (\($0.name))." } ?? "."))
    } else if let worst {
      lines.append(
        "\(name): \(judged.count) of \(difference.quantities.count) quantities can be judged "
          + "one by one, largest difference \(Self.signed(worst.pull)) (\(worst.name))"
          + (coupling.hasBaseline && difference.result > 0 && judged.count > 2
            ? "; too few independent bins for their correlations." : "."))
    } else {
      lines.append("\(name): has no error bars, and cannot be judged.")
    }
    for quantity in judged where abs(quantity.pull) > Self.notable {
      let isWrong = quantity.probability < leastProbability
      lines.append(
        "\(name): \(quantity.name) is \(Self.signed(quantity.pull)) combined standard errors "
          + "off, p = \(Self.short(quantity.probability)): "
          + (isWrong ? "DISAGREES." : "not beyond what \(differences.count) comparisons give."))
    }
    return lines
  }

  /// Why numbers are not to be trusted, and what was not compared.
  public var notes: [String] {
    couplings.flatMap { headed($0, notes($0)) } + remarks
  }

  private func notes(_ coupling: CouplingComparison) -> [String] {
    var lines: [String] = []
    if !coupling.hasBaseline { lines.append("no baseline: quantities are shown and not compared") }
    for (name, result) in zip(coupling.names, coupling.results) {
      lines += (result.warnings + (result.cost?.remarks ?? [])).map { "\(name): \($0)" }
    }
    let machines = Set(coupling.results.filter { $0.cost != nil }.map(\.machine))
    if machines.count > 1 {
      lines.append("seconds are not of one kind: \(machines.sorted().joined(separator: "; "))")
    }
    return lines + twins(coupling)
  }

  /// Results that are not independent of each other.
  private func twins(_ coupling: CouplingComparison) -> [String] {
    let results = coupling.results
    return results.indices.flatMap { second in
      (0..<second).compactMap { first in
        guard let identity = results[first].identity, identity == results[second].identity else {
          return nil
        }
        return "\(coupling.names[first]) and \(coupling.names[second]) come from the same random "
          + "numbers: their differences say nothing"
      }
    }
  }

  private static func signed(_ pull: Double) -> String { String(format: "%+.1f", pull) }

  static func short(_ number: Double) -> String { String(format: "%.2g", number) }
}
