// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// Drifts with a network from the sweep file to log Z.
@Suite(.serialized) struct NetworkTests {
  private static func sweep(_ more: String) -> String {
    """
    seed: 21
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -1, lambda: 0.8}
    lattice: {extents: [4, 4]}
    samplers:
      - method: nets
        path_steps: 25
        walkers: 500
        populations: 4
        training_walkers: 300
        training_slices: 12
        network: convolution
        channels: 4
        gradient_walkers: 16
        gradient_slices: 6
    \(more.split(separator: ", ").map { "    \($0)" }.joined(separator: "\n"))
    checkpoint: {seconds: 0.02}

    """
  }

  private struct Exact: Decodable {
    var logZ: Double
  }

  /// A network that was trained well, and one that a far too large rate has spoilt: the weights of both
  /// are exact.
  @Test(arguments: [
    ("iterations: 80", 0.99...1.0), ("iterations: 6, learning_rate: 0.13", 0.5...0.98),
  ]) func weightsAreExact(training: String, fractions: ClosedRange<Double>) throws {
    let scratch = try Scratch()
    try scratch.write(Self.sweep(training), to: "net.yaml")
    let run = try Tool.run(["run", "net.yaml"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let logZ = try Tool.run(
      ["logz", "--extents", "4", "4", "--m2=-1", "--lambda", "0.8", "--json"], in: scratch)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let exact = try #require(decoder.decode([Exact].self, from: Data(logZ.output.utf8)).first)
    let reader = try HDF5EnsembleReader(scratch("out/run-000-nets"))
    func number(_ name: String) throws -> Double {
      switch reader.attributes(of: "diagnostics")[name] {
      case .real(let value)?: return value
      case .reals(let values)?: return try #require(values.last)
      default:
        Issue.record("no \(name)")
        return .nan
      }
    }
    let (value, error) = (try number("log_z"), try number("log_z_error"))
    #expect(error > 0 && error < 0.02)
    #expect(abs(value - exact.logZ) < 4.5 * error, "\(value) +- \(error), exact \(exact.logZ)")
    let fraction = try number("ess")
    #expect(fractions.contains(fraction), "\(fraction)")
  }

  @Test func killsInTheTrainingCostNothing() throws {
    let text = Self.sweep("iterations: 400, layers: 1")
    let (whole, scratch) = (try Scratch(), try Scratch())
    try whole.write(text, to: "net.yaml")
    let train = try Tool.run(["train", "net.yaml", "--threads", "1"], in: whole)
    #expect(train.code == 0 && train.errors.contains("nets: trained in "), "\(train.errors)")
    try scratch.write(text, to: "net.yaml")
    let folder = "out/drift-000-nets"
    var inside: Set<Int> = []
    for kill in 0..<20 where inside.count < 3 {
      let tool = try RunningTool(
        ["train", "net.yaml", "--threads", "\(1 + kill % 2)"], in: scratch)
      Thread.sleep(forTimeInterval: 0.25 + 0.05 * Double(kill))
      tool.signal(SIGKILL)
      if try tool.finish().code == 0 { break }
      guard scratch.exists(folder + "/run.h5") else { continue }
      let reader = try HDF5EnsembleReader(scratch(folder))
      if !reader.isComplete, let iteration = try reader.restart().integers["iteration"] {
        inside.insert(iteration)
      }
    }
    #expect(inside.count >= 2, "\(inside)")
    let rest = try Tool.run(["train", "net.yaml"], in: scratch)
    #expect(rest.code == 0, "\(rest.errors)")
    #expect(try RunBits(scratch(folder)) == RunBits(whole(folder)))
  }

  @Test func aPackedNetworkIsHandedOn() throws {
    let scratch = try Scratch()
    let text = Self.sweep("iterations: 5")
    try scratch.write(text, to: "net.yaml")
    #expect(try Tool.run(["plan", "net.yaml"], in: scratch).code == 0)
    #expect(try Tool.run(["train", "net.yaml"], in: scratch).code == 0)
    #expect(try Tool.run(["pack", "out/drift-000-nets", "drift.h5"], in: scratch).code == 0)
    #expect(try Tool.run(["verify", "drift.h5", "out"], in: scratch).code == 0)
    let inspect = try Tool.run(["inspect", "drift.h5"], in: scratch)
    for word in [
      "a trained drift", "convolution", "residual_spectral", "learning_rate", "/refinement",
    ] {
      #expect(inspect.output.contains(word), "\(word)")
    }
    let given = """
      seed: 4
      output: other
      theory: {name: phi4, parametrisation: unhalved, m2: -1, lambda: 0.8}
      lattice: {extents: [4, 4]}
      samplers: [{method: nets, path_steps: 10, walkers: 100, populations: 2, drift: drift.h5}]

      """
    try scratch.write(given, to: "other.yaml")
    let run = try Tool.run(["run", "other.yaml"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let reader = try HDF5EnsembleReader(scratch("other/run-000-nets"))
    guard case .integer(let count)? = reader.attributes(of: "drift")["parameters"] else {
      Issue.record("the run does not tell of the network")
      return
    }
    #expect(count > 0)
    try scratch.write(given.replacing("lambda: 0.8", with: "lambda: 0.9"), to: "wrong.yaml")
    let refused = try Tool.run(["run", "wrong.yaml", "--output", "new"], in: scratch)
    #expect(refused.code == 2 && !scratch.exists("new"))
    #expect(
      refused.errors.contains("the drift was trained with theory.lambda = 0.8, which is 0.9"),
      "\(refused.errors)")
  }
}
