// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Sweeps

/// How far samplers are from the baseline, and what they cost, at one look.
struct ComparisonPictures {
  let report: Report

  private var names: [String] { report.comparedNames }

  /// The place of a sampler's marks in the row of a quantity.
  private func place(_ row: Int, _ key: String, of keys: [String]) -> Double {
    let number = keys.firstIndex(of: key) ?? 0
    return Double(row) + 0.72 * ((Double(number) + 0.5) / Double(keys.count) - 0.5)
  }

  private func isSure(_ point: ReportPoint, _ index: Int, _ name: String) -> Bool {
    if name == Comparison.logNormalizer || name == Comparison.bennettLogNormalizer {
      let result = point.members[index].result
      let found = name == Comparison.logNormalizer ? result.logNormalizer : result.bennett
      return found?.isTrustworthy ?? true
    }
    return [0, index].allSatisfy {
      point.members[$0].result.quantity(name)?.isTrustworthy ?? true
    }
  }

  /// Every difference in combined standard errors.
  var pulls: Picture? {
    let names = names
    var marks: [(key: String, point: ChartPoint)] = []
    let keys = report.samplers.keys.filter { key in
      report.points.contains { point in
        point.coupling.differences.contains { point.members[$0.result].key == key }
      }
    }
    for point in report.points {
      for difference in point.coupling.differences {
        let member = point.members[difference.result]
        for quantity in difference.judged {
          guard let row = names.firstIndex(of: quantity.name) else { continue }
          marks.append(
            (
              member.key,
              ChartPoint(
                quantity.pull, place(row, member.key, of: keys),
                isDoubtful: !isSure(point, difference.result, quantity.name),
                note: "\(member.name), \(point.theory.title.plain): "
                  + "\(quantity.name) \(NumberWords.pull(quantity.pull))")
            ))
        }
      }
    }
    if marks.isEmpty { return nil }
    let largest = marks.map { abs($0.point.x) }.max() ?? 0
    let limit = max(4, 1.08 * largest)
    let chart = Chart(
      title: .words("Differences in combined standard errors"),
      summary: "Pulls of every quantity at every point; the largest is "
        + NumberWords.short(largest) + ".",
      x: ChartAxis(.words("pull"), domain: -limit...limit),
      y: ChartAxis("", categories: names.map { Notation.symbol(of: $0) }),
      layers: [.stretch(-1...1), .verticalRule(-3), .verticalRule(3)]
        + keys.map { key in
          .marks(marks.filter { $0.key == key }.map(\.point), report.samplers.style(key))
        },
      legend: keys.map { LegendEntry(.words($0), report.samplers.style($0)) },
      plotHeight: 34 * Double(names.count))
    return Picture(
      "pulls", "Differences.",
      caption: [
        "Each sampler minus the baseline at every point, divided by both errors in quadrature; log Z against the reference that the tables name. ",
        "Of independent ones two thirds would fall into the shaded stretch and one in 370 beyond the rules at ±3. ",
        "Empty marks: one of the two errors is not to be trusted.",
      ], isWide: true, charts: [chart])
  }

  /// The cost of an error of the baseline's size, relative to the baseline.
  var costs: Picture? {
    var marks: [(key: String, name: String, x: Double, isDoubtful: Bool, note: String)] = []
    for point in report.points {
      for (index, member) in point.indexed.dropFirst() {
        for quantity in member.result.quantities {
          guard let cost = point.coupling.costAtEqualError(of: index, quantity.name)?.seconds,
            cost.isFinite, cost > 0
          else { continue }
          marks.append(
            (
              member.key, quantity.name, cost, !isSure(point, index, quantity.name),
              "\(member.name), \(point.theory.title.plain): \(NumberWords.short(cost))"
            ))
        }
      }
    }
    if marks.isEmpty { return nil }
    let names = marks.map(\.name).uniqued()
    let keys = report.samplers.keys.filter { key in marks.contains { $0.key == key } }
    let layers = keys.map { key -> Layer in
      .marks(
        marks.filter { $0.key == key }.map { mark in
          ChartPoint(
            mark.x, place(names.firstIndex(of: mark.name) ?? 0, key, of: keys),
            isDoubtful: mark.isDoubtful, note: mark.note)
        }, report.samplers.style(key))
    }
    let baseline = report.points.first { $0.coupling.hasBaseline }?.members.first?.name
    let chart = Chart(
      title: .words("Time for an equal error, relative to \(baseline ?? "the baseline")"),
      summary:
        "Cost of each quantity at every point relative to the baseline, on a logarithmic axis.",
      x: ChartAxis(
        .words("relative cost (seconds)"), isLogarithmic: true,
        domain: Scale.domain(of: marks.map(\.x) + [1], logarithmic: true)),
      y: ChartAxis("", categories: names.map { Notation.symbol(of: $0) }),
      layers: [.verticalRule(1)] + layers,
      legend: keys.map { LegendEntry(.words($0), report.samplers.style($0)) },
      plotHeight: 34 * Double(names.count))
    return Picture(
      "cost", "Cost.",
      caption: [
        "What an error of the baseline’s size would cost, relative to the baseline: error² × seconds, every point a mark. The rule at 1 is the baseline. ",
        "Empty marks: one of the two errors is not to be trusted, and neither is the cost.",
      ], isWide: true, charts: [chart])
  }
}
