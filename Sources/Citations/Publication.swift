// SPDX-License-Identifier: GPL-3.0-or-later

/// A publication: a paper, a book, or a program, with what it takes to cite it.
///
/// Texts are plain Unicode. What is not known for certain is left out.
public struct Publication: Sendable, Equatable {
  /// Where it appeared.
  public enum Venue: Sendable, Equatable {
    /// An article in a journal; `pages` is an article number where the journal has those.
    case journal(String, volume: String, pages: String)
    case proceedings(String, pages: String?)
    case book(publisher: String)
    /// Not published but in the arXiv.
    case preprint
    case software(version: String?)
  }

  /// The key of the entry: letters and digits of ASCII.
  public var key: String
  /// Persons as "Duane, S."; names without a comma are those of groups.
  public var authors: [String]
  public var title: String
  public var venue: Venue
  public var year: Int?
  public var doi: String?
  /// The identifier in the arXiv, such as `hep-lat/0306017`.
  public var arXiv: String?

  public init(
    key: String, authors: [String], title: String, venue: Venue, year: Int? = nil,
    doi: String? = nil, arXiv: String? = nil
  ) {
    self.key = key
    self.authors = authors
    self.title = title
    self.venue = venue
    self.year = year
    self.doi = doi
    self.arXiv = arXiv
  }

  /// The plain reference: authors, title, where it appeared, year, identifiers.
  public var reference: String {
    var parts = [authors.map(Self.spoken).joined(separator: ", "), title]
    let year = year.map { " (\($0))" } ?? ""
    switch venue {
    case .journal(let name, let volume, let pages):
      parts.append("\(name) \(volume)\(year) \(pages)")
    case .proceedings(let name, let pages):
      parts.append("in \(name)\(year)" + (pages.map { ", \($0)" } ?? ""))
    case .book(let publisher): parts.append(publisher + year)
    case .preprint: break
    case .software(let version):
      if let version { parts.append("version \(version)\(year)") }
    }
    if let arXiv {
      parts.append("arXiv:\(arXiv)" + (venue == .preprint ? year : ""))
    }
    if let doi { parts.append("doi:\(doi)") }
    return parts.joined(separator: ", ")
  }

  /// "Duane, S." as "S. Duane".
  private static func spoken(_ author: String) -> String {
    guard let comma = author.firstIndex(of: ",") else { return author }
    return author[author.index(after: comma)...].drop { $0 == " " } + " " + author[..<comma]
  }
}
