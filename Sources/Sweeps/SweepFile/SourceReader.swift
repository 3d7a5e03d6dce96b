// SPDX-License-Identifier: GPL-3.0-or-later
import Yams

/// Turns YAML text into source nodes and refuses what a sweep file must not use: several documents,
/// anchors, aliases, merge keys, tags, keys that are not text, and keys given twice.
struct SourceReader {
  let problems: ProblemCollector

  /// The root of the document, or nil after a problem that hides the rest of it.
  func read(_ text: String) -> SourceNode? {
    let blank =
      text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    var current = blank
    var renamedKeys: [SourceMark: String] = [:]
    var lastDuplicate: (key: String, mark: SourceMark)?
    while true {
      do {
        // The parser owns the anchors, which nodes only refer to weakly. The basic resolver takes
        // every scalar for text.
        let parser = try Parser(yaml: current, resolver: .basic, encoding: .utf8)
        guard let root = try parser.singleRoot() else {
          problems.report(
            "the file is empty; it needs 'seed', 'output', 'theory', 'lattice' and 'samplers'",
            at: .start)
          return nil
        }
        return withExtendedLifetime(parser) { convert(root, renamedKeys: renamedKeys) }
      } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
        // The parser gives up at a key given twice. To go on and to find the second place, the first
        // one gets another name of the same length, which is undone when nodes are converted.
        let mark = SourceMark(line: context.mark.line, column: context.mark.column)
        let key = duplicates.first ?? ""
        lastDuplicate = (key, mark)
        let renamed = SourceText.replacingKey(
          in: current, at: mark, with: Unicode.Scalar(UInt16(0xE000 + renamedKeys.count)) ?? "?")
        guard let renamed, renamedKeys[mark] == nil, renamedKeys.count < 100 else {
          problems.report("the key '\(SourceNode.shortened(key))' is given twice", at: mark)
          return nil
        }
        renamedKeys[mark] = key
        current = renamed
      } catch {
        if let lastDuplicate {
          let key = SourceNode.shortened(lastDuplicate.key)
          problems.report("the key '\(key)' is given twice", at: lastDuplicate.mark)
        } else {
          report(error, in: current)
        }
        return nil
      }
    }
  }

  private func convert(_ node: Node, renamedKeys: [SourceMark: String]) -> SourceNode {
    let mark = SourceReader.mark(of: node)
    func refused(_ message: String) -> SourceNode {
      problems.report(message, at: mark)
      return SourceNode(mark: mark, content: .refused)
    }
    // An alias is composed as a second copy of the anchored node, so this stops both.
    if node.anchor != nil {
      return refused("anchors (&) and aliases (*) are not supported; write the value out")
    }
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style != .plain && scalar.style != .any
      let tag = scalar.tag.rawValue
      guard tag.isEmpty || (isQuoted && tag == Tag.Name.str.rawValue) else {
        return refused("tags such as '!!int' are not supported; write the value alone")
      }
      return SourceNode(mark: mark, content: .scalar(scalar.string, isQuoted: isQuoted))
    case .sequence(let sequence):
      guard sequence.tag.rawValue.isEmpty else {
        return refused("tags such as '!!set' are not supported; write the value alone")
      }
      return SourceNode(
        mark: mark, content: .list(sequence.map { convert($0, renamedKeys: renamedKeys) }))
    case .mapping(let mapping):
      guard mapping.tag.rawValue.isEmpty else {
        return refused("tags such as '!!set' are not supported; write the value alone")
      }
      return SourceNode(mark: mark, content: .map(entries(of: mapping, renamedKeys: renamedKeys)))
    case .alias:
      return refused("anchors (&) and aliases (*) are not supported; write the value out")
    }
  }

  private func entries(of mapping: Node.Mapping, renamedKeys: [SourceMark: String]) -> [SourceEntry]
  {
    var entries: [SourceEntry] = []
    for (keyNode, valueNode) in mapping {
      let mark = SourceReader.mark(of: keyNode)
      guard case .scalar(let scalar) = keyNode else {
        problems.report("a key must be text, got a list or a map", at: mark)
        continue
      }
      let key = renamedKeys[mark] ?? scalar.string
      if key == "<<" {
        problems.report("merge keys (<<) are not supported; write the keys out", at: mark)
      } else if let first = entries.first(where: { $0.key == key }) {
        let name = SourceNode.shortened(key)
        problems.report(
          "the key '\(name)' is given twice, first in line \(first.mark.line)", at: mark)
      } else {
        let value = convert(valueNode, renamedKeys: renamedKeys)
        entries.append(SourceEntry(key: key, mark: mark, value: value))
      }
    }
    return entries
  }

  private static func mark(of node: Node) -> SourceMark {
    node.mark.map { SourceMark(line: $0.line, column: $0.column) } ?? .start
  }

  private func report(_ error: any Error, in text: String) {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      let place = SourceMark(line: mark.line, column: mark.column)
      if SourceText.scalar(in: text, at: place) == "\t" {
        problems.report("not valid YAML: a tab cannot indent; use spaces", at: place)
        return
      }
      var message = "not valid YAML: \(problem)"
      if problem.contains("another document") {
        message = "a sweep file is one document; a second one begins here"
      } else if problem.contains("nesting level") {
        message = "not valid YAML: lists and maps are nested too deeply"
      } else if let context {
        message += " (\(context.text), from line \(context.mark.line))"
      }
      problems.report(message, at: place)
    case YamlError.reader(let problem, let offset, let value, _):
      let place = offset.map { SourceText.mark(in: text, atCharacter: $0) } ?? .wholeFile
      let code = value >= 0 ? " (code \(value))" : ""
      problems.report("not valid YAML: \(problem)\(code)", at: place)
    default:
      problems.report("not valid YAML: \(error)", at: .wholeFile)
    }
  }
}
