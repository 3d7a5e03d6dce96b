// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Statistics
import Testing
import Transport

/// Transport before a transition: the weights, for drifts that nobody trained.
@Suite(.serialized) struct TransportedTests {
  private static func transitions(
    _ drift: SpectralDrift, stiffness: Double, theory: Phi4
  ) -> [(name: String, transition: any Transition<Phi4>, stepSize: Double)] {
    let unit = 1 / stiffness.squareRoot()
    let map = TransportMap(drift: drift)
    return [
      ("nothing", Transported(ChangeOfDensity<Phi4>(), by: map), 1),
      ("HMC", Transported(KernelTransition<Phi4>.hmc(steps: 2, updates: 2), by: map), unit),
      ("MALA", Transported(KernelTransition<Phi4>.mala(), by: map), unit),
      (
        "Metropolis", Transported(KernelTransition<Phi4>.metropolis(at: theory), by: map), 1
      ),
      ("overdamped", Transported(OverdampedLangevin<Phi4>(), by: map), 0.7 * unit),
      (
        "BAOAB", Transported(UnderdampedLangevin<Phi4>(splitting: .baoab, friction: 1), by: map),
        0.7 * unit
      ),
      (
        "OBABO", Transported(UnderdampedLangevin<Phi4>(splitting: .obabo, friction: 1), by: map),
        0.7 * unit
      ),
    ]
  }

  /// E[w] = Z_1/Z_0 there and back, in few steps of a rule of order 4.
  @Test(arguments: [([5], 1.35), ([2, 3], 1.3), ([3, 2, 2], 1.15)])
  func freeFields(extents: [Int], massSquared: Double) throws {
    let lattice = Lattice(extents: extents)
    let start = FreeField(lattice, massSquared: 1)
    let end = FreeField(lattice, massSquared: massSquared)
    let path = CouplingPath(from: start, to: end.phi4)
    let ratio = end.logNormalizer - start.logNormalizer
    let drift = SpectralDrift.random(path, amplitude: 0.03)
    for (number, (name, transition, stepSize)) in Self.transitions(
      drift, stiffness: end.stiffness, theory: end.phi4
    ).enumerated() {
      var journey = Journey(
        path: path, transition: transition, schedule: .uniform(3, stepSize: stepSize),
        walkers: 30_000, seed: UInt64(10 * number))
      var pulls = try journey.pulls("\(name), there", logRatio: ratio, phi2: end.phi2)
      journey.end = end.samples(journey.walkers, seed: 77)
      pulls += try journey.pulls("\(name), back", logRatio: -ratio, phi2: start.phi2)
      for pull in pulls {
        pull.record()
        #expect(pull.isWithin(4.5), "\(pull)")
      }
      #expect(pulls[0].error < 0.0025, "\(pulls[0])")
    }
  }

  @Test(
    arguments: [
      (2, 1.8, -0.6802300257, 0.13014613), (3, 1.3, -1.9121871526, 0.11159062),
    ])
  func tori(extent: Int, mass: Double, logZ: Double, phi2: Double) throws {
    let lattice = Lattice(extents: [extent, extent])
    let start = FreeField(lattice, massSquared: mass)
    let theory = Phi4(lattice: lattice, massSquared: 1, coupling: 1)
    let path = CouplingPath(from: start, to: theory)
    let drift = SpectralDrift.random(path, amplitude: 0.03)
    for (number, (name, transition, stepSize)) in Self.transitions(
      drift, stiffness: 22, theory: theory
    ).enumerated() {
      let journey = Journey(
        path: path, transition: transition, schedule: .uniform(5, stepSize: stepSize),
        walkers: 30_000, seed: UInt64(200 + number))
      let pulls = try journey.pulls(name, logRatio: logZ - start.logNormalizer, phi2: phi2)
      for pull in pulls {
        pull.record()
        #expect(pull.isWithin(4.5), "\(pull)")
      }
      #expect(pulls[0].error < 0.0025, "\(pulls[0])")
    }
  }

  /// Crooks' relation of the works of both ways, for a schedule that is not its own mirror image.
  @Test(arguments: 0..<7) func crooks(number: Int) throws {
    let lattice = Lattice(extents: [3, 4])
    let start = FreeField(lattice, massSquared: 1)
    let end = FreeField(lattice, massSquared: 1.6)
    let path = CouplingPath(from: start, to: end.phi4)
    let (name, transition, size) = Self.transitions(
      .random(path, amplitude: 0.04), stiffness: end.stiffness, theory: end.phi4)[number]
    var journey = Journey(
      path: path, transition: transition,
      schedule: AnnealingSchedule(
        times: [0, 0.15, 0.6, 1], stepSizes: [size, 0.6 * size, 0.8 * size]), walkers: 10_000,
      seed: UInt64(number))
    let there = try journey.travel().works
    journey.seed += 100
    journey.end = end.samples(journey.walkers, seed: 300)
    let back = try journey.travel().works
    let test = try WorkValues(forwardWork: there, reverseWork: back).crooksTest()
    let pulls = [
      Pull(what: name + ", slope", value: test.slope.value, error: test.slope.error, exact: 1),
      Pull(
        what: name + ", free energy", value: test.freeEnergy.value, error: test.freeEnergy.error,
        exact: start.logNormalizer - end.logNormalizer),
    ]
    for pull in pulls {
      pull.record()
      #expect(pull.isWithin(4.5), "\(pull)")
    }
    #expect(test.slope.error < 0.15)
  }

  /// The probability flow of a free field takes every mode to √(K_0/K_1) of itself and every walker to
  /// the weight Z_1/Z_0, up to the advertised power of the step, and so over a corner of the path.
  @Test(arguments: [[6], [3, 4], [2, 3, 3]], TransportIntegrator.allCases)
  func probabilityFlow(extents: [Int], integrator: TransportIntegrator) throws {
    let lattice = Lattice(extents: extents)
    let start = FreeField(lattice, massSquared: 1)
    let middle = FreeField(lattice, massSquared: 5)
    let end = FreeField(lattice, massSquared: 2)
    let path = CouplingPath(
      from: .free(start),
      through: [
        .init(time: 0.5, coefficients: middle.phi4.coefficients),
        .init(time: 1, coefficients: end.phi4.coefficients),
      ])
    let fields = start.samples(7, seed: 3)
    let exact = SpectralOperator(
      FourierTransform(lattice),
      kernel: zip(start.spectrum, end.spectrum).map { ($0 / $1).squareRoot() })
    var expected = fields
    expected.withMutableRows { rows in
      let buffer = TransformBuffer(lattice)
      for member in 0..<7 { exact.apply(rows + member * lattice.volume, buffer: buffer) }
    }
    var errors: [(x: Double, y: Double)] = []
    var weights: [(x: Double, y: Double)] = []
    for steps in [8, 16, 32] {
      let sampler = AnnealedSampler(
        path: path,
        transition: Transported(
          ChangeOfDensity<Phi4>(),
          by: TransportMap(drift: SpectralDrift.reference(path), integrator: integrator)),
        schedule: .uniform(steps, stepSize: 1), streams: RandomStreams(seed: 1))
      var population = sampler.start(population: 0, at: fields)
      _ = try sampler.advance(&population, through: 0..<steps)
      let gap = zip(population.positions.values, expected.values).map { abs($0 - $1) }.max()!
      let logRatio = end.logNormalizer - start.logNormalizer
      let excess = population.logWeights.map { abs($0 - logRatio) }.max()!
      errors.append((1 / Double(steps), gap))
      weights.append((1 / Double(steps), excess))
    }
    #expect(errors[0].y < 0.05 && weights[0].y < 0.5)
    for slope in [logarithmicSlope(errors), logarithmicSlope(weights)] {
      #expect(abs(slope - Double(integrator.order)) < 0.3, "\(slope)")
    }
  }

  /// Without a drift it is the other transition, bit for bit.
  @Test(arguments: 1..<7) func withoutDrift(number: Int) throws {
    let lattice = Lattice(extents: [3, 5])
    let theory = Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.7)
    let path = CouplingPath(from: FreeField(lattice, massSquared: 1), to: theory)
    let bases: [any Transition<Phi4>] = [
      ChangeOfDensity<Phi4>(), KernelTransition<Phi4>.hmc(steps: 2, updates: 2),
      KernelTransition<Phi4>.mala(), KernelTransition<Phi4>.metropolis(at: theory),
      OverdampedLangevin<Phi4>(), UnderdampedLangevin<Phi4>(splitting: .baoab, friction: 1),
      UnderdampedLangevin<Phi4>(splitting: .obabo, friction: 1),
    ]
    func transported<Base: Transition<Phi4>>(_ base: Base) -> any Transition<Phi4> {
      Transported(base, by: TransportMap(drift: ZeroDrift(dimension: 15)))
    }
    for end in [nil, FreeField(lattice, massSquared: 1).samples(51, seed: 2)] {
      let plain = try Journey(
        path: path, transition: bases[number], schedule: .uniform(4, stepSize: 0.2), walkers: 51,
        end: end
      ).travel()
      let zero = try Journey(
        path: path, transition: transported(bases[number]), schedule: .uniform(4, stepSize: 0.2),
        walkers: 51, end: end
      ).travel()
      #expect(zero.positions == plain.positions)
      if end == nil {
        #expect(zero == plain)
      } else {
        // The change of density is added in two parts.
        for (a, b) in zip(zero.logWeights, plain.logWeights) { #expect(abs(a - b) < 1e-11) }
      }
    }
  }

  /// The same bits for any number of threads, and however the steps are cut.
  @Test func threads() throws {
    let lattice = Lattice(extents: [3, 5])
    let theory = Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.7)
    let path = CouplingPath(from: FreeField(lattice, massSquared: 1), to: theory)
    let drift = SpectralDrift.random(path, amplitude: 0.05)
    for (_, transition, size) in Self.transitions(drift, stiffness: 20, theory: theory) {
      let results = try [1, 2, 3].map {
        try Journey(
          path: path, transition: transition, schedule: .uniform(3, stepSize: size), walkers: 1203,
          workers: Workers($0)
        ).travel()
      }
      #expect(results[0] == results[1])
      #expect(results[0] == results[2])
    }
  }
}
