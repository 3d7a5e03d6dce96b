// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// Sweeps with annealing samplers, from the plan to the packed file.
@Suite struct AnnealingTests {
  private static let tiny = """
    seed: 7
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -1, lambda: 2.0}
    lattice: {extents: [4, 4]}
    samplers:
      - {method: hmc, chains: 2, trajectories: 100}
      - {method: ais, path_steps: 51, walkers: 40, stops: [3.0], reverse: 2}
      - {method: smc, schedule: adaptive, walkers: 40, populations: 3}
    configurations: {every: 3}

    """

  @Test func planKnowsWhatCanBeKnown() throws {
    let scratch = try Scratch()
    try scratch.write(Self.tiny, to: "tiny.yaml")
    let plan = try Tool.run(["plan", "tiny.yaml"], in: scratch)
    #expect(plan.code == 0, "\(plan.errors)")
    let lines = plan.output.split(separator: "\n").map(String.init)
    let ais = try #require(lines.first { $0.hasPrefix("run-001-ais") })
    // 51 steps are rounded up to 52 for two legs, and made there and back.
    #expect(ais.contains("40 x 8 walkers  104 "))
    #expect(lines.contains { $0.hasPrefix("ais: path_steps was rounded up from 51 to 52") })
    let smc = try #require(lines.first { $0.hasPrefix("run-002-smc") })
    #expect(smc.contains("40 x 3 walkers  ?  "))
    #expect(lines.contains { $0.hasPrefix("smc: schedule: adaptive; the pilot decides") })
    #expect(!scratch.exists("out"))
  }

  @Test func aRunIsShownCheckedAndPacked() throws {
    let scratch = try Scratch()
    try scratch.write(Self.tiny, to: "tiny.yaml")
    let run = try Tool.run(["run", "tiny.yaml"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("ais: done in"))
    #expect(run.errors.contains("log Z"))
    // Three populations have no error bars, which is told.
    #expect(run.errors.contains("  warning: "))
    #expect(run.errors.contains("More populations would help."))
    let verify = try Tool.run(["verify", "out"], in: scratch)
    #expect(verify.code == 0)
    #expect(verify.output.contains("8 annealing"))
    let inspect = try Tool.run(["inspect", "out/run-001-ais"], in: scratch)
    #expect(inspect.output.contains("complete, 8 of 8 populations of 40 walkers"))
    for word in ["/stops", "/pilot", "/diagnostics", "log_z_error", "population stop walker"] {
      #expect(inspect.output.contains(word), "\(word)")
    }
    for name in ["run-001-ais", "run-002-smc"] {
      #expect(try Tool.run(["pack", "out/\(name)", "\(name).h5"], in: scratch).code == 0)
      let packed = try Tool.run(["verify", "\(name).h5"], in: scratch)
      #expect(packed.code == 0, "\(packed.output)")
      #expect(try RunBits(scratch("\(name).h5")) == RunBits(scratch("out/\(name)")))
    }
    let measure = try Tool.run(
      ["measure", "out/run-001-ais", "--output", "anew"], in: scratch)
    #expect(measure.code == 2)
    #expect(measure.errors.contains("holds weighted walkers"))
    #expect(!scratch.exists("anew"))
  }

  /// Unadjusted dynamics at a step size at which every walker runs away: said in words, and what was
  /// made before is kept.
  @Test func deadPopulationsAreTold() throws {
    let scratch = try Scratch()
    let text = Self.tiny.replacing(
      "path_steps: 51,", with: "path_steps: 50, transition: ula, step: 40, tune: false,")
    try scratch.write(text, to: "tiny.yaml")
    for command in [["run", "tiny.yaml"], ["resume", "out"]] {
      let run = try Tool.run(command, in: scratch)
      #expect(run.code == 2)
      #expect(run.errors.contains("out/run-001-ais: population 1 of 8: all 40 weights are zero"))
      #expect(run.errors.contains("a smaller 'step'"))
      #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
      #expect(run.errors.contains("all other runs of the sweep are done"))
      #expect(try HDF5EnsembleReader(scratch("out/run-000-hmc")).isComplete)
      #expect(try HDF5EnsembleReader(scratch("out/run-002-smc")).isComplete)
    }
  }
}
