// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps

extension Report {
  /// What the `generator` of every report begins with.
  public static let generator = "driftfield report"

  /// Whether a page is a report, so that another one may take its place.
  public static func describes(_ page: String) -> Bool {
    page.prefix(2000).contains(#"<meta name="generator" content="\#(generator)"#)
  }

  /// The title of the sweep, or what the page is about.
  var title: String {
    let titles = runs.compactMap { $0.root.text("title") }.filter { !$0.isEmpty }.uniqued()
    if titles.count == 1 { return titles[0] }
    return titles.isEmpty ? "Report" : "Report on \(titles.count) sweeps"
  }

  /// The page, in HTML that is also well-formed XML.
  public var page: String {
    let sections = [
      Summary(report: self).section, Parameters(report: self).section,
      Averages(report: self).section, scaling.flatMap { SizeScaling(scaling: $0).section },
      Agreement(report: self).section,
      Diagnostics(report: self).section, Warnings(report: self).section,
      Provenance(report: self).section, HowToCite(report: self).section,
    ].compactMap(\.self)
    let document = Markup.element(
      "html", ["xmlns": "http://www.w3.org/1999/xhtml", "lang": "en"],
      [head, body(sections)])
    return "<!DOCTYPE html>\n" + document.source
  }

  private var head: Markup {
    .element(
      "head",
      [
        .element("meta", ["charset": "utf-8"]),
        .element("title", [.text(title)]),
        .element("meta", ["name": "generator", "content": "\(Self.generator) (\(program))"]),
        .element(
          "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        .element("meta", ["name": "color-scheme", "content": "light dark"]),
        Markup(source: "<style>\n\(Stylesheet.text)</style>\n"),
      ])
  }

  private func body(_ sections: [Section]) -> Markup {
    let links = sections.map { section in
      Markup.element("li", [.element("a", ["href": "#\(section.id)"], [.text(section.title)])])
    }
    let dates = runs.compactMap { $0.root.text("created") }.sorted()
    let days = [dates.first, dates.last].compactMap { $0?.prefix(10) }.map(String.init).uniqued()
    let line =
      NumberWords.count(runs.count, "run")
      + (days.isEmpty ? "" : " of \(days.joined(separator: " to "))")
    return .element(
      "body",
      [
        .element(
          "header",
          [
            .element("h1", [.text(title)]),
            .element("p", ["class": "byline"], [.text(line)]),
            .element("nav", ["aria-label": "Sections"], [.element("ul", links)]),
          ]),
        .element("main", sections.map(\.markup)),
        .element(
          "footer",
          [
            .element("p", [.text("Made from the files of the runs alone by \(program).")])
          ]),
      ])
  }
}
