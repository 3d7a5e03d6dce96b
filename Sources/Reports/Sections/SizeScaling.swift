// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Statistics
import Sweeps

/// What lattices of several sizes say of the critical point.
struct SizeScaling {
  let scaling: ReportedScaling

  var section: Section? {
    guard let result = scaling.result else {
      return Section(
        "scaling", "Finite-size scaling",
        [Section.paragraph("Not done:"), Section.list(scaling.notes.map(Markup.text))])
    }
    return Section(
      "scaling", "Finite-size scaling",
      [
        Section.paragraph(
          "The Markov chains on each lattice are interpolated between their couplings by multistate reweighting. Where the curves of neighbouring lattices cross, the ratio of slopes gives 1/ν, χ₂ gives η and ⟨|m|⟩ gives β/ν: effective exponents of one pair of sizes. Errors know all correlations."
        ),
        crossings(result), critical(result), picture(result),
        scaling.notes.isEmpty ? nil : Section.list(scaling.notes.map(Markup.text)),
      ])
  }

  private func name(_ lattice: Lattice) -> String {
    lattice.extents.map(String.init).joined(separator: "×")
  }

  private func crossings(_ result: FiniteSizeScaling) -> Markup? {
    if result.crossings.isEmpty { return nil }
    let rows = result.crossings.map { crossing -> [DataTable.Cell] in
      func cell(_ estimate: PropagatedEstimate?) -> DataTable.Cell {
        .value(estimate?.uncertain, isTrustworthy: estimate?.isTrustworthy ?? true)
      }
      return [.words(crossing.lattices.map(name).joined(separator: ", "))]
        + [
          crossing.coupling, crossing.value, crossing.inverseNu, crossing.eta, crossing.betaOverNu,
        ]
        .map(cell)
    }
    let symbol = Notation.symbol(of: result.quantity)
    return DataTable(
      id: "crossings", caption: ["Crossings of ", symbol.html, " of neighbouring lattices."],
      head: [
        "lattices", Notation.coupling(result.parameter).html, symbol.html, "1/ν", "η", "β/ν",
      ], groups: [DataTable.Group(rows: rows)]
    ).markup
  }

  private func critical(_ result: FiniteSizeScaling) -> Markup? {
    guard let critical = result.critical else { return nil }
    let coupling = Notation.coupling(result.parameter).html
    let symbol = Notation.symbol(of: result.quantity).html
    var words: [Markup] = [
      .element(
        "strong",
        [
          coupling, .element("sub", ["c"]),
          .text(" = \(NumberWords.typeset(critical.coupling.description))"),
        ]),
      ", ", symbol, .text(" = \(NumberWords.typeset(critical.value.description)) there: "),
      .text(critical.method), ".",
    ]
    if let drift = critical.drift {
      let shift = String(format: "%.2g", drift)
      let other =
        result.extrapolations.count > 1
        ? "when the next smaller pair takes part" : "if the largest crossing is taken"
      words.append(
        .text(
          " The error is statistical; the value moves by \(shift) \(other) or with a smaller ω: what corrections that are not in the error may do."
        ))
    }
    return .element("p", words)
  }

  /// Curves with their errors where these can be believed, and the runs.
  private func picture(_ result: FiniteSizeScaling) -> Markup? {
    let symbol = Notation.symbol(of: result.quantity)
    let coupling = Notation.coupling(result.parameter)
    var layers: [Layer] = []
    if let critical = result.critical?.coupling {
      layers.append(
        .stretch((critical.value - critical.error)...(critical.value + critical.error)))
    }
    var legend: [LegendEntry] = []
    for (number, curve) in scaling.curves.enumerated() {
      let style = Style(number: number)
      for part in Self.believed(curve.points) {
        layers.append(
          .area(
            xs: part.map(\.coupling), lower: part.map { $0.value - $0.error },
            upper: part.map { $0.value + $0.error }, style))
        layers.append(.line(part.map { ChartPoint($0.coupling, $0.value) }, style))
      }
      layers.append(
        .marks(
          curve.measured.filter { $0.value.isFinite }.map { point in
            ChartPoint(
              point.coupling, point.value, yError: point.error,
              isDoubtful: !point.isTrustworthy,
              note: "\(name(curve.lattice)): \(Uncertain(point.value, point.error))")
          }, style))
      legend.append(LegendEntry(.words(name(curve.lattice)), style, .both))
    }
    let chart = Chart(
      title: symbol + held,
      summary: "\(symbol.plain) against \(coupling.plain) on "
        + NumberWords.list(scaling.curves.map { name($0.lattice) })
        + ", interpolated between the runs.",
      x: ChartAxis(coupling), y: ChartAxis(symbol), layers: layers, legend: legend)
    return Picture(
      "scaling-curves", "Crossing curves.",
      caption: [
        "Marks are runs by themselves, lines their interpolation with its standard error, left out where too few configurations reach. The stretch is the critical coupling with its statistical error."
      ], isWide: true, charts: [chart])?.markup
  }

  /// The couplings that stay, as in " at m² = −4".
  private var held: Notation {
    scaling.held.split(separator: " ").enumerated().reduce(Notation.words("")) { words, part in
      let (number, pair) = (part.offset, part.element.split(separator: "=").map(String.init))
      return words + .words(number == 0 ? " at " : ", ") + Notation.coupling(pair[0])
        + .words(" = " + NumberWords.typeset(pair.count > 1 ? pair[1] : ""))
    }
  }

  /// The stretches of a curve that can be believed.
  private static func believed(
    _ points: [InterpolatedCurve.Point]
  ) -> [[InterpolatedCurve.Point]] {
    points.split { !$0.isTrustworthy || !$0.value.isFinite }.filter { $0.count > 1 }.map(Array.init)
  }
}
