// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Statistics
import Sweeps
import Testing

/// One training for the couplings of a sweep, in memory.
@Suite struct DriftFamilyTests {
  private static let training = "training_walkers: 300, training_slices: 10"

  private static func text(
    _ sampler: String = training, grid: String = "theory.lambda: [5, 4, 4.4]",
    theory: String = "m2: -4"
  ) -> String {
    TransportFileTests.file(
      "name: n, walkers: 200, populations: 3, pilot: 16, bias_walkers: 20, " + sampler,
      theory: theory) + "grid: {\(grid)}\n"
  }

  private static func sweep(_ more: String = "") throws -> SweepDefinition {
    try parse(text(training + ", amortised: 3" + more))
  }

  @discardableResult private static func run(
    _ sweep: SweepDefinition, in store: MemoryStore, folder: String = "out",
    stopAfter steps: Int = .max, threads: Int = 2, trainingAlone: Bool = false
  ) throws -> CountingObserver {
    let observer = CountingObserver(stopAfter: steps)
    let runner = SweepRunner(
      sweep, folder: folder, store: store, workers: Workers(threads), software: [:],
      observer: observer)
    _ = try trainingAlone ? runner.train() : runner.carryOut()
    return observer
  }

  @Test func theLineOfAGrid() throws {
    func line(_ run: RunSpecification) -> CouplingLine? {
      run.sampler.annealing?.transport?.training?.line
    }
    let sweep = try parse(
      Self.text(
        "amortised: 3",
        grid: "theory.lambda: [5, 4, 4.4], samplers.n.integrator: [rk2, rk4], lattice.extents: "
          + "[[4, 4], [6, 6]]"
      ).replacing("lattice: {extents: [4, 4]}\n", with: ""))
    #expect(sweep.runs.count == 12)
    #expect(
      sweep.runs.allSatisfy { line($0) == CouplingLine(key: .lambda, range: 4...5, nodes: 3) })
    // One for each lattice.
    #expect(sweep.trainings.map(\.folderName) == ["drift-000-n", "drift-001-n"])
    let values = try #require(line(sweep.runs[0])).values
    for (value, node) in zip(values, [4 + 0.5 - 0.25 * 3.0.squareRoot(), 4.5]) {
      #expect(abs(value - node) < 1e-14)
    }
    // A seed of its own is a training of its own; without the key each coupling has one.
    let seeds = try parse(
      Self.text("amortised: 2", grid: "theory.lambda: [5, 4], seed: [1, 2]")
        .replacing("seed: 1\n", with: ""))
    #expect(seeds.trainings.count == 2)
    #expect(try parse(Self.text()).trainings.count == 3)
  }

  static let badFiles = [
    (
      "amortised: 3", "theory.m2: [-4, -5], theory.lambda: [4, 5]",
      "'samplers.n.amortised' needs one coupling in 'grid', with two values or more, got theory.m2 "
        + "and theory.lambda"
    ),
    (
      "amortised: 3", "theory.lambda: [4]",
      "'samplers.n.amortised' needs one coupling in 'grid', with two values or more, got a single "
        + "value"
    ),
    (
      "amortised: 3, stops: [6]", "theory.lambda: [4, 5]",
      "'samplers.n.amortised' needs a path without 'stops'"
    ),
    (
      "amortised: 3, network: convolution", "theory.lambda: [4, 5]",
      "'samplers.n.amortised' needs 'network: spectral': a network serves one theory alone"
    ),
    (
      "amortised: 3, drift: x.h5", "theory.lambda: [4, 5]",
      "'samplers.n.amortised' is used by training only, which 'drift' replaces"
    ),
    (
      "amortised: 1", "theory.lambda: [4, 5]",
      "'samplers.n.amortised' must be an integer from 2 to 32, got '1'"
    ),
  ]

  @Test(arguments: badFiles)
  func badFilesAreTold(sampler: String, grid: String, message: String) {
    let text = Self.text(sampler, grid: grid)
    let found = messages(grid.contains("m2") ? text.replacing("m2: -4", with: "") : text)
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix(message) == true, "\(found)")
  }

  @Test func aGridWithoutCouplingsIsTold() {
    let found = messages(TransportFileTests.file("amortised: 3"))
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix("with two values or more, got none") == true, "\(found)")
  }

  /// The members are the drifts of trainings by themselves, bit for bit. All runs follow one drift, each
  /// along a path to its own theory, and find the log Z that runs with drifts of their own find.
  @Test(arguments: ["", ", path: straight, origin_m2: 2"])
  func oneTrainingServesAllCouplings(more: String) throws {
    let (sweep, store) = (try Self.sweep(more), MemoryStore())
    let observer = try Self.run(sweep, in: store)
    #expect(observer.told.count { $0.hasPrefix("trained") } == 1)
    #expect(observer.summaries.first?.theories == 3)
    let line = try #require(sweep.runs[0].sampler.annealing?.transport?.training?.line)
    let drift = try StoredDrift(store.ensemble(at: "out/drift-000-n"))
    #expect(drift.members.count == 3)
    let alone = MemoryStore()
    let values = line.values.map(\.description).joined(separator: ", ")
    let single = try parse(Self.text(Self.training + more, grid: "theory.lambda: [\(values)]"))
    try Self.run(single, in: alone, trainingAlone: true)
    for (index, member) in drift.members.enumerated() {
      let own = try StoredDrift(alone.ensemble(at: "out/drift-00\(index)-n")).members[0]
      #expect(member.weights == own.weights)
      #expect(member.path.knots == own.path.knots)
    }
    let others = try Self.run(parse(Self.text(Self.training + more)), in: MemoryStore())
    for (number, run) in sweep.runs.enumerated() {
      let ensemble = try store.ensemble(at: "out/run-00\(number)-n")
      #expect(ensemble.attributes(of: "drift")["id"] == .text(drift.identity))
      #expect(try ensemble.values(of: "c4", in: "path").last == run.action.coefficients.quartic)
      let (shared, own) = (
        observer.diagnostics[number].stops[0], others.diagnostics[number].stops[0]
      )
      #expect(
        abs(shared.logZ.value - own.logZ.value)
          < 4.5 * hypot(shared.logZ.error, own.logZ.error), "\(shared.logZ) \(own.logZ)")
      #expect(shared.effectiveFraction.value > 0.95 * own.effectiveFraction.value)
      guard case .real(let origin)? = ensemble.attributes(of: "stops")["origin_c2"] else {
        Issue.record("no origin")
        return
      }
      #expect(try ensemble.values(of: "c2", in: "path")[0] == origin)
    }
  }

  /// Stops at many places of the training and of the runs, resumed with other numbers of threads.
  @Test func stopsAndThreadsDoNotChangeABit() throws {
    let sweep = try Self.sweep()
    let (whole, pieces) = (MemoryStore(), MemoryStore())
    try Self.run(sweep, in: whole, threads: 3)
    var resumed = 0
    for piece in 0..<1000 {
      let observer = try Self.run(
        sweep, in: pieces, stopAfter: 3 + piece * 5 % 13, threads: 1 + piece % 3)
      if observer.told.last?.hasPrefix("training") == true { resumed += 1 }
      if observer.told.last == "finished lambda=4.4 n" { break }
    }
    #expect(resumed >= 5)
    #expect(whole.ensembles.count == 4)
    for (path, ensemble) in whole.ensembles {
      let other = try pieces.ensemble(at: path)
      #expect(try AnnealingRunnerTests.bits(other) == AnnealingRunnerTests.bits(ensemble))
      #expect(try other.restart() == ensemble.restart(), "\(path)")
    }
  }

  /// The drift serves other sweeps at any coupling of the line, and no others.
  @Test func otherSweepsMayFollowIt() throws {
    let store = MemoryStore()
    try Self.run(Self.sweep(), in: store, trainingAlone: true)
    func other(_ theory: String) -> String {
      TransportFileTests.file(
        "name: n, walkers: 50, populations: 2, pilot: 16, drift: out/drift-000-n", theory: theory)
    }
    let inside = try parse(other("m2: -4, lambda: 4.7"))
    try inside.checkDrifts(in: store)
    try Self.run(inside, in: store, folder: "other")
    #expect(try store.ensemble(at: "other/run-000-n").values(of: "c4", in: "knots").last == 4.7)
    let mismatches = [
      (
        other("m2: -4, lambda: 5.1"),
        "the drift was trained for theory.lambda from 4 to 5, which is 5.1 in the run n"
      ),
      (
        other("m2: -3, lambda: 4.5"),
        "the drift was trained with theory.m2 = -4, which is -3 in the run n"
      ),
      (
        other("m2: -4, lambda: 4.5").replacing("unhalved", with: "continuum"),
        "the drift was trained with theory.parametrisation = unhalved, which is continuum in the run n"
      ),
      (
        other("m2: -4, lambda: 4.5").replacing("[4, 4]", with: "[4, 6]"),
        "the drift was trained with lattice.extents = [4, 4], which is [4, 6] in the run n"
      ),
      (
        other("m2: -4, lambda: 4.5").replacing("drift:", with: "path: straight, drift:"),
        "the drift was trained with samplers.n.path = constant-susceptibility, which is straight in "
          + "the run n"
      ),
    ]
    for (text, message) in mismatches {
      let error = try #require(throws: UnusableDrift.self) {
        try parse(text).checkDrifts(in: store)
      }
      #expect(error.description.contains(message), "\(error)")
    }
  }
}
