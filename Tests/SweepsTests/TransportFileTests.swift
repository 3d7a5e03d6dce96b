// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps
import Testing

/// Sweep files with the non-equilibrium transport sampler.
@Suite struct TransportFileTests {
  /// A file with one sampler on 4x4, with its keys in a line.
  static func file(_ sampler: String, theory: String = "m2: -4, lambda: 4.5") -> String {
    head + """
      theory: {name: phi4, parametrisation: unhalved, \(theory)}
      lattice: {extents: [4, 4]}
      samplers: [{method: nets, path_steps: 20, \(sampler)}]

      """
  }

  private func annealing(_ sampler: String) throws -> AnnealingSpecification {
    try #require(parse(Self.file(sampler)).runs[0].sampler.annealing)
  }

  @Test func defaults() throws {
    let nets = try annealing("walkers: 7")
    #expect(nets.methodName == "nets" && nets.name == "nets")
    #expect(nets.origin == .constantSusceptibility)
    #expect(nets.resampling == nil && nets.populations == 8 && nets.steps == 20)
    #expect(nets.transition == .hmc(scheme: .omelyan, steps: 5, updates: 1))
    let transport = try #require(nets.transport)
    #expect(transport.integrator.rawValue == "rk4" && transport.biasWalkers == 64)
    #expect(
      transport.drift
        == .trained(TrainingSpecification(walkers: 2048, slices: 50, sweeps: 2, ridge: 1e-4)))
  }

  @Test func everyKey() throws {
    let nets = try annealing(
      "path: straight, origin: independent, integrator: rk2, bias_walkers: 19, stops: [6], "
        + "training_walkers: 12, training_slices: 8, training_sweeps: 3, ridge: 0.5, "
        + "resampling: stratified, threshold: 0.25, transition: mala, updates: 2")
    #expect(nets.origin == .independent && nets.populations == 16)
    #expect(nets.resampling == .init(scheme: .stratified, threshold: 0.25))
    let transport = try #require(nets.transport)
    #expect(transport.integrator.rawValue == "rk2" && transport.biasWalkers == 19)
    #expect(
      transport.drift
        == .trained(TrainingSpecification(walkers: 12, slices: 8, sweeps: 3, ridge: 0.5)))
    #expect(try annealing("drift: a/b.h5").transport?.drift == .file("a/b.h5"))
    #expect(try annealing("resampling: none").resampling == nil)
  }

  @Test func annealingWithoutTransportMayHaveACurvedPath() throws {
    let text = Self.file("path: constant-susceptibility").replacing("nets", with: "ais")
    let ais = try #require(parse(text).runs[0].sampler.annealing)
    #expect(ais.origin == .constantSusceptibility && ais.transport == nil)
    let plain = try #require(
      parse(Self.file("walkers: 9").replacing("nets", with: "smc")).runs[0].sampler.annealing)
    #expect(plain.origin == .free(massSquared: 1))
  }

  /// Random numbers are derived from the identity, so that it must stay what it was.
  @Test func annealingKeepsItsIdentity() throws {
    let text = Self.file("stops: [6]").replacing("nets", with: "ais")
    #expect(
      try parse(text).runs[0].identity
        == "theory: phi4 unhalved m2=-4 lambda=4.5\nlattice: 4x4\nsampler: ais method=ais "
        + "walkers=256 transition=hmc scheme=omelyan steps=5 updates=1 acceleration=none "
        + "schedule=uniform path_steps=20 step=0.3 tune=true target_acceptance=own origin=free "
        + "origin_m2=1 stops=lambda:6 pilot=128\n")
  }

  /// Runs that differ in nothing that concerns the training follow one drift.
  @Test func runsShareTrainings() throws {
    let sweep = try parse(
      Self.file("name: a").replacing("path_steps: 20, ", with: "")
        .replacing("}]\n", with: "}, {method: nets, name: b, path_steps: 9, ridge: 1}]\n")
        .replacing(", lambda: 4.5", with: "")
          + """
          grid:
            theory.lambda: [5, 4]
            samplers.a.path_steps: [10, 20]
            samplers.a.integrator: [rk2, rk4]

          """)
    #expect(sweep.runs.count == 10)
    #expect(
      sweep.trainings.map(\.folderName)
        == ["drift-000-a", "drift-001-b", "drift-005-a", "drift-006-b"])
    let other = try parse(Self.file("drift: x.h5"))
    #expect(other.trainings.isEmpty)
  }

  static let badFiles = [
    (
      "walkers: 8, integrator: rk3",
      "'samplers.nets.integrator' must be rk2 or rk4, got 'rk3', did you mean 'rk2'?"
    ),
    (
      "trainingwalkers: 8",
      "unknown key 'trainingwalkers' in 'samplers.nets', did you mean 'training_walkers'?"
    ),
    (
      "drift: a.h5, ridge: 0.1",
      "'samplers.nets.ridge' is used by training only, which 'drift' replaces"
    ),
    (
      "drift: ~/a.h5",
      "'samplers.nets.drift' must be the name of a file or folder, got '~/a.h5'; write the folder "
        + "out, '~' is not replaced"
    ),
    (
      "origin_m2: 2",
      "'samplers.nets.origin_m2' is used by 'path: straight' only; a path of constant "
        + "susceptibility finds its origin"
    ),
    ("threshold: 0.4", "'samplers.nets.threshold' is used by resampling only, and there is none"),
    ("reverse: 3", "'reverse' is a key of ais, not of nets"),
    (
      "path: straigt",
      "'samplers.nets.path' must be straight or constant-susceptibility, got 'straigt', did you "
        + "mean 'straight'?"
    ),
    ("training_walkers: 1", "'samplers.nets.training_walkers' must be an integer >= 2, got '1'"),
  ]

  @Test(arguments: badFiles) func badKeysAreTold(sampler: String, message: String) {
    let found = messages(Self.file(sampler))
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix(message) == true, "\(found)")
  }

  @Test func keysOfNetsAreRefusedElsewhere() {
    let ais = messages(Self.file("integrator: rk2").replacing("nets", with: "ais"))
    #expect(ais.count == 1 && ais[0].hasSuffix("'integrator' is a key of nets, not of ais"))
    let smc = messages(Self.file("resampling: none").replacing("nets", with: "smc"))
    #expect(smc.count == 1)
    #expect(smc[0].hasSuffix("smc without resampling is 'method: ais'"), "\(smc)")
  }

  @Test func aCurvedPathNeedsInteraction() throws {
    let found = messages(Self.file("name: a", theory: "m2: 1, lambda: 0"))
    #expect(found.count == 1)
    #expect(found[0].contains("'samplers.a' needs 'path: straight' where lambda = 0"), "\(found)")
    #expect(messages(Self.file("path: straight", theory: "m2: 1, lambda: 0")) == [])
    let stops = messages(Self.file("stops: [0, 2]", theory: "m2: 1, lambda: 1"))
    #expect(stops.count == 1 && stops[0].contains("needs 'path: straight'"), "\(stops)")
  }
}
