// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import Sweeps

/// Pictures of single runs: histories of Markov chains, and how well drifts were trained.
struct RunPictures {
  let report: Report

  /// More histories tell no more.
  static let histories = 6

  /// The chains that are slowest against their length.
  var histories: Picture? {
    let all = report.points.flatMap { point in
      point.members.compactMap { member in
        member.run.history.map { (point: point, member: member, history: $0) }
      }
    }
    let slow = all.enumerated().sorted { first, second in
      let (a, b) = (first.element.history.tau.value, second.element.history.tau.value)
      return a == b ? first.offset < second.offset : a > b
    }.prefix(Self.histories).sorted { $0.offset < $1.offset }.map(\.element)
    let charts = slow.map { entry -> Chart in
      let history = entry.history
      let symbol = Notation.observable(history.observable)
      let points = zip(history.rows, history.values).map { ChartPoint(Double($0), $1) }
      var style = report.samplers.style(entry.member.key)
      style.dash = .solid
      return Chart(
        title: .words("\(entry.member.name), ") + entry.point.theory.title,
        summary: "The first \(points.count) measurements of \(symbol.plain) in chain 1.",
        x: ChartAxis(
          .words("trajectory (") + "τ_{int}" + .words(" = \(history.tau))"),
          domain: Double(history.rows.first ?? 0)...Double(history.rows.last ?? 1)),
        y: ChartAxis(symbol), layers: [.line(points, style)], plotHeight: 110)
    }
    let rest =
      all.count > charts.count
      ? " Of \(all.count) runs those \(charts.count) with the largest τ are shown." : ""
    return Picture(
      "history", "History.",
      caption: [
        "History of the observable with the largest integrated autocorrelation time ",
        Notation("τ_{int}").html,
        ": the first chain of each run, from its first measurement on, up to \(ChainHistory.length) of them.\(rest)",
      ], charts: charts)
  }

  /// The residual of the transport equation.
  var trainings: Picture? {
    Picture(
      "training", "Training.",
      caption: [
        "What training has left of the transport equation: the variance of its residual per site along the path, without a drift and with the trained one. 0 would be perfect transport."
      ],
      charts: report.drifts.compactMap { drift in
        if drift.curves.isEmpty { return nil }
        let styles = drift.curves.indices.map { Style(number: $0) }
        // Where the theory is known exactly, nothing is left but rounding.
        let least = 1e-12 * (drift.curves.flatMap(\.values).max() ?? 0)
        return Chart(
          title: .words(drift.label + (drift.isComplete ? "" : " (not complete)")),
          summary: "Variance of the residual per site against the time along the path.",
          x: ChartAxis(.words("time along the path"), domain: 0...1),
          y: ChartAxis(.words("residual per site"), isLogarithmic: true),
          layers: zip(drift.curves, styles).map { curve, style in
            .line(
              zip(curve.times, curve.values).filter { $0.1 > least }.map { ChartPoint($0, $1) },
              style)
          },
          legend: zip(drift.curves, styles).map { LegendEntry(.words($0.name), $1, .line) },
          plotHeight: 150)
      })
  }
}
