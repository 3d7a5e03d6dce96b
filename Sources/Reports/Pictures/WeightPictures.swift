// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import Sweeps

/// What the weights of annealed walkers look like, on their way and at its end.
struct WeightPictures {
  let report: Report

  /// Members of a point that are weighted.
  private func weighted(_ point: ReportPoint) -> [(member: ReportPoint.Member, weights: LogWeights)]
  {
    point.members.compactMap { member in
      member.part.weights.flatMap { $0.areAllZero ? nil : (member, $0) }
    }
  }

  /// From 0 to a little more than the largest height.
  private static func room(_ layers: [Layer]) -> ClosedRange<Double>? {
    let heights = layers.flatMap { layer -> [Double] in
      if case .steps(_, let heights, _, _) = layer { heights } else { [] }
    }
    return heights.max().flatMap { $0 > 0 ? 0...1.06 * $0 : nil }
  }

  private func legend(_ keys: [String]) -> [LegendEntry] {
    report.samplers.keys.filter { keys.contains($0) }.map {
      LegendEntry(.words($0), report.samplers.style($0), .line)
    }
  }

  var logWeights: Picture? {
    Picture(
      "log-weights", "Log-weights.",
      caption: [
        "Logarithms of the weights, relative to the mean weight: the fraction of walkers in each interval. ",
        "A tail to the right carries the average; walkers of weight zero are left out.",
      ],
      charts: report.points.compactMap { point in
        let found = weighted(point)
        let values = found.map { entry in
          entry.weights.values.filter(\.isFinite).map { $0 - entry.weights.logMean.value }
        }
        guard let edges = Histogram.edges(holding: values.flatMap { $0 }, atMost: 40) else {
          return nil
        }
        let layers = zip(found, values).map { entry, values -> Layer in
          let histogram = Histogram(
            values: values, weights: values.map { _ in 1 }, edges: edges)
          return .steps(
            edges: edges, heights: histogram.heights,
            report.samplers.style(entry.member.key), isFilled: false)
        }
        return Chart(
          title: point.theory.title,
          summary: "Histogram of the log-weights of "
            + NumberWords.list(found.map(\.member.name)) + ".",
          x: ChartAxis(.words("log ") + "w" + .words(" − log ⟨") + "w" + .words("⟩")),
          y: ChartAxis(.words("fraction of walkers"), domain: WeightPictures.room(layers)),
          layers: layers + [.verticalRule(0)],
          legend: legend(found.map(\.member.key)), plotHeight: 150)
      })
  }

  /// The effective sample size from the origin to the theory.
  var evolution: Picture? {
    var charts: [Chart] = []
    for point in report.points {
      // At an early stop of a run the way goes on.
      let runs = point.members.filter { member in
        member.run.evolution != nil && member.run.parts.last?.result.stop == member.result.stop
      }
      if runs.isEmpty { continue }
      let layers = runs.flatMap { member -> [Layer] in
        guard let curve = member.run.evolution else { return [] }
        let style = report.samplers.style(member.key)
        return [
          .area(xs: curve.times, lower: curve.lowest, upper: curve.highest, style),
          .line(zip(curve.times, curve.means).map { ChartPoint($0, $1) }, style),
        ]
      }
      charts.append(
        Chart(
          title: point.theory.title,
          summary: "Effective sample size along the path of "
            + NumberWords.list(runs.map(\.name)) + ".",
          x: ChartAxis(.words("time along the path"), domain: 0...1),
          y: ChartAxis(.words("ESS / walkers"), domain: 0...1.05), layers: layers,
          legend: legend(runs.map(\.key)), plotHeight: 150))
    }
    return Picture(
      "ess-path", "Effective sample size along the path.",
      caption: [
        "The effective sample size of a population on its way, as a fraction of its walkers: the mean over populations, and shaded from the least to the largest. ",
        "Where it jumps to 1, walkers were resampled.",
      ], charts: charts)
  }

  /// Works there and back.
  var works: Picture? {
    var charts: [Chart] = []
    for point in report.points {
      for member in point.members {
        guard let works = member.run.works,
          member.run.parts.last?.result.stop == member.result.stop,
          let edges = Histogram.edges(
            holding: works.forward + works.backward.map(\.value), atMost: 40)
        else { continue }
        let there = Histogram(
          values: works.forward, weights: works.forward.map { _ in 1 }, edges: edges)
        let back = Histogram(
          values: works.backward.map(\.value), weights: works.backward.map(\.weight), edges: edges)
        let (first, second) = (Style(number: 0), Style(number: 1))
        let difference = member.part.weights.map { -$0.logMean.value }
        let layers: [Layer] = [
          .steps(edges: edges, heights: there.heights, first, isFilled: true),
          .steps(edges: edges, heights: back.heights, second, isFilled: false),
        ]
        charts.append(
          Chart(
            title: .words("\(member.key): ") + point.theory.title,
            summary: "Histograms of the work there and of minus the work back.",
            x: ChartAxis(.words("work ") + "W"),
            y: ChartAxis(.words("fraction of walkers"), domain: Self.room(layers)),
            layers: layers + (difference.map { [.verticalRule($0)] } ?? []),
            legend: [
              LegendEntry(.words("there, ") + "W", first, .line),
              LegendEntry(.words("back, −") + "W", second, .line),
            ], plotHeight: 150))
      }
    }
    return Picture(
      "works", "Works there and back.",
      caption: [
        "Works of the way to the theory and, with the opposite sign, of the way back. By the law of Crooks they cross at ",
        "Δ", Notation("F").html, " = −log(", Notation("Z/Z_{0}").html,
        "), where the rule stands by the weights of the way there. The further they are apart, the worse for both.",
      ], charts: charts)
  }
}
