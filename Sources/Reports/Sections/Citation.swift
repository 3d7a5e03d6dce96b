// SPDX-License-Identifier: GPL-3.0-or-later

/// What is to be cited by those who use the numbers.
struct Citation {
  let report: Report

  var section: Section? {
    if report.references.isEmpty { return nil }
    return Section(
      "citation", "How to cite",
      [
        Section.paragraph(
          "Whoever uses these numbers should cite the program and the works behind the methods that made them:"
        ),
        .element(
          "ol", ["class": "references"],
          report.references.map { reference in
            let text = Markup.text(reference.text)
            let link = reference.link.map { address -> Markup in
              " " + .element("a", ["href": address], [.text(address)])
            }
            return .element("li", [text, link ?? .empty])
          }),
        .element(
          "details",
          [
            .element("summary", ["The same as BibTeX"]),
            .element(
              "pre", ["tabindex": "0"],
              [
                .element(
                  "code", [.text(report.references.map(\.bibTeX).joined(separator: "\n\n"))])
              ]),
          ]),
      ])
  }
}
