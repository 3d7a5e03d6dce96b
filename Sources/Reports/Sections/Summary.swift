// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Sweeps

/// What was run, whether the samplers agree, and which errors are not to be trusted, in a paragraph.
struct Summary {
  let report: Report

  var section: Section? {
    Section(
      "summary", "Summary",
      [
        .element(
          "p", ["class": "verdict \(tone)"],
          [.element("strong", [.text(headline)]), " "]
            + [ran, agreement, doubts, progress].filter { !$0.isEmpty }.map {
              .text($0 + " ")
            })
      ])
  }

  private var doubtful: [ReportPoint.Member] {
    report.points.flatMap(\.members).filter { member in
      member.result.quantities.contains { !$0.isTrustworthy }
        || member.result.logNormalizer?.isTrustworthy == false
    }
  }

  /// Whether something else than a mark speaks against numbers.
  private var isWarned: Bool {
    report.points.flatMap(\.members).contains { member in
      let remarks = member.result.cost?.remarks ?? []
      return member.result.warnings.contains { !remarks.contains($0) }
    }
  }

  private var hasComparison: Bool { !report.comparison.differences.isEmpty }

  private var tone: String {
    if hasComparison && !report.comparison.isInAgreement { return "bad" }
    let isWhole = report.runs.allSatisfy(\.isComplete) && report.notBegun.isEmpty
    return doubtful.isEmpty && !isWarned && isWhole
      ? "good" : "mixed"
  }

  private var headline: String {
    if report.points.isEmpty { return "No run is complete yet." }
    if !hasComparison {
      if !doubtful.isEmpty { return "Some errors are not to be trusted." }
      return isWarned ? "Read the warnings." : "Nothing speaks against the errors."
    }
    return report.comparison.isInAgreement ? "The samplers agree." : "The samplers disagree."
  }

  private var ran: String {
    let dimensions = report.runs.map(\.extents.count).sorted()
    let names = ["one dimension", "two dimensions", "three dimensions", "four dimensions"]
    let places = NumberWords.list(
      Array(Set(dimensions)).sorted().compactMap {
        names.indices.contains($0 - 1) ? names[$0 - 1] : nil
      })
    let lattices = report.runs.map { $0.extents.map(String.init).joined(separator: "×") }
      .uniqued()
    let theories = report.runs.map {
      $0.theory.text("name") == "free" ? "The free field" : "φ⁴ theory"
    }
    .uniqued()
    let samplers = report.runs.map { $0.sampler.text("name") ?? $0.sampler.text("method") ?? "?" }
      .uniqued()
    let points = report.points.count
    let varied =
      points > 1 ? ", at \(points) points of lattices and couplings" : ""
    return
      "\(NumberWords.list(theories)) in \(places) was sampled on \(NumberWords.list(lattices)) by "
      + "\(NumberWords.list(samplers))\(varied), in \(NumberWords.count(report.runs.count, "run"))."
  }

  private var agreement: String {
    let comparison = report.comparison
    guard hasComparison else {
      return report.points.isEmpty
        ? "" : "There is one sampler at each point, so that nothing could be compared."
    }
    let count = comparison.differences.count
    let large = comparison.differences.count { abs($0.pull) > Comparison.notable }
    let largest = comparison.differences.map { abs($0.pull) }.max() ?? 0
    let wrong = report.points.flatMap { point in
      point.coupling.differences.filter(comparison.disagrees).map {
        "\(point.members[$0.result].name) on \(point.theory.title.plain)"
      }
    }
    let known = wrong.isEmpty ? "" : " Beyond what chance allows: \(NumberWords.list(wrong))."
    return "Of \(NumberWords.count(count, "difference")) from the baselines "
      + "\(large == 0 ? "none is" : large == 1 ? "one is" : "\(large) are") beyond 3 combined standard errors "
      + "(\(NumberWords.probability(Comparison.falseAlarm * Double(count))) expected by chance); the largest is "
      + "\(String(format: "%.1f", largest)).\(known)"
  }

  private var doubts: String {
    let members = doubtful
    if members.isEmpty {
      if report.points.isEmpty { return "" }
      return isWarned
        ? "No error is marked as doubtful, but there are warnings."
        : "No error is marked as doubtful."
    }
    var places: [(key: String, titles: [String])] = []
    for point in report.points {
      for member in point.members
      where members.contains(where: {
        $0.result.path == member.result.path && $0.result.stop == member.result.stop
      }) {
        if let index = places.firstIndex(where: { $0.key == member.key }) {
          places[index].titles.append(point.theory.title.plain)
        } else {
          places.append((member.key, [point.theory.title.plain]))
        }
      }
    }
    let words = places.map { place in
      place.titles.count > 3
        ? "\(place.key) at \(place.titles.count) of \(report.points.count) points"
        : "\(place.key) on \(NumberWords.list(place.titles))"
    }
    return "Errors marked with ? are not to be trusted: those of \(words.joined(separator: "; "))."
  }

  private var progress: String {
    let open = report.runs.filter { !$0.isComplete }
    var sentences: [String] = []
    if !open.isEmpty {
      sentences.append(
        "\(NumberWords.count(open.count, "run is", "runs are")) not complete and not in the comparison: "
          + "\(NumberWords.list(open.map { "\($0.label) (\($0.progress) so far)" })).")
    }
    if !report.notBegun.isEmpty {
      sentences.append(
        "\(NumberWords.count(report.notBegun.count, "run has", "runs have")) not begun: "
          + "\(NumberWords.list(report.notBegun)).")
    }
    return sentences.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
  }
}
