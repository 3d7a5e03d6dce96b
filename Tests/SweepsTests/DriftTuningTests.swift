// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Statistics
import Sweeps
import Testing

/// The search for the use of a trained drift, in memory.
@Suite struct DriftTuningTests {
  private static func sweep(_ more: String = "") throws -> SweepDefinition {
    try parse(
      TransportFileTests.file(
        "walkers: 400, populations: 4, training_walkers: 400, training_slices: 12, ridge: 0.5, "
          + "stops: [6]" + more)
    )
  }

  private static func runner(
    _ sweep: SweepDefinition, _ store: MemoryStore, threads: Int = 2, stopAfter: Int = .max
  ) -> SweepRunner {
    SweepRunner(
      sweep, folder: "out", store: store, workers: Workers(threads), software: [:],
      observer: CountingObserver(stopAfter: stopAfter))
  }

  private static func tune(
    _ sweep: SweepDefinition, _ store: MemoryStore, threads: Int = 2,
    _ change: (inout TuningSettings) -> Void
  ) throws -> [DriftTuning] {
    var settings = TuningSettings()
    settings.driftCost = 10
    settings.walkers = 600
    change(&settings)
    var found: [DriftTuning] = []
    #expect(
      try runner(sweep, store, threads: threads).tune(settings) { found.append($0) } == .complete)
    return found
  }

  /// A poor drift with few steps: refreshes raise the effective sample size, and log Z is that of the run
  /// for each of them. Nothing but the drift is stored.
  @Test func refreshesHelpAndLogZStays() throws {
    let (sweep, store) = (try Self.sweep(), MemoryStore())
    let tuning = try #require(
      Self.tune(sweep, store) {
        $0.pathSteps = [6]
        $0.updates = [1, 3, 9]
        $0.steps = [4]
        $0.walkers = 6000
      }.first)
    #expect(Array(store.ensembles.keys) == ["out/drift-000-nets"])
    #expect(
      tuning.candidates.map(\.placing.rawValue) == ["equal", "equal", "equal"]
        + Array(repeating: "residual", count: 3))
    for placing in TuningSettings.Placing.allCases {
      let results = try tuning.candidates.filter { $0.placing == placing }.map {
        try #require($0.result)
      }
      let (few, many) = (results[0].effectiveFraction, results[2].effectiveFraction)
      #expect(many.value > few.value + 4 * hypot(few.error, many.error), "\(few) \(many)")
      // Updates of the same length diffuse in proportion to their number, but for the tuned step.
      #expect(abs(results[2].diffusivity / results[0].diffusivity / 9 - 1) < 0.4)
      // Four evaluations of the drift and 4 · 2 + 1 gradients an update at each of 6 steps.
      #expect(results.map(\.driftEvaluations) == [24, 24, 24])
      #expect(
        abs((results[2].cost - results[0].cost) / (results[1].cost - results[0].cost) - 4) < 1e-9)
    }
    let agreement = try #require(tuning.agreement)
    #expect(agreement.count == 6)
    #expect(
      ChiSquare.probability(exceeding: agreement.chiSquare, degreesOfFreedom: 5) > 1e-4)
    let observer = CountingObserver()
    _ = try SweepRunner(
      sweep, folder: "out", store: store, workers: Workers(2), software: [:], observer: observer
    ).carryOut()
    let logZ = try #require(observer.diagnostics.last?.stops.last).logZ
    #expect(
      abs(agreement.mean.value - logZ.value) < 4.5 * hypot(agreement.mean.error, logZ.error),
      "\(agreement.mean) \(logZ)")
  }

  /// A candidate does not depend on what is tried beside it, nor on threads; its keys make the run whose
  /// cost it has.
  @Test func candidatesStandAlone() throws {
    let (sweep, store) = (try Self.sweep(), MemoryStore())
    let all = try #require(
      Self.tune(sweep, store, threads: 3) {
        ($0.pathSteps, $0.updates, $0.steps, $0.walkers) = ([5, 8], [1, 2], [3], 101)
      }.first)
    #expect(all.candidates.count == 8)
    // Two legs take equally many steps.
    #expect(all.candidates.map(\.pathSteps).prefix(2) == [6, 6])
    let one = try #require(
      Self.tune(sweep, store, threads: 1) {
        ($0.pathSteps, $0.updates, $0.steps, $0.walkers) = ([8], [2], [3], 101)
        $0.placings = [.residual]
      }.first)
    let same = try #require(all.candidates.last)
    #expect(one.best.times == same.times && one.best.result?.logZ == same.result?.logZ)
    #expect(one.best.result?.effectiveFraction == same.result?.effectiveFraction)
    let times = try #require(one.best.times)
    #expect(times.last == 1 && !times.contains(0.5))
    #expect(one.keys.map { $0.prefix { $0 != ":" } } == ["times", "updates", "steps", "drift"])
    let text = TransportFileTests.file("stops: [6], " + one.keys.joined(separator: ", "))
      .replacing("path_steps: 20, ", with: "")
    let other = try parse(text)
    try other.checkDrifts(in: store)
    let annealing = try #require(other.runs[0].sampler.annealing)
    #expect(annealing.transition == .hmc(scheme: .omelyan, steps: 3, updates: 2))
    #expect(annealing.times?.count == one.best.pathSteps)
    #expect(annealing.times?.contains(0.5) == true)
  }

  /// Runs that differ in path_steps alone share one search, those of other couplings do not; a stop ends
  /// it without a result.
  @Test func oneSearchForEachDrift() throws {
    let text = TransportFileTests.file(
      "training_walkers: 60, training_slices: 6, path: straight", theory: "m2: -4")
    let sweep = try parse(
      text.replacing("path_steps: 20, ", with: "")
        + "grid: {theory.lambda: [5, 4], samplers.nets.path_steps: [10, 20]}\n")
    let store = MemoryStore()
    let found = try Self.tune(sweep, store) {
      ($0.pathSteps, $0.updates, $0.steps, $0.walkers) = ([4], [1], [3], 50)
    }
    #expect(found.map(\.drift) == ["out/drift-000-nets", "out/drift-002-nets"])
    #expect(found.allSatisfy { !$0.keys.contains { $0.hasPrefix("drift:") } })
    let stopped = try Self.runner(sweep, store, stopAfter: 0).tune(TuningSettings()) { _ in
      Issue.record("found something")
    }
    #expect(stopped != .complete)
  }
}
