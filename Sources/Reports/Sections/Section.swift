// SPDX-License-Identifier: GPL-3.0-or-later

/// A part of a page with a heading of its own.
struct Section {
  let id: String
  let title: String
  let content: [Markup]

  /// Nil where there is nothing to say.
  init?(_ id: String, _ title: String, _ content: [Markup?]) {
    let found = content.compactMap(\.self).filter { $0 != .empty }
    if found.isEmpty { return nil }
    (self.id, self.title, self.content) = (id, title, found)
  }

  var markup: Markup {
    .element(
      "section", ["id": id, "aria-labelledby": "\(id)-title"],
      [.element("h2", ["id": "\(id)-title"], [.text(title)])] + content)
  }

  static func paragraph(_ content: Markup...) -> Markup { .element("p", content) }

  static func list(_ items: [Markup], _ attributes: KeyValuePairs<String, String> = [:]) -> Markup {
    items.isEmpty ? .empty : .element("ul", attributes, items.map { .element("li", [$0]) })
  }

  /// Terms with their meanings.
  static func definitions(_ pairs: [(term: Markup, meaning: Markup)]) -> Markup {
    .element(
      "dl",
      pairs.map { pair in
        .element("div", [.element("dt", [pair.term]), .element("dd", [pair.meaning])])
      })
  }
}
