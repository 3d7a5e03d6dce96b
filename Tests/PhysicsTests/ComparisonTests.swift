// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import Observables
import Statistics
import Sweeps
import Testing

/// Samplers side by side, on free fields where everything is known.
@Suite(.serialized) struct ComparisonTests {
  static let lattice = Lattice(extents: [4, 3])
  static func field(_ massSquared: Double) -> FreeField {
    FreeField(lattice: lattice, couplings: .continuum(massSquared: massSquared, coupling: 0))
  }
  static let origin = field(3)
  static let middle = field(1.6)
  static let target = field(0.7)
  static let names = ComparedNames(
    ["abs_m", "chi2", "U4", "xi2", "energy", "phi2", "SD", "action"], isRequired: true)

  static func annealing(
    resampled: Bool = false, seed: UInt64, populations: Int = 8, walkers: Int = 250,
    falsify: @escaping @Sendable (Double) -> Double = { $0 }
  ) throws -> MemoryEnsemble {
    try StoredRuns.annealing(
      StoredRuns.Annealing(
        origin: origin, stops: [middle.phi4, target.phi4], walkers: walkers,
        populations: populations, isResampled: resampled, seed: seed,
        name: resampled ? "smc" : "ais", falsify: falsify))
  }

  static func results(_ reader: any EnsembleReader) throws -> [SamplerResult] {
    try SamplerResult.all(reader, path: "memory", label: "", quantities: names)
  }

  /// The exact averages of a free field.
  static func exact(_ massSquared: Double) -> [String: Double] {
    var values = ReferencePoint.freeField(lattice.extents, massSquared: massSquared)
      .values.mapValues(\.value)
    (values["SD"], values["U4"]) = (1, 0)
    // m is Gaussian: <|m|> = sqrt(2 <m^2> / pi).
    values["abs_m"] = (2 * (values["m2"] ?? .nan) / Double.pi).squareRoot()
    return values
  }

  /// Each stop gives the averages of its own theory and its log Z, with walkers as independent units,
  /// and with whole populations after resampling.
  @Test(arguments: [false, true]) func stopsGiveExactAverages(resampled: Bool) throws {
    let ensemble = try Self.annealing(resampled: resampled, seed: 3, populations: 16)
    let annealing = try StoredAnnealing(ensemble)
    #expect(annealing.isResampled == resampled)
    #expect(annealing.stops.map(\.time) == [0.5, 1])
    for (index, mass) in [1.6, 0.7].enumerated() {
      let stop = try annealing.stop(index)
      #expect(stop.weights.count == 16 * 250)
      #expect(stop.weights.units == (resampled ? 16 : 16 * 250))
      let logZ = stop.logNormalizer
      let exactLogZ = Self.field(mass).logNormalizer
      #expect(abs(logZ.value - exactLogZ) < 4.5 * logZ.error)
      #expect(logZ.error < 0.05)
    }
    let results = try Self.results(ensemble)
    #expect(results.map(\.stop) == [1, 2])
    for (result, mass) in zip(results, [1.6, 0.7]) {
      let exact = Self.exact(mass)
      #expect(result.quantities.map(\.name) == Self.names.names)
      for quantity in result.quantities {
        let value = try #require(exact[quantity.name])
        let pull = (quantity.value - value) / quantity.error
        #expect(abs(pull) < 4.5, "\(quantity.name) at \(mass): \(quantity.uncertain), \(value)")
        #expect(quantity.error > 0 && quantity.error < 0.1 * max(1, abs(value)))
      }
      let known = try #require(result.effectiveSize)
      #expect(known.count == 16 * 250)
      #expect(known.samples.value > 500 && known.samples.value < 4000)
      if resampled {
        // The error of |m| is that of at least so many independent fields: var |m| = (π/2 − 1) ⟨|m|⟩².
        let mean = try #require(exact["abs_m"])
        let error = try #require(result.quantity("abs_m")).error
        #expect(known.samples.value * error * error < 1.25 * (Double.pi / 2 - 1) * mean * mean)
      }
    }
    // The first stop is half of the way: half of the evaluations, and the pilot in both.
    let forces = try ensemble.values(of: "n_force", in: StoredAnnealing.table).reduce(0, +)
    #expect(results[0].cost?.gradientEvaluations == 1000 + forces / 2)
    #expect(results[1].cost?.gradientEvaluations == 1000 + forces)
    #expect(abs((results[1].cost?.seconds ?? 0) - (16 * 0.5 + 0.25)) < 1e-12)
  }

  /// HMC, annealing with and without resampling, and exact samples all agree; each result stands at
  /// the coupling where it belongs.
  @Test func samplersAgree() throws {
    let runs = [
      try Self.annealing(seed: 11), try Self.annealing(resampled: true, seed: 12),
      try StoredRuns.chains(Self.target.phi4, trajectories: 1000, seed: 13),
      try StoredRuns.chains(Self.target.phi4, trajectories: 1000, seed: 14, name: "again"),
      try StoredRuns.exactChains(Self.middle, chains: 4, count: 500, seed: 15),
    ]
    let comparison = Comparison(try runs.flatMap { try Self.results($0) })
    #expect(comparison.couplings.count == 2)
    #expect(comparison.couplings[0].names == ["exact 15", "ais.1", "smc.1"])
    #expect(comparison.couplings[1].names == ["hmc", "ais.2", "smc.2", "again"])
    #expect(comparison.couplings.allSatisfy { $0.hasBaseline })
    // 8 quantities of each sampler but the baseline, and log Z of all weighted ones but one.
    #expect(comparison.differences.count == 5 * 8 + 2)
    #expect(comparison.isInAgreement, "\(comparison.verdict)")
    #expect(comparison.differences.allSatisfy { abs($0.pull) < 4.5 })
    let last = comparison.couplings[1]
    let cost = try #require(last.costAtEqualError(of: 1, "chi2"))
    let (mine, base) = (last.results[1], last.results[0])
    let errors = try #require(mine.quantity("chi2")).error / #require(base.quantity("chi2")).error
    let expected =
      errors * errors * (try #require(mine.cost).seconds / #require(base.cost).seconds)
    #expect(abs(cost.seconds / expected - 1) < 1e-12)
    // Baselines can be chosen; one that is nowhere leaves quantities uncompared.
    let chosen = Comparison(try runs.flatMap { try Self.results($0) }, baseline: "again")
    #expect(chosen.couplings[1].names[0] == "again")
    #expect(!chosen.couplings[0].hasBaseline)
    #expect(chosen.notes.contains { $0.contains("no baseline") })
  }

  /// The evaluations of a run of HMC are all counted: those of its trajectories and, from the step
  /// size of each update, those of thermalisation.
  @Test func costCountsThermalisation() throws {
    let run = try StoredRuns.chains(Self.target.phi4, chains: 3, trajectories: 50, seed: 2)
    let cost = try #require(try Self.results(run)[0].cost)
    let late = try run.values(of: "n_force", in: "hmc").reduce(0, +)
    let sizes = try run.values(of: "step_size", in: TableName.thermalisation)
    #expect(sizes.count == 3 * 300)
    let early = sizes.reduce(0.0) { $0 + max(1, (1.2 / $1).rounded()) * 2 + 1 }
    #expect(cost.gradientEvaluations == late + early)
    let seconds = try run.values(of: "update_s", in: TableName.timing).reduce(0, +)
    #expect(abs(cost.seconds - seconds * (late + early) / late) < 1e-12 * seconds * 10)
  }

  /// Weights that are wrong are found out: those that leave the work out, and those that exaggerate.
  @Test(arguments: [0.0, 2.0]) func falsifiedWeightsAreFoundOut(factor: Double) throws {
    let runs: [any EnsembleReader] = [
      try StoredRuns.chains(Self.target.phi4, trajectories: 1000, seed: 21),
      try StoredRuns.annealing(
        StoredRuns.Annealing(
          origin: Self.origin, stops: [Self.target.phi4], steps: 2, walkers: 1000,
          populations: 4, seed: 22, falsify: { factor * $0 })),
      try StoredRuns.annealing(
        StoredRuns.Annealing(
          origin: Self.origin, stops: [Self.target.phi4], steps: 20, walkers: 1000,
          populations: 4, seed: 23, name: "right")),
    ]
    let comparison = Comparison(try runs.flatMap { try Self.results($0) })
    #expect(!comparison.isInAgreement)
    let coupling = comparison.couplings[0]
    #expect(coupling.difference(of: 1).map(comparison.disagrees) == true)
    #expect(coupling.difference(of: 2).map(comparison.disagrees) != true)
    #expect(comparison.verdict.contains { $0.hasPrefix("ais: log_z is") })
    #expect(comparison.verdict.last?.hasPrefix("1 of the samplers above DISAGREE.") == true)
  }

  /// Between ensembles of exact samples pulls have variance 1, and the overall probability is uniform
  /// although the quantities are strongly correlated and one determines another.
  @Test func pullsAndOverallProbabilities() throws {
    let results = try (0..<120).flatMap { seed in
      try Self.results(
        try StoredRuns.exactChains(Self.target, chains: 4, count: 200, seed: UInt64(100 + seed)))
    }
    var pulls: [Double] = []
    var probabilities: [Double] = []
    for pair in 0..<60 {
      let comparison = Comparison(Array(results[2 * pair..<2 * pair + 2]))
      let difference = try #require(comparison.couplings[0].differences.first)
      pulls += difference.judged.map(\.pull)
      let overall = try #require(difference.overall)
      // The action of a free field is half its Schwinger-Dyson identity.
      #expect(overall.degreesOfFreedom == Self.names.names.count - 1)
      probabilities.append(overall.probability)
    }
    let square = pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)
    // 60 pairs of about 4 independent numbers: 1 with an error of sqrt(2/240).
    #expect(abs(square - 1) < 0.4, "\(square)")
    // The mean of 60 uniforms is 1/2 with an error of 1/sqrt(720); 15 of 60 are below 1/4.
    let mean = probabilities.reduce(0, +) / 60
    #expect(abs(mean - 0.5) < 4.5 / 720.0.squareRoot(), "\(mean)")
    let low = probabilities.count { $0 < 0.25 }
    #expect(abs(Double(low) - 15) < 4.5 * (60 * 0.25 * 0.75).squareRoot(), "\(low)")
  }

  /// The same between weighted walkers and exact samples.
  @Test func overallProbabilitiesOfWeightedWalkers() throws {
    var squares = 0.0
    var probabilities: [Double] = []
    let pairs = 40
    for pair in 0..<pairs {
      let walkers = try StoredRuns.annealing(
        StoredRuns.Annealing(
          origin: Self.origin, stops: [Self.target.phi4], steps: 12, walkers: 400,
          populations: 2, seed: UInt64(1000 + pair)))
      let exact = try StoredRuns.exactChains(
        Self.target, chains: 4, count: 400, seed: UInt64(2000 + pair))
      let comparison = Comparison(try Self.results(exact) + Self.results(walkers))
      let difference = try #require(comparison.couplings[0].differences.first)
      let energy = try #require(difference.difference("energy"))
      squares += energy.pull * energy.pull
      let overall = try #require(difference.overall)
      probabilities.append(overall.probability)
    }
    // chi2 with 40 degrees of freedom over 40, error sqrt(2/40).
    #expect(abs(squares / Double(pairs) - 1) < 4.5 * (2 / Double(pairs)).squareRoot(), "\(squares)")
    let mean = probabilities.reduce(0, +) / Double(pairs)
    #expect(abs(mean - 0.5) < 4.5 / (12 * Double(pairs)).squareRoot(), "\(mean)")
    #expect(probabilities.count { $0 < 0.25 } <= 22, "\(probabilities.sorted())")
  }

  /// Differences of given numbers: combined errors, and Student's t where errors are uncertain.
  @Test func differencesOfGivenNumbers() {
    let a = ComparedQuantity(name: "x", value: 1.5, error: 0.3)
    let b = ComparedQuantity(name: "x", value: 1.0, error: 0.4)
    let normal = QuantityDifference(a, minus: b)
    #expect(abs(normal.pull - 1) < 1e-15)
    #expect(abs(normal.probability - 0.31731050786291415) < 1e-12)
    // |t| > 3 with 7 degrees of freedom: 0.01994.
    let few = ComparedQuantity(name: "x", value: 3, error: 1, degreesOfFreedom: 7)
    let sure = ComparedQuantity(name: "x", value: 0, error: 0)
    let student = QuantityDifference(few, minus: sure)
    #expect(student.degreesOfFreedom == 7)
    #expect(abs(student.probability - 0.01994) < 1e-5)
    #expect(!QuantityDifference(sure, minus: sure).isJudged)
    let unknown = ComparedQuantity(name: "x", value: 3, error: .nan)
    #expect(!QuantityDifference(unknown, minus: a).isJudged)
  }

  /// Bennett's ratio from walkers there and back agrees with the exact log Z, and is more precise than
  /// the weights of the way there alone.
  @Test func bennett() throws {
    let run = try StoredRuns.annealing(
      StoredRuns.Annealing(
        origin: Self.origin, stops: [Self.target.phi4], steps: 6, walkers: 300, populations: 10,
        reverseUpdates: 1, seed: 31))
    let result = try Self.results(run)[0]
    let bennett = try #require(result.bennett)
    #expect(abs(bennett.value - Self.target.logNormalizer) < 4.5 * bennett.error)
    let forward = try #require(result.logNormalizer)
    #expect(bennett.error < forward.error)
    #expect(result.cost?.remarks.contains { $0.contains("way back") } == true)
  }

  /// A way back from four walkers in each of many populations: each stands for the weight of its
  /// population, so that the estimate is as sound as the weights of the way there.
  @Test func bennettFromFewWalkers() throws {
    let run = try StoredRuns.annealing(
      StoredRuns.Annealing(
        origin: Self.origin, stops: [Self.target.phi4], steps: 6, walkers: 4, populations: 400,
        reverseUpdates: 1, seed: 31))
    let bennett = try #require(try Self.results(run)[0].bennett)
    #expect(abs(bennett.value - Self.target.logNormalizer) < 4.5 * bennett.error)
    #expect(bennett.error < 0.1)
  }

  /// The same numbers of a theory in another field are not compared, and it is said.
  @Test func fieldsOfDifferentScaleAreTold() throws {
    let other = FreeField(
      lattice: Self.lattice, couplings: .unhalved(massSquared: 0.7, coupling: 0))
    let comparison = Comparison(
      try Self.results(try StoredRuns.exactChains(Self.target, chains: 2, count: 50, seed: 1))
        + Self.results(try StoredRuns.exactChains(other, chains: 2, count: 50, seed: 2)))
    #expect(comparison.couplings.count == 2)
    #expect(comparison.remarks.count == 1)
    #expect(comparison.differences.isEmpty)
  }

  /// A run that is compared with itself is told from an independent one.
  @Test func twinsAreTold() throws {
    let run = try StoredRuns.chains(Self.target.phi4, chains: 2, trajectories: 200, seed: 5)
    let comparison = Comparison(try Self.results(run) + Self.results(run))
    #expect(comparison.couplings[0].names == ["hmc", "hmc#2"])
    #expect(comparison.notes.contains { $0.contains("same random numbers") })
  }
}
