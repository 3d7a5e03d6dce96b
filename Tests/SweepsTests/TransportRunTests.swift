// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Sweeps
import Testing

/// Training and runs of the non-equilibrium transport sampler, in memory.
@Suite struct TransportRunTests {
  private static let sampler =
    "name: n, walkers: 40, populations: 3, pilot: 16, bias_walkers: 20, training_walkers: 200, "
    + "training_slices: 8"

  private static func sweep(_ more: String = "", theory: String = "") throws -> SweepDefinition {
    let text = TransportFileTests.file(sampler + more)
    return try parse(theory.isEmpty ? text : text.replacing("lambda: 4.5", with: theory))
  }

  /// Carries a sweep out, with a stop after so many steps if there is one.
  @discardableResult private static func run(
    _ sweep: SweepDefinition, in store: MemoryStore, stopAfter steps: Int = .max, threads: Int = 1,
    trainingAlone: Bool = false
  ) throws -> CountingObserver {
    let observer = CountingObserver(stopAfter: steps)
    let runner = SweepRunner(
      sweep, folder: "out", store: store, workers: Workers(threads), software: [:],
      observer: observer)
    _ = try trainingAlone ? runner.train() : runner.carryOut()
    return observer
  }

  private static func bits(_ store: MemoryStore) throws -> [String: [String: [UInt64]]] {
    try store.ensembles.mapValues { try AnnealingRunnerTests.bits($0) }
  }

  @Test func aRunTrainsItsDriftUnlessThereIsOne() throws {
    let sweep = try Self.sweep()
    let (store, trained) = (MemoryStore(), MemoryStore())
    let observer = try Self.run(sweep, in: store)
    #expect(observer.told == ["training n", "trained n", "began n", "finished n"])
    #expect(
      try Self.run(sweep, in: trained, trainingAlone: true).told == ["training n", "trained n"])
    #expect(try Self.run(sweep, in: trained, trainingAlone: true).told == ["had trained n"])
    #expect(try Self.run(sweep, in: trained).told == ["began n", "finished n"])
    #expect(try Self.run(sweep, in: trained).told == ["skipped n"])
    #expect(try Self.bits(store) == Self.bits(trained))
    // A fit cannot be worse than none, and here it is much better.
    let summary = try #require(observer.summaries.first)
    #expect(summary.residual < 0.2 * summary.referenceResidual)
    #expect(summary.effectiveFraction > 0.5 && summary.seconds > 0)
  }

  @Test func theRunTellsOfItsDrift() throws {
    let store = MemoryStore()
    let observer = try Self.run(Self.sweep(), in: store)
    let run = try store.ensemble(at: "out/run-000-n")
    let drift = try StoredDrift(store.ensemble(at: "out/drift-000-n"))
    #expect(run.attributes(of: "drift")["id"] == .text(drift.identity))
    #expect(run.attributes(of: "drift")["file"] == .text("../drift-000-n"))
    #expect(try run.values(of: "J", in: "knots").count == 17)
    // Four evaluations in each of 20 steps of 40 walkers.
    #expect(try run.values(of: "n_drift", in: "annealing") == [3200, 3200, 3200])
    let diagnostics = try #require(observer.diagnostics.first)
    #expect(diagnostics.stops.map { $0.biases.map(\.name) } == [["log_z", "abs_m", "m2", "phi2"]])
    let stopping = try Self.run(Self.sweep(", stops: [6, 5]"), in: MemoryStore())
    let stops = try #require(stopping.diagnostics.first).stops
    #expect(stops.map { $0.biases.count } == [4, 4, 4])
    // Each leg of the path adds its own.
    #expect(Set(stops.map { $0.biases[0].bias.value }).count == 3)
    // The path begins where the stored origin is.
    guard case .real(let origin)? = run.attributes(of: "stops")["origin_c2"] else {
      Issue.record("no origin")
      return
    }
    #expect(try run.values(of: "c2", in: "path")[0] == origin)
    #expect(try run.values(of: "c4", in: "path").last == 4.5)
  }

  /// Stops of training and run at many places, resumed with other numbers of threads.
  @Test(arguments: ["", ", stops: [6], resampling: systematic, threshold: 0.9", ", path: straight"])
  func stopsAndThreadsDoNotChangeABit(more: String) throws {
    let sweep = try Self.sweep(more)
    let (whole, pieces) = (MemoryStore(), MemoryStore())
    try Self.run(sweep, in: whole, threads: 3)
    var stops = 0
    for piece in 0..<1000 {
      let observer = try Self.run(
        sweep, in: pieces, stopAfter: 1 + piece * 5 % 7, threads: 1 + piece % 3)
      if observer.told.contains("finished n") { break }
      stops += 1
    }
    #expect(stops >= 5)
    #expect(try Self.bits(pieces) == Self.bits(whole))
    for path in ["out/drift-000-n", "out/run-000-n"] {
      #expect(try pieces.ensemble(at: path).restart() == whole.ensemble(at: path).restart())
    }
  }

  @Test func aStoredDriftServesOtherSweeps() throws {
    let store = MemoryStore()
    try Self.run(Self.sweep(), in: store)
    let text = TransportFileTests.file(
      "walkers: 50, populations: 2, pilot: 16, bias_walkers: 20, drift: out/drift-000-n")
    let other = try parse(text)
    try other.checkDrifts(in: store)
    let observer = CountingObserver()
    let runner = SweepRunner(
      other, folder: "other", store: store, workers: Workers(1), software: [:], observer: observer)
    #expect(try runner.carryOut() == .complete)
    #expect(observer.told == ["began nets", "finished nets"])
    let (one, two) = (
      try store.ensemble(at: "out/run-000-n"), try store.ensemble(at: "other/run-000-nets")
    )
    #expect(one.attributes(of: "drift")["id"] == two.attributes(of: "drift")["id"])
    #expect(try one.values(of: "c2", in: "knots") == two.values(of: "c2", in: "knots"))
  }

  static let mismatches = [
    (
      "lambda: 4", "theory: {", "theory: {",
      "the drift was trained with theory.lambda = 4.5, which is 4 in the run nets"
    ),
    (
      "lambda: 4.5", "[4, 4]", "[4, 6]",
      "the drift was trained with lattice.extents = [4, 4], which is [4, 6] in the run nets"
    ),
    (
      "lambda: 4.5", "unhalved", "continuum",
      "the drift was trained with theory.parametrisation = unhalved, which is continuum in the run "
        + "nets"
    ),
    (
      "lambda: 4.5", "method: nets,", "method: nets, path: straight,",
      "the drift was trained with samplers.nets.path = constant-susceptibility, which is straight "
        + "in the run nets"
    ),
    (
      "lambda: 4.5", "method: nets,", "method: nets, stops: [6],",
      "the drift was trained with stops = [lambda=4.5], which is [lambda=6, lambda=4.5] in the run "
        + "nets"
    ),
  ]

  @Test func driftsOfOtherTheoriesAreRefused() throws {
    let store = MemoryStore()
    try Self.run(Self.sweep(), in: store, trainingAlone: true)
    for (theory, old, new, message) in Self.mismatches {
      let text = TransportFileTests.file("drift: out/drift-000-n", theory: "m2: -4, \(theory)")
        .replacing(old, with: new)
      let error = try #require(throws: UnusableDrift.self) {
        try parse(text).checkDrifts(in: store)
      }
      #expect(error.description.contains(message), "\(error)")
      #expect(error.description.hasPrefix("sweep.yaml: samplers.nets.drift: out/drift-000-n: "))
    }
    let none = try #require(throws: UnusableDrift.self) {
      try parse(TransportFileTests.file("drift: nowhere")).checkDrifts(in: store)
    }
    #expect(
      none.description == "sweep.yaml: samplers.nets.drift: nowhere: there is no trained drift")
    try Self.run(Self.sweep(), in: store)
    let wrong = try #require(throws: UnusableDrift.self) {
      try parse(TransportFileTests.file("drift: out/run-000-n")).checkDrifts(in: store)
    }
    #expect(wrong.description.hasSuffix("is not a trained drift"))
  }

  @Test func anUnfinishedDriftIsRefused() throws {
    let store = MemoryStore()
    try Self.run(Self.sweep(), in: store, stopAfter: 3, trainingAlone: true)
    let error = try #require(throws: UnusableDrift.self) {
      try parse(TransportFileTests.file("drift: out/drift-000-n")).checkDrifts(in: store)
    }
    #expect(error.description.contains("not trained to the end"))
  }
}
