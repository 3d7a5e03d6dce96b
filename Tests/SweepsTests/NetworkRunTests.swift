// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Sweeps
import Testing

/// Drifts that a network of convolutions refines: their keys, their training and their runs, in memory.
@Suite struct NetworkRunTests {
  private static let sampler =
    "name: n, walkers: 40, populations: 2, pilot: 16, bias_walkers: 20, training_walkers: 200, "
    + "training_slices: 8, network: convolution, channels: 3, iterations: 12, gradient_walkers: 16, "
    + "gradient_slices: 4"

  private static func sweep(_ more: String = "") throws -> SweepDefinition {
    try parse(TransportFileTests.file(sampler + more))
  }

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

  // MARK: Keys

  private func network(_ sampler: String) throws -> NetworkSpecification? {
    try #require(
      parse(TransportFileTests.file(sampler)).runs[0].sampler.annealing?.transport?.training
    ).network
  }

  @Test func keys() throws {
    #expect(try network("walkers: 7") == nil)
    #expect(try network("network: spectral") == nil)
    #expect(
      try network("network: convolution")
        == NetworkSpecification(
          layers: 2, channels: 8, iterations: 500, learningRate: 0.01, walkers: 64, slices: 20))
    #expect(
      try network(
        "network: convolution, layers: 1, channels: 5, iterations: 9, learning_rate: 0.01, "
          + "gradient_walkers: 7, gradient_slices: 6")
        == NetworkSpecification(
          layers: 1, channels: 5, iterations: 9, learningRate: 0.01, walkers: 7, slices: 6))
  }

  /// A network asks for a training of its own, and so does each of its keys.
  @Test func whatTheNetworkIsDecidesAboutTheTraining() throws {
    let text = TransportFileTests.file("name: a, network: convolution")
      .replacing("}]\n", with: "}, {method: nets, name: b, path_steps: 9}]\n")
    let sweep = try parse(
      text + "grid:\n  samplers.a.channels: [4, 6]\n  samplers.a.integrator: [rk2, rk4]\n")
    #expect(sweep.trainings.map(\.folderName) == ["drift-000-a", "drift-001-b", "drift-003-a"])
  }

  static let badFiles = [
    ("channels: 3", "'channels' is a key of network convolution, not of network spectral"),
    (
      "network: convolution, layers: 3",
      "'samplers.nets.layers' must be an integer from 1 to 2, got '3'"
    ),
    (
      "network: convolutional",
      "'samplers.nets.network' must be spectral or convolution, got 'convolutional', did you mean "
        + "'convolution'?"
    ),
    (
      "drift: a.h5, network: convolution",
      "'samplers.nets.network' is used by training only, which 'drift' replaces"
    ),
  ]

  @Test(arguments: badFiles) func badKeysAreTold(sampler: String, message: String) {
    let found = messages(TransportFileTests.file(sampler))
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix(message) == true, "\(found)")
  }

  // MARK: Training

  /// Stops in the closed form, between two iterations, before the measurement and in the run.
  @Test(arguments: ["", ", stops: [6], layers: 1", ", path: straight, transition: langevin"])
  func stopsAndThreadsDoNotChangeABit(more: String) throws {
    let sweep = try Self.sweep(more)
    let (whole, pieces) = (MemoryStore(), MemoryStore())
    try Self.run(sweep, in: whole, threads: 3)
    var inside: Set<Int> = []
    for piece in 0..<1000 {
      let observer = try Self.run(
        sweep, in: pieces, stopAfter: 1 + piece * 5 % 7, threads: 1 + piece % 3)
      if observer.told.contains("finished n") { break }
      let drift = try pieces.ensemble(at: "out/drift-000-n")
      if let iteration = try drift.restart().integers["iteration"], !drift.isComplete {
        inside.insert(iteration)
      }
    }
    #expect(inside.count >= 3, "stops inside the network's training: \(inside)")
    for path in ["out/drift-000-n", "out/run-000-n"] {
      let (one, two) = (try pieces.ensemble(at: path), try whole.ensemble(at: path))
      #expect(try AnnealingRunnerTests.bits(one) == AnnealingRunnerTests.bits(two))
      #expect(try one.restart() == two.restart())
    }
  }

  /// A closed form that its ridge holds back leaves much to a network.
  @Test func theNetworkReducesTheResidual() throws {
    let store = MemoryStore()
    let sweep = try parse(
      TransportFileTests.file(
        Self.sampler.replacing("channels: 3, iterations: 12", with: "iterations: 150")
          + ", learning_rate: 0.03, ridge: 30"))
    let observer = try Self.run(sweep, in: store, threads: 2, trainingAlone: true)
    let drift = try store.ensemble(at: "out/drift-000-n")
    func column(_ name: String, _ table: String) throws -> [Double] {
      try drift.values(of: name, in: table)
    }
    let (before, after) = (
      try column("residual_spectral", "check").reduce(0, +),
      try column("residual", "check").reduce(0, +)
    )
    #expect(after < 0.5 * before, "\(before) \(after)")
    // The first iteration has the closed form's drift, as the network begins with nothing.
    let losses = try column("loss", "refinement")
    #expect(losses.count == 150)
    #expect(losses[130...].reduce(0, +) / 20 < 0.5 * losses[15..<25].reduce(0, +) / 10)
    #expect(try column("residual", "refinement").elementsEqual(losses.map { $0 / 16 }))
    let summary = try #require(observer.summaries.first)
    #expect(try column("residual", "check").last == summary.residual)
    #expect(try column("ess", "check").last == summary.effectiveFraction)
  }

  // MARK: Stored networks

  @Test func aStoredNetworkIsReadBack() throws {
    let (sweep, store) = (try Self.sweep(), MemoryStore())
    try Self.run(sweep, in: store)
    let (folder, run) = (
      try store.ensemble(at: "out/drift-000-n"), try store.ensemble(at: "out/run-000-n")
    )
    let drift = try StoredDrift(folder)
    let network = try #require(drift.network)
    #expect(network.parameters == (try folder.values(of: "value", in: "parameters")))
    #expect(network.parameters.contains { $0 != 0 })
    #expect(network.architecture.channels == 3 && network.architecture.layers == 2)
    #expect(run.attributes(of: "drift")["id"] == .text(drift.identity))
    #expect(run.attributes(of: "drift")["parameters"] == .integer(network.parameters.count))
    #expect(folder.attributes(of: "sampler")["network"] == .text("convolution"))
    #expect(folder.attributes(of: "sampler")["iterations"] == .integer(12))
    // The network is more than its base, and another identity than that alone.
    var batch = Configurations(count: 2, dimension: 16)
    for index in batch.values.indices { batch.values[index] = 0.1 * Double(index % 7) - 0.2 }
    var (with, without) = (batch, batch)
    let (path, followed) = try drift.followed(by: sweep.runs[0])
    #expect(drift.members.count == 1 && path.knots == drift.members[0].path.knots)
    followed.velocities(of: batch, at: 0.6, into: &with)
    drift.members[0].velocities(of: batch, at: 0.6, into: &without)
    #expect(with != without)
    network.velocities(of: batch, at: 0.6, into: &without)
    #expect(with == without)
    // The closed form does not know whether a network follows.
    let plain = MemoryStore()
    try Self.run(
      parse(
        TransportFileTests.file(
          "name: n, training_walkers: 200, training_slices: 8")), in: plain, trainingAlone: true)
    let spectral = try StoredDrift(plain.ensemble(at: "out/drift-000-n"))
    #expect(spectral.network == nil && spectral.identity != drift.identity)
    #expect(spectral.members[0].weights == drift.members[0].weights)
  }

  @Test func aStoredNetworkServesOtherSweepsAndNoOtherTheory() throws {
    let store = MemoryStore()
    try Self.run(Self.sweep(), in: store, trainingAlone: true)
    let text = TransportFileTests.file(
      "walkers: 50, populations: 2, pilot: 16, bias_walkers: 20, drift: out/drift-000-n")
    let other = try parse(text)
    try other.checkDrifts(in: store)
    let runner = SweepRunner(
      other, folder: "other", store: store, workers: Workers(1), software: [:],
      observer: CountingObserver())
    #expect(try runner.carryOut() == .complete)
    let id = try StoredDrift(store.ensemble(at: "out/drift-000-n")).identity
    #expect(
      try store.ensemble(at: "other/run-000-nets").attributes(of: "drift")["id"] == .text(id))

    for (old, new, message) in [
      ("lambda: 4.5", "lambda: 4", "the drift was trained with theory.lambda = 4.5, which is 4"),
      ("[4, 4]", "[4, 6]", "the drift was trained with lattice.extents = [4, 4], which is [4, 6]"),
      (
        "method: nets,", "method: nets, path: straight,",
        "constant-susceptibility, which is straight"
      ),
    ] {
      let error = try #require(throws: UnusableDrift.self) {
        try parse(text.replacing(old, with: new)).checkDrifts(in: store)
      }
      #expect(error.description.contains(message), "\(error)")
    }
  }

  @Test func anUnfinishedNetworkIsRefused() throws {
    let store = MemoryStore()
    // Two sweeps of nine times, and then some iterations.
    try Self.run(Self.sweep(), in: store, stopAfter: 22, trainingAlone: true)
    #expect(try store.ensemble(at: "out/drift-000-n").restart().integers["iteration"] == 4)
    let error = try #require(throws: UnusableDrift.self) {
      try parse(TransportFileTests.file("drift: out/drift-000-n")).checkDrifts(in: store)
    }
    #expect(error.description.contains("not trained to the end"))
  }
}
