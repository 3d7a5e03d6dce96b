// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import Statistics
import Sweeps
import Testing

/// Averages at other couplings and chains made of weighted walkers, against exact free fields.
@Suite(.serialized) struct ReweightingTests {
  typealias Fields = ComparisonTests

  private static func expectExact(
    _ result: ReweightedResult, massSquared: Double, logZ: Double, _ comment: String
  ) throws {
    let exact = Fields.exact(massSquared)
    #expect(result.quantities.map(\.name) == Fields.names.names)
    for quantity in result.quantities {
      let value = try #require(exact[quantity.name])
      let pull = (quantity.value - value) / quantity.error
      #expect(abs(pull) < 4.5, "\(comment) \(quantity.name): \(quantity.uncertain), \(value)")
    }
    let found = try #require(result.logNormalizer)
    #expect(
      abs(found.value - logZ) <= 4.5 * found.error + 1e-12, "\(comment) log Z: \(found.uncertain)")
  }

  private static func targets(
    _ reweighting: Reweighting, massSquared: [Double]
  ) throws -> [Phi4Couplings.Coefficients] {
    try CouplingTargets(
      massSquared: massSquared, coupling: [], kappa: [],
      parametrisation: try #require(reweighting.parametrisation), sources: reweighting.sources,
      dimensions: 2
    ).targets.map { Phi4Couplings($0.couplings, dimensions: 2).coefficients }
  }

  @Test func oneRun() throws {
    let run = try StoredRuns.exactChains(Fields.field(1), chains: 4, count: 4000, seed: 41)
    let reweighting = try Reweighting([run], quantities: Fields.names)
    let masses = [1.0, 0.9, 1.3]
    for (mass, target) in zip(masses, try Self.targets(reweighting, massSquared: masses)) {
      let result = try reweighting.result(at: target)
      try Self.expectExact(
        result, massSquared: mass,
        logZ: Fields.field(mass).logNormalizer - Fields.field(1).logNormalizer, "one run")
      #expect(result.verdict.outcome == .trustworthy)
      #expect((result.overlap.value == 1) == (mass == 1))
    }
    // Where weights have no variance left the verdict says so: <w^2> of the softest mode diverges.
    let far = try reweighting.result(at: Self.targets(reweighting, massSquared: [0.05])[0])
    #expect(far.verdict.outcome != .trustworthy)
    #expect(far.quantities.allSatisfy { !$0.isTrustworthy })
  }

  @Test func severalRuns() throws {
    let masses = [0.7, 1.2, 2.0]
    let runs = try masses.enumerated().map { index, mass in
      try StoredRuns.exactChains(
        Fields.field(mass), chains: 3, count: 1000, seed: UInt64(51 + index))
    }
    let reweighting = try Reweighting(runs, quantities: Fields.names)
    let wanted = [0.7, 0.95, 1.6, 2.0]
    for (mass, target) in zip(wanted, try Self.targets(reweighting, massSquared: wanted)) {
      let result = try reweighting.result(at: target)
      try Self.expectExact(
        result, massSquared: mass,
        logZ: Fields.field(mass).logNormalizer - Fields.field(0.7).logNormalizer, "several runs")
      #expect(result.verdict.outcome == .trustworthy)
    }
    // A coupling in which the runs differ must be named.
    #expect(throws: EnsembleError.self) {
      try CouplingTargets(
        massSquared: [], coupling: [0.1], kappa: [], parametrisation: "continuum",
        sources: reweighting.sources, dimensions: 2)
    }
  }

  /// There are no averages where exp(-S) has no integral, however even the weights look.
  @Test(arguments: [0, -0.1]) func unboundedActionsAreRefused(massSquared: Double) throws {
    let run = try StoredRuns.exactChains(Fields.field(1), chains: 4, count: 50, seed: 41)
    let reweighting = try Reweighting([run], quantities: Fields.names)
    #expect(throws: EnsembleError.self) {
      try Self.targets(reweighting, massSquared: [massSquared])
    }
  }

  /// One run given twice is not twice as many configurations.
  @Test func oneRunTwiceIsRefused() throws {
    let run = try StoredRuns.chains(Fields.target.phi4, chains: 2, trajectories: 200, seed: 5)
    #expect(throws: EnsembleError.self) { try Reweighting([run, run], quantities: Fields.names) }
  }

  @Test(arguments: [false, true]) func weightedWalkers(resampled: Bool) throws {
    let run = try Fields.annealing(resampled: resampled, seed: 61, populations: 16)
    for (stop, masses) in [(1, [1.4, 1.8]), (2, [0.8])] {
      let reweighting = try Reweighting([run], stop: stop, quantities: Fields.names)
      for (mass, target) in zip(masses, try Self.targets(reweighting, massSquared: masses)) {
        try Self.expectExact(
          try reweighting.result(at: target), massSquared: mass,
          logZ: Fields.field(mass).logNormalizer, "weighted")
      }
    }
    #expect(throws: EnsembleError.self) { try Reweighting([run], stop: 3) }
    #expect(throws: EnsembleError.self) { try Reweighting([run, run]) }
  }

  /// Couplings of each form come back from their coefficients, and others are refused.
  @Test func couplingsOfEachForm() throws {
    let forms: [(Phi4Couplings.Parametrisation, Double, Double)] = [
      (.unhalved(massSquared: -4, coupling: 4.5), -4, 4.5),
      (.continuum(massSquared: -0.3, coupling: 1.2), -0.3, 1.2),
      (.hopping(kappa: 0.24, coupling: 0.5), 0.24, 0.5),
    ]
    for (form, first, second) in forms {
      let isHopping = form.name == "hopping"
      let source = Phi4Couplings(form, dimensions: 3).coefficients
      let targets = try CouplingTargets(
        massSquared: isHopping ? [] : [first, first + 1], coupling: [],
        kappa: isHopping ? [first, first + 1] : [], parametrisation: form.name,
        sources: [source], dimensions: 3
      ).targets
      #expect(targets.count == 2)
      let back = Phi4Couplings(targets[0].couplings, dimensions: 3).coefficients
      #expect(abs(back.hopping - source.hopping) < 1e-14)
      #expect(abs(back.quadratic - source.quadratic) < 1e-14)
      #expect(abs(back.quartic - second * (form.name == "continuum" ? 1 / 24.0 : 1)) < 1e-14)
      let wrong = { () throws in
        _ = try CouplingTargets(
          massSquared: isHopping ? [1] : [], coupling: [], kappa: isHopping ? [] : [1],
          parametrisation: form.name, sources: [source], dimensions: 3)
      }
      #expect(throws: EnsembleError.self) { try wrong() }
    }
  }

  static let methods: [(Unweighting.Method, Bool)] = [
    (.metropolis, false), (.iteratedResampling(proposals: 4), false), (.metropolis, true),
  ]

  /// Chains without weights have the exact averages, within errors that know their autocorrelation.
  @Test(arguments: methods) func unweightedChains(
    method: Unweighting.Method, resampled: Bool
  ) throws {
    let run = try Fields.annealing(
      resampled: resampled, seed: 71, populations: resampled ? 600 : 16,
      walkers: resampled ? 10 : 500)
    for (stop, mass) in [(1, 1.6), (2, 0.7)] {
      let unweighting = try Unweighting(run, stop: stop, method: method)
      let layout = try unweighting.layout(source: "memory")
      let chains = MemoryEnsemble(layout: layout)
      try unweighting.carryOut(into: chains)
      #expect(chains.isComplete)
      #expect(try chains.rows(of: TableName.observables) == Array(1...unweighting.length))
      let result = try Fields.results(chains)[0]
      #expect(!result.isWeighted)
      #expect(result.method == (resampled ? "pimh" : method == .metropolis ? "imh" : "i-sir"))
      let exact = Fields.exact(mass)
      for quantity in result.quantities {
        let value = try #require(exact[quantity.name])
        let pull = (quantity.value - value) / quantity.error
        #expect(abs(pull) < 4.5, "\(quantity.name) at \(mass): \(quantity.uncertain), \(value)")
      }
      // No walker serves two chains, and the recorded acceptance is that of the iterations.
      let walker = try chains.values(of: "walker", in: "independence")
      let population = try chains.values(of: "population", in: "independence")
      var owners: [[Double]: Int] = [:]
      for index in walker.indices {
        let chain = index / unweighting.length
        let key = [population[index], walker[index]]
        #expect(owners[key, default: chain] == chain)
        owners[key] = chain
      }
      #expect(unweighting.acceptance > 0.2 && unweighting.acceptance <= 1)
      // What the way there has cost goes with the chains.
      let cost = try Fields.results(run)[stop - 1].cost
      #expect(result.cost?.gradientEvaluations == cost?.gradientEvaluations)
    }
  }

  @Test func tooFewPopulations() throws {
    let run = try Fields.annealing(resampled: true, seed: 81)
    let error = #expect(throws: EnsembleError.self) {
      try Unweighting(run, method: .metropolis)
    }
    #expect(error?.description.contains("8 independent populations are too few") == true)
    #expect(throws: EnsembleError.self) {
      try Unweighting(run, method: .iteratedResampling(proposals: 4))
    }
    let chains = try StoredRuns.exactChains(Fields.field(1), chains: 2, count: 20, seed: 1)
    #expect(throws: EnsembleError.self) { try Unweighting(chains, method: .metropolis) }
  }
}
