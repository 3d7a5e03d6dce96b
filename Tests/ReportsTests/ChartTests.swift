// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Reports
import Testing

/// Pictures, as a parser of XML finds them.
@Suite struct ChartTests {
  private static func chart(logarithmic: Bool = false, doubtful: Bool = false) -> Chart {
    let points = [
      ChartPoint(1, 10, yError: 2), ChartPoint(2, 100, yError: 20),
      ChartPoint(4, 1000, yError: 50, isDoubtful: doubtful, note: "a < b & c"),
    ]
    return Chart(
      title: "m_{eff}(t) < χ_{2}", summary: "\"three\" points & more",
      x: ChartAxis("t", domain: 0...5),
      y: ChartAxis("G(t)", isLogarithmic: logarithmic, domain: logarithmic ? 1...10_000 : 0...1200),
      layers: [.line(points, Style(number: 1)), .marks(points, Style(number: 2))],
      legend: (0..<7).map { LegendEntry(.words("sampler \($0)"), Style(number: $0)) })
  }

  /// The places of axis labels.
  private static func ticks(_ svg: Element, end: Bool) -> [String: Double] {
    let labels = svg.all(class: "tick").filter {
      $0.attributes["class"]?.contains("end") == end
    }
    return Dictionary(
      uniqueKeysWithValues: labels.map {
        ($0.text, Double($0.attributes[end ? "y" : "x"] ?? "") ?? .nan)
      })
  }

  /// Marks stand where the labels of the axes say, to a tenth of a unit.
  @Test(arguments: [false, true]) func marksAreWhereTheyBelong(logarithmic: Bool) throws {
    let svg = try Element.parse(Self.chart(logarithmic: logarithmic).svg(id: "a").source)
    let places = svg.all(class: "c2").compactMap(\.translation).suffix(3)
    #expect(places.count == 3)
    let x = Self.ticks(svg, end: false)
    for (place, label) in zip(places, ["1", "2", "4"]) {
      #expect(abs(place.x - (try #require(x[label]))) < 0.11)
    }
    // Labels stand 4 units below what they name.
    let y = Self.ticks(svg, end: true).mapValues { $0 - 4 }
    if logarithmic {
      for (place, label) in zip(places, ["10", "100", "1000"]) {
        #expect(abs(place.y - (try #require(y[label]))) < 0.11)
      }
    } else {
      let (zero, thousand) = (try #require(y["0"]), try #require(y["1000"]))
      for (place, value) in zip(places, [10.0, 100, 1000]) {
        #expect(abs(place.y - (zero + value / 1000 * (thousand - zero))) < 0.16)
      }
    }
  }

  @Test func errorBarsReachAsFarAsTheirErrors() throws {
    let svg = try Element.parse(Self.chart().svg(id: "a").source)
    let bars = try #require(svg.all(class: "bar").first?.attributes["d"])
    let y = Self.ticks(svg, end: true).mapValues { $0 - 4 }
    let unit = (try #require(y["1000"]) - (try #require(y["0"]))) / 1000
    let lengths = bars.split(separator: "M").map { bar -> Double in
      let numbers = bar.split { "M,V".contains($0) }.compactMap { Double($0) }
      return numbers[2] - numbers[1]
    }
    #expect(lengths.count == 3)
    for (length, error) in zip(lengths, [2.0, 20, 50]) {
      #expect(abs(length - 2 * error * unit) < 0.21)
    }
  }

  @Test func picturesAreForEveryone() throws {
    let svg = try Element.parse(Self.chart(doubtful: true).svg(id: "x").source)
    #expect(svg.name == "svg")
    #expect(svg.attributes["role"] == "img")
    #expect(svg.children[0].name == "title" && svg.children[0].text == "m_eff(t) < χ_2")
    #expect(svg.children[1].name == "desc" && svg.children[1].text == "\"three\" points & more")
    let named = try #require(svg.attributes["aria-labelledby"]).split(separator: " ")
    #expect(named.map(String.init) == svg.children.prefix(2).map { $0.attributes["id"] ?? "" })
    #expect(svg.all(class: "doubtful").count == 1)
    #expect(svg.all("title").last?.text == "a < b & c")
  }

  /// Styles differ by more than colour, and everything is inside of the picture.
  @Test func signsDiffer() throws {
    let svg = try Element.parse(Self.chart().svg(id: "x").source)
    let keys = svg.all(class: "key")
    #expect(keys.map(\.text) == (0..<7).map { "sampler \($0)" })
    let box = try #require(svg.attributes["viewBox"]).split(separator: " ").compactMap {
      Double($0)
    }
    for text in svg.all("text") {
      let x = try #require(Double(text.attributes["x"] ?? ""))
      let y = try #require(Double(text.attributes["y"] ?? ""))
      #expect(x >= 0 && x <= box[2] && y >= 8 && y <= box[3])
      if text.attributes["class"] == "key" {
        #expect(x + 6 * Double(text.text.count) <= box[2])
      }
    }
    let marks = svg.all(class: "mark").prefix(7)
    #expect(Set(marks.map { $0.attributes["d"] ?? "" }).count == 7)
    #expect(Set(marks.map { $0.attributes["class"] ?? "" }).count == 7)
    let places = marks.compactMap(\.translation)
    for (mark, key) in zip(places, keys) {
      let x = try #require(Double(key.attributes["x"] ?? ""))
      #expect(mark.x < x && mark.x > x - 16)
    }
  }

  @Test func domainsHoldAllData() throws {
    let domain = try #require(Scale.domain(of: [3, .nan, -1, .infinity]))
    #expect(domain.contains(-1) && domain.contains(3) && domain.upperBound < 4)
    #expect(Scale.domain(of: [Double.nan]) == nil)
    let single = try #require(Scale.domain(of: [5.0]))
    #expect(single.lowerBound < 5 && single.upperBound > 5)
    let positive = try #require(Scale.domain(of: [0, 1, 1000], logarithmic: true))
    #expect(positive.lowerBound > 0.1 && positive.contains(1) && positive.contains(1000))
    let chart = Chart(
      title: "x", summary: "", x: ChartAxis("x"), y: ChartAxis("y"),
      layers: [.marks([ChartPoint(1, .nan), ChartPoint(2, 5, yError: .nan)], Style(number: 0))])
    let svg = try Element.parse(chart.svg(id: "x").source)
    #expect(svg.all(class: "mark").count == 1)
    #expect(!chart.svg(id: "x").source.contains("nan"))
  }
}
