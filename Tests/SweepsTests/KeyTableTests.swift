// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Sweeps
import Testing

@Suite struct KeyTableTests {
  /// A legal value of a key.
  private static func value(of key: SweepKey) -> String {
    switch key.kind {
    case .text, .folder, .file: "words"
    case .name: "X-1"
    case .flag: "true"
    case .integer(let range): "\(max(range.lowerBound, 2))"
    case .real(let bounds): bounds.contains(0.5) ? "0.5" : "4.5"
    case .choice(let words): words[0]
    case .choices(let words): "[\(words.joined(separator: ", "))]"
    case .extents: "[4, 6]"
    case .numbers: "[0.5, 1.5]"
    case .times: "[0.5, 1]"
    }
  }

  /// The values of the keys on which others depend, in a file that has this key.
  private static func settings(_ key: SweepKey, _ section: SweepSection) -> [String: String] {
    var settings = ["method": "hmc", "name": "phi4", "parametrisation": "unhalved"]
    guard section == key.section else { return settings }
    for condition in key.applicability { settings[condition.selector] = condition.values[0] }
    for other in SweepKey.all where other.section == section && !applies(other, settings) {
      settings[other.name] = nil
    }
    return settings
  }

  private static func applies(_ key: SweepKey, _ settings: [String: String]) -> Bool {
    key.applicability.allSatisfy { condition in
      settings[condition.selector].map(condition.values.contains) ?? true
    }
  }

  /// The keys of one section of a legal file that has this key: the key, and what it needs.
  private static func keys(_ section: SweepSection, with key: SweepKey) -> [SweepKey] {
    let settings = settings(key, section)
    return SweepKey.all.filter { other in
      if other == key || other.section != section { return other == key && key.section == section }
      if section == .lattice {
        let isPair = key.section == .lattice && key.name != "extents"
        return (other.name == "extents") != isPair
      }
      // Some keys mean nothing without another one, and a path has steps.
      switch (key.name, other.name) {
      case ("shells", "observables"), ("stop_key", "stops"): return true
      case ("times", "path_steps"): return false
      case (_, "path_steps"):
        return settings["schedule"] != "adaptive"
          && ["ais", "smc", "nets"].contains(settings["method"] ?? "")
      default: break
      }
      let isSelector = key.applicability.contains { $0.selector == other.name }
      return (other.presence == .required && applies(other, settings))
        || (isSelector && section == key.section && settings[other.name] != nil)
    }
  }

  /// A legal file with this key, written as `name` in a line of its own, or left out if that is nil;
  /// and the number of the line.
  private static func file(
    with key: SweepKey, writtenAs name: String?
  ) -> (text: String, line: Int) {
    var lines: [String] = []
    var line = 0
    for section in SweepSection.allCases {
      let isNeeded = [.top, .theory, .lattice, .samplers].contains(section)
      guard isNeeded || section == key.section else { continue }
      var body: [String] = []
      for other in keys(section, with: key) where other != key || name != nil {
        let isSelector =
          ["method", "name", "parametrisation"].contains(other.name)
          || key.applicability.contains { $0.selector == other.name }
        let value =
          (isSelector && other != key ? settings(key, section)[other.name] : nil)
          ?? value(of: other)
        if section != .top && body.isEmpty { lines.append("\(section.rawValue):") }
        let indent = section == .top ? "" : section != .samplers || !body.isEmpty ? "  " : "  - "
        let deeper = section == .samplers && !body.isEmpty ? "  " : ""
        body.append("\(indent)\(deeper)\(other == key ? name ?? "" : other.name): \(value)")
        lines.append(body[body.count - 1])
        if other == key { line = lines.count }
      }
    }
    return (lines.joined(separator: "\n") + "\n", line)
  }

  /// But for `amortised`, which needs a grid.
  @Test(arguments: SweepKey.all.filter { $0.name != "amortised" })
  func keyIsAccepted(key: SweepKey) {
    #expect(messages(KeyTableTests.file(with: key, writtenAs: key.name).text) == [])
  }

  /// All words that are one slip away: a letter missing, doubled or wrong, or two swapped.
  private func misspellings(of word: String) -> Set<String> {
    let letters = Array(word)
    var result: Set<String> = []
    for index in letters.indices {
      var missing = letters
      missing.remove(at: index)
      var doubled = letters
      doubled.insert(letters[index], at: index)
      var wrong = letters
      wrong[index] = "q"
      var swapped = letters
      if index + 1 < letters.count { swapped.swapAt(index, index + 1) }
      result.formUnion([missing, doubled, wrong, swapped].map { String($0) })
    }
    return result.subtracting([word, ""])
  }

  @Test(arguments: SweepKey.all)
  func eachMisspellingSuggestsTheKey(key: SweepKey) {
    // A letter that is wrong where two keys differ makes both as likely.
    let twins = ["stops": "steps"]
    let siblings = SweepKey.all.filter { $0.section == key.section }.map(\.name)
    for wrong in misspellings(of: key.name) where !siblings.contains(wrong) {
      let (text, line) = KeyTableTests.file(with: key, writtenAs: wrong)
      let found = messages(text).filter { $0.hasPrefix("sweep.yaml:\(line):") }
      #expect(
        found.contains { message in
          message.contains("unknown key '\(wrong)'")
            && [key.name, twins[key.name] ?? key.name].contains { message.hasSuffix("'\($0)'?") }
        },
        "\(wrong) for \(key.path): \(messages(text))")
    }
  }

  @Test(arguments: SweepKey.all.filter(\.isVariable))
  func keyCanBeVariedInsteadOfGiven(key: SweepKey) {
    let sampler = key.applicability.first { $0.selector == "method" }?.values[0] ?? "hmc"
    let path = key.path.replacing("NAME", with: sampler)
    let grid = "grid:\n  \(path): [\(KeyTableTests.value(of: key))]\n"
    let without = KeyTableTests.file(with: key, writtenAs: nil).text
    #expect(messages(without + grid) == [])
    let (text, line) = KeyTableTests.file(with: key, writtenAs: key.name)
    let last = text.split(separator: "\n").count + 2
    #expect(
      messages(text + grid) == [
        "sweep.yaml:\(last):3: '\(path)' is varied here but fixed in line \(line);"
          + " remove one of the two"
      ])
  }

  @Test(arguments: SweepKey.all.filter { !$0.isVariable })
  func keyThatCannotBeVariedIsRefused(key: SweepKey) {
    let path = key.path.replacing("NAME", with: "hmc")
    let found = messages(complete + "grid:\n  \(path): [1]\n")
    #expect(found.contains("sweep.yaml:14:3: '\(path)' cannot be varied by a grid"))
  }

  @Test func americanSpellingsAreUnderstood() {
    for (american, british) in [
      ("thermalization", "thermalisation"), ("parametrization", "parametrisation"),
      ("parameterisation", "parametrisation"), ("parameterization", "parametrisation"),
    ] {
      let key = SweepKey.all.first { $0.name == british }
      let text = key.map { KeyTableTests.file(with: $0, writtenAs: american).text } ?? ""
      #expect(
        messages(text).contains {
          $0.hasSuffix("did you mean '\(british)'?") && $0.contains("unknown key '\(american)'")
        })
    }
  }

  private let manual =
    URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Documentation/SweepFiles.md")

  @Test func manualHasTheTableOfEachSection() throws {
    let text = try String(contentsOf: manual, encoding: .utf8)
    for section in SweepSection.allCases {
      #expect(text.contains("\n\n" + SweepFileReference.markdown(section) + "\n"))
    }
  }

  @Test func exampleOfTheManualIsLegal() throws {
    let text = try String(contentsOf: manual, encoding: .utf8)
    let start = try #require(text.range(of: "```yaml\n"))
    let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
    let sweep = try parse(String(text[start.upperBound..<end.lowerBound]))
    #expect(sweep.runs.count == 63)
    #expect(text.contains("= 63 runs"))
  }

  @Test func referenceNamesEveryKey() {
    for key in SweepKey.all {
      #expect(SweepFileReference.text.contains("\n  \(key.name): \(key.kind.description)"))
    }
  }
}
