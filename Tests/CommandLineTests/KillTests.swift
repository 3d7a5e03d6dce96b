// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// Runs that are killed, stopped, and carried out by other numbers of threads, against the same
/// sweep left alone: every number must be the same to the last bit.
@Suite(.serialized) struct KillTests {
  private let reference: [RunBits]

  init() throws { reference = try Uninterrupted.shared.get().runs }

  /// The tool at work on a sweep that has begun or not.
  private func start(_ scratch: Scratch, threads: Int) throws -> RunningTool {
    let isBegun = scratch.exists("out/sweep.yaml")
    return try RunningTool(
      (isBegun ? ["resume", "out"] : ["run", "long.yaml"]) + ["--threads", "\(threads)"],
      in: scratch)
  }

  /// Whether `verify` found everything whole. Between the very last segment of a run and the index,
  /// a kill leaves an index that shows all rows and does not say yet that the run is complete; that
  /// alone may be told besides.
  static func isSound(_ verify: Tool.Result) -> Bool {
    let problems = verify.output.split(separator: "\n").filter { $0.hasPrefix("  ") }
    return verify.code == 0 && !verify.output.contains("NOT SOUND")
      || verify.code == 1 && !problems.isEmpty
        && problems.allSatisfy {
          $0.hasSuffix("run.h5: its attributes are not those of the last segment")
            || $0.contains(#/run\.h5: /\w+: it has \d+ rows, the segments have \d+$/#)
            || $0 == "  resuming the sweep mends the index"
        }
  }

  @Test(arguments: [2, 3]) func threadsDoNotChangeABit(_ threads: Int) throws {
    #expect(try Uninterrupted(threads: threads).runs == reference)
  }

  @Test func killsAtAnyMomentCostNothing() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.long, to: "long.yaml")
    var generator = Delays(state: 20_261_121)
    for kill in 0..<7 {
      let tool = try start(scratch, threads: 1 + kill % 3)
      Thread.sleep(forTimeInterval: generator.next(0.03...0.25))
      tool.signal(SIGKILL)
      #expect(try tool.finish().code == -SIGKILL, "the run ended before kill \(kill)")
      guard scratch.exists("out/sweep.yaml") else { continue }
      let verify = try Tool.run(["verify", "out"], in: scratch)
      #expect(Self.isSound(verify), "after kill \(kill): \(verify.output)\(verify.errors)")
      let table = try Tool.run(["table", "out"], in: scratch)
      #expect(table.code == 0, "after kill \(kill): \(table.errors)")
    }
    let rest = try start(scratch, threads: 2).finish()
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try RunBits.long(scratch("out")) == reference)
    let verify = try Tool.run(["verify", "out"], in: scratch)
    #expect(verify.code == 0, "\(verify.output)")
  }

  @Test(arguments: [SIGINT, SIGTERM]) func aStopIsACheckpoint(_ signal: Int32) throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.long, to: "long.yaml")
    let tool = try start(scratch, threads: 2)
    try waitForFile("out/run-000-hmc/seg-000001.h5", in: scratch)
    tool.signal(signal)
    let stopped = try tool.finish()
    #expect(stopped.code == 130)
    #expect(stopped.errors.contains("stopping after a checkpoint; once more to stop at once"))
    #expect(stopped.errors.hasSuffix("stopped; 'driftfield resume out' goes on\n"))
    #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
    #expect(
      try Tool.run(["table", "out"], in: scratch).output.contains("the run is not complete"))

    let rest = try start(scratch, threads: 3).finish()
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(rest.errors.contains("started, resumed"))
    #expect(try RunBits.long(scratch("out")) == reference)
  }

  @Test func theIndexOfACompleteRunIsMended() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "tiny.yaml")
    #expect(try Tool.run(["run", "tiny.yaml"], in: scratch).code == 0)
    // What a kill between the last segment and the index leaves, at its worst.
    try FileManager.default.removeItem(atPath: scratch("out/run-000-hmc/run.h5"))
    let lost = try Tool.run(["verify", "out"], in: scratch)
    #expect(lost.code == 1)
    #expect(lost.output.contains("run.h5: the file is missing"))
    #expect(lost.output.contains("resuming the sweep mends the index"))
    #expect(try Tool.run(["resume", "out"], in: scratch).code == 0)
    #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
    let before = try scratch.snapshot(of: "out")
    #expect(try Tool.run(["resume", "out"], in: scratch).code == 0)
    #expect(try scratch.snapshot(of: "out") == before)
  }

  @Test func twoAtOnceAreRefused() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.long, to: "long.yaml")
    let first = try start(scratch, threads: 1)
    try waitForFile("out/run-000-hmc/seg-000000.h5", in: scratch)
    for command in [["resume", "out"], ["run", "long.yaml"], ["run", "long.yaml", "--force"]] {
      let start = Date()
      let second = try Tool.run(command, in: scratch)
      #expect(second.code == 2)
      #expect(Date().timeIntervalSince(start) < 2)
      #expect(second.errors.contains("out: another driftfield is at work in this folder"))
    }
    // Readers are welcome.
    #expect(try Tool.run(["table", "out"], in: scratch).code == 0)
    first.signal(SIGKILL)
    #expect(try first.finish().code == -SIGKILL)
    // The lock went with its owner.
    let segments = try FileManager.default.contentsOfDirectory(atPath: scratch("out/run-000-hmc"))
      .count { $0.hasPrefix("seg-") && $0.hasSuffix(".h5") }
    let third = try start(scratch, threads: 2)
    try waitForFile("out/run-000-hmc/seg-00000\(segments).h5", in: scratch)
    third.signal(SIGINT)
    #expect(try third.finish().code == 130)
  }
}

/// Waits until the tool has made a file, ten seconds at most.
func waitForFile(_ name: String, in scratch: Scratch) throws {
  let deadline = Date().addingTimeInterval(10)
  while !scratch.exists(name) {
    try #require(Date() < deadline, "\(name) was never made")
    Thread.sleep(forTimeInterval: 0.005)
  }
}

/// Delays that look random and are the same every time (SplitMix64).
struct Delays {
  var state: UInt64

  mutating func next(_ range: ClosedRange<Double>) -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return range.lowerBound + (range.upperBound - range.lowerBound) * Double(z >> 11) * 0x1p-53
  }
}
