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
    if lines.isEmpty && left.isEmpty {
      return Section(
        "warnings", "Warnings", [Section.paragraph("There is nothing to warn of.")])
    }
    return Section("warnings", "Warnings", [Section.list(lines), Section.list(left)])
  }

  /// Each note once, with the places where it was made.
  private var notes: [Markup] {
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
    return notes.map { note in
      if note.places.isEmpty { return .text(note.text) }
      let place: Markup =
        note.places.count == report.points.count && note.places.count > 1
        ? "everywhere"
        : note.places.joined(by: "; ")
      return .text(note.text) + " " + .element("span", ["class": "aside"], ["(", place, ")"])
    }
  }
}
