// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps
import Testing

@Suite struct GoodFileTests {
  @Test func everyKeyReachesItsValue() throws {
    let sweep = try parse(everything)
    #expect(sweep.title == "every key")
    #expect(sweep.output == "results/every")
    #expect(sweep.threads == 2)
    #expect(sweep.checkpoint == CheckpointSpecification(seconds: 1.5, megabytes: 4))
    #expect(sweep.text == everything)
    #expect(sweep.fileName == "sweep.yaml")
    #expect(sweep.runs.count == 4)
    let run = sweep.runs[0]
    #expect(run.index == 0)
    #expect(run.seed == 9_223_372_036_854_775_807)
    #expect(
      run.theory
        == TheorySpecification(
          model: .phi4, parametrisation: .continuum(massSquared: -0.5, coupling: 2)))
    #expect(run.extents == [4, 6, 8])
    #expect(
      run.measurement
        == MeasurementSpecification(every: 1, observables: [.moments, .propagator], shells: 5))
    #expect(run.configurations == ConfigurationSpecification(every: 1, precision: .single))
    #expect(run.monitor == MonitorSpecification(reversibility: 0))
    #expect(
      run.sampler
        == .markovChain(
          MarkovChainSpecification(
            name: "A",
            method: .hmc(.init(scheme: .fourthOrder, length: 2.5, steps: 11, jitter: 0.25)),
            chains: 3, trajectories: 1234, thermalisation: 7, start: .cold, clusterUpdates: 2,
            tuning: .init(targetAcceptance: 0.75))))
    let samplers = try sweep.runs.map { try #require($0.sampler.markovChain) }
    #expect(samplers.map(\.name) == ["A", "B", "C-1", "D_2"])
    #expect(
      samplers.map(\.method.name) == ["hmc", "fourier-hmc", "mala", "metropolis"])
    let defaults = MarkovChainSpecification.Trajectory(
      scheme: .omelyan, length: 1, steps: 10, jitter: 0)
    #expect(samplers[1].method == .fourierHMC(defaults, massSquared: 0.125))
    #expect(samplers[2].method == .mala(step: 0.01))
    #expect(samplers[3].method == .metropolis(step: 0.3))
    #expect(samplers[3].tuning == nil)
  }

  @Test func absentKeysHaveTheirDefaults() throws {
    let sweep = try parse(complete)
    #expect(sweep.title == "")
    #expect(sweep.threads == nil)
    #expect(sweep.checkpoint == CheckpointSpecification(seconds: 300, megabytes: 64))
    let run = try #require(sweep.runs.first)
    #expect(sweep.runs.count == 1)
    #expect(run.label == "hmc")
    #expect(run.folderName == "run-000-hmc")
    #expect(
      run.theory
        == TheorySpecification(
          model: .phi4, parametrisation: .unhalved(massSquared: -4, coupling: 4.5)))
    #expect(
      run.sampler
        == .markovChain(
          MarkovChainSpecification(
            name: "hmc", method: .hmc(.init(scheme: .omelyan, length: 1, steps: 10, jitter: 0)),
            chains: 8, trajectories: 1000, thermalisation: 200, start: .mixed, clusterUpdates: 0,
            tuning: .init(targetAcceptance: nil))))
    #expect(
      run.measurement
        == MeasurementSpecification(
          every: 1, observables: [.moments, .correlator], shells: 16))
    #expect(run.configurations == nil)
    #expect(run.monitor == MonitorSpecification(reversibility: 100))
  }

  @Test(arguments: [(1, 100), (500, 100), (501, 101), (505, 101), (506, 102), (5000, 1000)])
  func thermalisationIsAFifthAndAtLeastAHundred(trajectories: Int, expected: Int) throws {
    let text = complete.replacing("trajectories: 1000", with: "trajectories: \(trajectories)")
    #expect(try parse(text).runs[0].sampler.markovChain?.thermalisation == expected)
  }

  /// Each legal text of a theory with what it means.
  static let theories: [(String, TheorySpecification)] = [
    (
      "{name: free, parametrisation: unhalved, m2: 0.25}",
      TheorySpecification(
        model: .free, parametrisation: .unhalved(massSquared: 0.25, coupling: 0))
    ),
    (
      "{name: free, parametrisation: continuum, m2: 1e-3}",
      TheorySpecification(
        model: .free, parametrisation: .continuum(massSquared: 0.001, coupling: 0))
    ),
    (
      "{name: free, parametrisation: hopping, kappa: 0.2499}",
      TheorySpecification(model: .free, parametrisation: .hopping(kappa: 0.2499, coupling: 0))
    ),
    (
      "{name: phi4, parametrisation: hopping, kappa: 0.2499, lambda: 0}",
      TheorySpecification(model: .phi4, parametrisation: .hopping(kappa: 0.2499, coupling: 0))
    ),
    (
      "{name: phi4, parametrisation: hopping, kappa: 7, lambda: .5}",
      TheorySpecification(model: .phi4, parametrisation: .hopping(kappa: 7, coupling: 0.5))
    ),
    (
      "{name: phi4, parametrisation: unhalved, m2: +0.5, lambda: -0.0}",
      TheorySpecification(
        model: .phi4, parametrisation: .unhalved(massSquared: 0.5, coupling: 0))
    ),
    (
      "{name: phi4, parametrisation: continuum, m2: -1.5E+1, lambda: 3.}",
      TheorySpecification(
        model: .phi4, parametrisation: .continuum(massSquared: -15, coupling: 3))
    ),
  ]

  @Test(arguments: theories)
  func theoryIsReadInItsParametrisation(text: String, expected: TheorySpecification) throws {
    let file =
      head + """
        theory: \(text)
        lattice: {extent: 8, dimensions: 2}
        samplers: [{method: metropolis, trajectories: 10}]
        """
    let run = try parse(file).runs[0]
    #expect(run.theory == expected)
    #expect(run.extents == [8, 8])
    #expect(!run.identity.contains("-0 ") && !run.identity.hasSuffix("-0"))
  }

  @Test func wordsAreNeverTakenForNumbersOrFlags() throws {
    let text = complete.replacing("output: results", with: "output: no\ntitle: 010")
    let sweep = try parse(text)
    #expect(sweep.output == "no")
    #expect(sweep.title == "010")
    let quoted = complete.replacing("method: hmc", with: "method: 'hmc'\n    name: \"1e3\"")
    #expect(try parse(quoted).runs[0].sampler.name == "1e3")
  }

  @Test func byteOrderMarkAndWindowsLineEndsAreHarmless() throws {
    let windows = "\u{FEFF}" + complete.replacing("\n", with: "\r\n")
    #expect(try parse(windows).runs == parse(complete).runs)
    #expect(
      messages(windows.replacing("lambda: 4.5", with: "lambda: x"))
        == ["sweep.yaml:7:11: 'theory.lambda' must be a number >= 0, got 'x'"])
  }

  @Test func identityIsFixedForm() throws {
    // Streams of earlier results hang on this text, so it must never change by accident.
    let identities = try parse(everything).runs.map(\.identity)
    #expect(
      identities[0] == """
        theory: phi4 continuum m2=-0.5 lambda=2
        lattice: 4x6x8
        sampler: A method=hmc scheme=fourth-order length=2.5 steps=11 jitter=0.25 chains=3 \
        thermalisation=7 start=cold cluster=2 tune=true target_acceptance=0.75

        """)
    #expect(
      identities[3] == """
        theory: phi4 continuum m2=-0.5 lambda=2
        lattice: 4x6x8
        sampler: D_2 method=metropolis step=0.3 chains=8 thermalisation=201 start=mixed \
        cluster=0 tune=false

        """)
  }

  /// A change of the file, and whether the run keeps its random numbers.
  static let changes: [(from: String, to: String, keeps: Bool)] = [
    ("title: every key", "title: other", true),
    ("output: results/every", "output: elsewhere", true),
    ("threads: 2", "threads: 3", true),
    ("trajectories: 1234", "trajectories: 9999", true),
    ("shells: 5", "shells: 6", true),
    ("precision: single", "precision: double", true),
    ("seconds: 1.5", "seconds: 9", true),
    ("reversibility: 0", "reversibility: 5", true),
    ("extents: [4, 6, 8]", "extents:\n    - 4\n    - 6\n    - 8", true),
    ("m2: -0.5", "m2: -5e-1", true),
    ("m2: -0.5", "m2: -0.5000001", false),
    ("lambda: 2", "lambda: 3", false),
    ("continuum", "unhalved", false),
    ("extents: [4, 6, 8]", "extents: [6, 4, 8]", false),
    ("name: A", "name: Z", false),
    ("chains: 3", "chains: 4", false),
    ("thermalisation: 7", "thermalisation: 8", false),
    ("start: cold", "start: hot", false),
    ("cluster: 2", "cluster: 0", false),
    ("target_acceptance: 0.75", "target_acceptance: 0.76", false),
    ("scheme: fourth-order", "scheme: leapfrog", false),
    ("length: 2.5", "length: 2", false),
    ("steps: 11", "steps: 12", false),
    ("jitter: 0.25", "jitter: 0", false),
  ]

  @Test(arguments: changes)
  func identityNamesExactlyWhatTheStreamDependsOn(from: String, to: String, keeps: Bool) throws {
    try #require(everything.contains(from))
    let original = try parse(everything).runs[0].identity
    let changed = try parse(everything.replacing(from, with: to, maxReplacements: 1))
    #expect((changed.runs[0].identity == original) == keeps)
  }
}
