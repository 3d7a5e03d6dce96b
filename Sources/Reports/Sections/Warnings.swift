// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps

/// Why numbers are not to be trusted, and what is to be kept in mind, in words.
struct Warnings {
  let report: Report

  var section: Section? {
    let lines = notes
    let left =
      report.runs.filter { !$0.isComplete }.map { run in
        Markup.text("\(run.name): \(run.label): the run is not complete; \(run.progress) so far")
      } + report.notBegun.map { .text("\($0): the run has not begun") }
    let nothing: Markup =
      lines.warnings.isEmpty && left.isEmpty
      ? Section.paragraph("There is nothing to warn of.") : .empty
    let heading: Markup =
      lines.remarks.isEmpty ? .empty : .element("h3", ["What the costs count"])
    return Section(
      "warnings", "Warnings",
      [
        Section.list(left), Section.list(lines.warnings), nothing, heading,
        Section.list(lines.remarks),
      ])
  }

  /// What is said of costs, which speaks against no number.
  private var costRemarks: Set<String> {
    Set(
      report.points.flatMap { point in
        point.members.flatMap { member in
          (member.result.cost?.remarks ?? []).map { "\(member.name): \($0)" }
        }
      })
  }

  /// Each note once, with the places where it was made.
  private var notes: (warnings: [Markup], remarks: [Markup]) {
    var notes: [(text: String, places: [Markup])] = []
    for group in NestedLines(report.comparison.notes, report).groups {
      for line in group.lines {
        let place = group.heading.map { [$0] } ?? []
        if let index = notes.firstIndex(where: { $0.text == line }) {
          notes[index].places += place
        } else {
          notes.append((line, place))
        }
      }
    }
    func words(_ note: (text: String, places: [Markup])) -> Markup {
      if note.places.isEmpty { return .text(note.text) }
      let place: Markup =
        note.places.count == report.points.count && note.places.count > 1
        ? "everywhere"
        : note.places.joined(by: "; ")
      return .text(note.text) + " " + .element("span", ["class": "aside"], ["(", place, ")"])
    }
    let remarks = costRemarks
    return (
      notes.filter { !remarks.contains($0.text) }.map(words),
      notes.filter { remarks.contains($0.text) }.map(words)
    )
  }
}
