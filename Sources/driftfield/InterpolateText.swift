// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Statistics
import Sweeps

/// Interpolated curves as text, as JSON and as CSV.
enum InterpolateText {
  static func text(
    _ curves: [InterpolatedCurve], _ scan: CouplingScan, slopes: Bool
  ) -> String {
    var lines: [String] = []
    var notes = scan.notes
    for lattice in scan.lattices {
      let own = curves.filter { $0.lattice == lattice.lattice }
      guard let first = own.first, !first.points.isEmpty else {
        notes.append("\(lattice.lattice.sizeText): none of these couplings is in its range")
        continue
      }
      let range = lattice.interpolation.range
      lines.append(
        "\(lattice.lattice.sizeText), \(scan.held): \(lattice.couplings.count) runs, "
          + "\(scan.parameter) from \(number(range.lowerBound)) to \(number(range.upperBound))")
      var table = [
        [scan.parameter]
          + own.flatMap { [$0.quantity] + (slopes ? ["d/d\(scan.parameter)"] : []) } + ["ESS"]
      ]
      for (row, point) in first.points.enumerated() {
        let points = own.map { $0.points[row] }
        let cells = points.flatMap { point -> [String] in
          let mark = point.isTrustworthy ? "" : "?"
          let value =
            point.value.isFinite
            ? Uncertain(point.value, point.error).description + mark : "undefined"
          return [value] + (slopes ? [point.slope.map { "\($0)\(mark)" } ?? "-"] : [])
        }
        let samples = points.map(\.effectiveSamples).reduce(.infinity, min)
        table.append([number(point.coupling)] + cells + [CompareText.number(samples)])
      }
      lines += [TextTable.render(table), ""]
      for curve in own {
        let weak = curve.points.filter { !$0.isTrustworthy }
        if let worst = weak.first {
          notes.append(
            "\(lattice.lattice.sizeText) \(curve.quantity): \(weak.count) of \(curve.points.count) "
              + "values are marked; at \(scan.parameter)=\(number(worst.coupling)): "
              + worst.reasons.joined(separator: " "))
        }
      }
    }
    if lines.last == "" { lines.removeLast() }
    if curves.contains(where: { $0.points.contains { !$0.isTrustworthy } }) {
      lines.append("? do not trust this error: the notes say why")
    }
    if !notes.isEmpty { lines += ["", "notes"] + notes.map { "  \($0)" } }
    return lines.joined(separator: "\n")
  }

  /// A coupling without digits that rounding has left.
  static func number(_ value: Double) -> String { String(format: "%.8g", value) }

  static func csv(_ curves: [InterpolatedCurve]) -> String {
    var lines = [
      "lattice,quantity,source,\(curves.first?.parameter ?? "coupling"),value,error,slope,"
        + "slope_error,effective_samples,reliable"
    ]
    for curve in curves {
      for (source, points) in [("measured", curve.measured), ("interpolated", curve.points)] {
        for point in points {
          lines.append(
            "\(curve.lattice.sizeText),\(curve.quantity),\(source),\(point.coupling),"
              + "\(point.value),\(point.error),\(point.slope?.value ?? .nan),"
              + "\(point.slope?.error ?? .nan),\(point.effectiveSamples),\(point.isTrustworthy)")
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  static func json(_ curves: [InterpolatedCurve], _ scan: CouplingScan) throws -> String {
    try JSONText.encode(
      Root(
        parameter: scan.parameter, held: scan.held, notes: scan.notes,
        curves: curves.map(Curve.init)))
  }

  private struct Root: Encodable {
    var parameter: String
    var held: String
    var notes: [String]
    var curves: [Curve]
  }

  private struct Curve: Encodable {
    var shape: [Int]
    var quantity: String
    var measured: [Point]
    var points: [Point]

    init(_ curve: InterpolatedCurve) {
      (shape, quantity) = (curve.lattice.extents, curve.quantity)
      (measured, points) = (curve.measured.map(Point.init), curve.points.map(Point.init))
    }
  }

  private struct Point: Encodable {
    var coupling: Double
    var value: Double
    var error: Double
    var slope: Double?
    var slopeError: Double?
    var effectiveSamples: Double
    var reliable: Bool
    var reasons: [String]

    init(_ point: InterpolatedCurve.Point) {
      (coupling, value, error) = (point.coupling, point.value, point.error)
      (slope, slopeError) = (point.slope?.value, point.slope?.error)
      (effectiveSamples, reliable) = (point.effectiveSamples, point.isTrustworthy)
      reasons = point.reasons
    }
  }
}
