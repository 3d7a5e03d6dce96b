// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// A sweep file with a mistake: it is told with its place, and nothing is written.
@Suite struct BadSweepFileTests {
  /// One mistake in the tiny sweep: what stands there, what the user wrote instead, and what the
  /// tool says, beginning with line and column.
  struct Mistake: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var old: String
    var new: String
    var message: String

    init(_ name: String, _ old: String, _ new: String, _ message: String) {
      testDescription = name
      self.old = old
      self.new = new
      self.message = message
    }
  }

  static let mistakes = [
    Mistake("unknown key", "seed: 7", "seed: 7\nbanana: 1", "3:1: unknown key 'banana'"),
    Mistake(
      "near miss", "    trajectories: 300\n    cluster: 1", "    trajectorys: 300\n    cluster: 1",
      "9:5: unknown key 'trajectorys' in 'samplers.hmc', did you mean 'trajectories'?"),
    Mistake("missing key", "seed: 7\n", "", "1:1: 'seed' "),
    Mistake("wrong type", "m2: -4.0", "m2: heavy", "4:53: 'theory.m2' must be a number"),
    Mistake("out of range", "every: 50", "every: 0", "14:25: 'configurations.every' must be an"),
    Mistake("unknown method", "method: hmc", "method: hmcc", "7:13: 'samplers[0].method' must be"),
    Mistake(
      "key of another method", "    cluster: 1", "    cluster: 1\n    step: 0.3",
      "11:5: 'step' is a key of mala, metropolis, ais, smc and nets, not of hmc"),
    Mistake(
      "duplicate", "seed: 7", "seed: 7\nseed: 8",
      "3:1: the key 'seed' is given twice, first in line 2"),
    Mistake(
      "bad grid", "[4.0, 6.0]", "{from: 4, to: 6, step: 0.7}",
      "16:41: 'theory.lambda.step' must lead from 4 to 6"),
    Mistake(
      "grid of nothing", "theory.lambda:", "theory.lamda:",
      "16:3: unknown key 'theory.lamda' in 'grid', did you mean 'theory.lambda'?"),
    Mistake("unstable theory", "[4.0, 6.0]", "[0.0, 6.0]", "16:19: at lambda=0"),
    Mistake("YAML syntax", "{extents: [4, 4]}", "{extents: [4, 4}", "5:25: not valid YAML"),
    Mistake(
      "tab", "  - method: metropolis", "\t- method: metropolis",
      "11:1: not valid YAML: a tab cannot indent; use spaces"),
  ]

  /// Lines of `SweepText.tiny` without its comment, so that line 1 is the title.
  private static let text = String(
    SweepText.tiny.drop { $0 != "\n" }.dropFirst())

  @Test(arguments: mistakes) func isToldWithItsPlace(_ mistake: Mistake) throws {
    let scratch = try Scratch()
    let range = try #require(Self.text.range(of: mistake.old))
    try scratch.write(
      Self.text.replacingCharacters(in: range, with: mistake.new), to: "bad.yaml")
    for command in ["run", "plan"] {
      let result = try Tool.run([command, "bad.yaml"], in: scratch)
      #expect(result.code == 2)
      #expect(result.output.isEmpty)
      let lines = result.errors.split(separator: "\n")
      #expect(lines.allSatisfy { $0.wholeMatch(of: /bad\.yaml:[0-9]+:[0-9]+: .+/) != nil })
      #expect(result.errors.contains("bad.yaml:\(mistake.message)"), "said: \(result.errors)")
      #expect(try scratch.snapshot().keys.sorted() == ["bad.yaml"])
    }
  }

  @Test func filesThatAreNone() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch("folder"), withIntermediateDirectories: false)
    try scratch.write("", to: "empty.yaml")
    let before = try scratch.snapshot()
    let cases = [
      ("nowhere.yaml", "nowhere.yaml: "), ("folder", "folder: "),
      ("empty.yaml", "empty.yaml:1:1: "),
    ]
    for (file, start) in cases {
      let result = try Tool.run(["run", file], in: scratch)
      #expect(result.code == 2)
      #expect(result.output.isEmpty)
      #expect(result.errors.hasPrefix(start), "said: \(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(try scratch.snapshot() == before)
    }
  }
}
