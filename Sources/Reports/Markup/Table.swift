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
      return Cell(content: .text(NumberWords.typeset(number)) + mark, isNumber: true)
    }

    static func value(_ quantity: ComparedQuantity?) -> Cell {
      value(quantity?.uncertain, isTrustworthy: quantity?.isTrustworthy ?? true)
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
  /// Whether rows that are alone below their headings are joined with them.
  var isCompact = false
  var groups: [Group]

  /// Where no group has more than one row, headings become the heads of rows.
  private var arranged: [Group] {
    guard isCompact, groups.count > 1, groups.allSatisfy({ $0.rows.count == 1 }) else {
      return groups
    }
    let rows = groups.map { group -> [Cell] in
      let row = group.rows[0]
      let name: Markup = .element("span", ["class": "aside"], [row[0].content])
      return [.words((group.heading ?? "") + " " + name)] + row.dropFirst()
    }
    return [Group(rows: rows)]
  }

  /// The columns in which something is said.
  private var columns: [Int] {
    head.indices.filter { column in
      column == 0
        || groups.contains { $0.rows.contains { !["", "–"].contains($0[column].content.source) } }
    }
  }

  var markup: Markup {
    let (columns, groups) = (columns, arranged)
    let first = groups.first { !$0.rows.isEmpty }?.rows[0]
    let heads = columns.map { column -> Markup in
      let isNumber = first?[column].isNumber == true
      return .element(
        "th", isNumber ? ["scope": "col", "class": "n"] : ["scope": "col"], [head[column]])
    }
    return .element(
      "div",
      ["class": "scroll", "role": "region", "tabindex": "0", "aria-labelledby": id],
      [
        .element(
          "table",
          [
            .element("caption", ["id": id], caption),
            .element("thead", [.element("tr", heads)]),
          ] + groups.map { body($0, columns) })
      ])
  }

  private func body(_ group: Group, _ columns: [Int]) -> Markup {
    var rows: [Markup] = []
    if let heading = group.heading {
      rows.append(
        .element(
          "tr", ["class": "heading"],
          [
            .element(
              "th", ["scope": "rowgroup", "colspan": "\(columns.count)"],
              [.element("span", [heading])])
          ]))
    }
    rows += group.rows.map { row in
      .element(
        "tr",
        columns.map { index in
          let cell = row[index]
          if index == 0 { return .element("th", ["scope": "row"], [cell.content]) }
          return .element("td", cell.isNumber ? ["class": "n"] : [:], [cell.content])
        })
    }
    return .element("tbody", rows)
  }
}
