// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `tune` from the sweep file to the keys that it prints.
@Suite struct TuneTests {
  private static let tiny = """
    seed: 19
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4, lambda: 5}
    lattice: {extents: [4, 6]}
    samplers:
      - {method: hmc, chains: 4, trajectories: 400, cluster: 1}
      - {method: nets, path_steps: 8, walkers: 200, training_walkers: 300, training_slices: 12}

    """
  private static let options = [
    "--walkers", "100", "--path-steps", "5", "10", "--updates", "1", "3", "--steps", "3",
    "--drift-cost", "9",
  ]

  @Test func fromTheTableToTheRun() throws {
    let scratch = try Scratch()
    try scratch.write(Self.tiny, to: "tiny.yaml")
    let tune = try Tool.run(["tune", "tiny.yaml"] + Self.options, in: scratch)
    #expect(tune.code == 0, "\(tune.errors)")
    #expect(tune.errors.contains("[2/2] nets: trained in "))
    let lines = tune.output.split(separator: "\n").map(String.init)
    #expect(
      lines[0]
        == "nets: out/drift-001-nets, 100 walkers for each candidate, one evaluation of the drift "
        + "costs 9 gradients")
    #expect(lines.count { $0.contains(" equal ") } == 4)
    #expect(lines.count { $0.contains(" residual ") } == 4)
    #expect(lines.count { $0.hasPrefix("* ") } == 2, "a mark and what it means")
    #expect(lines.contains { $0.hasPrefix("log Z of 8 candidates: mean ") })
    #expect(!tune.output.contains("DISAGREE"))
    #expect(try scratch.snapshot(of: "out").keys.filter { $0.hasPrefix("run") }.isEmpty)

    // Again, with other threads: the same words, and nothing is touched.
    let before = try scratch.snapshot()
    let again = try Tool.run(["tune", "tiny.yaml", "--threads", "3"] + Self.options, in: scratch)
    #expect(again.code == 0 && again.output == tune.output)
    #expect(try scratch.snapshot() == before)

    let start = try #require(lines.firstIndex(of: "keys for the sampler 'nets':"))
    let keys = lines[(start + 1)...].joined(separator: "\n")
    #expect(keys.contains("drift: out/drift-001-nets"))
    let head = Self.tiny.components(separatedBy: "  - {method: nets")[0]
    try scratch.write(head + "  - method: nets\n" + keys + "\n", to: "best.yaml")
    let run = try Tool.run(["run", "best.yaml", "--output", "best"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let compare = try Tool.run(["compare", "best", "--exact"], in: scratch)
    #expect(compare.code == 0, "\(compare.output)")
  }

  static let bad = [
    (["--walkers", "3"], "--walkers must be 16 to 1000000, got 3"),
    (["--updates", "1", "0"], "--updates must be integers from 1 to 100000, got 0"),
    (["--placing", "dense"], "The value 'dense' is invalid for '--placing"),
    (["--drift-cost", "-1"], "--drift-cost must be a number > 0, got -1.0"),
  ]

  @Test(arguments: bad) func badOptions(options: [String], message: String) throws {
    let scratch = try Scratch()
    try scratch.write(Self.tiny, to: "tiny.yaml")
    let refused = try Tool.run(["tune", "tiny.yaml"] + options, in: scratch)
    #expect(refused.code == 2 && refused.errors.contains(message), "\(refused.errors)")
    #expect(!scratch.exists("out"))
  }

  @Test func badFiles() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "tiny.yaml")
    let none = try Tool.run(["tune", "tiny.yaml"], in: scratch)
    #expect(none.code == 2)
    #expect(none.errors.contains("tiny.yaml: has no drift to tune"))
    #expect(!scratch.exists("out"))
    let missing = try Tool.run(["tune", "nowhere.yaml"], in: scratch)
    #expect(missing.code == 2 && missing.errors.contains("nowhere.yaml"))
  }
}
