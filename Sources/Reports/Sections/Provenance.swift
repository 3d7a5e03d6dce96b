// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Sweeps

/// Where the numbers come from: what wrote the files, where and when.
struct Provenance {
  let report: Report

  var section: Section? {
    if report.runs.isEmpty { return nil }
    return Section("provenance", "Provenance", [Section.definitions(software), runs])
  }

  private static let names: [(key: String, term: Markup)] = [
    ("software", "Software"), ("version", "Version"), ("commit", "Commit"),
    ("compiler", "Compiler"), ("kernel_level", "Machine code"),
    ("threads", "Threads"), ("precision", "Precision"), ("hdf5_version", "HDF5"),
  ]

  private var software: [(term: Markup, meaning: Markup)] {
    Self.names.compactMap { key, term in
      let values = report.runs.compactMap { $0.root[key].map(AttributeWords.text) }.uniqued()
      return values.isEmpty ? nil : (term, .text(values.joined(separator: ", ")))
    }
  }

  private var runs: Markup {
    let rows = report.runs.map { run -> [DataTable.Cell] in
      [
        .words(run.name), .words(run.label),
        .words(run.isComplete ? "complete" : "not complete"), .words(run.progress),
        .words(run.root.text("created") ?? "–"),
        .words(.element("code", [.text(run.root.text("run_id") ?? "–")])),
      ]
    }
    return DataTable(
      id: "run-table", caption: ["The runs, with the identity of their random numbers."],
      head: ["folder or file", "run", "state", "rows", "created", "run id"],
      groups: [.init(rows: rows)]
    ).markup
  }
}
