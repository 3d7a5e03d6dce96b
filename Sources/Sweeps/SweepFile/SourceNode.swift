// SPDX-License-Identifier: GPL-3.0-or-later

/// A node of the sweep file as it was written: scalars are still text, and everything knows its place.
struct SourceNode {
  enum Content {
    /// A scalar; text in quotes is never a number.
    case scalar(String, isQuoted: Bool)
    case list([SourceNode])
    case map([SourceEntry])
    /// Something already reported as not supported; it is passed over in silence.
    case refused
  }

  var mark: SourceMark
  var content: Content

  /// How a message shows this node after `got`.
  var excerpt: String {
    switch content {
    case .scalar("", isQuoted: false): "nothing"
    case .scalar(let text, isQuoted: true): "the text \"\(SourceNode.shortened(text))\""
    case .scalar(let text, isQuoted: false): "'\(SourceNode.shortened(text))'"
    case .list: "a list"
    case .map: "a map of keys"
    case .refused: "something not supported"
    }
  }

  /// At most 40 characters on one line.
  static func shortened(_ text: String) -> String {
    let oneLine = text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? " " : String(scalar)
    }.joined()
    return oneLine.count > 40 ? oneLine.prefix(37) + "..." : oneLine
  }
}

/// A key with its value.
struct SourceEntry {
  var key: String
  var mark: SourceMark
  var value: SourceNode
}
