// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Statistics
import Sweeps

/// Finite-size scaling as text and as JSON.
enum ScalingText {
  static func text(_ result: FiniteSizeScaling, _ scan: CouplingScan) -> String {
    var lines = ["\(scan.parameter) varies at \(scan.held):"]
    lines += scan.lattices.map { lattice in
      let range = lattice.interpolation.range
      return "  \(lattice.lattice.sizeText): \(lattice.couplings.count) runs from "
        + "\(InterpolateText.number(range.lowerBound)) to "
        + InterpolateText.number(range.upperBound)
    }
    if !result.crossings.isEmpty {
      lines += ["", "crossings of \(result.quantity)", crossings(result)]
      if result.crossings.contains(where: { !$0.isTrustworthy }) {
        lines.append("? do not trust this error: chains are too short, or disagree")
      }
    }
    if let critical = result.critical {
      lines += ["", "critical \(result.parameter)"]
      if !result.extrapolations.isEmpty {
        var table = [["from", result.parameter, result.quantity, "chi2/dof", "p"]]
        for fit in result.extrapolations {
          table.append([
            "\(fit.pairs) largest pairs", "\(fit.coupling)", "\(fit.value)",
            chiSquare(fit.chiSquare, fit.degreesOfFreedom),
            String(format: "%.2g", fit.probability ?? .nan),
          ])
        }
        lines.append(TextTable.render(table))
      }
      lines.append(
        "\(result.parameter)_c = \(critical.coupling), \(result.quantity) = \(critical.value) "
          + "there: \(critical.method)")
      if let drift = critical.drift {
        let other =
          result.extrapolations.count > 1
          ? "when the next smaller pair takes part" : "if the largest crossing is taken"
        lines.append(
          "  the error is statistical; the value moves by \(shift(drift)) \(other) or with a smaller "
            + "omega: what corrections that are not in the error may do")
      }
    }
    if !result.collapses.isEmpty {
      lines += ["", "collapse", collapses(result)]
      lines.append(
        "errors of Delta chi2 = 1, without corrections to scaling and without the error of what is held;"
          + " ! chi2 is too large for them")
    }
    let notes = scan.notes + result.notes
    if !notes.isEmpty { lines += ["", "notes"] + notes.map { "  \($0)" } }
    return lines.joined(separator: "\n")
  }

  private static func shift(_ value: Double) -> String { String(format: "%.2g", value) }

  private static func crossings(_ result: FiniteSizeScaling) -> String {
    var table = [["lattices", result.parameter, result.quantity, "1/nu", "eta", "beta/nu"]]
    for crossing in result.crossings {
      let mark = crossing.isTrustworthy ? "" : "?"
      let numbers = [
        crossing.coupling, crossing.value, crossing.inverseNu, crossing.eta, crossing.betaOverNu,
      ]
      table.append(
        [crossing.lattices.map(\.sizeText).joined(separator: " ")]
          + numbers.map { $0.map { "\($0.uncertain)\(mark)" } ?? "-" })
    }
    return TextTable.render(table)
  }

  private static func collapses(_ result: FiniteSizeScaling) -> String {
    var table = [
      ["quantity", "from", "\(result.parameter)_c", "1/nu", "exponent", "chi2/dof", "degree"]
    ]
    for row in result.collapses {
      func cell(_ number: Uncertain) -> String {
        if number.error == 0 { return "\(InterpolateText.number(number.value)) held" }
        return "\(number)" + (row.isTrustworthy ? "" : "!")
      }
      table.append([
        row.scaled, row.smallest.sizeText, cell(row.collapse.coupling),
        cell(row.collapse.inverseNu),
        row.exponent.map(cell) ?? "-",
        chiSquare(row.collapse.chiSquare, row.collapse.degreesOfFreedom)
          + (row.isTrustworthy ? "" : "!"),
        "\(row.collapse.degree)",
      ])
    }
    return TextTable.render(table)
  }

  private static func chiSquare(_ value: Double?, _ degrees: Int) -> String {
    value.map { "\(String(format: "%.2f", $0))/\(degrees)" } ?? "-"
  }

  static func json(_ result: FiniteSizeScaling, _ scan: CouplingScan) throws -> String {
    try JSONText.encode(
      Root(
        parameter: scan.parameter, held: scan.held, quantity: result.quantity,
        exponents: result.exponents.map(Exponents.init),
        crossings: result.crossings.map(Crossing.init),
        extrapolations: result.extrapolations.map(Critical.init),
        critical: result.critical.map(Critical.init),
        collapses: result.collapses.map(Collapse.init), notes: scan.notes + result.notes))
  }

  private struct Root: Encodable {
    var parameter: String
    var held: String
    var quantity: String
    var exponents: Exponents?
    var crossings: [Crossing]
    var extrapolations: [Critical]
    var critical: Critical?
    var collapses: [Collapse]
    var notes: [String]
  }

  private struct Number: Encodable {
    var value: Double
    var error: Double

    init(_ number: Uncertain) { (value, error) = (number.value, number.error) }
    init(_ number: PropagatedEstimate) { self.init(number.uncertain) }
  }

  private struct Exponents: Encodable {
    var nu: Double
    var omega: Double
    var betaOverNu: Double?
    var source: String

    init(_ exponents: ScalingExponents) {
      (nu, omega, source) = (exponents.nu, exponents.omega, exponents.source)
      betaOverNu = exponents.betaOverNu
    }
  }

  private struct Crossing: Encodable {
    var shapes: [[Int]]
    var coupling: Number
    var value: Number
    var inverseNu: Number?
    var eta: Number
    var betaOverNu: Number
    var reliable: Bool
    var remarks: [String]

    init(_ crossing: PairCrossing) {
      shapes = crossing.lattices.map(\.extents)
      (coupling, value) = (Number(crossing.coupling), Number(crossing.value))
      inverseNu = crossing.inverseNu.map { Number($0) }
      (eta, betaOverNu) = (Number(crossing.eta), Number(crossing.betaOverNu))
      (reliable, remarks) = (crossing.isTrustworthy, crossing.remarks)
    }
  }

  private struct Critical: Encodable {
    var coupling: Number
    var drift: Double?
    var value: Number
    var pairs: Int
    var chiSquare: Double?
    var degreesOfFreedom: Int
    var probability: Double?
    var method: String

    init(_ critical: CriticalCoupling) {
      (coupling, value) = (Number(critical.coupling), Number(critical.value))
      (pairs, chiSquare, drift) = (critical.pairs, critical.chiSquare, critical.drift)
      degreesOfFreedom = critical.degreesOfFreedom
      (probability, method) = (critical.probability, critical.method)
    }
  }

  private struct Collapse: Encodable {
    var quantity: String
    var scaled: String
    var fitted: Bool
    var smallest: [Int]
    var coupling: Number
    var inverseNu: Number
    var exponent: Number?
    var chiSquare: Double
    var degreesOfFreedom: Int
    var probability: Double
    var degree: Int
    var reliable: Bool

    init(_ row: CollapsedQuantity) {
      (quantity, scaled, fitted) = (row.name, row.scaled, row.isFitted)
      smallest = row.smallest.extents
      (coupling, inverseNu) = (Number(row.collapse.coupling), Number(row.collapse.inverseNu))
      exponent = row.exponent.map { Number($0) }
      (chiSquare, degreesOfFreedom) = (row.collapse.chiSquare, row.collapse.degreesOfFreedom)
      (probability, degree) = (row.collapse.probability, row.collapse.degree)
      reliable = row.isTrustworthy
    }
  }
}
