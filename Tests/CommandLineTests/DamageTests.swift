// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// Segments that are lost or damaged: they are found and named, and nothing else is harmed.
@Suite struct DamageTests {
  private let scratch: Scratch

  /// One run in the middle of its way, with at least three segments.
  init() throws {
    scratch = try Scratch()
    try scratch.write(SweepText.long, to: "long.yaml")
    let tool = try RunningTool(["run", "long.yaml"], in: scratch)
    try waitForFile("out/run-000-hmc/seg-000002.h5", in: scratch)
    tool.signal(SIGINT)
    #expect(try tool.finish().code == 130)
  }

  private let run = "out/run-000-hmc"

  private func truncate(_ file: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: scratch(file)))
    try handle.truncate(atOffset: 5000)
    try handle.close()
  }

  /// Every command names the file, with its own exit code, and leaves what is there.
  private func isFound(_ file: String) throws {
    let before = try scratch.snapshot(of: "out")
    for path in ["out", run] {
      let verify = try Tool.run(["verify", path], in: scratch)
      #expect(verify.code == 1)
      #expect(verify.output.contains("\(run): NOT SOUND"))
      #expect(verify.output.contains("\(file): "), "verify said: \(verify.output)")
    }
    let commands = [
      ["table", "out"], ["resume", "out"], ["inspect", "out"], ["pack", run, "new.h5"],
      ["measure", run, "--output", "new"],
    ]
    for command in commands {
      let result = try Tool.run(command, in: scratch)
      #expect(result.code == 2, "\(command)")
      let lines = result.errors.split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix("\(file): ") }, "\(command) said: \(result.errors)")
    }
    #expect(try scratch.snapshot(of: "out") == before)
    #expect(!scratch.exists("new.h5") && !scratch.exists("new"))
  }

  @Test(arguments: ["seg-000000.h5", "seg-000001.h5"])
  func aLostSegmentIsNamed(_ name: String) throws {
    try FileManager.default.removeItem(atPath: scratch("\(run)/\(name)"))
    try isFound("\(run)/\(name)")
  }

  @Test(arguments: ["seg-000000.h5", "seg-000001.h5"])
  func aTruncatedSegmentIsNamed(_ name: String) throws {
    try truncate("\(run)/\(name)")
    try isFound("\(run)/\(name)")
  }

  @Test func aRunCanBeMadeAgainFromTheDamageOn() throws {
    let damaged = "\(run)/seg-000002.h5"
    try truncate(damaged)
    try isFound(damaged)
    // The advice of `verify`.
    let advice = "remove its segments from the first damaged one on"
    #expect(try Tool.run(["verify", "out"], in: scratch).output.contains(advice))
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch(run))
    where name.hasPrefix("seg-") && name >= "seg-000002.h5" {
      try FileManager.default.removeItem(atPath: scratch("\(run)/\(name)"))
    }
    let verify = try Tool.run(["verify", "out"], in: scratch)
    #expect(verify.code == 1)
    #expect(verify.output.contains("\(damaged): the file is missing"))
    let resume = try Tool.run(["resume", "out"], in: scratch)
    #expect(resume.code == 0, "\(resume.errors)")
    #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
    #expect(try RunBits.long(scratch("out")) == Uninterrupted.shared.get().runs)
  }

  @Test func aDamagedPackedFileIsNotSound() throws {
    #expect(try Tool.run(["pack", run, "packed.h5"], in: scratch).code == 0)
    try truncate("packed.h5")
    let verify = try Tool.run(["verify", "packed.h5"], in: scratch)
    #expect(verify.code == 1)
    #expect(verify.output.contains("packed.h5: NOT SOUND"))
    let table = try Tool.run(["table", "packed.h5"], in: scratch)
    #expect(table.code == 2)
    #expect(table.errors.hasPrefix("packed.h5: cannot be opened: truncated file"))
  }

  @Test func aChangedSweepFileIsNotMixedIn() throws {
    try scratch.write(
      SweepText.long.replacingOccurrences(of: "lambda: 4.0", with: "lambda: 4.5"),
      to: "out/sweep.yaml")
    let before = try scratch.snapshot(of: run)
    let resume = try Tool.run(["resume", "out"], in: scratch)
    #expect(resume.code == 2)
    #expect(resume.errors.hasPrefix("out/sweep.yaml: is not the file that \(run) was made from"))
    #expect(try scratch.snapshot(of: run) == before)
  }
}
