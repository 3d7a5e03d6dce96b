// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Sweeps
import Testing

@Suite struct RunDiagnosticsTests {
  private static func diagnostics(_ sampler: String, lambda: Double) throws -> RunDiagnostics {
    let text = """
      seed: 2
      output: nowhere
      theory: {name: phi4, parametrisation: unhalved, m2: -4, lambda: \(lambda)}
      lattice: {extents: [12, 12]}
      samplers: [{method: hmc, \(sampler), trajectories: 2000, thermalisation: 300}]
      """
    let run = try SweepDefinition(parsing: text, fileName: "test.yaml").runs[0]
    let ensemble = MemoryEnsemble(layout: run.layout(title: "", sweepText: ""))
    _ = try MarkovChainRunner(
      #require(run.chainRun), writer: ensemble, from: nil, workers: Workers(2)
    )
    .carryOut()
    return try RunDiagnostics(ensemble, quantities: run.quantities)
  }

  /// Deep in the broken phase plain HMC keeps the sign that each chain began with, and the run says
  /// so; with cluster updates, or in the symmetric phase, it has nothing to say.
  @Test func wellsAreTold() throws {
    let frozen = try Self.diagnostics("cluster: 0", lambda: 3)
    #expect(frozen.signChanges == 0)
    #expect(frozen.warnings.contains { $0.hasPrefix("chains sit in different wells") })
    for (sampler, lambda) in [("cluster: 1", 3.0), ("cluster: 0", 7.0)] {
      let free = try Self.diagnostics(sampler, lambda: lambda)
      #expect(free.warnings.isEmpty)
      #expect(try #require(free.signChanges) > 10)
      #expect(free.thermalisationOutcome == .thermalised)
      let identity = try #require(free.schwingerDyson)
      #expect(abs(identity.value - 1) < 4 * identity.error)
      let balance = try #require(free.acceptanceBalance)
      #expect(abs(balance.value) < 4 * balance.error)
      #expect(try #require(free.reversibility) < 1e-12)
    }
  }

  /// A chain that never moves is told, whatever the others do.
  @Test func stuckChainsAreTold() throws {
    let stuck = try Self.diagnostics("tune: false, steps: 1, length: 3", lambda: 7)
    #expect(try #require(stuck.acceptance) < 0.2)
    #expect(stuck.warnings.contains { $0.hasPrefix("acceptance is only") })
    #expect(stuck.thermalisationOutcome != .thermalised)
  }
}
