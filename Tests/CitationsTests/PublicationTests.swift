// SPDX-License-Identifier: GPL-3.0-or-later
import Citations
import Foundation
import Testing

/// An entry taken apart by the grammar of BibTeX: type, key, and fields in braces.
private struct Entry {
  var type = ""
  var key = ""
  var fields: [String: String] = [:]

  /// Nil if the text is not one whole entry.
  init?(_ text: String) {
    var rest = Substring(text)
    func take(_ expected: String) -> Bool {
      rest = rest.drop { $0.isWhitespace }
      guard rest.hasPrefix(expected) else { return false }
      rest.removeFirst(expected.count)
      return true
    }
    func word() -> String {
      rest = rest.drop { $0.isWhitespace }
      let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
      rest.removeFirst(word.count)
      return String(word)
    }
    guard take("@") else { return nil }
    type = word()
    guard take("{") else { return nil }
    key = word()
    while take(",") {
      let name = word()
      guard !name.isEmpty, fields[name] == nil, take("="), take("{") else { return nil }
      var (value, depth) = ("", 1)
      while depth > 0 {
        guard let next = rest.popFirst() else { return nil }
        depth += next == "{" ? 1 : next == "}" ? -1 : 0
        if depth > 0 { value.append(next) }
      }
      guard !value.isEmpty else { return nil }
      fields[name] = value
    }
    guard take("}"), rest.allSatisfy(\.isWhitespace) else { return nil }
  }
}

@Suite struct PublicationTests {
  private static let publications = Citation.all.map(\.publication)

  @Test func everyEntryIsBibTeX() throws {
    let required = [
      "article": ["author", "title", "journal", "volume", "pages", "year"],
      "inproceedings": ["author", "title", "booktitle", "year"],
      "book": ["author", "title", "publisher", "year"], "misc": ["author", "title"],
    ]
    for publication in Self.publications {
      let text = publication.bibTeX
      #expect(text.allSatisfy { $0.isASCII }, "\(text)")
      let entry = try #require(Entry(text), "\(text)")
      #expect(entry.key == publication.key)
      for field in try #require(required[entry.type]) {
        #expect(entry.fields[field] != nil, "\(publication.key): \(field)")
      }
      // Outside of commands and mathematics these signs mean something else to LaTeX.
      let names = ["author", "title", "journal", "booktitle", "publisher", "note"]
      for value in names.compactMap({ entry.fields[$0] }) {
        let plain = value.replacing(#/\$[^$]*\$/#, with: "").replacing(#/\\[&%#_$]/#, with: "")
        #expect(!plain.contains { "&%#_$^~".contains($0) }, "\(value)")
      }
    }
  }

  /// Keys are unique, and those of papers are the first author with the year.
  @Test func keysAreUniqueAndSpeak() {
    #expect(Set(Self.publications.map(\.key)).count == Self.publications.count)
    for publication in Self.publications where publication.year != nil {
      let family = publication.authors[0].prefix { $0 != "," }.filter { $0.isLetter && $0.isASCII }
      #expect(publication.key == "\(family)\(publication.year ?? 0)")
    }
  }

  @Test func identifiersHaveTheirForms() {
    for publication in Self.publications {
      if let doi = publication.doi { #expect(doi.wholeMatch(of: #/10\.\d{4,5}/[^ {}]+/#) != nil) }
      if let arXiv = publication.arXiv {
        #expect(arXiv.wholeMatch(of: #/\d{4}\.\d{4,5}|[a-z-]+/\d{7}/#) != nil)
        // Those since 2007 begin with the year; a paper does not appear much before its preprint.
        if arXiv.first?.isNumber == true, let year = publication.year {
          #expect(2000 + (Int(arXiv.prefix(2)) ?? 0) <= year)
        }
      }
      if publication.venue == .preprint { #expect(publication.arXiv != nil) }
    }
  }

  @Test func accentsBecomeCommands() {
    let publication = Publication(
      key: "A1", authors: ["Cappé, O.", "Künsch, H. R.", "The R & D Group"],
      title: "50 % of φ⁴ theory – naïvely", venue: .journal("Ça", volume: "1", pages: "2–3"),
      year: 1999)
    #expect(
      publication.bibTeX == #"""
        @article{A1,
          author = {Capp{\'e}, O. and K{\"u}nsch, H. R. and {The R \& D Group}},
          title = {{50 \% of $\phi^4$ theory -- na{\"i}vely}},
          journal = {{\c C}a},
          volume = {1},
          pages = {2--3},
          year = {1999}
        }
        """#)
    #expect(
      publication.reference
        == "O. Cappé, H. R. Künsch, The R & D Group, 50 % of φ⁴ theory – naïvely, Ça 1 (1999) 2–3")
  }

  /// Driftfield is cited as its own citation file says.
  @Test func theProgramIsThatOfTheCitationFile() throws {
    let file = try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../CITATION.cff").standardized, encoding: .utf8)
    let lines = file.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let own = Self.publications[0]
    #expect(own.key == "Driftfield")
    #expect(lines.contains("title: \(own.title)"))
    #expect(lines.contains("- name: \(own.authors[0])"))
    #expect(own.authors.count == lines.count { $0.hasPrefix("- name:") })
  }

  /// Volume, year and page, or the number in the arXiv, are those that the documents or doc comments give
  /// where they use it.
  @Test func papersAreThoseOfTheDocumentation() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../..").standardized
    var text = ""
    for folder in ["Documentation", "Sources"] {
      let place = root.appendingPathComponent(folder).path
      for name in try FileManager.default.subpathsOfDirectory(atPath: place)
      where [".md", ".swift"].contains(where: name.hasSuffix) && !name.hasPrefix("Citations/") {
        text += try String(contentsOfFile: "\(place)/\(name)", encoding: .utf8) + "\n"
      }
    }
    text = text.replacing("///", with: " ").replacing(#/\s+/#, with: " ")
    for publication in Self.publications {
      switch publication.venue {
      case .journal(_, let volume, let pages):
        let year = publication.year.map(String.init) ?? ""
        let page = pages.prefix { $0 != "–" }
        let known = volume == year ? "\(volume), \(page)" : "\(volume) (\(year)) \(page)"
        #expect(text.contains(known), "\(publication.key): \(known)")
      case .preprint: #expect(text.contains(publication.arXiv ?? "?"), "\(publication.key)")
      case .proceedings, .book, .software: break
      }
    }
  }
}
