// SPDX-License-Identifier: GPL-3.0-or-later

/// A number with its standard error at a place of an axis.
public struct ChartPoint: Sendable, Equatable {
  public var x: Double
  public var y: Double
  /// Standard errors; none are drawn where they are 0 or unknown.
  public var xError: Double
  public var yError: Double
  /// Whether the error is not to be trusted, which leaves the mark empty.
  public var isDoubtful: Bool
  /// What is told of the point where it is pointed at.
  public var note: String

  public init(
    _ x: Double, _ y: Double, xError: Double = 0, yError: Double = 0, isDoubtful: Bool = false,
    note: String = ""
  ) {
    (self.x, self.y, self.xError, self.yError) = (x, y, xError, yError)
    (self.isDoubtful, self.note) = (isDoubtful, note)
  }
}

/// Something that a chart shows.
public enum Layer: Sendable, Equatable {
  /// Marks with error bars, moved to the right by so many units of the picture.
  case marks([ChartPoint], Style, shift: Double = 0)
  /// A line through points.
  case line([ChartPoint], Style)
  /// The outline of a histogram with the edges of its bins, one more than heights.
  case steps(edges: [Double], heights: [Double], Style, isFilled: Bool)
  /// The area between two curves.
  case area(xs: [Double], lower: [Double], upper: [Double], Style)
  /// A line across the picture at a place of the vertical or the horizontal axis.
  case horizontalRule(Double)
  case verticalRule(Double)
  /// A stretch of the horizontal axis.
  case stretch(ClosedRange<Double>)
}

/// One axis of a chart.
public struct ChartAxis: Sendable, Equatable {
  public var title: Notation
  public var isLogarithmic: Bool
  /// Nil leaves it to the data.
  public var domain: ClosedRange<Double>?
  /// Names instead of numbers: of the places 0, 1, ..., from the top down.
  public var categories: [Notation]

  public init(
    _ title: Notation, isLogarithmic: Bool = false, domain: ClosedRange<Double>? = nil,
    categories: [Notation] = []
  ) {
    (self.title, self.isLogarithmic, self.domain) = (title, isLogarithmic, domain)
    self.categories = categories
  }
}

/// What a style stands for.
public struct LegendEntry: Sendable, Equatable {
  public enum Sign: Sendable { case mark, line, both }

  public var label: Notation
  public var style: Style
  public var sign: Sign

  /// From the left end of the sign to the label.
  var indent: Double { sign == .mark ? 14 : 30 }

  public init(_ label: Notation, _ style: Style, _ sign: Sign = .mark) {
    (self.label, self.style, self.sign) = (label, style, sign)
  }
}
