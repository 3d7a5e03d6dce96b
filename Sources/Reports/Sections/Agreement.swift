// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Sweeps

/// Samplers side by side, as `compare` has them: differences and cost.
struct Agreement {
  let report: Report

  var section: Section? {
    if report.comparison.differences.isEmpty { return nil }
    let pictures = ComparisonPictures(report: report)
    return Section(
      "comparison", "Comparison of samplers",
      [
        verdict, pulls, pictures.pulls?.markup, costs, equalCosts, pictures.costs?.markup,
      ])
  }

  private var verdict: Markup {
    .element(
      "details", ["class": "words"],
      [
        .element("summary", ["The verdict in full"]),
        NestedLines(report.comparison.verdict, report).markup,
      ])
  }

  /// One row for each sampler that is compared with anything.
  private var pulls: Markup? {
    let names = report.comparedNames
    let groups = report.points.compactMap { point -> DataTable.Group? in
      let rows = point.coupling.differences.map { difference -> [DataTable.Cell] in
        let overall = difference.overall
        let isWrong = report.comparison.disagrees(difference)
        return [.words(point.members[difference.result].name)]
          + names.map { name in
            let found = difference.difference(name)
            guard let found, found.isJudged else { return .number(nil) }
            let text = Markup.text(NumberWords.pull(found.pull))
            let isLarge = abs(found.pull) > Comparison.notable
            return DataTable.Cell(
              content: isLarge ? .element("strong", [text]) : text, isNumber: true)
          } + [
            .number(
              overall.map { "\(NumberWords.probability($0.chiSquare))/\($0.degreesOfFreedom)" }),
            .number(overall.map { NumberWords.probability($0.probability) }),
            .words(isWrong ? .element("strong", ["disagrees"]) : "agrees"),
          ]
      }
      return rows.isEmpty
        ? nil : DataTable.Group(heading: heading(point), rows: rows)
    }
    return DataTable(
      id: "pull-table",
      caption: [
        "Differences from the baseline in combined standard errors. χ² takes all quantities but log Z with their correlations together; ",
        Notation("p").html,
        " is its probability. A single difference counts as disagreement beyond ",
        .text(String(format: "%.2f", report.comparison.bound)),
        ", which all \(report.comparison.differences.count) together exceed with a probability of 0.27 %.",
      ],
      head: ["sampler"] + names.map { Notation.symbol(of: $0).html }
        + [Notation("χ²/k").html, Notation("p").html, "verdict"], groups: groups
    ).markup
  }

  /// The point, with what its samplers are compared with.
  private func heading(_ point: ReportPoint, withReference: Bool = true) -> Markup {
    var words: [String] = []
    if point.coupling.hasBaseline { words.append("baseline \(point.members[0].name)") }
    if !withReference {
      // Costs know nothing of log Z.
    } else if point.coupling.exactLogNormalizer != nil {
      words.append("log Z exact")
    } else if let reference = point.coupling.logNormalizerReference {
      words.append("log Z of \(point.members[reference].name)")
    }
    let rest: Markup = .element("span", ["class": "aside"], [.text(words.joined(separator: ", "))])
    return point.theory.title.html + " " + rest
  }

  private var costs: Markup? {
    let members = report.points.flatMap(\.members)
    let hasDrifts = members.contains { $0.result.cost?.driftEvaluations != nil }
    let groups = report.points.map { point in
      DataTable.Group(
        heading: point.theory.title.html,
        rows: point.members.map { member in
          let (result, cost) = (member.result, member.result.cost)
          let drifts: [DataTable.Cell] = [
            .number(cost?.driftEvaluations.map(NumberWords.short)),
            .number(cost?.trainingSeconds.map(NumberWords.short)),
          ]
          return [
            .words(member.name), .value(result.effectiveSize?.samples),
            .value(result.effectiveSize?.fraction),
            .number(cost.map { NumberWords.short($0.gradientEvaluations) }),
          ] + (hasDrifts ? drifts : []) + [
            .number(cost.map { NumberWords.short($0.seconds) }),
            .number(result.samplesPerSecond.map(NumberWords.short)),
          ]
        })
    }
    return DataTable(
      id: "cost-table",
      caption: [
        "What the samplers cost. ESS: how many independent measurements a run is worth for the observable that it knows least of, as a number and as a fraction. Gradients: evaluations over all chains or walkers. Seconds: wall time of updates, with thermalisation and pilot."
      ],
      head: ["sampler", "ESS", "ESS/N", "gradients"]
        + (hasDrifts ? ["drifts", "training s"] : []) + ["seconds", "ESS/s"], groups: groups
    ).markup
  }

  private var equalCosts: Markup? {
    let names = report.points.flatMap { point in
      point.indexed.flatMap { index, member in
        member.result.quantities.map(\.name).filter {
          index > 0 && point.coupling.costAtEqualError(of: index, $0) != nil
        }
      }
    }.uniqued()
    if names.isEmpty { return nil }
    let groups = report.points.compactMap { point -> DataTable.Group? in
      let rows = point.indexed.dropFirst().map { index, member in
        [.words(member.name)] + names.map { equalCost(point, index, $0) }
      }
      return rows.isEmpty
        ? nil : DataTable.Group(heading: heading(point, withReference: false), rows: rows)
    }
    return DataTable(
      id: "equal-cost-table",
      caption: [
        "What an error of the baseline’s size would cost, relative to the baseline: error² × seconds, in brackets error² × gradients."
      ],
      head: ["sampler"] + names.map { Notation.symbol(of: $0).html }, groups: groups
    ).markup
  }

  private func equalCost(_ point: ReportPoint, _ index: Int, _ name: String) -> DataTable.Cell {
    guard let cost = point.coupling.costAtEqualError(of: index, name) else { return .number(nil) }
    let isSure = [0, index].allSatisfy {
      point.members[$0].result.quantity(name)?.isTrustworthy == true
    }
    let text = "\(NumberWords.short(cost.seconds)) (\(NumberWords.short(cost.gradientEvaluations)))"
    let mark: Markup =
      isSure
      ? ""
      : .element(
        "abbr", ["class": "doubt", "title": "one of the two errors is not to be trusted"], ["?"])
    return DataTable.Cell(content: .text(text) + mark, isNumber: true)
  }
}

/// Lines of a comparison, in which those of one coupling are indented below its name.
struct NestedLines {
  /// What is said of no coupling in particular, or of the one named before.
  private(set) var groups: [(heading: Markup?, lines: [String])] = []

  init(_ lines: [String], _ report: Report) {
    for line in lines {
      if line.hasPrefix("  "), !groups.isEmpty {
        groups[groups.count - 1].lines.append(String(line.dropFirst(2)))
        continue
      }
      let point = report.points.first { "\($0.coupling.results[0].coupling):" == line }
      if let point {
        groups.append((point.theory.title.html, []))
      } else if let last = groups.last, last.heading == nil {
        groups[groups.count - 1].lines.append(line)
      } else {
        groups.append((nil, [line]))
      }
    }
  }

  var markup: Markup {
    groups.map { group in
      let lines = Section.list(group.lines.map { .text($0) })
      return (group.heading.map { .element("h3", [$0]) } ?? .empty) + lines
    }.joined()
  }
}
