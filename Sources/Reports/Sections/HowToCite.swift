// SPDX-License-Identifier: GPL-3.0-or-later
import Citations

/// What is to be cited by those who use the numbers.
struct HowToCite {
  let report: Report

  var section: Section? {
    if report.citations.isEmpty { return nil }
    let entries = report.citations.map(\.publication.bibTeX).joined(separator: "\n\n")
    return Section(
      "citation", "How to cite",
      [
        Section.paragraph(
          "Whoever uses these numbers should cite the program and what the methods that made them rest on:"
        ),
        .element("ol", ["class": "references"], report.citations.map(item)),
        .element(
          "details", ["class": "screen"],
          [
            .element("summary", ["The same as BibTeX"]),
            .element("pre", ["tabindex": "0"], [.element("code", [.text(entries)])]),
          ]),
      ])
  }

  private func item(_ citation: Citation) -> Markup {
    let text = Markup.text(citation.publication.reference)
    let reason = Markup.element("span", ["class": "aside"], [.text("for \(citation.reason)")])
    let address = address(citation.publication)
    let reference = address.map { Markup.element("a", ["href": $0], [text]) } ?? text
    return .element("li", [reference, " ", reason])
  }

  /// Where it is found.
  private func address(_ publication: Publication) -> String? {
    publication.doi.map { "https://doi.org/\($0)" }
      ?? publication.arXiv.map { "https://arxiv.org/abs/\($0)" }
  }
}
