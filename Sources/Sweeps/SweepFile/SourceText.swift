// SPDX-License-Identifier: GPL-3.0-or-later

/// Places in the text of a file: lines end as YAML 1.1 has it (LF, CR, CR LF, NEL, LS, PS), columns
/// count Unicode scalars.
enum SourceText {
  private static let lineBreaks: Set<Unicode.Scalar> = [
    "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}",
  ]

  /// The index of the scalar at `mark`, or nil if the text has none there.
  private static func index(in scalars: [Unicode.Scalar], of mark: SourceMark) -> Int? {
    var index = 0
    var line = 1
    while line < mark.line {
      guard index < scalars.count else { return nil }
      if lineBreaks.contains(scalars[index]) {
        let isPair =
          scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
        if isPair { index += 1 }
        line += 1
      }
      index += 1
    }
    index += mark.column - 1
    return index < scalars.count ? index : nil
  }

  static func scalar(in text: String, at mark: SourceMark) -> Unicode.Scalar? {
    let scalars = Array(text.unicodeScalars)
    return index(in: scalars, of: mark).map { scalars[$0] }
  }

  /// The text with the first letter or digit of the (possibly quoted) key at `mark` replaced, or nil
  /// if no such key stands there.
  static func replacingKey(
    in text: String, at mark: SourceMark, with replacement: Unicode.Scalar
  ) -> String? {
    var scalars = Array(text.unicodeScalars)
    guard var place = index(in: scalars, of: mark) else { return nil }
    if scalars[place] == "\"" || scalars[place] == "'" { place += 1 }
    guard place < scalars.count,
      scalars[place].properties.isAlphabetic
        || scalars[place].properties.numericType != nil
    else { return nil }
    scalars[place] = replacement
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return String(result)
  }

  /// The place of the character with this offset.
  static func mark(in text: String, atCharacter offset: Int) -> SourceMark {
    var mark = SourceMark.start
    var previous: Unicode.Scalar?
    for scalar in text.prefix(offset).unicodeScalars {
      if lineBreaks.contains(scalar) {
        if !(previous == "\r" && scalar == "\n") { mark.line += 1 }
        mark.column = 1
      } else {
        mark.column += 1
      }
      previous = scalar
    }
    return mark
  }
}
