// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// `compare`, `reweight`, `unweight` and tables of weighted runs, as a user calls them.
@Suite(.serialized) struct CompareTests {
  /// HMC and annealing with and without resampling on 4x4, a second or two.
  private static let sweep = """
    title: samplers
    seed: 3
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0, lambda: 6.0}
    lattice: {extents: [4, 4]}
    samplers:
      - {method: hmc, chains: 4, trajectories: 1500, cluster: 1}
      - {method: ais, transition: mala, path_steps: 80, walkers: 400, populations: 10, stops: [7], reverse: 10}
      - {method: smc, transition: mala, path_steps: 20, walkers: 50, populations: 120}

    """

  /// A folder in which the sweep is done.
  private static func prepared() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(sweep, to: "sweep.yaml")
    let run = try Tool.run(["run", "sweep.yaml"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    return scratch
  }

  private static func decode<Value: Decodable>(_ text: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: Data(text.utf8))
  }

  /// A copy of a run with changed numbers, complete or not.
  private static func rewrite(
    _ source: String, to target: String, isComplete: Bool = true,
    _ change: (String, [Double]) -> [Double]
  ) throws {
    let reader = try HDF5EnsembleReader(source)
    let writer = try HDF5EnsembleWriter(creating: target, layout: reader.layout)
    for table in reader.layout.tables {
      let chains = table.isPerChain ? reader.layout.chains : 1
      let rows = try reader.rows(of: table.name)
      let columns = try table.variables.map { variable in
        change(variable.name, try reader.values(of: variable.name, in: table.name))
      }
      for (position, row) in rows.enumerated() {
        let values = zip(table.variables, columns).map { variable, column in
          (0..<chains).flatMap { chain in
            let first = (chain * rows.count + position) * variable.size
            return column[first..<first + variable.size]
          }
        }
        try writer.append(row: row, to: table.name, values)
      }
    }
    for group in ["pilot", "diagnostics"] {
      let attributes = reader.attributes(of: group)
      if !attributes.isEmpty { try writer.record(attributes, in: group) }
    }
    if isComplete {
      try writer.finish(try reader.restart(), [:])
    } else {
      try writer.commit(try reader.restart())
    }
  }

  private struct Comparison: Decodable {
    struct Coupling: Decodable {
      struct Number: Decodable {
        var value: Double
        var error: Double
        var pull: Double?
        var difference: Double?
        var differenceError: Double?
        var costSeconds: Double?
      }
      struct Sampler: Decodable {
        var name: String
        var weighted: Bool
        var quantities: [String: Number]
        var logZ: Number?
        var logZBennett: Number?
        var gradientEvaluations: Double
        var disagrees: Bool?
      }
      var shape: [Int]
      var coefficients: [String: Double]
      var baseline: String?
      var exactLogZ: Number?
      var samplers: [Sampler]
    }
    var agreement: Bool
    var comparisons: Int
    var verdict: [String]
    var leftOut: [String]
    var couplings: [Coupling]
  }

  @Test func samplersOfASweepAgree() throws {
    let scratch = try Self.prepared()
    let text = try Tool.run(["compare", "out"], in: scratch)
    #expect(text.code == 0, "\(text.output)\(text.errors)")
    for word in [
      "4x4 J=2 c2=0 c4=6 (m2=-4 lambda=6)", "hmc: out/run-000-hmc, the baseline", "ESS/second",
      "log_z Bennett", "cost chi2", "All samplers agree.", "no baseline",
    ] {
      #expect(text.output.contains(word), "\(word) is not in \(text.output)")
    }
    #expect(text.output.split(separator: "\n").filter { $0.contains("hmc  ") }.count == 1)

    let json = try Tool.run(["compare", "out", "--json", "--exact"], in: scratch)
    #expect(json.code == 0, "\(json.errors)")
    let comparison: Comparison = try Self.decode(json.output)
    #expect(comparison.agreement && comparison.leftOut.isEmpty)
    let coupling = try #require(comparison.couplings.first { $0.coefficients["c4"] == 6 })
    #expect(coupling.shape == [4, 4])
    #expect(coupling.baseline == "hmc")
    #expect(coupling.samplers.map(\.name) == ["hmc", "ais.2", "smc"])
    #expect(coupling.samplers.map(\.weighted) == [false, true, true])
    let exact = try #require(coupling.exactLogZ)
    for sampler in coupling.samplers {
      #expect(sampler.gradientEvaluations > 1000)
      #expect(Set(sampler.quantities.keys) == ["abs_m", "chi2", "U4", "xi2", "energy", "SD"])
      for number in [sampler.logZ, sampler.logZBennett].compactMap(\.self) {
        let pull = try #require(number.pull)
        #expect(abs(pull) < 4.5, "\(sampler.name) \(number)")
        #expect(abs(pull * number.error - (number.value - exact.value)) < 1e-4)
      }
      guard sampler.name != "hmc" else { continue }
      for (name, number) in sampler.quantities {
        let base = try #require(coupling.samplers[0].quantities[name])
        let pull = try #require(number.pull)
        let error = hypot(number.error, base.error)
        #expect(abs(pull - (number.value - base.value) / error) < 1e-9)
        #expect(try #require(number.costSeconds) > 0)
      }
    }
    #expect(comparison.comparisons == 12 + 3 + 1)
  }

  /// A run whose weights are wrong, one whose fields are, and one that is not complete.
  @Test func disagreementIsAnExitCode() throws {
    let scratch = try Self.prepared()
    try Self.rewrite(scratch("out/run-001-ais"), to: scratch("unweighted")) { name, values in
      name == "log_weight" ? values.map { _ in 0 } : values
    }
    let wrong = try Tool.run(["compare", "out/run-000-hmc", "unweighted"], in: scratch)
    #expect(wrong.code == 1)
    #expect(wrong.output.contains("DISAGREE"))

    try Self.rewrite(scratch("out/run-000-hmc"), to: scratch("shifted")) { name, values in
      name == "hop" ? values.map { 1.2 * $0 } : values
    }
    let shifted = try Tool.run(
      ["compare", "out/run-000-hmc", "shifted", "-q", "energy"], in: scratch)
    #expect(shifted.code == 1)
    #expect(shifted.output.contains("come from the same random numbers"))

    try Self.rewrite(
      scratch("out/run-001-ais"), to: scratch("part"), isComplete: false
    ) { $1 }
    let part = try Tool.run(["compare", "out/run-000-hmc", "part"], in: scratch)
    #expect(part.code == 2)
    #expect(part.output.contains("part: ais: the run is not complete"))
    #expect(part.errors.contains("nothing was compared"))
  }

  static let wrong: [([String], String)] = [
    (["compare", "nowhere"], "nowhere: is neither a sweep, nor a run, nor a packed file"),
    (["compare", "out/run-000-hmc"], "nothing was compared"),
    (["compare", "out", "-q", "chi3"], "has no quantity 'chi3'; there are m, abs_m"),
    (
      ["compare", "out", "--baseline", "mala"],
      "--baseline: there is no complete run of 'mala'; there are ais, hmc, smc"
    ),
    (["reweight", "out/run-000-hmc"], "name couplings to reweight to"),
    (
      ["reweight", "out/run-000-hmc", "--kappa", "0.2"],
      "kappa: is no coupling of the form 'unhalved', which has m2 and lambda"
    ),
    (["reweight", "out/run-000-hmc", "--lambda", "6", "--stop", "1"], "only a run of annealing"),
    (["reweight", "out/run-001-ais", "--lambda", "6", "--stop", "3"], "stop 3: there are stops 1"),
    (["reweight", "out", "--lambda", "6"], "weighted runs are reweighted one at a time"),
    (["reweight", "out/run-000-hmc", "--lambda", "-6"], "lambda and kappa not negative"),
    (["unweight", "out/run-000-hmc", "--output", "x"], "is no run of annealing"),
    (["unweight", "out", "--output", "x"], "out: is a sweep; name one run of it"),
    (["unweight", "out/run-001-ais", "--output", "sweep.yaml"], "sweep.yaml: is there already"),
    (
      ["unweight", "out/run-002-smc", "--output", "x", "--chains", "8"],
      "120 independent populations are too few for 8 chains"
    ),
    (
      ["unweight", "out/run-002-smc", "--output", "x", "--method", "i-sir"],
      "only whole populations are independent proposals; --method imh"
    ),
    (["unweight", "out/run-001-ais", "--output", "x", "--proposals", "3"], "--proposals is for"),
  ]

  @Test func badInputIsTold() throws {
    let scratch = try Self.prepared()
    for (arguments, message) in Self.wrong {
      let result = try Tool.run(arguments, in: scratch)
      #expect(result.code == 2, "\(arguments)")
      #expect(result.errors.contains(message), "\(arguments) said: \(result.errors)")
      #expect(!scratch.exists("x"))
    }
  }

  @Test func tablesShowWeightedRuns() throws {
    let scratch = try Self.prepared()
    let table = try Tool.run(["table", "out"], in: scratch)
    #expect(table.code == 0, "\(table.errors)")
    let lines = table.output.split(separator: "\n").map(String.init)
    #expect(lines[0].contains("log_z"))
    #expect(lines[2].hasPrefix("hmc "))
    #expect(lines[3].hasPrefix("ais at lambda=7 ") && lines[3].contains("  ESS "))
    #expect(lines[4].hasPrefix("ais at lambda=6 "))
    #expect(lines[5].hasPrefix("smc "))
    let all = try Tool.run(["table", "out/run-002-smc", "--all"], in: scratch)
    #expect(all.output.contains("120 populations of 50 walkers, only populations are independent"))
    #expect(all.output.contains("verdict             "))
    let csv = try Tool.run(["table", "out", "--csv", "-q", "chi2"], in: scratch)
    let rows = csv.output.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(rows.count == 5)
    #expect(rows.allSatisfy { $0.count == 10 })
    let unknown = try Tool.run(["table", "out/run-000-hmc", "-q", "log_z"], in: scratch)
    #expect(unknown.code == 2)
  }

  private struct Reweighted: Decodable {
    struct Target: Decodable {
      struct Number: Decodable {
        var value: Double
        var error: Double
      }
      var target: String
      var coefficients: [String: Double]
      var quantities: [String: Number]
      var logZ: Number
      var overlap: Double
      var outcome: String
    }
    var logZIsAbsolute: Bool
    var targets: [Target]
  }

  /// Chains and weighted walkers agree at couplings that neither has sampled, negative ones included.
  @Test func reweightingAgrees() throws {
    let scratch = try Self.prepared()
    let targets = ["--m2", "-4.2", "-3.8", "--lambda", "6.2", "-q", "phi2", "SD", "--json"]
    let results = try ["out/run-000-hmc", "out/run-001-ais"].map { path -> Reweighted in
      let result = try Tool.run(["reweight", path] + targets, in: scratch)
      #expect(result.code == 0, "\(result.errors)")
      return try Self.decode(result.output)
    }
    #expect(results.map(\.logZIsAbsolute) == [false, true])
    for (chains, walkers) in zip(results[0].targets, results[1].targets) {
      #expect(chains.target == walkers.target)
      #expect(chains.overlap > 0.5 && chains.overlap < 1)
      for (name, number) in chains.quantities {
        let other = try #require(walkers.quantities[name])
        let pull = (number.value - other.value) / hypot(number.error, other.error)
        #expect(abs(pull) < 4.5, "\(chains.target) \(name): \(number) \(other)")
      }
    }
    #expect(results[0].targets.map(\.target) == ["m2=-4.2 lambda=6.2", "m2=-3.8 lambda=6.2"])
    #expect(results[0].targets.map { $0.coefficients["c4"] } == [6.2, 6.2])
    let text = try Tool.run(
      ["reweight", "out/run-000-hmc", "--lambda", "6", "60"], in: scratch)
    #expect(text.code == 0)
    #expect(text.output.contains("lambda=60: goes TOO FAR; untrustworthy"))
  }

  @Test func unweightedRunsAreChains() throws {
    let scratch = try Self.prepared()
    for (arguments, output) in [
      (["out/run-001-ais"], "imh"), (["out/run-002-smc", "--seed", "2"], "pimh"),
      (["out/run-001-ais", "--method", "i-sir", "--proposals", "4", "--stop", "1"], "isir.h5"),
    ] {
      let result = try Tool.run(["unweight"] + arguments + ["--output", output], in: scratch)
      #expect(result.code == 0, "\(result.errors)")
      #expect(try Tool.run(["verify", output], in: scratch).code == 0)
      #expect(!scratch.exists("\(output).parts"))
    }
    let table = try Tool.run(["table", "imh", "isir.h5", "pimh"], in: scratch)
    #expect(table.code == 0, "\(table.errors)")
    #expect(table.output.contains("ais lambda=6 imh"))
    #expect(table.output.contains("ais lambda=7 i-sir"))
    let compare = try Tool.run(["compare", "out/run-000-hmc", "imh", "pimh"], in: scratch)
    #expect(compare.code == 0, "\(compare.output)")
  }
}
