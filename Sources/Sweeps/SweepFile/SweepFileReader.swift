// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads a whole sweep file: the text into nodes, nodes into values by the table of keys, values
/// into typed runs.
struct SweepFileReader {
  let problems: ProblemCollector

  private static let singleSections: [SweepSection] = [
    .theory, .lattice, .measure, .configurations, .checkpoint, .monitor,
  ]
  private static let partNames =
    SweepSection.allCases.map(\.rawValue).filter { !$0.isEmpty } + ["grid"]

  /// The definition; nil or in part after a problem.
  func read(_ text: String, fileName: String) -> SweepDefinition? {
    guard let root = SourceReader(problems: problems).read(text) else { return nil }
    guard case .map(let entries) = root.content else {
      if case .refused = root.content { return nil }
      problems.report(
        "a sweep file must be a map of keys such as 'theory' and 'lattice', got \(root.excerpt)",
        at: root.mark)
      return nil
    }
    let grid = entries.first { $0.key == "grid" }
    let gridEntries = grid.flatMap { map(of: $0.value, path: "grid") } ?? []
    let varied = GridReader.variedKeys(gridEntries)
    var sections = sections(entries, varied: varied, gridMark: grid?.mark ?? .start)
    let axes = GridReader(problems: problems).axes(gridEntries, in: &sections)
    SectionRules(problems: problems).check(&sections)
    let runs = GridExpansion(
      problems: problems, sections: sections, axes: axes, gridMark: grid?.mark ?? .start
    ).runs()
    let checkpoint = sections.single[.checkpoint].flatMap {
      SpecificationAssembly(problems: problems).checkpoint($0)
    }
    guard problems.isEmpty, let top = sections.single[.top], let checkpoint else { return nil }
    return SweepDefinition(
      title: top.content("title").text, output: top.content("output").text,
      threads: top.has("threads") ? top.content("threads").integer : nil, checkpoint: checkpoint,
      runs: runs, text: text, fileName: fileName)
  }

  private func map(of node: SourceNode, path: String) -> [SourceEntry]? {
    switch node.content {
    case .map(let entries): return entries
    case .refused: return nil
    default:
      problems.report("'\(path)' must be a map of keys, got \(node.excerpt)", at: node.mark)
      return nil
    }
  }

  private func sections(
    _ entries: [SourceEntry], varied: [String: Set<String>], gridMark: SourceMark
  ) -> SweepSections {
    let reader = SectionReader(problems: problems, varied: varied)
    var result = SweepSections()
    result.single[.top] = reader.read(
      entries, section: .top, path: "", mark: .start, parts: SweepFileReader.partNames)
    // A misspelt section has been reported with the right name, so it is not missing as well.
    let misspelt = entries.compactMap { entry in
      SweepFileReader.partNames.contains(entry.key)
        ? nil : NearMiss.closest(to: entry.key, among: SweepFileReader.partNames)
    }
    for section in SweepFileReader.singleSections {
      let path = section.rawValue
      if let entry = entries.first(where: { $0.key == path }) {
        guard let body = map(of: entry.value, path: path) else { continue }
        result.single[section] = reader.read(body, section: section, path: path, mark: entry.mark)
      } else if varied[path] != nil {
        result.single[section] = reader.read([], section: section, path: path, mark: gridMark)
      } else if section == .theory || section == .lattice {
        if !misspelt.contains(path) {
          problems.report("the section '\(path)' is missing", at: .start)
        }
      } else if section != .configurations {
        result.single[section] = reader.read([], section: section, path: path, mark: .start)
      }
    }
    if let samplers = entries.first(where: { $0.key == "samplers" }) {
      readSamplers(samplers, reader: reader, into: &result)
    } else {
      result.samplersAreNamed = false
      if !misspelt.contains("samplers") {
        problems.report("the section 'samplers' is missing", at: .start)
      }
    }
    return result
  }

  private func readSamplers(
    _ samplers: SourceEntry, reader: SectionReader, into sections: inout SweepSections
  ) {
    guard case .list(let nodes) = samplers.value.content, !nodes.isEmpty else {
      sections.samplersAreNamed = false
      if case .refused = samplers.value.content { return }
      var got = samplers.value.excerpt
      if case .list = samplers.value.content { got = "an empty list" }
      problems.report(
        "'samplers' must be a list of one or more samplers, each begun by '- ', got \(got)",
        at: samplers.value.mark)
      return
    }
    var lines: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      guard let entries = map(of: node, path: "samplers[\(index)]") else {
        sections.samplersAreNamed = false
        continue
      }
      let name = name(of: entries)
      if let name, let line = lines[name] {
        problems.report(
          "the sampler in line \(line) has the name '\(name)' too; give each its own 'name'",
          at: node.mark)
        continue
      }
      if let name { lines[name] = node.mark.line } else { sections.samplersAreNamed = false }
      let path = name.map { "samplers.\($0)" } ?? "samplers[\(index)]"
      sections.samplers.append(
        reader.read(entries, section: .samplers, path: path, mark: node.mark))
      sections.samplerNames.append(name ?? "")
    }
  }

  /// The name of a sampler, given or else its method, if it is legal.
  private func name(of entries: [SourceEntry]) -> String? {
    let keys = SweepKey.keys(of: .samplers)
    for wanted in ["name", "method"] {
      guard let key = keys.first(where: { $0.name == wanted }),
        let entry = entries.first(where: { $0.key == wanted })
      else { continue }
      guard case .scalar(let text, let isQuoted) = entry.value.content else { return nil }
      return key.kind.content(of: text, isQuoted: isQuoted)?.text
    }
    return nil
  }
}
