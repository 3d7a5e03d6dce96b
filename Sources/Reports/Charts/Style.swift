// SPDX-License-Identifier: GPL-3.0-or-later

/// How one set of data is told from others: by colour, and by the shape of its marks or the dashes of
/// its lines, so that it is also told without colour.
public struct Style: Sendable, Equatable {
  /// The number of the colour, from 0; −1 is the colour of text.
  public var color: Int
  public var marker: Marker
  public var dash: Dash

  public init(color: Int, marker: Marker = .circle, dash: Dash = .solid) {
    (self.color, self.marker, self.dash) = (color, marker, dash)
  }

  /// The style of the set with a number.
  public init(number: Int) {
    self.init(
      color: number, marker: Marker.allCases[number % Marker.allCases.count],
      dash: Dash.allCases[number % Dash.allCases.count])
  }

  /// How many colours there are.
  static let colors = 8

  /// What gives an element the colour.
  var colorClass: String { color < 0 ? "ink" : "c\(color % Self.colors)" }
}

/// The shape of a mark.
public enum Marker: Sendable, CaseIterable {
  case circle, square, triangle, diamond, nabla, pentagon, hourglass, bar

  /// Its outline around the origin.
  var path: String {
    switch self {
    case .circle: "M3.4,0A3.4,3.4 0 1 1 -3.4,0A3.4,3.4 0 1 1 3.4,0Z"
    case .square: "M-3,-3H3V3H-3Z"
    case .triangle: "M0,-4L3.8,2.8H-3.8Z"
    case .diamond: "M0,-4.3L4.3,0L0,4.3L-4.3,0Z"
    case .nabla: "M0,4L3.8,-2.8H-3.8Z"
    case .pentagon: "M0,-4L3.8,-1.2L2.4,3.2H-2.4L-3.8,-1.2Z"
    case .hourglass: "M-3.4,-3.6H3.4L-3.4,3.6H3.4Z"
    case .bar: "M-4.4,-1.6H4.4V1.6H-4.4Z"
    }
  }
}

/// The dashes of a line.
public enum Dash: Sendable, CaseIterable {
  case solid, long, mixed, short, wide

  /// The lengths of strokes and gaps.
  var pattern: String {
    switch self {
    case .solid: "none"
    case .long: "7 3"
    case .short: "2 2.5"
    case .mixed: "8 3 2 3"
    case .wide: "4 6"
    }
  }
}
