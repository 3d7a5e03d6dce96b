// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// A training and the run that follows it, killed and stopped inside, against the same sweep left
/// alone: every number must be the same to the last bit.
@Suite(.serialized) struct TransportKillTests {
  private static let sweep = """
    seed: 13
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0, lambda: 5.0}
    lattice: {extents: [6, 6]}
    samplers:
      - method: nets
        walkers: 150
        populations: 2
        pilot: 4
        bias_walkers: 16
        path_steps: 60
        training_walkers: 1200
        training_slices: 40
        stops: [7.0]
    checkpoint: {seconds: 0.02}

    """
  private static let folders = ["out/drift-000-nets", "out/run-000-nets"]
  private static let shared = Result { try uninterrupted(threads: 1) }

  private static func uninterrupted(threads: Int) throws -> [RunBits] {
    let scratch = try Scratch()
    try scratch.write(sweep, to: "nets.yaml")
    let result = try Tool.run(["run", "nets.yaml", "--threads", "\(threads)"], in: scratch)
    #expect(result.code == 0, "\(result.errors)")
    return try bits(scratch)
  }

  private static func bits(_ scratch: Scratch) throws -> [RunBits] {
    try folders.map { try RunBits(scratch($0)) }
  }

  private func segments(_ scratch: Scratch) throws -> Int {
    try Self.folders.filter { scratch.exists($0) }.reduce(0) { sum, run in
      let names = try FileManager.default.contentsOfDirectory(atPath: scratch(run))
      return sum + names.count { $0.hasPrefix("seg-") && $0.hasSuffix(".h5") }
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    #expect(try Self.uninterrupted(threads: 3) == Self.shared.get())
  }

  /// Kills first during `train`, then during `run`, and at last in `resume`.
  @Test func killsAtAnyMomentCostNothing() throws {
    let reference = try Self.shared.get()
    let scratch = try Scratch()
    try scratch.write(Self.sweep, to: "nets.yaml")
    var generator = Delays(state: 20_261_130)
    var (training, running) = (0, 0)
    for kill in 0..<40 where running < 4 {
      let command =
        scratch.exists("out/run-000-nets")
        ? ["resume", "out"]
        : [kill < 4 ? "train" : "run", "nets.yaml"]
      let tool = try RunningTool(command + ["--threads", "\(1 + kill % 3)"], in: scratch)
      // Of the training enough has been seen after three kills inside it.
      let wanted = try segments(scratch) + (training > 2 && command[0] != "resume" ? 100 : 2)
      while tool.process.isRunning, try segments(scratch) < wanted,
        command[0] == "resume" || !scratch.exists(Self.folders[1] + "/seg-000001.h5")
      {
        Thread.sleep(forTimeInterval: 0.003)
      }
      Thread.sleep(forTimeInterval: generator.next(0...0.03))
      tool.signal(SIGKILL)
      if try tool.finish().code == 0 && command[0] != "train" { break }
      let verify = try Tool.run(["verify", "out"], in: scratch)
      #expect(KillTests.isSound(verify), "after kill \(kill): \(verify.output)\(verify.errors)")
      for folder in Self.folders where scratch.exists(folder + "/run.h5") {
        let reader = try HDF5EnsembleReader(scratch(folder))
        if reader.isComplete { continue }
        if try #require(reader.restart().integers["step"]) > 0 {
          if folder == Self.folders[0] { training += 1 } else { running += 1 }
        }
      }
    }
    #expect(training > 1)
    #expect(running > 0)
    let rest = try Tool.run(
      scratch.exists("out/run-000-nets") ? ["resume", "out"] : ["run", "nets.yaml"], in: scratch)
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try Self.bits(scratch) == reference)
    #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
  }

  @Test func aStoppedTrainingSaysHowToGoOn() throws {
    let scratch = try Scratch()
    try scratch.write(Self.sweep, to: "nets.yaml")
    let tool = try RunningTool(["train", "nets.yaml"], in: scratch)
    try waitForFile("out/drift-000-nets/seg-000002.h5", in: scratch)
    tool.signal(SIGINT)
    let stopped = try tool.finish()
    #expect(stopped.code == 130)
    #expect(stopped.errors.hasSuffix("stopped; 'driftfield train nets.yaml' goes on\n"))
    let rest = try Tool.run(["train", "nets.yaml"], in: scratch)
    #expect(rest.code == 0 && rest.errors.contains("nets: training, resumed"), "\(rest.errors)")
    #expect(try RunBits(scratch("out/drift-000-nets")) == Self.shared.get()[0])
  }

  /// One training for several couplings, killed inside each of its parts.
  @Test func killsBetweenCouplingsCostNothing() throws {
    let sampler = Self.sweep.replacing(
      "    stops: [7.0]", with: "    amortised: 3\n    path: straight"
    )
    .replacing("training_slices: 40", with: "training_slices: 12")
    let sweep =
      sampler.replacing(", lambda: 5.0}", with: "}") + "grid: {theory.lambda: [5, 6]}\n"
    let folder = Self.folders[0]
    let whole = try Scratch()
    try whole.write(sweep, to: "nets.yaml")
    let result = try Tool.run(["train", "nets.yaml"], in: whole)
    #expect(result.code == 0, "\(result.errors)")
    let scratch = try Scratch()
    try scratch.write(sweep, to: "nets.yaml")
    var places: Set<Int> = []
    for kill in 0..<8 {
      let tool = try RunningTool(
        ["train", "nets.yaml", "--threads", "\(1 + kill % 3)"], in: scratch)
      let wanted = try segments(scratch) + 12
      while tool.process.isRunning, try segments(scratch) < wanted {
        Thread.sleep(forTimeInterval: 0.003)
      }
      tool.signal(SIGKILL)
      if try tool.finish().code == 0 { break }
      guard scratch.exists(folder + "/run.h5") else { continue }
      let verify = try Tool.run(["verify", "out"], in: scratch)
      #expect(KillTests.isSound(verify), "after kill \(kill): \(verify.output)\(verify.errors)")
      let state = try HDF5EnsembleReader(scratch(folder)).restart()
      places.insert(try #require(state.integers["node"]))
    }
    #expect(places.count > 1, "\(places)")
    let rest = try Tool.run(["train", "nets.yaml"], in: scratch)
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try RunBits(scratch(folder)) == RunBits(whole(folder)))
  }
}
