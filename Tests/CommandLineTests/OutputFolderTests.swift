// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// What is there already is safe, and what cannot be written is told.
@Suite struct OutputFolderTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "tiny.yaml")
  }

  private func runTiny(_ options: [String] = []) throws -> Tool.Result {
    try Tool.run(["run", "tiny.yaml"] + options, in: scratch)
  }

  /// Expects bad input, words in the message, and that nothing has changed.
  private func refuses(_ arguments: [String], saying words: String...) throws {
    let before = try scratch.snapshot()
    let result = try Tool.run(arguments, in: scratch)
    #expect(result.code == 2, "\(arguments)")
    #expect(result.output.isEmpty)
    for word in words {
      #expect(result.errors.contains(word), "\(arguments) said: \(result.errors)")
    }
    #expect(try scratch.snapshot() == before, "\(arguments) changed something")
  }

  @Test func existingOutputIsRefused() throws {
    #expect(try runTiny().code == 0)
    try refuses(
      ["run", "tiny.yaml"], saying: "out: holds a sweep already", "'driftfield resume out'",
      "--force")
  }

  @Test func forceReplacesASweepAndNothingElse() throws {
    #expect(try runTiny().code == 0)
    let old = try scratch.snapshot(of: "out")
    // Notes of the user, with names that come near to those of a sweep.
    let own = [
      "out/notes.txt", "out/run-000-hmc/packed.h5", "out/run-000-hmc/seg-1.h5",
      "out/run-001-metropolis/notes.h5.tmp", "out/run-notes.h5", "out/run-best/seg-000000.h5",
    ]
    try FileManager.default.createDirectory(
      atPath: scratch("out/run-best"), withIntermediateDirectories: false)
    for file in own { try scratch.write("mine", to: file) }
    let forced = try runTiny(["--force"])
    #expect(forced.code == 0, "\(forced.errors)")
    let new = try scratch.snapshot(of: "out")
    for file in own {
      #expect(new[String(file.dropFirst(4))]?.bytes == Data("mine".utf8), "\(file) is gone")
    }
    let segment = "run-000-hmc/seg-000000.h5"
    #expect(try #require(new[segment]?.changed) > #require(old[segment]?.changed))
    #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
  }

  @Test func aFolderWithoutASweepIsNeverTouched() throws {
    try FileManager.default.createDirectory(
      atPath: scratch("data/run-000-hmc"), withIntermediateDirectories: true)
    try scratch.write("mine", to: "data/run-000-hmc/seg-000000.h5")
    for options in [[], ["--force"]] {
      try refuses(
        ["run", "tiny.yaml", "--output", "data"] + options, saying: "data: holds files but no sweep"
      )
    }
    // A folder with a sweep file of the user's own, such as the current one, is no output.
    try scratch.copy("tiny.yaml", to: "sweep.yaml")
    try refuses(
      ["run", "tiny.yaml", "--output", ".", "--force"], saying: ".: holds files but no sweep")
  }

  @Test func whatCannotBeAFolderIsTold() throws {
    try scratch.write("mine", to: "file")
    try refuses(["run", "tiny.yaml", "--output", "file"], saying: "file: is a file")
    try refuses(["run", "tiny.yaml", "--output", "file", "--force"], saying: "file: is a file")
    try refuses(
      ["run", "tiny.yaml", "--output", "file/out"],
      saying: "file/out: the folder cannot be made: Not a directory")
    try refuses(
      ["run", "tiny.yaml", "--output", "/proc/driftfield"], saying: "/proc/driftfield: the folder")
    try refuses(
      ["run", "tiny.yaml", "--output", "/proc/self/a/b"], saying: "the folder cannot be made")
  }

  @Test func onlyASweepIsResumed() throws {
    #expect(try runTiny().code == 0)
    try FileManager.default.createDirectory(
      atPath: scratch("empty"), withIntermediateDirectories: false)
    try refuses(["resume", "empty"], saying: "empty: is not the output folder of a sweep")
    try refuses(["resume", "nowhere"], saying: "nowhere: does not exist")
    try refuses(["resume", "tiny.yaml"], saying: "tiny.yaml: is not the output folder of a sweep")
    try refuses(
      ["resume", "out/run-000-hmc"], saying: "out/run-000-hmc: is not", "above it, out, is one")
    for command in ["table", "verify", "inspect"] {
      try refuses([command, "empty"], saying: "empty: is neither a sweep, nor a run, nor a packed")
      try refuses([command, "tiny.yaml"], saying: "tiny.yaml: is neither a sweep")
    }
    for command in [["pack", "out", "new.h5"], ["measure", "out", "--output", "new"]] {
      try refuses(command, saying: "out: is a sweep; name one run of it, such as out/run-000-hmc")
    }
  }

  @Test func aPackedFileNeverReplacesASegment() throws {
    #expect(try runTiny().code == 0)
    for name in ["seg-000000.h5", "run.h5"] {
      try refuses(
        ["pack", "out/run-000-hmc", "out/run-000-hmc/\(name)", "--force"],
        saying: "is the name of a run's own file")
    }
    try refuses(["pack", "out/run-000-hmc", "out", "--force"], saying: "out: is a folder")
    try refuses(["pack", "out/run-000-hmc", "new/a.h5"], saying: "does not exist")
  }

  @Test func aFullDiskLosesNothing() throws {
    let reference = try Uninterrupted.shared.get().runs
    try scratch.write(SweepText.long, to: "long.yaml")
    // Not even the first segment fits.
    let first = try Tool.shell(
      "trap '' XFSZ; ulimit -f 4; exec \"$0\" run long.yaml", in: scratch)
    #expect(first.code == 2)
    #expect(first.errors.contains("out/run-000-hmc/seg-000000.h5.tmp: cannot be written: File too"))
    #expect(first.errors.contains("once the cause is gone 'driftfield resume out' goes on"))

    // Some segments, then the disk is full in the middle of the run.
    let tool = try RunningTool(["resume", "out"], in: scratch)
    try waitForFile("out/run-000-hmc/seg-000001.h5", in: scratch)
    tool.signal(SIGINT)
    #expect(try tool.finish().code == 130)
    let safe = try scratch.snapshot(of: "out").filter { $0.key.contains("seg-") }
    #expect(safe.count >= 2)
    let largest = try #require(
      scratch.snapshot(of: "out").filter { $0.key.hasSuffix(".h5") }
        .compactMap(\.value.bytes?.count).max())
    let limits = [largest / 1024 + 2, 4]
    for limit in limits {
      let full = try Tool.shell(
        "trap '' XFSZ; ulimit -f \(limit); exec \"$0\" resume out", in: scratch)
      #expect(full.code == 2)
      #expect(full.errors.contains(".h5.tmp: cannot be written: File too large"))
      let left = try scratch.snapshot(of: "out")
      for (file, state) in safe { #expect(left[file] == state, "\(file) changed") }
      #expect(!left.keys.contains { $0.hasSuffix(".tmp") })
      #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
    }
    let rest = try Tool.run(["resume", "out"], in: scratch)
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try RunBits.long(scratch("out")) == reference)
  }
}
