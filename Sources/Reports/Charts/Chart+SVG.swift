// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

extension Chart {
  /// The picture as an `svg` element, to stand in a page; `id` must be its own there.
  public func svg(id: String) -> Markup {
    let frame = frame
    return .element(
      "svg",
      [
        "viewBox": "0 0 \(Self.place(Self.width)) \(Self.place(frame.height))", "role": "img",
        "xmlns": "http://www.w3.org/2000/svg", "aria-labelledby": "\(id)-t \(id)-d",
      ],
      [
        .element("title", ["id": "\(id)-t"], [.text(title.plain)]),
        .element("desc", ["id": "\(id)-d"], [.text(summary)]),
        .element(
          "text", ["class": "head", "x": "14", "y": Self.place(frame.titleLine)], [title.svg]),
      ] + signs(frame) + axes(frame) + drawing(frame))
  }

  /// A tenth of a unit is finer than what can be seen.
  static func place(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private func label(
    _ text: Notation, _ x: Double, _ y: Double, _ kind: String = "tick"
  ) -> Markup {
    .element("text", ["class": kind, "x": Self.place(x), "y": Self.place(y)], [text.svg])
  }

  // MARK: Axes and legend

  private func axes(_ frame: ChartFrame) -> [Markup] {
    let (left, right) = (frame.x.start, frame.x.end)
    let (top, bottom) = (min(frame.y.start, frame.y.end), max(frame.y.start, frame.y.end))
    var grid = ""
    var parts: [Markup] = []
    for tick in frame.yTicks {
      let place = frame.y(tick.value)
      grid += "M\(Self.place(left)),\(Self.place(place))H\(Self.place(right))"
      parts.append(label(.words(tick.label), left - 6, place + 4, "tick end"))
    }
    for (index, name) in y.categories.enumerated() {
      let place = frame.y(Double(index))
      if index > 0 {
        let between = frame.y(Double(index) - 0.5)
        grid += "M\(Self.place(left)),\(Self.place(between))H\(Self.place(right))"
      }
      parts.append(label(name, left - 6, place + 4, "tick end"))
    }
    for tick in frame.xTicks {
      let place = frame.x(tick.value)
      grid += "M\(Self.place(place)),\(Self.place(top))V\(Self.place(bottom))"
      parts.append(label(.words(tick.label), place, bottom + 15, "tick middle"))
    }
    let box =
      "M\(Self.place(left)),\(Self.place(top))V\(Self.place(bottom))H\(Self.place(right))"
    parts.insert(.element("path", ["class": "grid", "d": grid + "Z"], []), at: 0)
    parts.append(.element("path", ["class": "axis", "d": box], []))
    parts.append(label(x.title, (left + right) / 2, bottom + 33, "name middle"))
    if !y.title.plain.isEmpty {
      let middle = Self.place((top + bottom) / 2)
      parts.append(
        .element(
          "text",
          [
            "class": "name middle", "x": "12", "y": middle,
            "transform": "rotate(-90 12 \(middle))",
          ], [y.title.svg]))
    }
    return parts
  }

  private func signs(_ frame: ChartFrame) -> [Markup] {
    frame.legend.flatMap { entry, x, y -> [Markup] in
      var parts: [Markup] = []
      if entry.sign != .mark {
        let line = "M\(Self.place(x)),\(Self.place(y))h24"
        parts.append(curve(line, entry.style))
      }
      if entry.sign != .line {
        parts.append(mark(x + (entry.indent - 6) / 2, y, entry.style, isDoubtful: false))
      }
      return parts + [label(entry.label, x + entry.indent, y + 4, "key")]
    }
  }

  // MARK: Data

  private func drawing(_ frame: ChartFrame) -> [Markup] {
    layers.flatMap { layer -> [Markup] in
      switch layer {
      case .marks(let points, let style, let shift):
        return [errors(points, style, shift, frame)]
          + points.filter { isInside($0, frame) }.map { point in
            mark(
              frame.x(point.x) + shift, frame.y(point.y), style, isDoubtful: point.isDoubtful,
              note: point.note)
          }
      case .line(let points, let style):
        let places = points.filter { isInside($0, frame) }.map {
          "\(Self.place(frame.x($0.x))),\(Self.place(frame.y($0.y)))"
        }
        if places.isEmpty { return [] }
        return [curve("M" + places.joined(separator: "L"), style)]
      case .steps(let edges, let heights, let style, let isFilled):
        return steps(edges, heights, style, isFilled, frame)
      case .area(let xs, let lower, let upper, let style):
        let there = zip(xs, upper).map { "\(Self.place(frame.x($0))),\(Self.place(frame.y($1)))" }
        let back = zip(xs, lower).reversed().map {
          "\(Self.place(frame.x($0))),\(Self.place(frame.y($1)))"
        }
        let outline = "M" + (there + back).joined(separator: "L") + "Z"
        return [.element("path", ["class": "area \(style.colorClass)", "d": outline], [])]
      case .horizontalRule(let value):
        let line =
          "M\(Self.place(frame.x.start)),\(Self.place(frame.y(value)))H\(Self.place(frame.x.end))"
        return [.element("path", ["class": "rule", "d": line], [])]
      case .verticalRule(let value):
        let line =
          "M\(Self.place(frame.x(value))),\(Self.place(frame.y.start))V\(Self.place(frame.y.end))"
        return [.element("path", ["class": "rule", "d": line], [])]
      case .stretch(let range):
        return [stretch(range, frame)]
      }
    }
  }

  /// Whether a point can be drawn: inside of the axes, but for rounding.
  private func isInside(_ point: ChartPoint, _ frame: ChartFrame) -> Bool {
    func holds(_ scale: Scale, _ value: Double) -> Bool {
      let place = scale(value)
      let (low, high) = (min(scale.start, scale.end), max(scale.start, scale.end))
      return place.isFinite && place >= low - 0.5 && place <= high + 0.5
    }
    return holds(frame.x, point.x) && holds(frame.y, point.y)
  }

  private func curve(_ path: String, _ style: Style) -> Markup {
    .element(
      "path",
      [
        "class": "line \(style.colorClass)", "stroke-dasharray": style.dash.pattern, "d": path,
      ], [])
  }

  private func mark(
    _ x: Double, _ y: Double, _ style: Style, isDoubtful: Bool, note: String = ""
  ) -> Markup {
    .element(
      "path",
      [
        "class": "mark \(isDoubtful ? "doubtful " : "")\(style.colorClass)",
        "transform": "translate(\(Self.place(x)),\(Self.place(y)))", "d": style.marker.path,
      ], note.isEmpty ? [] : [.element("title", [.text(note)])])
  }

  /// All error bars of a set as one path, cut off at the axes.
  private func errors(
    _ points: [ChartPoint], _ style: Style, _ shift: Double, _ frame: ChartFrame
  ) -> Markup {
    func ends(_ scale: Scale, _ value: Double, _ error: Double) -> (String, String)? {
      guard error.isFinite, error > 0 else { return nil }
      let low = scale.isLogarithmic ? max(value - error, scale.domain.lowerBound) : value - error
      let range = scale.domain
      let cut = [low, value + error].map { min(max($0, range.lowerBound), range.upperBound) }
      return (Self.place(scale(cut[0])), Self.place(scale(cut[1])))
    }
    let bars = points.filter { isInside($0, frame) }.map { point -> String in
      let (x, y) = (Self.place(frame.x(point.x) + shift), Self.place(frame.y(point.y)))
      var bar = ""
      if let (low, high) = ends(frame.y, point.y, point.yError) { bar += "M\(x),\(low)V\(high)" }
      if let (low, high) = ends(frame.x, point.x, point.xError) { bar += "M\(low),\(y)H\(high)" }
      return bar
    }.joined()
    if bars.isEmpty { return .empty }
    return .element("path", ["class": "bar \(style.colorClass)", "d": bars], [])
  }

  private func steps(
    _ edges: [Double], _ heights: [Double], _ style: Style, _ isFilled: Bool, _ frame: ChartFrame
  ) -> [Markup] {
    guard let first = edges.first, edges.count == heights.count + 1 else { return [] }
    let floor = Self.place(frame.y(max(0, frame.y.domain.lowerBound)))
    var path = "M\(Self.place(frame.x(first))),\(floor)"
    for (edge, height) in zip(edges.dropFirst(), heights) {
      path += "V\(Self.place(frame.y(height)))H\(Self.place(frame.x(edge)))"
    }
    path += "V\(floor)"
    let outline = curve(path, style)
    if !isFilled { return [outline] }
    return [.element("path", ["class": "area \(style.colorClass)", "d": path + "Z"], []), outline]
  }

  private func stretch(_ range: ClosedRange<Double>, _ frame: ChartFrame) -> Markup {
    let (left, right) = (
      max(frame.x.start, frame.x(range.lowerBound)), min(frame.x.end, frame.x(range.upperBound))
    )
    let top = min(frame.y.start, frame.y.end)
    return .element(
      "rect",
      [
        "class": "stretch", "x": Self.place(left), "y": Self.place(top),
        "width": Self.place(max(0, right - left)),
        "height": Self.place(abs(frame.y.end - frame.y.start)),
      ], [])
  }
}
