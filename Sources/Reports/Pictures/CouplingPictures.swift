// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps

/// Quantities against the coupling that a sweep varies, for every lattice and sampler.
struct CouplingPictures {
  /// A coupling that varies, and the points at which all others are the same.
  private struct Line {
    let coupling: String
    /// Those that stay, with their values.
    let fixed: Notation
    let points: [ReportPoint]
  }

  let report: Report
  static let quantities = ["abs_m", "chi2", "U4", "xi2"]

  /// Nil where no coupling varies.
  var picture: Picture? {
    let charts = lines.flatMap { line in
      Self.quantities.compactMap { chart($0, line) }
    }
    return Picture(
      "against-coupling", "Averages against the coupling.",
      caption: [
        "With standard errors. ",
        several
          ? "Marks of different samplers are moved sideways, by the same amount everywhere, so that they do not hide each other. "
          : "",
        "Lines only lead the eye. Empty marks: the error is not to be trusted.",
      ], isWide: true, charts: charts)
  }

  private var several: Bool { report.samplers.keys.count > 1 }

  private var lines: [Line] {
    var rest = report.points
    var lines: [Line] = []
    while let first = rest.first {
      let kind = rest.filter { $0.theory.isOfKind(first.theory) }
      rest.removeAll { $0.theory.isOfKind(first.theory) }
      let names = first.theory.couplings.map(\.name)
      func count(_ name: String) -> Int { Set(kind.map { $0.theory.value(of: name) }).count }
      guard let name = names.max(by: { count($0) < count($1) }), count(name) > 1 else { continue }
      var groups: [(fixed: [Double], points: [ReportPoint])] = []
      for point in kind {
        let fixed = point.theory.couplings.filter { $0.name != name }
        if let index = groups.firstIndex(where: { $0.fixed == fixed.map(\.value) }) {
          groups[index].points.append(point)
        } else {
          groups.append((fixed.map(\.value), [point]))
        }
      }
      for group in groups where Set(group.points.map { $0.theory.value(of: name) }).count > 1 {
        let fixed = group.points[0].theory.couplings.filter { $0.name != name }
        lines.append(
          Line(coupling: name, fixed: TheoryPoint.words(fixed), points: group.points))
      }
    }
    return lines
  }

  private func chart(_ quantity: String, _ line: Line) -> Chart? {
    var lattices: [[Int]] = []
    for point in line.points where !lattices.contains(point.theory.extents) {
      lattices.append(point.theory.extents)
    }
    let samplers = report.samplers.keys.filter { key in
      line.points.contains { $0.members.contains { $0.key == key } }
    }
    var layers: [Layer] = []
    var legend: [LegendEntry] = []
    for (number, extents) in lattices.enumerated() {
      let points = line.points.filter { $0.theory.extents == extents }
        .sorted {
          $0.theory.value(of: line.coupling) ?? 0 < $1.theory.value(of: line.coupling) ?? 0
        }
      // Colours tell lattices where there are several, and samplers otherwise.
      func style(_ key: String) -> Style {
        var style = report.samplers.style(key)
        if lattices.count > 1 {
          style.color = number
          style.dash = Dash.allCases[number % Dash.allCases.count]
          if samplers.count == 1 { style.marker = Style(number: number).marker }
        }
        return style
      }
      let guide = points.compactMap { point -> ChartPoint? in
        guard let first = point.members.first,
          let found = first.result.quantity(quantity),
          let x = point.theory.value(of: line.coupling)
        else { return nil }
        return ChartPoint(x, found.value)
      }
      if let key = points.first?.members.first?.key { layers.append(.line(guide, style(key))) }
      for key in samplers {
        let marks = points.flatMap { point in
          point.members.filter { $0.key == key }.compactMap { member -> ChartPoint? in
            guard let found = member.result.quantity(quantity),
              let x = point.theory.value(of: line.coupling)
            else { return nil }
            return ChartPoint(
              x, found.value, yError: found.error, isDoubtful: !found.isTrustworthy,
              note: "\(member.name), \(point.theory.size): \(NumberWords.typeset(found.uncertain))")
          }
        }
        let shift = samplers.count > 1 ? report.samplers.shift(key) : 0
        if !marks.isEmpty { layers.append(.marks(marks, style(key), shift: shift)) }
      }
      if lattices.count > 1, let point = points.first {
        legend.append(
          LegendEntry(point.theory.length, style(""), samplers.count == 1 ? .both : .line))
      }
    }
    guard layers.contains(where: { if case .marks = $0 { true } else { false } }) else {
      return nil
    }
    if samplers.count > 1 || lattices.count == 1 {
      legend += samplers.map { key in
        var style = report.samplers.style(key)
        if lattices.count > 1 { style.color = -1 }
        return LegendEntry(.words(key), style)
      }
    }
    let symbol = Notation.symbol(of: quantity)
    let coupling = Notation.coupling(line.coupling)
    let size = lattices.count == 1 ? Notation.words(", \(line.points[0].theory.size)") : ""
    return Chart(
      title: symbol + .words(" at ") + line.fixed + size,
      summary: "\(symbol.plain) against \(coupling.plain) for "
        + NumberWords.list(line.points.map(\.theory.size).uniqued()) + " by "
        + NumberWords.list(samplers) + ".",
      x: ChartAxis(coupling), y: ChartAxis(symbol), layers: layers, legend: legend)
  }
}

extension [String] {
  /// Each once, in the order in which they were first met.
  func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
