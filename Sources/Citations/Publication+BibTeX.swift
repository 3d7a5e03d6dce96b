// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

extension Publication {
  /// The entry for BibTeX, in ASCII. Titles keep their capitals; groups are one name each.
  public var bibTeX: String {
    let type: String
    var fields = [
      ("author", LaTeX.text(authors.map(Self.bibTeXName).joined(separator: " and "))),
      ("title", "{\(LaTeX.text(title))}"),
    ]
    switch venue {
    case .journal(let name, let volume, let pages):
      type = "article"
      fields += [
        ("journal", LaTeX.text(name)), ("volume", LaTeX.text(volume)),
        ("pages", LaTeX.text(pages)),
      ]
    case .proceedings(let name, let pages):
      type = "inproceedings"
      fields.append(("booktitle", LaTeX.text(name)))
      if let pages { fields.append(("pages", LaTeX.text(pages))) }
    case .book(let publisher):
      type = "book"
      fields.append(("publisher", LaTeX.text(publisher)))
    case .preprint: type = "misc"
    case .software(let version):
      type = "misc"
      if let version { fields.append(("note", LaTeX.text("Version \(version)"))) }
    }
    if let year { fields.append(("year", "\(year)")) }
    if let doi { fields.append(("doi", doi)) }
    if let arXiv { fields += [("eprint", arXiv), ("archivePrefix", "arXiv")] }
    let lines = fields.map { "  \($0.0) = {\($0.1)}" }
    return "@\(type){\(key),\n\(lines.joined(separator: ",\n"))\n}"
  }

  private static func bibTeXName(_ author: String) -> String {
    author.contains(",") ? author : "{\(author)}"
  }
}

/// Text in LaTeX: ASCII alone, with accents as braced commands.
enum LaTeX {
  private static let accents: [Unicode.Scalar: String] = [
    "\u{300}": "`", "\u{301}": "'", "\u{302}": "^", "\u{303}": "~", "\u{308}": "\"",
    "\u{30C}": "v ", "\u{327}": "c ",
  ]
  private static let signs: [Character: String] = [
    "&": "\\&", "%": "\\%", "#": "\\#", "_": "\\_", "$": "\\$", "–": "--", "’": "'", "ø": "{\\o}",
    "ß": "{\\ss}", "φ": "$\\phi$", "⁴": "$^4$", "₁": "$_1$", "₂": "$_2$",
  ]

  /// Braces are taken as they are: they are grouping. Mathematics side by side becomes one formula.
  static func text(_ plain: String) -> String {
    var result = ""
    for character in plain {
      let next = escaped(character)
      if next.hasPrefix("$"), result.hasSuffix("$"), !result.hasSuffix("\\$") {
        result.removeLast()
        result += next.dropFirst()
      } else {
        result += next
      }
    }
    return result
  }

  private static func escaped(_ character: Character) -> String {
    if let sign = signs[character] { return sign }
    let scalars = Array(decomposed(character))
    guard scalars.count == 2, let accent = accents[scalars[1]] else { return String(character) }
    return "{\\\(accent)\(scalars[0])}"
  }

  /// A letter and its accent.
  private static func decomposed(_ character: Character) -> String.UnicodeScalarView {
    String(character).decomposedStringWithCanonicalMapping.unicodeScalars
  }
}
