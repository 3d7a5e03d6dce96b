// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Observables
import Statistics
import Sweeps
import TensorRenormalisation
import Testing

/// All the ways to one number: φ⁴ theory on a torus of 16x16 in the symmetric phase, near its critical
/// coupling and in the broken phase, sampled and reweighted by everything that there is.
///
/// HMC with Wolff clusters is the reference. Annealing with and without resampling, several runs of
/// HMC pooled at the coupling between them, and chains made of weighted walkers must agree with it, and
/// log Z with tensor renormalisation, which knows nothing of any of this.
@Suite(.serialized) struct AgreementTests {
  /// A coupling and the efforts it takes.
  struct Point: Sendable, CustomTestStringConvertible {
    var phase: String
    var coupling: Double
    /// Couplings whose runs are pooled.
    var neighbours: [Double]
    /// Steps along the path, without resampling and with it.
    var steps: Int
    var resampledSteps: Int

    var testDescription: String { phase }
  }

  static let points = [
    Point(
      phase: "symmetric", coupling: 5.2, neighbours: [5.1, 5.3], steps: 400, resampledSteps: 300),
    Point(
      phase: "near-critical", coupling: 4.4, neighbours: [4.3, 4.5], steps: 800, resampledSteps: 600
    ),
    Point(
      phase: "broken", coupling: 3.8, neighbours: [3.7, 3.9], steps: 1600, resampledSteps: 600),
  ]

  static let names = ComparedNames(["abs_m", "chi2", "U4", "energy", "action"], isRequired: true)
  /// In combined standard errors.
  static let bound = 4.0
  static let massSquared = -4.0
  static let extents = [16, 16]

  /// Carries out one run of a sweep file, as the tool would, in memory.
  static func run(_ sampler: String, coupling: Double) throws -> MemoryEnsemble {
    let text = """
      seed: 16
      output: nowhere
      theory: {name: phi4, parametrisation: unhalved, m2: \(massSquared), lambda: \(coupling)}
      lattice: {extents: \(extents)}
      samplers: [{\(sampler)}]
      measure: {observables: [moments]}
      """
    let specification = try SweepDefinition(parsing: text, fileName: "agreement.yaml").runs[0]
    let memory = MemoryEnsemble(layout: specification.layout(title: "", sweepText: ""))
    if let chains = specification.chainRun {
      let runner = try MarkovChainRunner(chains, writer: memory, from: nil, workers: Workers(2))
      #expect(try runner.carryOut() == .complete)
    } else {
      let annealing = try #require(specification.annealingRun)
      let runner = try AnnealingRunner(
        annealing, writer: memory, from: nil, workers: Workers(2))
      #expect(try runner.carryOut() == .complete)
    }
    return memory
  }

  static func chains(_ coupling: Double, trajectories: Int) throws -> MemoryEnsemble {
    try run(
      "method: hmc, cluster: 1, chains: 8, trajectories: \(trajectories), thermalisation: 200",
      coupling: coupling)
  }

  static func result(_ ensemble: MemoryEnsemble) throws -> SamplerResult {
    try #require(
      try SamplerResult.all(ensemble, path: "memory", label: "", quantities: names).last)
  }

  /// Every quantity agrees with the reference, and both errors can be trusted; `untrustworthy` errors
  /// are allowed and not compared.
  private static func expectAgreement(
    _ quantities: [ComparedQuantity], with reference: SamplerResult, _ what: String,
    untrustworthy: Int = 0
  ) throws {
    #expect(quantities.map(\.name) == names.names, "\(what)")
    let doubtful = quantities.filter { !$0.isTrustworthy }
    #expect(doubtful.count <= untrustworthy, "\(what): \(doubtful.map(\.name))")
    for quantity in quantities where quantity.isTrustworthy {
      let known = try #require(reference.quantity(quantity.name))
      let difference = QuantityDifference(quantity, minus: known)
      let words = "\(what) \(quantity.name): \(quantity.uncertain), HMC \(known.uncertain)"
      record(words, difference.pull)
      #expect(known.isTrustworthy, "\(words)")
      #expect(abs(difference.pull) < bound, "\(words)")
    }
  }

  private static func expectAgreement(
    _ logNormalizer: ComparedQuantity?, with exact: TorusPartition, _ what: String,
    largestError: Double
  ) throws {
    let found = try #require(logNormalizer)
    let error = (found.error * found.error + exact.truncationError * exact.truncationError)
      .squareRoot()
    let pull = (found.value - exact.logNormalizer) / error
    let words = "\(what) log Z: \(found.uncertain), exact \(exact.logNormalizer)"
    record(words, pull)
    #expect(abs(pull) < bound, "\(words)")
    #expect(found.error < largestError, "\(words)")
  }

  /// Prints what is compared if the environment has AGREEMENT_TABLE.
  private static func record(_ words: String, _ pull: Double) {
    guard ProcessInfo.processInfo.environment["AGREEMENT_TABLE"] != nil else { return }
    print(words + String(format: "  pull %+.2f", pull))
  }

  private static func exact(_ coupling: Double) throws -> TorusPartition {
    try TensorRenormalisation(
      couplings: .unhalved(massSquared: massSquared, coupling: coupling), extents: extents
    ).logZ(tolerance: 1e-3, largestBondDimension: 24)
  }

  @Test(arguments: points) func everythingAgrees(point: Point) throws {
    let coupling = point.coupling
    let reference = try Self.result(Self.chains(coupling, trajectories: 4000))
    let exact = try Self.exact(coupling)

    let annealed = try Self.run(
      "method: ais, transition: hmc, steps: 3, origin: free, origin_m2: 0.5, "
        + "walkers: 400, populations: 8, path_steps: \(point.steps), pilot: 64",
      coupling: coupling)
    let ais = try Self.result(annealed)
    #expect(ais.warnings.isEmpty, "\(ais.warnings)")
    try Self.expectAgreement(ais.quantities, with: reference, "AIS")
    try Self.expectAgreement(ais.logNormalizer, with: exact, "AIS", largestError: 0.1)

    let resampled = try Self.run(
      "method: smc, transition: hmc, steps: 3, origin: free, origin_m2: 0.5, "
        + "walkers: 60, populations: 24, path_steps: \(point.resampledSteps), pilot: 64",
      coupling: coupling)
    let smc = try Self.result(resampled)
    #expect(smc.warnings.isEmpty, "\(smc.warnings)")
    try Self.expectAgreement(smc.quantities, with: reference, "SMC")
    try Self.expectAgreement(smc.logNormalizer, with: exact, "SMC", largestError: 0.1)

    for method in [Unweighting.Method.metropolis, .iteratedResampling(proposals: 2)] {
      let unweighting = try Unweighting(annealed, method: method, chains: 4)
      let chains = MemoryEnsemble(layout: try unweighting.layout(source: "memory"))
      try unweighting.carryOut(into: chains)
      // Chains of some hundred iterations: now and then one is too short against its τ_int.
      try Self.expectAgreement(
        try Self.result(chains).quantities, with: reference, unweighting.name, untrustworthy: 2)
    }

    let neighbours = try point.neighbours.map { try Self.chains($0, trajectories: 1500) }
    let reweighting = try Reweighting(neighbours, quantities: Self.names)
    let target = try CouplingTargets(
      massSquared: [], coupling: [coupling], kappa: [],
      parametrisation: try #require(reweighting.parametrisation), sources: reweighting.sources,
      dimensions: 2
    ).targets[0]
    let pooled = try reweighting.result(
      at: Phi4Couplings(target.couplings, dimensions: 2).coefficients)
    try Self.expectAgreement(pooled.quantities, with: reference, "MBAR")
    // From chains log Z is that of the target against the first run.
    var ratio = try #require(pooled.logNormalizer)
    let first = try Self.exact(point.neighbours[0])
    ratio.value += first.logNormalizer
    try Self.expectAgreement(ratio, with: exact, "MBAR", largestError: 0.1)
  }
}
