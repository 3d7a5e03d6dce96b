// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps
import Testing

/// Sweep files with annealing samplers. Lines of `annealed`: 1 seed, 2 output, 3 theory, 4 lattice,
/// 5 samplers, 6 method, 7 path_steps.
@Suite struct AnnealingFileTests {
  private static func annealed(
    _ keys: String, theory: String = "parametrisation: unhalved, m2: -1, lambda: 0.8",
    method: String = "ais"
  ) -> String {
    """
    seed: 1
    output: results
    theory: {name: phi4, \(theory)}
    lattice: {extents: [8, 8]}
    samplers:
      - method: \(method)
    \(keys.split(separator: "\n").map { "    \($0)\n" }.joined())
    """
  }

  private static func annealing(
    _ keys: String, method: String = "ais"
  ) throws -> AnnealingSpecification {
    try #require(parse(annealed(keys, method: method)).runs[0].sampler.annealing)
  }

  @Test func absentKeysHaveTheirDefaults() throws {
    let ais = try Self.annealing("path_steps: 7")
    #expect(ais.name == "ais")
    #expect(ais.methodName == "ais")
    #expect(ais.walkers == 256)
    #expect(ais.populations == 8)
    #expect(ais.transition == .hmc(scheme: .omelyan, steps: 5, updates: 1))
    #expect(ais.acceleration == nil)
    #expect(ais.schedule == .uniform(steps: 7))
    #expect(ais.step == 0.3)
    #expect(ais.tuning == .init(targetAcceptance: nil))
    #expect(ais.origin == .free(massSquared: 1))
    #expect(ais.stops == nil)
    #expect(ais.resampling == nil)
    #expect(ais.pilotWalkers == 128)
    #expect(ais.reverseUpdates == 0)
    let smc = try Self.annealing("path_steps: 7", method: "smc")
    #expect(smc.methodName == "smc")
    #expect(smc.resampling == .init(scheme: .systematic, threshold: 0.5))
    #expect(smc.populations == 16)
  }

  static let transitions: [(String, AnnealingSpecification.Transition)] = [
    ("transition: hmc", .hmc(scheme: .omelyan, steps: 5, updates: 1)),
    (
      "transition: hmc\nscheme: leapfrog\nsteps: 3\nupdates: 2",
      .hmc(scheme: .leapfrog, steps: 3, updates: 2)
    ),
    ("transition: mala\nupdates: 4", .mala(updates: 4)),
    ("transition: metropolis", .metropolis(updates: 1)),
    ("transition: ula", .ula(.kernelRatio)),
    ("transition: ula\nweight: continuum", .ula(.continuum)),
    ("transition: langevin", .langevin(.baoab, friction: 1)),
    ("splitting: obabo\nfriction: 2.5\ntransition: langevin", .langevin(.obabo, friction: 2.5)),
  ]

  @Test(arguments: transitions)
  func transitionReachesItsValue(keys: String, expected: AnnealingSpecification.Transition) throws {
    #expect(try Self.annealing("path_steps: 7\n" + keys).transition == expected)
  }

  @Test func otherKeysReachTheirValues() throws {
    let smc = try Self.annealing(
      """
      name: X
      walkers: 5
      populations: 3
      acceleration: fourier
      mass2: 0.5
      schedule: adaptive
      conditional_ess: 0.9
      step: 0.1
      target_acceptance: 0.7
      origin: independent
      stops: [0.2, 0.5]
      resampling: residual
      threshold: 0.25
      pilot: 17
      """, method: "smc")
    #expect(smc.name == "X")
    #expect(smc.walkers == 5)
    #expect(smc.populations == 3)
    #expect(smc.acceleration == 0.5)
    #expect(smc.schedule == .adaptive(conditionalESS: 0.9))
    #expect(smc.step == 0.1)
    #expect(smc.tuning == .init(targetAcceptance: 0.7))
    #expect(smc.origin == .independent)
    #expect(smc.stops == .init(key: .lambda, values: [0.2, 0.5]))
    #expect(smc.resampling == .init(scheme: .residual, threshold: 0.25))
    #expect(smc.pilotWalkers == 17)
    let ais = try Self.annealing(
      "times: [0.1, 0.5, 1]\norigin_m2: 2\nreverse: 6\ntune: false\nstops: [-2]\nstop_key: m2")
    #expect(ais.schedule == .given(times: [0.1, 0.5, 1]))
    #expect(ais.origin == .free(massSquared: 2))
    #expect(ais.reverseUpdates == 6)
    #expect(ais.tuning == nil)
    #expect(ais.stops == .init(key: .m2, values: [-2]))
  }

  /// Every stop is visited at exactly its time, whatever the steps.
  @Test func timesVisitTheStops() throws {
    let even = try Self.annealing("path_steps: 6\nstops: [0.2, 0.5]")
    #expect(even.steps == 6)
    #expect(even.notes == [])
    let odd = try Self.annealing("path_steps: 7\nstops: [0.2, 0.5]")
    #expect(odd.steps == 9)
    #expect(odd.notes.count == 1)
    #expect(odd.notes[0].contains("rounded up from 7 to 9"))
    let given = try Self.annealing("times: [0.1, 0.333333333333, 1]\nstops: [0.2, 0.5]")
    #expect(given.times == [0.1, 1.0 / 3, 2.0 / 3, 1])
    for annealing in [even, odd, given] {
      let times = try #require(annealing.times)
      #expect(annealing.stopTimes == [1.0 / 3, 2.0 / 3, 1])
      #expect(annealing.stopTimes.allSatisfy(times.contains))
      #expect(zip(times, times.dropFirst()).allSatisfy(<))
      #expect(annealing.steps == times.count)
    }
    #expect(try Self.annealing("schedule: adaptive").times == nil)
  }

  @Test func biasedWeightsAreSaid() throws {
    let biased = try Self.annealing("path_steps: 7\ntransition: ula\nweight: continuum")
    #expect(biased.notes.count == 1)
    #expect(biased.notes[0].contains("biased"))
  }

  static let mistakes: [(keys: String, method: String, message: String)] = [
    (
      "chains: 3", "ais",
      "8:5: 'chains' is a key of hmc, fourier-hmc, mala and metropolis, not of ais"
    ),
    (
      "start: hot", "smc",
      "8:5: 'start' is a key of hmc, fourier-hmc, mala and metropolis, not of smc"
    ),
    ("length: 2", "ais", "8:5: 'length' is a key of hmc and fourier-hmc, not of ais"),
    ("resampling: residual", "ais", "8:5: 'resampling' is a key of smc and nets, not of ais"),
    ("reverse: 5", "smc", "8:5: 'reverse' is a key of ais, not of smc"),
    (
      "steps: 5\ntransition: mala", "ais",
      "8:5: 'steps' is a key of transition hmc, not of transition mala, did you mean 'step'?"
    ),
    (
      "friction: 2\ntransition: ula", "ais",
      "8:5: 'friction' is a key of transition langevin, not of transition ula"
    ),
    (
      "transition: ula\ntarget_acceptance: 0.5", "ais",
      "9:5: 'target_acceptance' is a key of transition hmc, mala and metropolis, not of transition"
        + " ula"
    ),
    (
      "transition: metropolis\nacceleration: fourier", "ais",
      "9:5: 'acceleration' is a key of transition hmc, mala, ula and langevin, not of transition"
        + " metropolis"
    ),
    ("mass2: 2", "ais", "8:5: 'mass2' is a key of acceleration fourier, not of acceleration none"),
    (
      "origin: independent\norigin_m2: 2", "ais",
      "9:5: 'origin_m2' is a key of origin free, not of origin independent, did you mean"
        + " 'origin'?"
    ),
    (
      "conditional_ess: 0.9", "ais",
      "8:5: 'conditional_ess' is a key of schedule adaptive, not of schedule uniform"
    ),
    (
      "schedule: adaptive", "ais",
      "7:5: 'path_steps' is a key of schedule uniform, not of schedule adaptive"
    ),
    ("times: [0.5, 1]", "ais", "8:5: 'samplers.ais' has either 'path_steps' or 'times', got both"),
    (
      "walker: 5", "ais", "8:5: unknown key 'walker' in 'samplers.ais', did you mean 'walkers'?"
    ),
    ("walkers: 1", "ais", "8:14: 'samplers.ais.walkers' must be an integer >= 2, got '1'"),
    (
      "walkers: 2000000000\npopulations: 2000000000", "ais",
      "8:14: 'samplers.ais' must have less than 2^32 walkers in all populations"
    ),
    (
      "stop_key: m2", "ais",
      "8:5: 'samplers.ais.stop_key' is used by stops only, and there are none"
    ),
    (
      "stops: [0.2]\nstop_key: kappa", "ais",
      "9:15: 'samplers.ais.stop_key' must be m2 or lambda, a coupling of the theory, got 'kappa'"
    ),
    (
      "stops: []", "ais",
      "8:12: 'samplers.ais.stops' must be a list of different numbers, got an empty list"
    ),
    ("stops: [1, 1]", "ais", "8:16: 'samplers.ais.stops' has 1 twice"),
    (
      "stops: [1, -2]", "ais",
      "8:13: 'samplers.ais.stops[1]' must be a number >= 0, a value of lambda, got -2"
    ),
    (
      "stops: [0]", "ais",
      "8:13: 'samplers.ais.stops[0]': with lambda = 0 the weight exp(-S) cannot be normalised"
    ),
    ("threshold: 1", "smc", "8:16: 'samplers.smc.threshold' must be a number > 0 and < 1, got '1'"),
  ]

  @Test(arguments: mistakes)
  func misuseIsToldWithItsPlace(keys: String, method: String, message: String) {
    let found = messages(Self.annealed("path_steps: 7\n" + keys, method: method))
    #expect(found == ["sweep.yaml:" + message])
  }

  @Test(arguments: [
    (
      "",
      "6:5: 'samplers.ais.path_steps' is missing; it must be an integer >= 1 unless 'schedule:"
        + " adaptive' or 'times' are given"
    ),
    (
      "times: [0.5, 0.4, 1]", "7:18: 'samplers.ais.times[1]' must be > 0.5, the one before, got 0.4"
    ),
    ("times: [0.5, 0.9]", "7:18: 'samplers.ais.times' must end with 1, got 0.9"),
    ("times: [0, 1]", "7:13: 'samplers.ais.times[0]' must be a number > 0, got '0'"),
  ])
  func schedulesAreChecked(keys: String, message: String) {
    #expect(messages(Self.annealed(keys)) == ["sweep.yaml:" + message])
  }

  @Test func keysOfAnnealingAreRefusedForChains() {
    for key in SweepKey.all where key.section == .samplers {
      guard let methods = key.applicability.first(where: { $0.selector == "method" }),
        !methods.values.contains("hmc"), methods.values.contains("ais")
      else { continue }
      let found = messages(complete + "    \(key.name): 1\n")
      #expect(found.contains { $0.contains("'\(key.name)' is a key of") }, "\(key.name): \(found)")
    }
  }

  @Test func configurationsCountPopulations() {
    let text = Self.annealed("path_steps: 7\npopulations: 4")
    #expect(messages(text + "configurations: {every: 4}\nmeasure: {every: 1000}\n") == [])
    #expect(
      messages(text + "configurations: {every: 5}\n") == [
        "sweep.yaml:9:25: 'configurations.every' must be at most the number of populations"
      ])
  }

  @Test func identityIsFixedForm() throws {
    // Streams of earlier results hang on this text, so it must never change by accident.
    let text = Self.annealed(
      "path_steps: 7\nstops: [0.2]\ntransition: hmc\npopulations: 4\nthreshold: 0.25", method: "smc"
    )
    let run = try parse(text).runs[0]
    #expect(
      run.identity == """
        theory: phi4 unhalved m2=-1 lambda=0.8
        lattice: 8x8
        sampler: smc method=smc walkers=256 transition=hmc scheme=omelyan steps=5 updates=1 \
        acceleration=none schedule=uniform path_steps=7 step=0.3 tune=true target_acceptance=own \
        origin=free origin_m2=1 stops=lambda:0.2 resampling=systematic threshold=0.25 pilot=128

        """)
    // More populations go on with the same streams.
    let more = try parse(text.replacing("populations: 4", with: "populations: 9")).runs[0]
    #expect(more.identity == run.identity)
  }
}
