// SPDX-License-Identifier: GPL-3.0-or-later

/// A picture of data with two axes.
public struct Chart: Sendable, Equatable {
  public var title: Notation
  /// What is seen, in words, for those who do not see it.
  public var summary: String
  public var x: ChartAxis
  public var y: ChartAxis
  public var layers: [Layer]
  public var legend: [LegendEntry]
  /// Of the area inside of the axes.
  public var plotHeight: Double

  public init(
    title: Notation, summary: String, x: ChartAxis, y: ChartAxis, layers: [Layer],
    legend: [LegendEntry] = [], plotHeight: Double = 190
  ) {
    (self.title, self.summary, self.x, self.y) = (title, summary, x, y)
    (self.layers, self.legend, self.plotHeight) = (layers, legend, plotHeight)
  }

  /// Units of the picture, one of which is about a pixel of a phone.
  public static let width = 360.0

  /// Where everything is.
  public var frame: ChartFrame { ChartFrame(self) }
}

/// The places of axes and legend of a chart.
public struct ChartFrame: Sendable, Equatable {
  public let x: Scale
  public let y: Scale
  public let xTicks: [Tick]
  public let yTicks: [Tick]
  /// Each entry of the legend with its place.
  public let legend: [(entry: LegendEntry, x: Double, y: Double)]
  public let height: Double
  let titleLine: Double

  public static func == (left: ChartFrame, right: ChartFrame) -> Bool {
    left.x == right.x && left.y == right.y && left.height == right.height
  }

  /// The mean width of a letter.
  static let letter = 6.4

  init(_ chart: Chart) {
    let yDomain = Self.domain(chart.y, chart.layers.flatMap { $0.extent(vertical: true) })
    let xDomain = Self.domain(chart.x, chart.layers.flatMap { $0.extent(vertical: false) })
    let top = 24.0
    titleLine = 14
    let rows = Self.rows(chart.legend)
    legend = rows.enumerated().flatMap { row, entries in
      entries.map { ($0.entry, $0.x, top + 8 + 16 * Double(row)) }
    }
    let upper = top + 16 * Double(rows.count) + (rows.isEmpty ? 0 : 5)
    let lower = upper + chart.plotHeight
    let isNamed = !chart.y.categories.isEmpty
    let vertical =
      isNamed
      ? Scale(domain: yDomain, from: upper, to: lower)
      : Scale(
        domain: yDomain, isLogarithmic: chart.y.isLogarithmic, from: lower, to: upper)
    yTicks = isNamed ? [] : vertical.ticks(atMost: 6)
    let labels = isNamed ? chart.y.categories.map(\.plain) : yTicks.map(\.label)
    let widest = Double(labels.map(\.count).max() ?? 1)
    let left = (chart.y.title.plain.isEmpty ? 6 : 24) + Self.letter * widest + 8
    y = vertical
    x = Scale(
      domain: xDomain, isLogarithmic: chart.x.isLogarithmic, from: left, to: Chart.width - 12)
    let longest = Double(x.ticks(atMost: 7).map(\.label.count).max() ?? 1)
    xTicks = x.ticks(atMost: max(2, min(7, Int((x.end - x.start) / (Self.letter * longest + 14)))))
    height = lower + 40
  }

  private static func domain(_ axis: ChartAxis, _ values: [Double]) -> ClosedRange<Double> {
    if !axis.categories.isEmpty { return -0.5...Double(axis.categories.count) - 0.5 }
    if let domain = axis.domain { return domain }
    return Scale.domain(of: values, logarithmic: axis.isLogarithmic)
      ?? (axis.isLogarithmic ? 0.1...10 : 0...1)
  }

  /// Entries side by side, in as many rows as they need.
  private static func rows(_ entries: [LegendEntry]) -> [[(entry: LegendEntry, x: Double)]] {
    var rows: [[(entry: LegendEntry, x: Double)]] = []
    var place = Chart.width
    for entry in entries {
      let width = entry.indent + letter * Double(entry.label.plain.count) + 15
      if place + width > Chart.width - 4 || rows.isEmpty {
        rows.append([])
        place = 14
      }
      rows[rows.count - 1].append((entry, place))
      place += width
    }
    return rows
  }
}

extension Layer {
  /// The numbers that an axis must reach to.
  fileprivate func extent(vertical: Bool) -> [Double] {
    switch self {
    case .marks(let points, _, _), .line(let points, _):
      return points.flatMap { point -> [Double] in
        let (value, error) = vertical ? (point.y, point.yError) : (point.x, point.xError)
        return error.isFinite && error > 0 ? [value - error, value, value + error] : [value]
      }
    case .steps(let edges, let heights, _, _): return vertical ? heights + [0] : edges
    case .area(let xs, let lower, let upper, _): return vertical ? lower + upper : xs
    case .horizontalRule(let place): return vertical ? [place] : []
    case .verticalRule(let place): return vertical ? [] : [place]
    case .stretch(let range): return vertical ? [] : [range.lowerBound, range.upperBound]
    }
  }
}
