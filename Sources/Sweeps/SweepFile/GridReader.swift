// SPDX-License-Identifier: GPL-3.0-or-later

/// One varied key with its values, in the order of the file.
struct GridAxis {
  var key: SweepKey
  /// The position of the sampler it belongs to, nil if it belongs to every run.
  var sampler: Int?
  var values: [SweepValue]
  /// How labels call the key.
  var label: String
  /// Whether it goes together with others: such axes take their first values at the same points, their
  /// second values, and so on.
  var isTogether = false
}

/// Reads the keys of `grid`: dotted paths with a list of values or a range each, and `together`, a map of
/// such paths.
struct GridReader {
  /// The key of the paths that vary together.
  static let together = "together"

  let problems: ProblemCollector

  /// The keys that a grid varies, by the path of their section, whether they are legal or not.
  static func variedKeys(_ entries: [SourceEntry]) -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    for (entry, _) in paths(entries) {
      let parts = split(entry.key)
      result[parts.section, default: []].insert(parts.key)
    }
    return result
  }

  private static func split(_ path: String) -> (section: String, key: String) {
    guard let dot = path.lastIndex(of: ".") else { return ("", path) }
    return (String(path[..<dot]), String(path[path.index(after: dot)...]))
  }

  /// All paths in their order, those of `together` in its place.
  private static func paths(
    _ entries: [SourceEntry]
  ) -> [(entry: SourceEntry, isTogether: Bool)] {
    entries.flatMap { entry -> [(entry: SourceEntry, isTogether: Bool)] in
      guard entry.key == together else { return [(entry, false)] }
      guard case .map(let paths) = entry.value.content else { return [] }
      return paths.map { ($0, true) }
    }
  }

  /// The axes that are legal. Sections learn which keys the grid gives them, and that they are
  /// incomplete if an axis of theirs was refused.
  func axes(_ entries: [SourceEntry], in sections: inout SweepSections) -> [GridAxis] {
    var axes: [GridAxis] = []
    var togetherMark: SourceMark?
    for entry in entries where entry.key == GridReader.together {
      togetherMark = entry.mark
      checkMap(entry)
    }
    for (entry, isTogether) in GridReader.paths(entries) {
      let (sectionPath, name) = GridReader.split(entry.key)
      guard let place = sections.place(ofPath: sectionPath),
        let key = SweepKey.keys(of: sections[place].section).first(where: { $0.name == name })
      else {
        reportUnknown(entry, sectionPath: sectionPath, in: sections)
        sections.markIncomplete(path: sectionPath)
        continue
      }
      let values = values(
        of: entry, key: key, section: sections[place], mayRepeat: isTogether)
      if let fixed = sections[place].given.updateValue(entry.mark, forKey: name) {
        problems.report(
          "'\(entry.key)' is varied here but fixed in line \(fixed.line); remove one of the two",
          at: entry.mark)
      }
      guard let values else {
        sections[place].isComplete = false
        continue
      }
      sections[place].values[name] = values[0]
      let sampler: Int? = if case .sampler(let index) = place { index } else { nil }
      axes.append(
        GridAxis(key: key, sampler: sampler, values: values, label: name, isTogether: isTogether))
    }
    if let togetherMark, !fitTogether(axes.filter(\.isTogether), at: togetherMark) { return [] }
    // Names that occur in several sections are told apart by their section.
    for index in axes.indices where axes[index].sampler == nil {
      let isShared = axes.indices.contains { other in
        other != index && axes[other].sampler == nil
          && axes[other].key.name == axes[index].key.name
      }
      if isShared { axes[index].label = axes[index].key.path }
    }
    return axes
  }

  private func checkMap(_ entry: SourceEntry) {
    switch entry.value.content {
    case .refused: break
    case .map(let paths) where paths.count >= 2: break
    case .map:
      problems.report(
        "'\(entry.key)' must have two keys or more: they vary together", at: entry.value.mark)
    default:
      problems.report(
        "'\(entry.key)' must be a map of keys with their lists, got \(entry.value.excerpt)",
        at: entry.value.mark)
    }
  }

  /// Whether axes that go together have as many values each, belong to one sampler or all to every run, and
  /// repeat no point.
  private func fitTogether(_ axes: [GridAxis], at mark: SourceMark) -> Bool {
    guard let first = axes.first else { return true }
    if let other = axes.first(where: { $0.sampler != first.sampler }) {
      problems.report(
        "'\(first.key.path)' and '\(other.key.path)' cannot vary together: all keys of 'together' must "
          + "be of one sampler, or none of a sampler", at: mark)
      return false
    }
    if let other = axes.first(where: { $0.values.count != first.values.count }) {
      problems.report(
        "keys that vary together need as many values each: '\(first.key.path)' has "
          + "\(first.values.count), '\(other.key.path)' has \(other.values.count)", at: mark)
      return false
    }
    var seen: [[SweepValue.Content]: Int] = [:]
    for index in first.values.indices {
      if let earlier = seen.updateValue(index, forKey: axes.map { $0.values[index].content }) {
        problems.report(
          "'together' repeats its point \(earlier + 1) as point \(index + 1)", at: mark)
        return false
      }
    }
    return true
  }

  private func values(
    of entry: SourceEntry, key: SweepKey, section: SectionValues, mayRepeat: Bool
  ) -> [SweepValue]? {
    guard key.isVariable else {
      problems.report("'\(entry.key)' cannot be varied by a grid", at: entry.mark)
      return nil
    }
    if let message = section.misplacement(of: key) {
      problems.report(message, at: entry.mark)
      return nil
    }
    let nodes: [SourceNode]
    switch entry.value.content {
    case .refused:
      return nil
    case .list(let list):
      nodes = list
    case .map(let range):
      guard key.kind.isNumber else {
        problems.report(
          "'\(entry.key)' has no range; it needs a list of values", at: entry.value.mark)
        return nil
      }
      let expanded = GridRange(problems: problems).nodes(
        range, path: entry.key, mark: entry.value.mark)
      guard let expanded else { return nil }
      nodes = expanded
    case .scalar:
      let alternative = key.kind.isNumber ? " or a range" : ""
      problems.report(
        "'\(entry.key)' must be a list of values\(alternative), got \(entry.value.excerpt)",
        at: entry.value.mark)
      return nil
    }
    guard !nodes.isEmpty else {
      problems.report(
        "'\(entry.key)' must have at least one value, got an empty list", at: entry.value.mark)
      return nil
    }
    return self.values(nodes, path: entry.key, kind: key.kind, mayRepeat: mayRepeat)
  }

  private func values(
    _ nodes: [SourceNode], path: String, kind: ValueKind, mayRepeat: Bool
  ) -> [SweepValue]? {
    var seen: Set<SweepValue.Content> = []
    var values: [SweepValue] = []
    for (index, node) in nodes.enumerated() {
      let path = "\(path)[\(index)]"
      guard let value = kind.value(of: node, path: path, problems: problems) else { continue }
      if !seen.insert(value.content).inserted && !mayRepeat {
        problems.report("'\(path)' repeats the value \(value.content.label)", at: node.mark)
        continue
      }
      values.append(value)
    }
    return values.count == nodes.count ? values : nil
  }

  private func reportUnknown(
    _ entry: SourceEntry, sectionPath: String, in sections: SweepSections
  ) {
    let path = SourceNode.shortened(entry.key)
    let variable = sections.variablePaths
    let below = variable.filter { $0.hasPrefix(entry.key + ".") }
    if let example = below.first {
      problems.report(
        "'\(path)' is a section; a grid varies keys such as '\(example)'", at: entry.mark)
      return
    }
    if sectionPath.hasPrefix("samplers."), sections.place(ofPath: sectionPath) == nil {
      // A sampler that was refused may be the one that is meant.
      guard sections.samplersAreNamed else { return }
      let name = String(sectionPath.dropFirst("samplers.".count))
      let hint = NearMiss.hint(for: name, among: sections.samplerNames)
      let known = "; the samplers are \(sections.samplerNames.joined(separator: ", "))"
      problems.report(
        "no sampler has the name '\(SourceNode.shortened(name))'\(hint.isEmpty ? known : hint)",
        at: entry.mark)
      return
    }
    let last = GridReader.split(entry.key).key
    let meant =
      NearMiss.closest(to: entry.key, among: variable)
      ?? variable.first { GridReader.split($0).key == last }
    let hint =
      meant.map { ", did you mean '\($0)'?" }
      ?? "; a grid varies dotted keys such as 'theory.lambda' or 'samplers.NAME.steps'"
    problems.report("unknown key '\(path)' in 'grid'\(hint)", at: entry.mark)
  }
}

extension ValueKind {
  /// Whether a range makes sense.
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .real: true
    default: false
    }
  }
}
