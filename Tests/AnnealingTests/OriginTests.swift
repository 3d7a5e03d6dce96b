// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Statistics
import Targets
import TestSupport
import Testing

/// Where paths begin, and what lies on them.
@Suite struct OriginTests {
  /// log Z and the moments of one site from the tables, λ of the hopping form.
  static let sites: [(quadratic: Double, quartic: Double, values: [Double])] = [
    (1 - 0.044, 0.022, [0.578277976858, 0.490937139822, 0.696911234766, 1.594512938584]),
    (0, 0.5, [0.768162139279, 0.477988797486, 0.5, 0.716983196229]),
    (-1, 1, [1.015719319119, 0.520898648244, 0.510449324122, 0.645898648244]),
    (-1.2, 1.1, [1.069532762301, 0.530844761131, 0.516824415162, 0.643843836314]),
    (0, 1, [0.594875344139, 0.337989120034, 0.25, 0.253491840025]),
  ]

  @Test(arguments: sites) func independentSites(
    quadratic: Double, quartic: Double, values: [Double]
  ) throws {
    let lattice = Lattice(extents: [2, 3, 2])
    let origin = IndependentSites(lattice: lattice, quadratic: quadratic, quartic: quartic)
    // The tables have twelve digits.
    #expect(abs(origin.logNormalizer / 12 - values[0]) < 2e-12)
    let count = 20_000
    var batch = Configurations(count: count, dimension: 12)
    origin.sample(
      into: &batch, using: RandomStreams(seed: 4), purpose: .initialField, firstWalker: 0, step: 0)
    for (power, exact) in zip([2.0, 4, 6], values.dropFirst()) {
      let powers = batch.values.map { pow(abs($0), power) }
      let mean = powers.reduce(0, +) / Double(powers.count)
      let variance = powers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(powers.count)
      let pull = Pull(
        what: "moment \(power)", value: mean,
        error: (variance / Double(powers.count)).squareRoot(), exact: exact)
      #expect(pull.isWithin(4.5), "\(pull)")
    }
    let mean = batch.values.reduce(0, +) / Double(batch.values.count)
    #expect(abs(mean) < 4.5 * (values[1] / Double(batch.values.count)).squareRoot())
    // Each walker and site by itself: neighbours in the batch are not correlated.
    let products = zip(batch.values, batch.values.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(products) < 4.5 * values[1] * Double(batch.values.count).squareRoot())
  }

  /// log Z where the two peaks are narrow, by Simpson's rule around one of them, and ⟨φ²⟩ from its
  /// slope.
  @Test(arguments: [(-30.0, 10.0), (-1999, 1000), (-19_999, 10_000), (5, 1e-6), (3, 0)])
  func narrowSites(quadratic: Double, quartic: Double) {
    func integral(_ quadratic: Double) -> Double {
      let square = max(0, -quadratic / (2 * max(quartic, 1e-300)))
      let bottom = quadratic * square + quartic * square * square
      let curvature = 2 * abs(quadratic) * (quadratic < 0 ? 2 : 1)
      let reach = 14 / curvature.squareRoot()
      let (lower, upper) = (max(0, square.squareRoot() - reach), square.squareRoot() + reach)
      let points = 20_000
      let h = (upper - lower) / Double(points)
      var sum = 0.0
      for index in 0...points {
        let x = lower + Double(index) * h
        let factor = index == 0 || index == points ? 1.0 : index % 2 == 1 ? 4 : 2
        sum += factor * exp(bottom - quadratic * x * x - quartic * x * x * x * x)
      }
      return log(2 * sum * h / 3) - bottom
    }
    let lattice = Lattice(extents: [2])
    let origin = IndependentSites(lattice: lattice, quadratic: quadratic, quartic: quartic)
    let exact = 2 * integral(quadratic)
    #expect(abs(origin.logNormalizer - exact) < 1e-9 * max(1, abs(exact)))
    let step = 1e-3 * abs(quadratic)
    let phi2 = -(integral(quadratic + step) - integral(quadratic - step)) / (2 * step)
    var batch = Configurations(count: 2000, dimension: 2)
    origin.sample(
      into: &batch, using: RandomStreams(seed: 9), purpose: .initialField, firstWalker: 0, step: 0)
    let squares = batch.values.map { $0 * $0 }
    let mean = squares.reduce(0, +) / 4000
    let variance = squares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
    let pull = Pull(
      what: "phi2", value: mean, error: (variance / 4000).squareRoot(), exact: phi2)
    #expect(pull.isWithin(4.5), "\(pull)")
  }

  @Test func snapshots() {
    let lattice = Lattice(extents: [3, 4])
    let free = FreeField(lattice, massSquared: 1.25)
    let middle = Phi4(lattice: lattice, massSquared: 0.3, coupling: 0.7)
    let end = Phi4(lattice: lattice, massSquared: -1, coupling: 0.8)
    let path = CouplingPath(from: .free(free), through: [middle, end])
    #expect(path.snapshot(at: 0).coefficients == free.phi4.coefficients)
    #expect(path.snapshot(at: 0.5).coefficients == middle.coefficients)
    #expect(path.snapshot(at: 1).coefficients == end.coefficients)
    let quarter = path.snapshot(at: 0.25).coefficients
    #expect(abs(quarter.quadratic - (4 + 0.5 * (1.25 + 0.3))) < 1e-14)
    #expect(abs(quarter.quartic - 0.35) < 1e-15)
    let geometric = GeometricPath(
      from: IndependentSites(lattice: lattice, quadratic: -1, quartic: 2), to: end)
    for time in [0, 0.1, 0.5, 0.77, 1] {
      #expect(TargetLaws.gradientError(of: path.snapshot(at: time)) < 1e-7)
      #expect(TargetLaws.gradientError(of: geometric.snapshot(at: time)) < 1e-7)
    }
    checkDerivatives(path, times: [0.05, 0.3, 0.6, 0.9])
    checkDerivatives(geometric, times: [0.05, 0.3, 0.6, 0.9])
    // The start and the path's own snapshot are one density, bit for bit.
    let batch = free.samples(3, seed: 8)
    var (a, b) = ([0.0, 0, 0], [0.0, 0, 0])
    path.start.energies(of: batch, into: &a)
    path.snapshot(at: 0).energies(of: batch, into: &b)
    #expect(a == b)
  }

  /// ∂U/∂t against the difference quotient, exact for energies linear in t; at a corner and at both
  /// ends from one side.
  private func checkDerivatives(_ path: some Path, times: [Double]) {
    let batch = FreeField(Lattice(extents: [3, 4]), massSquared: 1).samples(3, seed: 2)
    var (left, right, slope) = ([0.0, 0, 0], [0.0, 0, 0], [0.0, 0, 0])
    let h = 0.01
    for (time, from, to) in times.map({ ($0, $0 - h, $0 + h) }) + [
      (0, 0, h), (0.5, 0.5, 0.5 + h), (1, 1 - h, 1),
    ] {
      path.timeDerivatives(of: batch, at: time, into: &slope)
      path.snapshot(at: from).energies(of: batch, into: &left)
      path.snapshot(at: to).energies(of: batch, into: &right)
      for member in 0..<3 {
        let quotient = (right[member] - left[member]) / (to - from)
        #expect(abs(slope[member] - quotient) < 1e-9 * (1 + abs(quotient)))
      }
    }
  }

  /// Exact weights at each stop of a path with corners, gone through with unequal steps; between
  /// densities that have nothing in common; and from both origins to the same theory.
  @Test func stops() throws {
    let lattice = Lattice(extents: [3, 3])
    let free = FreeField(lattice, massSquared: 1)
    let middle = FreeField(lattice, massSquared: 1.3)
    let end = Phi4(lattice: lattice, massSquared: 1, coupling: 1)
    let path = CouplingPath(
      from: .free(free),
      through: [
        CouplingPath.Knot(time: 0.2, coefficients: middle.phi4.coefficients),
        CouplingPath.Knot(time: 1, coefficients: end.coefficients),
      ])
    let schedule = AnnealingSchedule(
      times: [0, 0.03, 0.2, 0.25, 0.5, 1], stepSizes: [0.1, 0.2, 0.15, 0.1, 0.2])
    for transition: any Transition<Phi4> in [
      OverdampedLangevin<Phi4>(), KernelTransition<Phi4>.mala(),
      UnderdampedLangevin<Phi4>(friction: 1),
    ] {
      let sampler = AnnealedSampler(
        path: path, transition: transition, schedule: schedule, streams: RandomStreams(seed: 3))
      let workers = Workers(2)
      var population = sampler.start(population: 2, count: 80_000, workers: workers)
      _ = try sampler.advance(&population, through: 0..<2, workers: workers)
      #expect(sampler.time(after: 2) == 0.2)
      try check(population, middle.logNormalizer - free.logNormalizer, middle.phi2)
      _ = try sampler.advance(&population, through: 2..<5, workers: workers)
      try check(population, -1.9121871526 - free.logNormalizer, 0.11159062)
    }
  }

  private func check(_ population: Population, _ logRatio: Double, _ phi2: Double) throws {
    let weights = try LogWeights(population.logWeights)
    let average = try WeightedSample(
      weights: weights, primaries: [meanSquares(population.positions)]
    ).estimate(primary: 0)
    #expect(weights.logMean.error < 0.007)
    let pulls = [
      Pull(
        what: "log E[w]", value: weights.logMean.value, error: weights.logMean.error,
        exact: logRatio),
      Pull(what: "phi2", value: average.value, error: average.error, exact: phi2),
    ]
    for pull in pulls { #expect(pull.isWithin(4.5), "\(pull)") }
  }

  /// The geometric path from a free field whose density is wide where the other's is narrow.
  @Test func unlikeTargets() throws {
    let lattice = Lattice(extents: [3, 3])
    let start = FreeField(
      lattice: lattice,
      couplings: .common(
        Phi4Couplings.Coefficients(hopping: 0, quadratic: 4.5, quartic: 0)))
    let end = Phi4(lattice: lattice, massSquared: 1, coupling: 1)
    let path = GeometricPath(from: start, to: end)
    let workers = Workers(2)
    typealias Density = GeometricMixture<FreeField, Phi4>
    for transition: any Transition<Density> in [
      OverdampedLangevin<Density>(), KernelTransition<Density>.mala(),
      UnderdampedLangevin<Density>(splitting: .obabo, friction: 1),
    ] {
      let sampler = AnnealedSampler(
        path: path, transition: transition, schedule: .uniform(8, stepSize: 0.2),
        streams: RandomStreams(seed: 6))
      var population = sampler.start(population: 0, count: 80_000, workers: workers)
      _ = try sampler.advance(&population, through: 0..<8, workers: workers)
      try check(population, -1.9121871526 - start.logNormalizer, 0.11159062)
    }
  }
}
