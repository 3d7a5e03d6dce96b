// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Sweeps

/// What was asked for: the theory, the lattices, the samplers, and the sweep file itself.
struct Parameters {
  let report: Report

  var section: Section? {
    Section(
      "parameters", "Parameters",
      [Section.definitions(theory), samplers] + sweeps)
  }

  private func texts(_ name: String, _ attributes: (ReportedRun) -> [String: AttributeValue])
    -> [String]
  {
    report.runs.compactMap { attributes($0)[name].map(AttributeWords.text) }.uniqued()
  }

  private var theory: [(term: Markup, meaning: Markup)] {
    func all(_ name: String) -> String { texts(name) { $0.theory }.joined(separator: ", ") }
    var pairs: [(term: Markup, meaning: Markup)] = [
      ("Theory", .text(all("name") == "phi4" ? "φ⁴" : all("name"))),
      ("Parametrisation", .text(all("parametrisation"))),
      (
        "Action",
        texts("action") { $0.theory }.map { ActionWords.notation($0).html }
          .joined(by: .element("br", []))
      ),
      ("Boundary", .text(all("boundary"))),
    ].filter { $0.1 != .empty }
    for name in ["m2", "kappa", "lambda"] {
      let values = report.runs.compactMap { $0.theory.real("given_\(name)") }
      let distinct = Set(values).sorted().map(NumberWords.coupling)
      if !distinct.isEmpty {
        pairs.append((Notation.coupling(name).html, .text(distinct.joined(separator: ", "))))
      }
    }
    let lattices = report.runs.map { $0.extents.map(String.init).joined(separator: "×") }
    pairs.append(("Lattices", .text(lattices.uniqued().joined(separator: ", "))))
    let measured = report.runs.flatMap { $0.measured.map { "\($0.meaning) (\($0.name))" } }
    pairs.append(("Measured", .text(measured.uniqued().joined(separator: ", "))))
    pairs.append(("Seed", .text(texts("seed") { $0.root }.joined(separator: ", "))))
    pairs.append(("Random numbers", .text(texts("rng") { $0.root }.joined(separator: ", "))))
    return pairs.filter { $0.meaning != .empty }
  }

  /// One row for each sampler, with every parameter that its files tell.
  private var samplers: Markup? {
    let names = report.runs.map { $0.sampler.text("name") ?? "" }.uniqued()
    let rows = names.map { name -> [DataTable.Cell] in
      let runs = report.runs.filter { ($0.sampler.text("name") ?? "") == name }
      let hidden: Set<String> = ["name", "method", "family", "notes"]
      let keys = Set(runs.flatMap(\.sampler.keys)).subtracting(hidden).sorted()
      let words = keys.map { key in
        let values = runs.compactMap { $0.sampler[key].map(AttributeWords.text) }.uniqued()
        return "\(key) \(values.count > 3 ? "varies" : values.joined(separator: " or "))"
      }
      return [
        .words(name), .words(runs.first?.sampler.text("method") ?? "–"),
        .number("\(runs.count)"),
        .words(.element("span", ["class": "free"], [.text(words.joined(separator: ", "))])),
      ]
    }
    if rows.isEmpty { return nil }
    return DataTable(
      id: "samplers",
      caption: ["The samplers, with the parameters that their runs were made with."],
      head: ["sampler", "method", "runs", "parameters"], groups: [.init(rows: rows)]
    ).markup
  }

  /// The sweep files, verbatim.
  private var sweeps: [Markup] {
    texts("sweep") { $0.root }.map { text in
      .element(
        "details", ["class": "file"],
        [
          .element("summary", ["The sweep file"]),
          .element("pre", ["tabindex": "0"], [.element("code", [.text(text)])]),
        ])
    }
  }
}

/// Attributes of files as text.
enum AttributeWords {
  static func text(_ value: AttributeValue) -> String {
    switch value {
    case .text(let text): text
    case .real(let number): NumberWords.coupling(number)
    case .integer(let number): "\(number)"
    case .reals(let numbers): numbers.map(NumberWords.coupling).joined(separator: " ")
    case .integers(let numbers): numbers.map(String.init).joined(separator: " ")
    case .texts(let texts): texts.joined(separator: " ")
    }
  }
}

/// The formula of an action, as files spell it in letters of ASCII.
enum ActionWords {
  private static let signs = [
    ("{x+mu}", "{x+μ}"), ("sum_mu", "Σ_{μ}"), ("sum_x", "Σ_{x}"), ("phi_x", "φ_{x}"),
    ("phi", "φ"), ("lambda", "λ"), ("kappa", "κ"), ("m2", "m²"), ("c2", "c_{2}"), ("c4", "c_{4}"),
    ("^2", "²"), ("^4", "⁴"), ("1/2", "½"), (" - ", " − "), ("[ -", "[ −"),
  ]

  static func notation(_ formula: String) -> Notation {
    Notation(signs.reduce(formula) { $0.replacingOccurrences(of: $1.0, with: $1.1) })
  }
}
