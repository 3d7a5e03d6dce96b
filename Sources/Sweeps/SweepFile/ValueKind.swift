// SPDX-License-Identifier: GPL-3.0-or-later

/// Which real numbers a key may have.
public enum RealBounds: Sendable, Equatable {
  case finite, positive, nonNegative, openUnitInterval, halfOpenUnitInterval
  case atLeast(Double)

  public func contains(_ value: Double) -> Bool {
    switch self {
    case .finite: value.isFinite
    case .positive: value.isFinite && value > 0
    case .nonNegative: value.isFinite && value >= 0
    case .openUnitInterval: value > 0 && value < 1
    case .halfOpenUnitInterval: value >= 0 && value < 1
    case .atLeast(let minimum): value.isFinite && value >= minimum
    }
  }

  /// In words, such as `a number > 0`.
  public var description: String {
    switch self {
    case .finite: "a number"
    case .positive: "a number > 0"
    case .nonNegative: "a number >= 0"
    case .openUnitInterval: "a number > 0 and < 1"
    case .halfOpenUnitInterval: "a number >= 0 and < 1"
    case .atLeast(let minimum): "a number >= \(NumberText.text(minimum))"
    }
  }
}

/// What the value of a key may be: the one rule by which it is read, refused and documented.
public enum ValueKind: Sendable, Equatable {
  case text
  case folder
  /// A file, or a folder of files.
  case file
  case name
  case flag
  case integer(ClosedRange<Int>)
  case real(RealBounds)
  /// One of several words.
  case choice([String])
  /// A list of different words out of several.
  case choices([String])
  /// A list of 1 to 4 integers >= 2.
  case extents
  /// A list of different numbers.
  case numbers
  /// A list of increasing numbers > 0, the last of which is 1.
  case times

  /// Larger counts are typing errors.
  static let largestCount = 2_147_483_647

  /// An integer from `minimum` to the largest count.
  static func count(from minimum: Int) -> ValueKind { .integer(minimum...largestCount) }

  /// What is legal, in words that follow `must be`.
  public var description: String {
    switch self {
    case .text: "text"
    case .folder: "the name of a folder"
    case .file: "the name of a file or folder"
    case .name: "a name of letters, digits, '-' and '_'"
    case .flag: "true or false"
    case .integer(let range):
      range.upperBound < ValueKind.largestCount
        ? "an integer from \(range.lowerBound) to \(range.upperBound)"
        : "an integer >= \(range.lowerBound)"
    case .real(let bounds): bounds.description
    case .choice(let words): ValueKind.alternatives(words)
    case .choices(let words): "a list of different words out of \(words.joined(separator: ", "))"
    case .extents: "a list of 1 to 4 integers >= 2"
    case .numbers: "a list of different numbers"
    case .times: "a list of increasing numbers > 0, the last of them 1"
    }
  }

  /// `a, b or c`, or with another word before the last.
  static func alternatives(_ words: [String], joinedBy word: String = "or") -> String {
    words.count > 1
      ? words.dropLast().joined(separator: ", ") + " \(word) " + (words.last ?? "")
      : words.joined()
  }

  /// What one element of a list must be.
  private var element: ValueKind? {
    switch self {
    case .choices(let words): .choice(words)
    case .extents: .count(from: 2)
    case .numbers: .real(.finite)
    case .times: .real(.positive)
    default: nil
    }
  }

  /// The value of a node, or nil after reporting why it has none. `path` names the key.
  func value(of node: SourceNode, path: String, problems: ProblemCollector) -> SweepValue? {
    if let element { return list(of: node, element: element, path: path, problems: problems) }
    if case .refused = node.content { return nil }
    if case .scalar(let text, let isQuoted) = node.content,
      let content = content(of: text, isQuoted: isQuoted)
    {
      return SweepValue(content: content, mark: node.mark)
    }
    problems.report(
      "'\(path)' must be \(description), got \(node.excerpt)\(advice(on: node))", at: node.mark)
    return nil
  }

  private func list(
    of node: SourceNode, element: ValueKind, path: String, problems: ProblemCollector
  ) -> SweepValue? {
    if case .refused = node.content { return nil }
    guard case .list(let nodes) = node.content else {
      problems.report("'\(path)' must be \(description), got \(node.excerpt)", at: node.mark)
      return nil
    }
    let values = nodes.enumerated().map { index, node in
      element.value(of: node, path: "\(path)[\(index)]", problems: problems)
    }
    let contents = values.compactMap { $0?.content }
    guard contents.count == nodes.count else { return nil }
    if case .extents = self {
      guard (1...4).contains(nodes.count) else {
        problems.report("'\(path)' must be \(description), got \(nodes.count)", at: node.mark)
        return nil
      }
      return SweepValue(content: .integers(contents.map(\.integer)), mark: node.mark)
    }
    guard !nodes.isEmpty else {
      problems.report("'\(path)' must be \(description), got an empty list", at: node.mark)
      return nil
    }
    switch self {
    case .numbers, .times: return reals(of: contents, nodes: nodes, path: path, problems: problems)
    default: break
    }
    let words = contents.map(\.text)
    for (index, word) in words.enumerated() where words.prefix(index).contains(word) {
      problems.report("'\(path)' has '\(word)' twice", at: nodes[index].mark)
      return nil
    }
    return SweepValue(content: .texts(words), mark: node.mark)
  }

  private func reals(
    of contents: [SweepValue.Content], nodes: [SourceNode], path: String,
    problems: ProblemCollector
  ) -> SweepValue? {
    let values = contents.map(\.real)
    for (index, value) in values.enumerated() {
      if self == .times, index > 0, value <= values[index - 1] {
        problems.report(
          "'\(path)[\(index)]' must be > \(NumberText.text(values[index - 1])), the one before, got"
            + " \(NumberText.text(value))", at: nodes[index].mark)
        return nil
      }
      if values.prefix(index).contains(value) {
        problems.report(
          "'\(path)' has \(NumberText.text(value)) twice", at: nodes[index].mark)
        return nil
      }
    }
    if self == .times, let last = values.last, last != 1 {
      problems.report(
        "'\(path)' must end with 1, got \(NumberText.text(last))", at: nodes[values.count - 1].mark)
      return nil
    }
    return SweepValue(content: .reals(values), mark: nodes[0].mark)
  }

  /// The value of a scalar, or nil if it is not legal.
  func content(of text: String, isQuoted: Bool = false) -> SweepValue.Content? {
    switch self {
    case .text:
      let isLegal = !(text.isEmpty && !isQuoted) && ValueKind.isPrintable(text)
      return isLegal ? .text(text) : nil
    case .folder, .file:
      let isLegal = !text.isEmpty && !text.hasPrefix("~") && ValueKind.isPrintable(text)
      return isLegal ? .text(text) : nil
    case .name:
      let isLegal = !text.isEmpty && text.unicodeScalars.allSatisfy(ValueKind.isNameLetter)
      return isLegal ? .text(text) : nil
    case .flag:
      return isQuoted ? nil : text == "true" ? .flag(true) : text == "false" ? .flag(false) : nil
    case .integer(let range):
      guard !isQuoted, let value = NumberText.integer(text), range.contains(value) else {
        return nil
      }
      return .integer(value)
    case .real(let bounds):
      guard !isQuoted, let value = NumberText.real(text), bounds.contains(value) else { return nil }
      return .real(value)
    case .choice(let words):
      return words.contains(text) ? .text(text) : nil
    case .choices, .extents, .numbers, .times:
      return nil
    }
  }

  /// A few words for the usual slips.
  private func advice(on node: SourceNode) -> String {
    guard case .scalar(let text, let isQuoted) = node.content else { return "" }
    switch self {
    case .choice(let words):
      return NearMiss.hint(for: text, among: words)
    case .integer, .real, .flag:
      if isQuoted && content(of: text) != nil { return "; remove the quotes" }
      if case .integer(let range) = self, let parts = NumberText.Parts(text) {
        guard parts.fraction == nil && parts.exponent == nil else {
          return "; write an integer as digits alone"
        }
        let isTooLarge = !parts.isNegative && Int(parts.whole).map { $0 > range.upperBound } ?? true
        if isTooLarge && range.upperBound >= ValueKind.largestCount {
          return "; the largest legal value is \(range.upperBound)"
        }
      }
      return ""
    case .folder where text.hasPrefix("~"), .file where text.hasPrefix("~"):
      return "; write the folder out, '~' is not replaced"
    default:
      return ""
    }
  }

  private static func isPrintable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }

  private static func isNameLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
    default: false
    }
  }
}
