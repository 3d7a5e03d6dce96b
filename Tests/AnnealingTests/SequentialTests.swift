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

/// Populations with and without resampling, in any number of pieces.
@Suite(.serialized) struct SequentialTests {
  private static let lattice = Lattice(extents: [4, 6])
  private static let start = FreeField(lattice, massSquared: 1)
  private static let end = FreeField(lattice, massSquared: 2.5)
  private static let path = CouplingPath(from: start, to: end.phi4)

  private func sampler(
    _ transition: any Transition<Phi4> = OverdampedLangevin<Phi4>(), steps: Int = 12,
    stepSize: Double = 0.2, resampling: Resampling? = nil, seed: UInt64 = 1
  ) -> AnnealedSampler<CouplingPath> {
    AnnealedSampler(
      path: Self.path, transition: transition, schedule: .uniform(steps, stepSize: stepSize),
      resampling: resampling, streams: RandomStreams(seed: seed))
  }

  /// Neither threads nor calls nor the groups of walkers change a bit.
  @Test(
    arguments: NamedTransition.all(end.phi4, stiffness: end.stiffness, massSquared: 2),
    [nil, Resampling(threshold: 0.8)])
  func reproducible(named: NamedTransition, resampling: Resampling?) throws {
    let sampler = sampler(
      named.transition, steps: 40, stepSize: named.stepSizes[0], resampling: resampling)
    // Groups of 341 walkers, the last one smaller.
    var whole = sampler.start(population: 0, count: 800)
    let record = try sampler.advance(&whole, through: 0..<40)
    #expect(record.steps.count == 40)
    if resampling == nil { #expect(record.resamplings.isEmpty) }
    var threaded = sampler.start(population: 0, count: 800, workers: Workers(3))
    var pieces = AnnealingRecord()
    for range in [0..<1, 1..<7, 7..<36, 36..<36, 36..<40] {
      let piece = try sampler.advance(&threaded, through: range, workers: Workers(2))
      pieces.steps += piece.steps
      pieces.resamplings += piece.resamplings
    }
    #expect(whole == threaded)
    #expect(record == pieces)
    guard resampling == nil else { return }
    // Walkers 200 ..< 300 by themselves.
    var part = sampler.start(population: 2, count: 100)
    _ = try sampler.advance(&part, through: 0..<40)
    #expect(part.logWeights == Array(whole.logWeights[200..<300]))
    #expect(part.positions.values == Array(whole.positions.values[200 * 24..<300 * 24]))
    #expect(part.ancestors == Array(0..<100))
  }

  /// Sequential Monte Carlo that never resamples is annealed importance sampling.
  @Test func unreachedThreshold() throws {
    let plain = sampler()
    let sequential = sampler(resampling: Resampling(threshold: 1e-9))
    var first = plain.start(population: 0, count: 500)
    var second = sequential.start(population: 0, count: 500)
    let record = try plain.advance(&first, through: 0..<12)
    #expect(try sequential.advance(&second, through: 0..<12) == record)
    #expect(first == second)
  }

  /// E[(1/N) Σ w O] = (Z_1/Z_0) ⟨O⟩ with resampling too, for every scheme, from many small populations;
  /// the error is that of independent populations.
  @Test(arguments: ResamplingScheme.allCases) func unbiased(scheme: ResamplingScheme) throws {
    let sampler = sampler(
      KernelTransition<Phi4>.mala(), steps: 5, stepSize: 0.25,
      resampling: Resampling(scheme: scheme, threshold: 0.9))
    let (size, count) = (12, 4000)
    let exact = Self.end.logNormalizer - Self.start.logNormalizer
    var weights: [Double] = []
    var products: [Double] = []
    var events = 0
    for number in 0..<count {
      var population = sampler.start(population: number, count: size)
      events += try sampler.advance(&population, through: 0..<5).resamplings.count
      let relative = population.logWeights.map { exp($0 - exact) }
      weights.append(relative.reduce(0, +) / Double(size))
      products.append(
        zip(relative, meanSquares(population.positions)).reduce(0) { $0 + $1.0 * $1.1 }
          / Double(size))
    }
    #expect(events > count)
    for (values, exact) in [(weights, 1), (products, Self.end.phi2)] {
      let mean = values.reduce(0, +) / Double(count)
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let pull = Pull(
        what: "SMC, \(scheme) | E[w O]", value: mean, error: square.squareRoot() / Double(count),
        exact: exact)
      pull.record()
      #expect(pull.isWithin(4.5), "\(pull)")
      #expect(pull.error < 0.02)
    }
  }

  /// Who descends from whom: before a step that begins with resampling every walker takes the place of
  /// its parent and gets the mean weight; the ancestors are the parents of the parents, and works are
  /// kept along the lines of descent, log w + W = log of the mean weight + W of the parent.
  @Test func genealogy() throws {
    let sampler = sampler(resampling: Resampling(threshold: 0.7))
    var population = sampler.start(population: 3, count: 700)
    var lines = Array(0..<700)
    var events = 0
    for step in 0..<12 {
      let before = population.logWeights
      let works = population.works
      let record = try sampler.advance(&population, through: step..<step + 1)
      var expected = zip(before, works).map { $0 + $1 }
      if let event = record.resamplings.first {
        events += 1
        #expect(event.step == step && event.time == Double(step) / 12)
        #expect(event.effectiveFraction < 0.7 && event.parents.count == 700)
        #expect(event.effectiveFraction == EffectiveFraction.of(before))
        lines = event.parents.map { lines[$0] }
        let mean = try LogWeights(before).logMean.value
        expected = event.parents.map { mean + works[$0] }
      } else {
        #expect(step == 0 || EffectiveFraction.of(before) >= 0.7)
      }
      for (index, work) in population.works.enumerated() {
        #expect(abs(population.logWeights[index] + work - expected[index]) < 1e-9)
      }
      #expect(population.ancestors == lines)
    }
    #expect(events >= 2)
    #expect(Set(lines).count < 700)
  }

  /// Copies begin at the place of their parent, and go ways of their own.
  @Test func copiesPart() throws {
    let sampler = sampler(resampling: Resampling(threshold: 1))
    var population = sampler.start(population: 0, count: 300)
    _ = try sampler.advance(&population, through: 0..<1)
    let before = population.positions
    let record = try sampler.advance(&population, through: 1..<2)
    let parents = try #require(record.resamplings.first).parents
    #expect(Set(parents).count < 300)
    var sum = 0.0
    for (child, parent) in parents.enumerated() {
      sum += zip(population.positions[child], before[parent]).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
    }
    var apart = 0.0
    for child in 0..<300 {
      apart += zip(population.positions[child], before[(child + 150) % 300]).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
    }
    // A step of this size leads a part of the way between independent walkers.
    #expect(sum < 0.8 * apart, "\(sum) \(apart)")
    let after = population.positions
    for child in 1..<300 where parents[child] == parents[child - 1] {
      #expect(after[child] != after[child - 1])
    }
  }
}
