// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import Sweeps

/// A table of a page, which scrolls in a box of its own where it is too wide.
struct DataTable {
  /// One cell: its content, and whether it is a number.
  struct Cell {
    let content: Markup
    let isNumber: Bool

    static func words(_ text: String) -> Cell { Cell(content: .text(text), isNumber: false) }
    static func words(_ markup: Markup) -> Cell { Cell(content: markup, isNumber: false) }
    static func number(_ text: String?) -> Cell {
      Cell(content: .text(text ?? "–"), isNumber: true)
    }

    /// A value with its error in brackets, with a mark where the error is not to be trusted.
    static func value(_ number: Uncertain?, isTrustworthy: Bool = true) -> Cell {
      guard let number else { return .number(nil) }
      let mark: Markup =
        isTrustworthy
        ? ""
        : .element(
          "abbr", ["class": "doubt", "title": "do not trust this error: the warnings say why"],
          ["?"])
      return Cell(content: .text(typeset(number.description)) + mark, isNumber: true)
    }

    static func value(_ quantity: ComparedQuantity?) -> Cell {
      value(quantity?.uncertain, isTrustworthy: quantity?.isTrustworthy ?? true)
    }

    /// With true minus signs, and powers of ten as such: `1.235(68)e4` becomes 1.235(68)×10⁴.
    private static func typeset(_ text: String) -> String {
      guard text.contains(")e") else { return NumberWords.typeset(text) }
      return NumberWords.typeset(text)
    }
  }

  /// Rows under a heading of their own, or without one.
  struct Group {
    var heading: Markup?
    /// The first cell of each row is its head.
    var rows: [[Cell]]
  }

  let id: String
  let caption: [Markup]
  let head: [Markup]
  var groups: [Group]

  var markup: Markup {
    .element(
      "div",
      ["class": "scroll", "role": "region", "tabindex": "0", "aria-labelledby": id],
      [
        .element(
          "table",
          [
            .element("caption", ["id": id], caption),
            .element(
              "thead",
              [.element("tr", head.map { .element("th", ["scope": "col"], [$0]) })]),
          ] + groups.map(body))
      ])
  }

  private func body(_ group: Group) -> Markup {
    var rows: [Markup] = []
    if let heading = group.heading {
      rows.append(
        .element(
          "tr", ["class": "heading"],
          [
            .element(
              "th", ["scope": "rowgroup", "colspan": "\(head.count)"],
              [.element("span", [heading])])
          ]))
    }
    rows += group.rows.map { row in
      .element(
        "tr",
        row.enumerated().map { index, cell in
          if index == 0 { return .element("th", ["scope": "row"], [cell.content]) }
          return .element("td", cell.isNumber ? ["class": "n"] : [:], [cell.content])
        })
    }
    return .element("tbody", rows)
  }
}
