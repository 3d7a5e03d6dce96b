// SPDX-License-Identifier: GPL-3.0-or-later

/// The legal values of one section, body and defaults together; grid points replace some of them.
struct SectionValues {
  var section: SweepSection
  /// How messages and grids call it: `theory`, `samplers.hmc`, empty for the left margin.
  var path: String
  var mark: SourceMark
  var values: [String: SweepValue] = [:]
  /// Where each key stands that the file itself gives, in the body or in the grid.
  var given: [String: SourceMark] = [:]
  /// False if something in it was refused, so that it cannot be made into typed values.
  var isComplete = true

  func has(_ key: String) -> Bool { values[key] != nil }

  /// The value of a key that has one, by the table of keys and the rules of its section.
  func content(_ key: String) -> SweepValue.Content {
    guard let value = values[key] else { preconditionFailure("'\(path).\(key)' has no value") }
    return value.content
  }

  /// Where the value of this key was written, or else where the section begins.
  func mark(of key: String) -> SourceMark { values[key]?.mark ?? mark }

  func fullPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The value of the key on which another one depends, if it is known.
  func selected(_ applicability: SweepKey.Applicability) -> String? {
    values[applicability.selector]?.content.text
  }

  /// The first condition of a key that is known not to be met.
  func unmetCondition(of key: SweepKey) -> SweepKey.Applicability? {
    key.applicability.first { condition in
      selected(condition).map { !condition.values.contains($0) } ?? false
    }
  }

  /// Whether it is not known if a key belongs here, because something on which that depends was
  /// refused.
  func isUndecided(_ key: SweepKey) -> Bool {
    key.applicability.contains { condition in
      selected(condition) == nil && applicableKeys.contains { $0.name == condition.selector }
    }
  }

  /// The keys that belong here as far as is known.
  var applicableKeys: [SweepKey] {
    SweepKey.keys(of: section).filter { unmetCondition(of: $0) == nil }
  }

  /// Says that a key belongs to other cases than this one, or nil if it may stand here.
  func misplacement(of key: SweepKey) -> String? {
    guard let condition = unmetCondition(of: key), let selected = selected(condition) else {
      return nil
    }
    let owners = ValueKind.alternatives(condition.values, joinedBy: "and")
    let applicable = applicableKeys.map(\.name)
    let hint = NearMiss.hint(for: key.name, among: applicable)
    // Words such as `hmc` are methods and transitions.
    let isOwn = SweepKey.keys(of: section).contains {
      $0.name == condition.selector && !$0.applicability.isEmpty
    }
    let kind = isOwn ? "\(condition.selector) " : ""
    return "'\(key.name)' is a key of \(kind)\(owners), not of \(kind)\(selected)\(hint)"
  }
}

/// Reads the keys of one section by the table of keys.
struct SectionReader {
  let problems: ProblemCollector
  /// The keys that the grid varies, by the path of their section.
  let varied: [String: Set<String>]

  /// `parts` are keys that are legal here but read elsewhere, such as the sections at the top.
  func read(
    _ entries: [SourceEntry], section: SweepSection, path: String, mark: SourceMark,
    parts: [String] = []
  ) -> SectionValues {
    var result = SectionValues(section: section, path: path, mark: mark)
    let keys = SweepKey.keys(of: section)
    let names = keys.map(\.name)
    let selecting = Set(keys.flatMap { $0.applicability.map(\.selector) })
    let selectors = keys.filter { selecting.contains($0.name) }
    // A key that the grid supplies is not missing, even if it is misspelt there.
    func meant(_ name: String) -> String {
      names.contains(name) ? name : NearMiss.closest(to: name, among: names) ?? name
    }
    var present = Set((varied[path] ?? []).map(meant))
    // What other keys depend on comes first, with its defaults; misspelt keys are told later.
    let first = selectors.flatMap { key in entries.filter { $0.key == key.name } }
    read(first, parts: parts, into: &result, &present)
    complete(
      &result, selectors,
      present: present.union(
        entries.filter { !parts.contains($0.key) }.map {
          meant($0.key)
        }))
    let rest = entries.filter { !selecting.contains($0.key) && !parts.contains($0.key) }
    read(rest, parts: parts, into: &result, &present)
    complete(&result, keys.filter { !selecting.contains($0.name) }, present: present)
    return result
  }

  private func read(
    _ entries: [SourceEntry], parts: [String], into result: inout SectionValues,
    _ present: inout Set<String>
  ) {
    let keys = SweepKey.keys(of: result.section)
    for entry in entries {
      guard let key = keys.first(where: { $0.name == entry.key }) else {
        if let meant = reportUnknown(entry, in: result, parts: parts) { present.insert(meant) }
        result.isComplete = false
        continue
      }
      present.insert(key.name)
      result.given[key.name] = entry.mark
      if let message = result.misplacement(of: key) {
        problems.report(message, at: entry.mark)
        result.isComplete = false
      }
      let path = result.fullPath(key.name)
      if let value = key.kind.value(of: entry.value, path: path, problems: problems) {
        result.values[key.name] = value
      } else {
        result.isComplete = false
      }
    }
  }

  /// Fills in defaults and reports required keys that are missing.
  private func complete(
    _ result: inout SectionValues, _ keys: [SweepKey], present: Set<String>
  ) {
    for key in keys where !present.contains(key.name) && result.unmetCondition(of: key) == nil {
      if result.isUndecided(key) {
        result.isComplete = false
        continue
      }
      switch key.presence {
      case .required:
        let path = result.fullPath(key.name)
        problems.report(
          "'\(path)' is missing; it must be \(key.kind.description)", at: result.mark)
        result.isComplete = false
      case .fixed(let text):
        result.values[key.name] = SweepValue(content: key.defaultContent(text), mark: result.mark)
      case .otherwise:
        break
      }
    }
  }

  /// Reports a key that is not in the table; returns the one that was probably meant.
  private func reportUnknown(
    _ entry: SourceEntry, in result: SectionValues, parts: [String]
  ) -> String? {
    let applicable = result.applicableKeys.map(\.name) + parts
    let name = SourceNode.shortened(entry.key)
    let place = result.path.isEmpty ? "" : " in '\(result.path)'"
    let meant = NearMiss.closest(to: entry.key, among: applicable)
    var message = "unknown key '\(name)'\(place)"
    if let meant {
      message += ", did you mean '\(meant)'?"
    } else if let other = SweepKey.all.first(where: { $0.name == entry.key }) {
      message += "; '\(name)' is a key of "
      message += other.section == .top ? "the top level" : "'\(other.section.rawValue)'"
    } else {
      message += "; legal keys are \(applicable.joined(separator: ", "))"
    }
    problems.report(message, at: entry.mark)
    return meant
  }
}

extension SweepKey {
  /// The default as a value; `text` is how it would be written.
  fileprivate func defaultContent(_ text: String) -> SweepValue.Content {
    let isEmptyText = text == "\"\""
    guard let content = kind.content(of: isEmptyText ? "" : text, isQuoted: isEmptyText) else {
      preconditionFailure("the default \(text) of '\(path)' is not legal")
    }
    return content
  }
}
