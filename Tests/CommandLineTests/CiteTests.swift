// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `driftfield cite` on files as runs leave them.
@Suite struct CiteTests {
  private static let sweep = """
    seed: 3
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0}
    lattice: {extents: [4, 4]}
    samplers:
      - {method: fourier-hmc, mass2: 1, chains: 2, trajectories: 60, thermalisation: 20}
      - {method: ais, transition: metropolis, walkers: 256, populations: 1, path_steps: 4,
         schedule: uniform, pilot: 4}
      - {method: nets, transition: ula, walkers: 64, populations: 1, path_steps: 10,
         amortised: 2, training_walkers: 64, training_slices: 8, training_sweeps: 1}
    grid:
      theory.lambda: [5.0, 6.0]

    """

  private static func keys(_ arguments: [String], in scratch: Scratch) throws -> [String] {
    let result = try Tool.run(["cite"] + arguments, in: scratch)
    #expect(result.code == 0, "\(result.errors)")
    return result.output.matches(of: #/(?m)^@[a-z]+\{(\w+),$/#).map { String($0.1) }
  }

  @Test func runsAndSweepsSayWhatTheyRestOn() throws {
    let scratch = try Scratch()
    try scratch.write(Self.sweep, to: "sweep.yaml")
    let run = try Tool.run(["run", "sweep.yaml", "--threads", "2"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")

    let chains = try Self.keys(["out/run-000-fourier-hmc"], in: scratch)
    #expect(
      chains == [
        "Driftfield", "Duane1987", "Omelyan2003", "Batrouni1985", "Duane1986", "Hoffman2014",
        "Binder1981", "Cooper1982", "Wolff2004", "Salmon2011", "Frigo2005", "HDF5",
      ])
    let nets = try Self.keys(["out/run-002-nets"], in: scratch)
    #expect(nets.contains("Albergo2024") && !nets.contains("Berrut2004"))

    // The sweep has its runs and its drifts; packing changes nothing.
    let everything = try Self.keys(["out"], in: scratch)
    #expect(Set(everything).isSuperset(of: chains + nets + ["Berrut2004", "Metropolis1953"]))
    #expect(!everything.contains("Kingma2014") && !everything.contains("DelMoral2006"))
    #expect(try Tool.run(["pack", "out/run-002-nets", "nets.h5"], in: scratch).code == 0)
    #expect(try Self.keys(["nets.h5"], in: scratch) == nets)

    // Chains made of walkers rest on what made the walkers, and on what made the chains.
    let unweight = ["unweight", "out/run-001-ais", "--output", "chains", "--chains", "1"]
    let made = try Tool.run(unweight + ["--thermalisation", "4"], in: scratch)
    #expect(made.code == 0, "\(made.errors)")
    let unweighted = try Self.keys(["chains"], in: scratch)
    for key in ["Neal2001", "Metropolis1953", "Hastings1970", "Wolff2004"] {
      #expect(unweighted.contains(key), "\(key)")
    }
  }

  @Test func withoutAPathEverythingIsCited() throws {
    let scratch = try Scratch()
    let all = try Self.keys([], in: scratch)
    #expect(Set(["Driftfield", "Shirts2008", "Xie2012", "Andrieu2018"]).isSubset(of: all))
    let text = try Tool.run(["cite", "--text"], in: scratch)
    #expect(text.output.hasPrefix("[1] The Driftfield authors, Driftfield, version "))
    #expect(text.output.matches(of: #/(?m)^\[\d+\] /#).count == all.count)
    #expect(text.output.matches(of: #/(?m)^    for: /#).count == all.count)
    let missing = try Tool.run(["cite", "nowhere"], in: scratch)
    #expect(missing.code == 2)
    #expect(
      missing.errors == "nowhere: is neither a sweep, nor a run, nor a packed file\n")
  }
}
