// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// The command line itself: its verbs and options, and what it says where they are wrong.
@Suite struct CommandTests {
  private static let verbs = [
    "run", "resume", "plan", "inspect", "verify", "pack", "measure", "table", "validate",
    "compare", "report", "reweight", "unweight", "logz", "import", "export", "cite",
  ]

  static let wrong: [([String], String)] = [
    (["frobnicate"], "Unexpected argument 'frobnicate'"),
    (["run"], "Missing expected argument '<file>'"),
    (["run", "a.yaml", "b.yaml"], "Unexpected argument 'b.yaml'"),
    (["run", "--frob", "a.yaml"], "Unknown option '--frob'"),
    (["run", "a.yaml", "--threads"], "Missing value for '--threads"),
    (["run", "a.yaml", "--threads", "two"], "The value 'two' is invalid for '--threads"),
    (["run", "a.yaml", "--threads", "0"], "--threads must be 1 to 1024, got 0"),
    (["resume", "a", "--threads=-1"], "--threads must be 1 to 1024, got -1"),
    (["plan", "a.yaml", "--threads", "0"], "--threads must be 1 to 1024, got 0"),
    (["validate", "--threads", "0"], "--threads must be 1 to 1024, got 0"),
    (["validate", "--length", "0"], "--length must be above 0"),
    (["measure", "a", "--output", "b", "--threads", "0"], "--threads must be 1 to 1024, got 0"),
    (["measure", "a"], "Missing expected argument '--output"),
    (["measure", "a", "--output", "b", "--observables", "mass"], "The value 'mass' is invalid"),
    (["measure", "a", "--output", "b", "--shells", "0"], "--shells must be at least 1, got 0"),
    (["table"], "Missing expected argument '<paths> ...'"),
    (["table", "a", "--json", "--csv"], "--json and --csv exclude each other"),
    (["compare"], "Missing expected argument '<paths> ...'"),
    (["unweight", "a"], "Missing expected argument '--output"),
    (["unweight", "a", "--output", "b", "--method", "mh"], "The value 'mh' is invalid"),
    (["reweight", "a", "--lambda", "x"], "The value 'x' is invalid for '--lambda"),
    (["import", "a.npy", "--output", "b"], "Missing expected argument '--extents"),
    (
      ["import", "a.npy", "--output", "b", "--extents", "8x", "--m2", "1", "--lambda", "1"],
      "--extents must be one to four integers"
    ),
    (
      ["import", "a.npy", "--output", "b", "--extents", "8x8", "--kappa", "1", "--lambda", "1"],
      "--m2 is missing: the unhalved form has --m2 and --lambda"
    ),
    (
      ["import", "a.npy", "--output", "b", "--extents", "8x8", "--coefficients", "1", "2"],
      "--coefficients must be three numbers J c2 c4, J > 0, got 1.0 2.0"
    ),
    (["export", "a"], "Missing expected argument '--output"),
    (["pack", "a"], "Missing expected argument '<file>'"),
  ]

  @Test(arguments: wrong) func isRefusedWithUsage(_ arguments: [String], _ message: String) throws {
    let scratch = try Scratch()
    let result = try Tool.run(arguments, in: scratch)
    #expect(result.code == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(message), "said: \(result.errors)")
    #expect(result.errors.contains("Usage: driftfield"))
    #expect(try scratch.snapshot().isEmpty)
  }

  @Test func helpAndVersion() throws {
    let scratch = try Scratch()
    let help = try Tool.run(["--help"], in: scratch)
    #expect(help.code == 0)
    #expect(help.errors.isEmpty)
    for verb in Self.verbs {
      #expect(help.output.contains("\n  \(verb) "))
      let help = try Tool.run([verb, "--help"], in: scratch)
      #expect(help.code == 0)
      #expect(help.output.contains("USAGE: driftfield \(verb)"))
    }
    let version = try Tool.run(["--version"], in: scratch)
    #expect(version.code == 0)
    #expect(version.output.wholeMatch(of: /driftfield \d+\.\d+\.\d+ \(commit .+\)\n/) != nil)
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completions(_ shell: String) throws {
    let scratch = try Scratch()
    let script = try Tool.run(["--generate-completion-script", shell], in: scratch)
    #expect(script.code == 0)
    for verb in Self.verbs { #expect(script.output.contains(verb)) }
    #expect(
      script.output.contains("--threads") || script.output.contains("-l 'threads'")
        || script.output.contains("-l threads"))
    if shell == "bash" {
      try scratch.write(script.output, to: "completions")
      let check = try Tool.shell("bash -n completions", in: scratch)
      #expect(check.code == 0, "\(check.errors)")
    }
  }
}
