// SPDX-License-Identifier: GPL-3.0-or-later

/// Charts that belong together, with what is to be said about them.
struct Picture {
  /// Begins the addresses of its charts.
  let name: String
  let title: String
  let caption: [Markup]
  /// Whether the charts are few and large.
  let isWide: Bool
  let charts: [Chart]

  /// More charts of one kind tell no more.
  static let limit = 12

  /// Nil without any chart. Of more than the limit some are left out, evenly, and the caption says so.
  init?(
    _ name: String, _ title: String, caption: [Markup], isWide: Bool = false, charts: [Chart]
  ) {
    if charts.isEmpty { return nil }
    (self.name, self.title, self.isWide) = (name, title, isWide)
    if charts.count <= Self.limit {
      (self.caption, self.charts) = (caption, charts)
    } else {
      let kept = (0..<Self.limit).map { charts[$0 * (charts.count - 1) / (Self.limit - 1)] }
      self.charts = kept
      self.caption =
        caption + [" \(Self.limit) of \(charts.count) are shown; the others are left out."]
    }
  }

  var markup: Markup {
    .element(
      "figure", ["id": name],
      [
        .element(
          "div", ["class": isWide ? "panels wide" : "panels"],
          charts.enumerated().map { index, chart in
            .element("div", ["class": "panel"], [chart.svg(id: "\(name)-\(index + 1)")])
          }),
        .element("figcaption", [.element("strong", [.text(title)]), " "] + caption),
      ])
  }
}
