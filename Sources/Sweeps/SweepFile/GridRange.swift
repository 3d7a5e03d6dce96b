// SPDX-License-Identifier: GPL-3.0-or-later

/// A range of numbers in a grid, `{from, to, count}` or `{from, to, step}`, both ends included.
///
/// The i-th of n values is [from (n − 1 − i) + to i] / (n − 1). Numerator and denominator are exact
/// integers below 2^53, so each value is rounded once and is the number one would have written:
/// `{from: 0.2, to: 0.3, count: 11}` contains 0.23, not 0.23000000000000004.
struct GridRange {
  let problems: ProblemCollector

  private static let names = ["from", "to", "count", "step"]
  private static let form = "a range is {from, to, count} or {from, to, step}"

  /// The values as if they had been written one by one, or nil after a problem.
  func nodes(_ entries: [SourceEntry], path: String, mark: SourceMark) -> [SourceNode]? {
    var texts: [String: (text: String, mark: SourceMark)] = [:]
    var isLegal = true
    for entry in entries {
      guard GridRange.names.contains(entry.key) else {
        let hint = NearMiss.hint(for: entry.key, among: GridRange.names)
        let key = SourceNode.shortened(entry.key)
        problems.report(
          "unknown key '\(key)' in '\(path)'\(hint.isEmpty ? "; \(GridRange.form)" : hint)",
          at: entry.mark)
        isLegal = false
        continue
      }
      let kind: ValueKind = entry.key == "count" ? .count(from: 2) : .real(.finite)
      let value = kind.value(of: entry.value, path: "\(path).\(entry.key)", problems: problems)
      guard value != nil, case .scalar(let text, _) = entry.value.content else {
        isLegal = false
        continue
      }
      texts[entry.key] = (text, entry.value.mark)
    }
    guard isLegal else { return nil }
    guard let from = texts["from"], let to = texts["to"],
      (texts["count"] == nil) != (texts["step"] == nil)
    else {
      problems.report("'\(path)': \(GridRange.form), with exactly these keys", at: mark)
      return nil
    }
    guard let first = ExactDecimal(from.text), let last = ExactDecimal(to.text) else {
      return tooManyDigits(path, at: mark)
    }
    if let count = texts["count"] {
      guard let count = NumberText.integer(count.text) else { return nil }
      return nodes(first, last, intervals: count - 1, path: path, mark: mark)
    }
    guard let step = texts["step"], let width = ExactDecimal(step.text) else {
      return tooManyDigits(path, at: mark)
    }
    let decimals = max(first.decimals, last.decimals, width.decimals)
    guard let start = first.numerator(decimals: decimals),
      let end = last.numerator(decimals: decimals), let size = width.numerator(decimals: decimals),
      max(start.magnitude, end.magnitude, size.magnitude) < 1 << 53
    else { return tooManyDigits(path, at: mark) }
    guard size != 0, (end - start) % size == 0, (end - start) / size >= 1 else {
      problems.report(
        "'\(path).step' must lead from \(from.text) to \(to.text) in one or more whole steps,"
          + " got '\(step.text)'", at: step.mark)
      return nil
    }
    return nodes(first, last, intervals: (end - start) / size, path: path, mark: mark)
  }

  private func nodes(
    _ first: ExactDecimal, _ last: ExactDecimal, intervals: Int, path: String, mark: SourceMark
  ) -> [SourceNode]? {
    guard intervals < SweepDefinition.largestRunCount else {
      problems.report(
        "'\(path)' has \(intervals + 1) values, more than the \(SweepDefinition.largestRunCount)"
          + " runs a sweep may have", at: mark)
      return nil
    }
    let decimals = max(first.decimals, last.decimals)
    guard let start = first.numerator(decimals: decimals), let one = ExactDecimal("1"),
      let end = last.numerator(decimals: decimals), let scale = one.numerator(decimals: decimals)
    else { return tooManyDigits(path, at: mark) }
    let (denominator, overflows) = scale.multipliedReportingOverflow(by: intervals)
    let largest = max(start.magnitude, end.magnitude).multipliedReportingOverflow(
      by: UInt(intervals))
    guard !overflows, denominator < 1 << 53, !largest.overflow, largest.partialValue < 1 << 53
    else { return tooManyDigits(path, at: mark) }
    return (0...intervals).map { index in
      let numerator = start * (intervals - index) + end * index
      let text =
        numerator % denominator == 0
        ? String(numerator / denominator) : (Double(numerator) / Double(denominator)).description
      return SourceNode(mark: mark, content: .scalar(text, isQuoted: false))
    }
  }

  private func tooManyDigits(_ path: String, at mark: SourceMark) -> [SourceNode]? {
    problems.report(
      "'\(path)' has more digits than a range can keep exactly; write its values as a list",
      at: mark)
    return nil
  }
}
