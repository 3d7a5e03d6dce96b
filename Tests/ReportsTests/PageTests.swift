// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Reports
import Sweeps
import Testing

/// The whole page of a sweep.
@Suite(.serialized) struct PageTests {
  /// A cell as the numbers of a comparison are printed.
  private static func plain(_ text: String) -> String {
    let digits = Dictionary(uniqueKeysWithValues: zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return String(
      text.replacingOccurrences(of: "−", with: "-").replacingOccurrences(of: "×10", with: "e")
        .map { digits[$0] ?? $0 })
  }

  private static func table(_ id: String, _ page: Element) throws -> Element {
    try #require(
      page.all("table").first { $0.all("caption").first?.attributes["id"] == id }, "\(id)")
  }

  /// The rows below the heading of each group, as texts.
  private static func rows(_ table: Element) -> [[[String]]] {
    table.all("tbody").map { body in
      body.all("tr").filter { $0.attributes["class"] != "heading" }.map { row in
        row.children.map { plain($0.text) }
      }
    }
  }

  /// Crossings are those of the scan of the same chains, with a picture of the curves of both lattices; a
  /// single lattice has none.
  @Test func crossingsAreThoseOfTheScan() throws {
    let runs = try SampleSweep.crossing.get().map {
      (reader: $0.ensemble as any EnsembleReader, label: $0.label)
    }
    let scaling = try #require(try ReportedScaling(runs))
    let page = try Element.parse(SampleSweep.report(SampleSweep.crossing, scaling: scaling).page)
    let result = try FiniteSizeScaling(
      CouplingScan(runs, quantities: FiniteSizeScaling.quantities(crossing: "U4")))
    #expect(result.crossings.count == 1)
    let rows = Self.rows(try Self.table("crossings", page)).flatMap { $0 }
    #expect(
      rows.map { Array($0.dropFirst()) }
        == result.crossings.map { crossing in
          [
            crossing.coupling, crossing.value, crossing.inverseNu, crossing.eta,
            crossing.betaOverNu,
          ].map { ($0?.uncertain.description ?? "–") + ($0?.isTrustworthy == false ? "?" : "") }
        })
    let figure = try #require(
      page.all("figure").first { $0.attributes["id"] == "scaling-curves" })
    #expect(figure.text.contains("8×8") && figure.text.contains("4×4"))
    #expect(try ReportedScaling(Array(runs.prefix(3))) == nil)
    #expect(!(try SampleSweep.report(SampleSweep.crossing).page.contains("id=\"scaling\"")))
    // The same random numbers twice cannot be pooled: said, not thrown.
    let twice = try #require(try ReportedScaling(runs + runs))
    let words = try SampleSweep.report(SampleSweep.crossing, scaling: twice).page
    #expect(words.contains("the same random numbers"))
  }

  /// Every value, error and mark is that of the comparison.
  @Test func tablesAreThoseOfTheComparison() throws {
    let page = try Element.parse(SampleSweep.report().page)
    let comparison = try SampleSweep.comparison()
    let sizes = [[4, 4], [6, 6]]
    var (marked, trusted) = (0, 0)
    for (number, size) in sizes.enumerated() {
      let points = comparison.couplings.filter { $0.results[0].lattice.extents == size }
      let groups = Self.rows(try Self.table("averages-\(number + 1)", page))
      #expect(groups.count == points.count)
      for (group, point) in zip(groups, points) {
        #expect(group.map { $0[0] } == point.names)
        for (row, result) in zip(group, point.results) {
          let found =
            ComparedNames.usual.names.map { result.quantity($0) } + [result.logNormalizer]
          for (cell, quantity) in zip(row.dropFirst(), found) {
            guard let quantity else {
              #expect(cell == "–")
              continue
            }
            let mark = quantity.isTrustworthy ? "" : "?"
            #expect(cell == quantity.uncertain.description + mark)
            if quantity.isTrustworthy { trusted += 1 } else { marked += 1 }
          }
          #expect(row.count == found.count + 1)
        }
      }
    }
    #expect(marked >= 12 && trusted > 50)
    #expect(page.all(class: "doubt").count > marked)
    #expect(page.text.contains("χ2 susceptibility of the symmetric phase"))
  }

  @Test func differencesAreThoseOfTheComparison() throws {
    let page = try Element.parse(SampleSweep.report().page)
    let comparison = try SampleSweep.comparison()
    let groups = Self.rows(try Self.table("pull-table", page))
    let points = comparison.couplings.filter { !$0.differences.isEmpty }
    #expect(groups.count == points.count)
    var count = 0
    for (group, point) in zip(groups, points) {
      #expect(group.map { $0[0] } == point.differences.map { point.names[$0.result] })
      for (row, difference) in zip(group, point.differences) {
        for (cell, name) in zip(row.dropFirst(), ComparedNames.usual.names) {
          guard let pull = difference.difference(name)?.pull, pull.isFinite else { continue }
          #expect(abs((Double(cell) ?? .nan) - pull) <= 0.0501, "\(name): \(cell) \(pull)")
          count += 1
        }
        #expect(row.last == (comparison.disagrees(difference) ? "disagrees" : "agrees"))
      }
    }
    #expect(count > 40)
    let summary = try #require(page.all("section").first).text
    #expect(
      summary.contains(
        comparison.isInAgreement ? "The samplers agree." : "The samplers disagree."))
    #expect(summary.contains("\(comparison.differences.count) differences"))
  }

  /// Nothing that files say becomes markup, and nothing is fetched.
  @Test func pagesStandAlone() throws {
    let source = try SampleSweep.report { run in
      var run = run
      run.label += " <img src='x'> & </td> \u{8}"
      return run
    }.page
    let page = try Element.parse(source)
    #expect(page.all("h1")[0].text == "<script>alert('1')</script> & \"φ⁴\"")
    #expect(page.all("title")[0].text == page.all("h1")[0].text)
    for name in ["script", "link", "img", "iframe", "object", "base", "image", "use"] {
      #expect(page.all(name).isEmpty, "\(name)")
    }
    for element in page.all {
      for (key, value) in element.attributes {
        #expect(key != "src" && !key.hasPrefix("on") && key != "style", "\(key)")
        if key == "href" {
          #expect(
            value.hasPrefix("#") || element.name == "a" && value.hasPrefix("https://"), "\(value)")
        }
        if value.contains("http") {
          #expect(key.hasPrefix("xmlns") || key == "href", "\(key)=\(value)")
        }
      }
    }
    let style = try #require(page.all("style").first).text
    for word in ["url(", "@import", "http"] { #expect(!style.contains(word)) }
    #expect(page.text.contains("<img src='x'> & </td> \u{FFFD}"))
    #expect(page.text.contains("never <begun>"))
    // The sweep file, to the letter.
    #expect(page.all("pre")[0].text == SampleSweep.text)
  }

  @Test func pagesAreForEveryone() throws {
    let page = try Element.parse(SampleSweep.report().page)
    let identities = page.all.compactMap { $0.attributes["id"] }
    #expect(Set(identities).count == identities.count)
    for link in page.all("a") {
      let target = try #require(link.attributes["href"])
      if target.hasPrefix("#") { #expect(identities.contains(String(target.dropFirst()))) }
    }
    for element in page.all {
      for name in (element.attributes["aria-labelledby"] ?? "").split(separator: " ") {
        #expect(identities.contains(String(name)))
      }
    }
    let pictures = page.all("svg")
    #expect(pictures.count > 20)
    for picture in pictures {
      #expect(picture.attributes["role"] == "img")
      #expect(picture.children.prefix(2).map(\.name) == ["title", "desc"])
      #expect(!picture.children[0].text.isEmpty && !picture.children[1].text.isEmpty)
    }
    for cell in page.all("th") { #expect(cell.attributes["scope"] != nil) }
    for table in page.all("table") {
      #expect(table.children.first?.name == "caption")
      for row in table.all("tr") where row.attributes["class"] != "heading" {
        #expect(row.children.count == table.all("thead")[0].all("th").count)
      }
    }
    for name in ["header", "nav", "main", "footer"] { #expect(page.all(name).count == 1) }
    #expect(page.attributes["lang"] == "en")
    for name in [
      "against-coupling", "magnetization", "correlator", "effective-mass", "pulls", "cost",
      "log-weights", "ess-path", "works", "history",
    ] {
      #expect(page.all("figure").contains { $0.attributes["id"] == name }, "\(name)")
    }
  }

  @Test func theSameRunsGiveTheSamePage() throws {
    let page = try SampleSweep.report().page
    #expect(try SampleSweep.report().page == page)
    #expect(Report.describes(page))
    #expect(!Report.describes("<!DOCTYPE html><html></html>"))
    #expect(page.utf8.count < 1_000_000)
  }

  /// Runs that go on are shown, and are in no comparison.
  @Test func runsMayGoOn() throws {
    let report = try SampleSweep.report { run in
      if run.path.hasSuffix("run-000-hmc") { return try run.cut(to: 300) }
      if run.path.hasSuffix("run-002-ais") { return try run.cut(to: 4) }
      if run.path.hasSuffix("run-003-smc") { return try run.cut(to: 0) }
      return run
    }
    let page = try Element.parse(report.page)
    let rows = Self.rows(try Self.table("averages-open", page))
    #expect(rows.map { $0.map { $0[0] } } == [["hmc"], ["ais"]])
    let averages = Self.rows(try Self.table("averages-1", page))
    #expect(averages[0].map { $0[0] } == ["short"])
    let words = try #require(page.all("section").first).text
    #expect(words.contains("3 runs are not complete"))
    #expect(words.contains("300 measurements of each chain"))

    let going = try Element.parse(SampleSweep.report { try $0.cut(to: 30) }.page)
    #expect(going.text.contains("No run is complete yet."))
    #expect(Self.rows(try Self.table("averages-open", going)).count == 16)

    let nothing = try SampleSweep.report { try $0.cut(to: 0) }
    let empty = try Element.parse(nothing.page)
    #expect(empty.text.contains("No run is complete yet."))
  }
}
