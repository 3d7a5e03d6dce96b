// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import Sweeps

/// What samplers saw of the field at each point: the distribution of the magnetization, the two-point
/// function and the effective mass.
struct FieldPictures {
  let report: Report

  /// The most bins of a histogram.
  static let bins = 24

  var magnetizations: Picture? {
    Picture(
      "magnetization", "Magnetization.",
      caption: [
        "Probability of each interval of the magnetization ", Notation("m").html,
        " per site. Heights sum to 1, weighted walkers count with their weights, errors are standard errors. ",
        "The sampler that stands first is also drawn as an outline.",
      ], charts: report.points.compactMap(magnetization))
  }

  private func magnetization(_ point: ReportPoint) -> Chart? {
    let samples = point.members.compactMap { member in
      member.part.field.map { (member: member, field: $0) }
    }
    // Symmetric about 0, as the theory is.
    let largest = samples.flatMap { $0.field.values }.reduce(0) { max($0, abs($1)) }
    guard let edges = Histogram.edges(holding: [-largest, largest], atMost: Self.bins) else {
      return nil
    }
    var layers: [Layer] = []
    for (index, sample) in samples.enumerated() {
      let histogram = Histogram(sample.field, edges: edges)
      let style = report.samplers.style(sample.member.key)
      if index == 0 {
        layers.append(.steps(edges: edges, heights: histogram.heights, style, isFilled: true))
      }
      let marks = histogram.heights.indices.filter { histogram.heights[$0] > 0 }.map {
        ChartPoint(
          (edges[$0] + edges[$0 + 1]) / 2, histogram.heights[$0], yError: histogram.errors[$0])
      }
      let shift = samples.count > 1 ? 0.6 * report.samplers.shift(sample.member.key) : 0
      layers.append(.marks(marks, style, shift: shift))
    }
    return Chart(
      title: point.theory.title,
      summary: "Histogram of the magnetization by "
        + NumberWords.list(samples.map(\.member.name)) + ".",
      x: ChartAxis("m"),
      y: ChartAxis(.words("probability"), domain: top(layers)),
      layers: layers, legend: report.samplers.legend([point]), plotHeight: 150)
  }

  /// From 0 to a little more than the largest height with its error.
  private func top(_ layers: [Layer]) -> ClosedRange<Double>? {
    let heights = layers.flatMap { layer -> [Double] in
      guard case .marks(let points, _, _) = layer else { return [] }
      return points.map { $0.y + ($0.yError.isFinite ? $0.yError : 0) }
    }
    guard let largest = heights.max(), largest > 0 else { return nil }
    return 0...1.06 * largest
  }

  var correlators: Picture? {
    Picture(
      "correlator", "Two-point function.",
      caption: [
        Notation("G(t)").html,
        " at zero momentum, with standard errors. Without the symmetry it does not fall to zero.",
      ],
      charts: report.points.compactMap { point in
        curves(point, "G(t)", "Two-point function") { $0.correlator }
      })
  }

  var masses: Picture? {
    Picture(
      "effective-mass", "Effective mass.",
      caption: [
        Notation("m_{eff}(t)").html, " = arcosh [(",
        Notation("G(t").html, "−1) + ", Notation("G(t").html, "+1)) / 2", Notation("G(t)").html,
        "]. Values whose error exceeds half of them are left out.",
      ],
      charts: report.points.compactMap { point in
        curves(point, "m_{eff}(t)", "Effective mass") { $0.masses }
      })
  }

  private func curves(
    _ point: ReportPoint, _ symbol: Notation, _ words: String,
    _ values: (CorrelatorCurve) -> [CorrelatorCurve.Value]
  ) -> Chart? {
    var layers: [Layer] = []
    var all: [CorrelatorCurve.Value] = []
    for member in point.members {
      guard let found = member.part.correlator.map(values), !found.isEmpty else { continue }
      all += found
      let marks = found.map {
        ChartPoint(
          Double($0.t), $0.value, yError: $0.error, isDoubtful: !$0.isTrustworthy,
          note: "\(member.name), t = \($0.t): \(Uncertain($0.value, $0.error))")
      }
      let style = report.samplers.style(member.key)
      if layers.isEmpty { layers.append(.line(marks, style)) }
      layers.append(
        .marks(
          marks, style, shift: point.members.count > 1 ? report.samplers.shift(member.key) : 0))
    }
    guard let longest = all.map(\.t).max(), longest > 0 else { return nil }
    let isLogarithmic = symbol.plain == "G(t)" && all.allSatisfy { $0.value > 0 }
    return Chart(
      title: point.theory.title,
      summary: "\(words) against the distance by "
        + NumberWords.list(point.members.map(\.name)) + ".",
      x: ChartAxis("t", domain: Double(all.map(\.t).min() ?? 0) - 0.5...Double(longest) + 0.5),
      y: ChartAxis(symbol, isLogarithmic: isLogarithmic), layers: layers,
      legend: report.samplers.legend([point]), plotHeight: 150)
  }
}
