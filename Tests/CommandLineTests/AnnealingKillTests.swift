// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// Annealing runs that are killed and stopped inside their populations, on the way there and back,
/// against the same sweep left alone: every number must be the same to the last bit.
@Suite(.serialized) struct AnnealingKillTests {
  private static let shared = Result { try uninterrupted(threads: 1) }

  private static func uninterrupted(threads: Int) throws -> [RunBits] {
    let scratch = try Scratch()
    try scratch.write(SweepText.annealing, to: "annealing.yaml")
    let result = try Tool.run(["run", "annealing.yaml", "--threads", "\(threads)"], in: scratch)
    #expect(result.code == 0, "\(result.errors)")
    return try RunBits.annealing(scratch("out"))
  }

  private func start(_ scratch: Scratch, threads: Int) throws -> RunningTool {
    let isBegun = scratch.exists("out/sweep.yaml")
    return try RunningTool(
      (isBegun ? ["resume", "out"] : ["run", "annealing.yaml"]) + ["--threads", "\(threads)"],
      in: scratch)
  }

  /// Segments of both runs.
  private func segments(_ scratch: Scratch) throws -> Int {
    try ["out/run-000-ais", "out/run-001-smc"].filter { scratch.exists($0) }.reduce(0) { sum, run in
      let names = try FileManager.default.contentsOfDirectory(atPath: scratch(run))
      return sum + names.count { $0.hasPrefix("seg-") && $0.hasSuffix(".h5") }
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    #expect(try Self.uninterrupted(threads: 3) == Self.shared.get())
  }

  @Test func killsAtAnyMomentCostNothing() throws {
    let reference = try Self.shared.get()
    let scratch = try Scratch()
    try scratch.write(SweepText.annealing, to: "annealing.yaml")
    var generator = Delays(state: 20_261_122)
    /// Restart states that were inside a population, and those on a way back.
    var (inside, back) = (0, 0)
    for kill in 0..<30 {
      let tool = try start(scratch, threads: 1 + kill % 3)
      // Two checkpoints later, and at any moment between them.
      let wanted = try segments(scratch) + 2
      while tool.process.isRunning, try segments(scratch) < wanted {
        Thread.sleep(forTimeInterval: 0.005)
      }
      Thread.sleep(forTimeInterval: generator.next(0...0.06))
      tool.signal(SIGKILL)
      if try tool.finish().code == 0 { break }
      let verify = try Tool.run(["verify", "out"], in: scratch)
      #expect(KillTests.isSound(verify), "after kill \(kill): \(verify.output)\(verify.errors)")
      for run in ["out/run-000-ais", "out/run-001-smc"] where scratch.exists(run + "/run.h5") {
        let reader = try HDF5EnsembleReader(scratch(run))
        if reader.isComplete { continue }
        let state = try reader.restart()
        if try #require(state.integers["step"]) > 0 { inside += 1 }
        if state.integers["phase"] == 2 { back += 1 }
      }
    }
    #expect(inside > 2)
    #expect(back > 0)
    #expect(try Tool.run(["inspect", "out"], in: scratch).code == 0)
    let rest = try start(scratch, threads: 2).finish()
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try RunBits.annealing(scratch("out")) == reference)
    let verify = try Tool.run(["verify", "out"], in: scratch)
    #expect(verify.code == 0, "\(verify.output)")
  }

  @Test func aStopIsACheckpoint() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.annealing, to: "annealing.yaml")
    let tool = try start(scratch, threads: 2)
    try waitForFile("out/run-000-ais/seg-000002.h5", in: scratch)
    tool.signal(SIGINT)
    let stopped = try tool.finish()
    #expect(stopped.code == 130)
    #expect(stopped.errors.hasSuffix("stopped; 'driftfield resume out' goes on\n"))
    let state = try HDF5EnsembleReader(scratch("out/run-000-ais")).restart()
    #expect(try #require(state.integers["step"]) > 0)
    #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
    let rest = try start(scratch, threads: 1).finish()
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(rest.errors.contains("ais: started, resumed"))
    #expect(try RunBits.annealing(scratch("out")) == Self.shared.get())
  }
}
