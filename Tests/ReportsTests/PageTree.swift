// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An element of a page as a strict XML parser sees it.
final class Element {
  let name: String
  let attributes: [String: String]
  private(set) var children: [Element] = []
  /// All text inside of it, in order.
  private(set) var text = ""

  init(_ name: String, _ attributes: [String: String]) {
    (self.name, self.attributes) = (name, attributes)
  }

  /// Itself and everything below it, in order.
  var all: [Element] { [self] + children.flatMap(\.all) }

  func all(_ name: String) -> [Element] { all.filter { $0.name == name } }

  func all(class kind: String) -> [Element] {
    all.filter { $0.attributes["class"]?.split(separator: " ").contains(Substring(kind)) == true }
  }

  /// Numbers in brackets after `translate`.
  var translation: (x: Double, y: Double)? {
    let parts = attributes["transform"]?.dropFirst("translate(".count).dropLast()
      .split(separator: ",").compactMap { Double($0) }
    guard let parts, parts.count == 2 else { return nil }
    return (parts[0], parts[1])
  }

  /// Throws what the parser finds.
  static func parse(_ text: String) throws -> Element {
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    guard parser.parse(), let root = reader.root else {
      throw NotWellFormed(
        description: "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "?")")
    }
    return root
  }

  struct NotWellFormed: Error, CustomStringConvertible {
    let description: String
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: Element?
    private var open: [Element] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String] = [:]
    ) {
      let element = Element(name, attributes)
      if let last = open.last { last.children.append(element) } else { root = element }
      open.append(element)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
      qualifiedName: String?
    ) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      for element in open { element.text += text }
    }
  }
}
