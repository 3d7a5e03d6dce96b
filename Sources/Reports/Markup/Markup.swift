// SPDX-License-Identifier: GPL-3.0-or-later

/// A piece of a page that is well-formed XML by construction: text, which is escaped, or an element.
///
/// A literal or an interpolated string is text, so that nothing that a file says can become markup.
public struct Markup: Sendable, Equatable, ExpressibleByStringInterpolation {
  /// The characters of the page.
  public let source: String

  init(source: String) { self.source = source }

  public init(stringLiteral text: String) { self.init(source: Self.escaped(text)) }

  static let empty = Markup(source: "")

  /// Text, whatever is in it.
  public static func text(_ text: String) -> Markup { Markup(source: escaped(text)) }

  /// An element with attributes in their order, whose values are escaped.
  public static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
  ) -> Markup {
    var source = "<\(name)"
    for (key, value) in attributes { source += " \(key)=\"\(escaped(value))\"" }
    if children.isEmpty && empties.contains(name) {
      source += " />"
    } else {
      source += ">"
      for child in children { source += child.source }
      source += "</\(name)>"
    }
    return Markup(source: inline.contains(name) ? source : source + "\n")
  }

  public static func element(_ name: String, _ children: [Markup]) -> Markup {
    element(name, [:], children)
  }

  static func + (left: Markup, right: Markup) -> Markup {
    Markup(source: left.source + right.source)
  }

  /// Elements without an end tag.
  private static let empties: Set<String> = [
    "br", "circle", "hr", "line", "meta", "path", "rect",
  ]
  /// Elements that no line feed may follow, since it would be seen as a space.
  private static let inline: Set<String> = [
    "a", "abbr", "b", "code", "em", "i", "span", "strong", "sub", "sup", "text", "tspan", "pre",
    "td", "th", "title", "desc",
  ]

  /// Text with the five special characters as entities. Characters that XML does not allow become
  /// U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension [Markup] {
  /// All of them, one after the other.
  func joined(by separator: Markup = .empty) -> Markup {
    Markup(source: map(\.source).joined(separator: separator.source))
  }
}
