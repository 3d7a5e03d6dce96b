// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Sweeps
import Testing

/// Stops an annealing run after a number of blocks of steps.
private final class StopAfter: RunObserver {
  private var left: Int
  init(_ blocks: Int) { left = blocks }
  var shouldStop: Bool { left <= 0 }
  func progressed(done: Int, total: Int, isThermalising: Bool) {}
  func progressed(_ place: AnnealingPlace) { if place.phase != .pilot { left -= 1 } }
}

@Suite struct AnnealingRunnerTests {
  static let samplers = [
    "method: ais, transition: mala, path_steps: 80, reverse: 3, stops: [0.3, 0.5]",
    "method: smc, transition: mala, path_steps: 60, threshold: 0.95, stops: [-0.5], stop_key: m2",
    "method: ais, transition: ula, path_steps: 40, acceleration: fourier, reverse: 2",
    "method: smc, transition: langevin, path_steps: 90, threshold: 0.9, step: 0.1",
    "method: ais, transition: hmc, schedule: adaptive, conditional_ess: 0.99, stops: [0.2]",
    "method: smc, transition: metropolis, times: [0.2, 0.3, 0.7, 1], tune: false",
    "method: nets, path: straight, path_steps: 20, stops: [0.5], integrator: rk2",
    "method: nets, path_steps: 20, transition: langevin, resampling: residual, threshold: 0.9",
  ]

  static func specification(
    _ sampler: String, extents: [Int] = [4, 6], observables: String = "moments, propagator"
  ) throws -> RunSpecification {
    let text = """
      seed: 5
      output: nowhere
      theory: {name: phi4, parametrisation: unhalved, m2: -1, lambda: 0.8}
      lattice: {extents: \(extents)}
      samplers: [{walkers: 24, populations: 3, pilot: 16, \(sampler)}]
      configurations: {every: 2, precision: single}
      measure: {observables: [\(observables)]}
      """
    return try SweepDefinition(parsing: text, fileName: "test.yaml").runs[0]
  }

  static func wholeRun(
    _ specification: RunSpecification, threads: Int = 1
  ) throws -> MemoryEnsemble {
    let whole = MemoryEnsemble(layout: specification.layout(title: "", sweepText: ""))
    let runner = try AnnealingRunner(
      #require(specification.annealingRun), writer: whole, from: nil, workers: Workers(threads))
    #expect(try runner.carryOut() == .complete)
    return whole
  }

  /// Every number of an ensemble but the times it took, by its bits.
  static func bits(_ ensemble: MemoryEnsemble) throws -> [String: [UInt64]] {
    var result: [String: [UInt64]] = [:]
    for table in ensemble.layout.tables where table.name != TableName.timing {
      result[table.name] = try ensemble.rows(of: table.name).map { UInt64($0) }
      for variable in table.variables {
        result["\(table.name)/\(variable.name)"] =
          try ensemble.values(of: variable.name, in: table.name).map(\.bitPattern)
      }
    }
    return result
  }

  /// A run that is stopped inside populations, between stops and on the way back, and resumed with
  /// other numbers of threads, gives the bits of one that was never stopped.
  @Test(arguments: samplers) func resumedRunHasTheSameBits(sampler: String) throws {
    let specification = try Self.specification(sampler)
    let whole = try Self.wholeRun(specification)
    let pieces = MemoryEnsemble(layout: specification.layout(title: "", sweepText: ""))
    let run = try #require(specification.annealingRun)
    var state: RestartState?
    var interruptions = 0
    for piece in 0..<1000 {
      let runner = try AnnealingRunner(
        run, writer: pieces, from: state, workers: Workers(1 + piece % 3),
        observer: StopAfter(1 + piece * 5 % 7))
      let outcome = try runner.carryOut()
      state = try pieces.restart()
      if outcome == .complete { break }
      interruptions += 1
    }
    #expect(interruptions >= 3)
    #expect(try Self.bits(pieces) == Self.bits(whole))
    #expect(try pieces.restart() == whole.restart())
  }

  /// As a kill does: what was not committed is gone, and is made again.
  @Test(arguments: samplers) func everyCheckpointLeadsToTheSameBits(sampler: String) throws {
    let specification = try Self.specification(sampler)
    let whole = try Self.wholeRun(specification, threads: 3)
    let run = try #require(specification.annealingRun)
    let layout = specification.layout(title: "", sweepText: "")
    for blocks in [1, 2, 3, 5, 8, 13, 21] {
      let first = MemoryEnsemble(layout: layout)
      let outcome = try AnnealingRunner(
        run, writer: first, from: nil, workers: Workers(2), observer: StopAfter(blocks)
      ).carryOut()
      if outcome == .complete { break }
      let runner = try AnnealingRunner(
        run, writer: first, from: first.restart(), workers: Workers(1))
      #expect(try runner.carryOut() == .complete)
      #expect(try Self.bits(first) == Self.bits(whole))
    }
  }

  @Test(arguments: samplers) func tablesHoldWhatTheLayoutSays(sampler: String) throws {
    let specification = try Self.specification(sampler)
    let ensemble = try Self.wholeRun(specification, threads: 2)
    let annealing = try #require(specification.sampler.annealing)
    let stops = annealing.legs
    #expect(ensemble.layout.chains == 1)
    #expect(ensemble.layout.tables.allSatisfy { !$0.isPerChain })
    #expect(try ensemble.rows(of: "observables") == [1, 2, 3])
    #expect(try ensemble.rows(of: "annealing") == [1, 2, 3])
    #expect(try ensemble.rows(of: "timing") == [1, 2, 3])
    #expect(try ensemble.rows(of: "configurations") == [2])
    let steps = try ensemble.rows(of: "path")
    #expect(steps == Array(0...steps.count - 1))
    if let known = annealing.steps { #expect(steps.count == known + 1) }
    let times = try ensemble.values(of: "time", in: "path")
    #expect(annealing.stopTimes.allSatisfy(times.contains))
    let sizes = try ensemble.values(of: "step_size", in: "path")
    #expect(sizes[0].isNaN && sizes.dropFirst().allSatisfy { $0 > 0 })
    #expect(try ensemble.values(of: "m", in: "observables").count == 3 * stops * 24)
    #expect(try ensemble.values(of: "hop", in: "observables").count == 3 * stops * 24 * 2)

    // What is said twice agrees.
    let ess = try ensemble.values(of: "ess", in: "annealing")
    let logZ = try ensemble.values(of: "log_z", in: "annealing")
    let weights = try ensemble.values(of: "log_weight", in: "annealing")
    guard case .real(let origin)? = ensemble.attributes(of: "stops")["log_z_origin"] else {
      Issue.record("no log Z of the origin")
      return
    }
    for place in 0..<3 * stops {
      let w = weights[place * 24..<(place + 1) * 24].map { exp($0) }
      let (sum, squares) = (w.reduce(0, +), w.reduce(0) { $0 + $1 * $1 })
      #expect(abs(ess[place] / (sum * sum / squares / 24) - 1) < 1e-10)
      #expect(abs(logZ[place] - log(sum / 24) - origin) < 1e-10)
    }
    let evolution = try ensemble.values(of: "population", in: "evolution")
    for population in 1...3 {
      let last = try #require(evolution.lastIndex(of: Double(population)))
      #expect(try ensemble.values(of: "time", in: "evolution")[last] == 1)
      #expect(
        try ensemble.values(of: "log_z", in: "evolution")[last] == logZ[population * stops - 1])
      #expect(
        evolution.count { $0 == Double(population) } <= 50)
    }
    if annealing.resampling != nil {
      let events = try ensemble.values(of: "population", in: "resampling")
      let counted = try ensemble.values(of: "resamplings", in: "annealing")
      #expect((0..<3).reduce(0) { $0 + counted[($1 + 1) * stops - 1] } == Double(events.count))
      let parents = try ensemble.values(of: "parents", in: "resampling")
      #expect(parents.allSatisfy { (0..<24).contains($0) })
    } else {
      // Without resampling the works are minus log w, and every walker is its own ancestor.
      let works = try ensemble.values(of: "work", in: "annealing")
      #expect(zip(works, weights).allSatisfy { abs($0 + $1) < 1e-9 })
      #expect(
        try ensemble.values(of: "ancestor", in: "annealing")
          == (0..<3 * stops).flatMap { _ in (0..<24).map(Double.init) })
    }
    if annealing.reverseUpdates > 0 {
      #expect(try ensemble.rows(of: "reverse") == [1, 2, 3])
      let back = try ensemble.values(of: "work", in: "reverse")
      #expect(Set(back).count == 3 * 24)
    }
  }

  /// The action of every stop is that of its own couplings.
  @Test func observablesKnowTheirStop() throws {
    let specification = try Self.specification(Self.samplers[0])
    let ensemble = try Self.wholeRun(specification)
    let action = try ensemble.values(of: "action", in: "observables")
    let phi2 = try ensemble.values(of: "phi2", in: "observables")
    let phi4 = try ensemble.values(of: "phi4", in: "observables")
    let hop = try ensemble.values(of: "hop", in: "observables")
    for (index, value) in action.enumerated() {
      let quartic = [0.3, 0.5, 0.8][index / 24 % 3]
      // c2 = 2D + m² with D = 2.
      let expected =
        -2 * (hop[2 * index] + hop[2 * index + 1]) + 3 * phi2[index] + quartic * phi4[index]
      #expect(abs(value - expected) < 1e-12)
    }
  }

  /// On a path that stays at the free field all weights are 1, log Z is exact, and the diagnostics
  /// have nothing to say.
  @Test(arguments: ["ais", "smc"]) func nothingHappensOnAPathThatStays(method: String) throws {
    let text = """
      seed: 5
      output: nowhere
      theory: {name: free, parametrisation: hopping, kappa: 0.2}
      lattice: {extents: [4, 4]}
      samplers: [{method: \(method), walkers: 100, populations: 16, path_steps: 5, origin_m2: 1}]
      """
    // J = 2κ and c2 = 1, so that the canonical m² = 2 c2/J − 2D is 1.
    let specification = try SweepDefinition(parsing: text, fileName: "test.yaml").runs[0]
    let ensemble = try Self.wholeRun(specification)
    #expect(
      try ensemble.values(of: "log_weight", in: "annealing").allSatisfy { abs($0) < 1e-10 })
    let diagnostics = try AnnealingDiagnostics(
      ensemble, theories: specification.stopTheories, resampled: method == "smc")
    #expect(diagnostics.warnings == [])
    let stop = diagnostics.stops[0]
    #expect(stop.verdict.outcome == .trustworthy)
    #expect(abs(stop.effectiveFraction.value - 1) < 1e-12)
    // 4x4 with K(p) = J/2 (p̂² + 1): p̂² takes 4 sin²(p/2) = 0, 2, 4, 2 in each direction.
    var exact = 0.0
    for a in [0.0, 2, 4, 2] {
      for b in [0.0, 2, 4, 2] { exact += 0.5 * log(Double.pi / (0.2 * (a + b + 1))) }
    }
    #expect(abs(stop.logZ.value - exact) < 1e-10)
    let identity = try #require(stop.schwingerDyson)
    #expect(abs(identity.value - 1) < 4 * identity.error)
  }

  /// From one free field to another log Z is known, log Z = ½ Σ_p log(π/K(p)) with
  /// K(p) = J/2 (p̂² + m²), J = 2κ: every transition finds it within its error, with and without
  /// resampling, and in the hopping form's own field.
  @Test(arguments: [
    "method: ais, path_steps: 30", "method: smc, path_steps: 30, threshold: 0.95",
    "method: ais, path_steps: 30, transition: hmc, reverse: 5",
    "method: ais, path_steps: 30, transition: ula",
    "method: smc, path_steps: 30, transition: langevin, threshold: 0.95",
    "method: ais, path_steps: 30, transition: metropolis",
    "method: ais, schedule: adaptive, conditional_ess: 0.999, acceleration: fourier",
    "method: smc, path_steps: 30, origin: independent, threshold: 0.95",
  ])
  func logZOfTheFreeFieldIsFound(sampler: String) throws {
    let text = """
      seed: 6
      output: nowhere
      theory: {name: free, parametrisation: hopping, kappa: 0.2}
      lattice: {extents: [4, 4]}
      samplers: [{\(sampler), walkers: 200, populations: 20, origin_m2: 3}]
      """
    let isFree = !sampler.contains("independent")
    let specification = try SweepDefinition(
      parsing: isFree ? text : text.replacing(", origin_m2: 3", with: ""), fileName: "test.yaml"
    ).runs[0]
    let ensemble = try Self.wholeRun(specification, threads: 2)
    let diagnostics = try AnnealingDiagnostics(
      ensemble, theories: specification.stopTheories, resampled: sampler.contains("smc"))
    let stop = diagnostics.stops[0]
    var exact = 0.0
    for a in [0.0, 2, 4, 2] {
      for b in [0.0, 2, 4, 2] { exact += 0.5 * log(Double.pi / (0.2 * (a + b + 1))) }
    }
    #expect(stop.verdict.outcome == .trustworthy, "\(diagnostics.warnings)")
    #expect(stop.logZ.error < 0.05)
    #expect(abs(stop.logZ.value - exact) < 4 * stop.logZ.error, "\(stop.logZ), not \(exact)")
    let identity = try #require(stop.schwingerDyson)
    #expect(abs(identity.value - 1) < 4 * identity.error, "\(identity)")
    guard sampler.contains("reverse") else { return }
    // The way back has E[w] = Z_origin/Z_theory.
    let back = try ensemble.values(of: "log_weight", in: "reverse").map { exp($0) }
    guard case .real(let origin)? = ensemble.attributes(of: "stops")["log_z_origin"] else {
      Issue.record("no log Z of the origin")
      return
    }
    let mean = back.reduce(0, +) / Double(back.count)
    let variance = back.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(back.count - 1)
    let error = (variance / Double(back.count)).squareRoot()
    #expect(abs(mean - exp(origin - exact)) < 4 * error)
    #expect(error < 0.05 * mean)
  }

  /// From two origins, with three transitions, without and with resampling: the log Z of one theory is
  /// the same within errors, and Schwinger and Dyson agree.
  @Test func differentWaysAgree() throws {
    var results: [Double] = []
    var errors: [Double] = []
    for sampler in [
      "method: ais, path_steps: 200", "method: smc, path_steps: 200",
      "method: ais, path_steps: 200, origin: independent, transition: hmc, steps: 3",
      "method: ais, path_steps: 400, transition: ula, acceleration: fourier",
    ] {
      var specification = try Self.specification(sampler, extents: [4, 4], observables: "moments")
      guard case .annealing(var annealing) = specification.sampler else { continue }
      annealing.walkers = 100
      annealing.populations = 16
      specification.sampler = .annealing(annealing)
      let ensemble = try Self.wholeRun(specification, threads: 2)
      let diagnostics = try AnnealingDiagnostics(
        ensemble, theories: specification.stopTheories, resampled: annealing.resampling != nil)
      let stop = diagnostics.stops[0]
      #expect(stop.verdict.outcome == .trustworthy, "\(sampler): \(diagnostics.warnings)")
      let identity = try #require(stop.schwingerDyson)
      #expect(abs(identity.value - 1) < 4 * identity.error, "\(sampler): \(identity)")
      results.append(stop.logZ.value)
      errors.append(stop.logZ.error)
    }
    #expect(errors.allSatisfy { $0 < 0.05 })
    for one in results.indices {
      for other in 0..<one {
        let error = (errors[one] * errors[one] + errors[other] * errors[other]).squareRoot()
        #expect(abs(results[one] - results[other]) < 4 * error, "\(results) \(errors)")
      }
    }
  }

  /// A path that is gone too fast has weights that collapse, and says so.
  @Test func collapsedWeightsAreTold() throws {
    let specification = try Self.specification(
      "method: ais, path_steps: 1", extents: [8, 8])
    let ensemble = try Self.wholeRun(specification)
    let diagnostics = try AnnealingDiagnostics(
      ensemble, theories: specification.stopTheories, resampled: false)
    #expect(diagnostics.stops[0].verdict.outcome == .untrustworthy)
    #expect(diagnostics.warnings.contains { $0.contains("The weights have collapsed") })
  }

  /// Unadjusted dynamics with a step size at which every walker runs away.
  @Test(arguments: ["ais", "smc"]) func weightsThatAreAllZeroAreTold(method: String) throws {
    let specification = try Self.specification(
      "method: \(method), transition: ula, step: 50, tune: false, path_steps: 40")
    let run = try #require(specification.annealingRun)
    let ensemble = MemoryEnsemble(layout: specification.layout(title: "", sweepText: ""))
    let runner = try AnnealingRunner(run, writer: ensemble, from: nil, workers: Workers(1))
    let message = "population 1 of 3: all 24 weights are zero"
    func error(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return ""
    }
    #expect(error { _ = try runner.carryOut() }.hasPrefix(message))
    // Going on tells the same.
    let again = try AnnealingRunner(
      run, writer: ensemble, from: ensemble.restart(), workers: Workers(1))
    #expect(error { _ = try again.carryOut() }.hasPrefix(message))
  }

  @Test func refusesAForeignState() throws {
    let one = try Self.specification(Self.samplers[0])
    let other = try Self.specification(Self.samplers[0], extents: [4, 5])
    let ensemble = MemoryEnsemble(layout: one.layout(title: "", sweepText: ""))
    let run = try #require(one.annealingRun)
    _ = try AnnealingRunner(
      run, writer: ensemble, from: nil, workers: Workers(1), observer: StopAfter(2)
    ).carryOut()
    #expect(throws: EnsembleError.self) {
      _ = try AnnealingRunner(
        #require(other.annealingRun), writer: ensemble, from: ensemble.restart(),
        workers: Workers(1))
    }
    let chains = RestartState(
      fields: Configurations(count: 3, dimension: 24), integers: ["update": 3])
    #expect(throws: EnsembleError.self) {
      _ = try AnnealingRunner(run, writer: ensemble, from: chains, workers: Workers(1))
    }
  }

  @Test func weightedConfigurationsAreNotMeasuredAnew() throws {
    let ensemble = try Self.wholeRun(try Self.specification(Self.samplers[0]))
    #expect(throws: EnsembleError.self) {
      _ = try ConfigurationMeasurement(ensemble, observables: [.moments], shells: 4)
    }
  }

  @Test func costIsKnownBeforeWhereItCanBe() throws {
    guard case .annealing(let cost) = RunCost(try Self.specification(Self.samplers[0])) else {
      Issue.record("not a cost of annealing")
      return
    }
    // Three legs of 27 steps, there and back.
    #expect(cost.steps == 81)
    #expect(cost.stepsThereAndBack == 162)
    let sample = try cost.sample(workers: Workers(1))
    #expect(sample.gradientEvaluationsPerStep == 2)
    #expect(sample.secondsPerStep > 0)
    guard case .annealing(let adaptive) = RunCost(try Self.specification(Self.samplers[4])) else {
      Issue.record("not a cost of annealing")
      return
    }
    #expect(adaptive.steps == nil)
  }
}
