// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams
import Targets
import Testing

@Suite struct SampleDistanceTests {
  private func samples(
    _ density: some SampleableTarget, count: Int, seed: UInt64
  ) -> Configurations {
    var batch = Configurations(count: count, dimension: density.dimension)
    density.sample(
      into: &batch, using: RandomStreams(seed: seed), purpose: .initialField, firstWalker: 0,
      step: 0)
    return batch
  }

  /// In one dimension the cheapest assignment pairs the sorted values.
  @Test func wassersteinOnTheLine() {
    let normal = GaussianDensity(dimension: 1, standardDeviation: 1)
    let wide = GaussianDensity(dimension: 1, mean: 0.7, standardDeviation: 2)
    for count in [1, 2, 7, 300] {
      let first = samples(normal, count: count, seed: 1)
      let second = samples(wide, count: count, seed: 2)
      let squares = zip(first.values.sorted(), second.values.sorted()).map {
        ($0 - $1) * ($0 - $1)
      }
      let expected = (squares.reduce(0, +) / Double(count)).squareRoot()
      #expect(abs(SampleDistances.wasserstein2(first, second) - expected) < 1e-12 * (1 + expected))
    }
  }

  /// A shift of every sample by one vector costs its length, and no other pairing costs less.
  @Test func wassersteinOfAShift() {
    let first = samples(GaussianDensity(dimension: 5, standardDeviation: 1), count: 120, seed: 3)
    var second = first
    for index in second.values.indices { second.values[index] += Double(index % 5) }
    // Members in another order.
    let rows = (0..<120).reversed().flatMap { Array(second[$0]) }
    second = Configurations(count: 120, dimension: 5, values: rows)
    #expect(abs(SampleDistances.wasserstein2(first, second) - 30.0.squareRoot()) < 1e-10)
  }

  /// For N(0, 1) and N(m, 1) with a kernel of width h the discrepancy is
  /// 2 h/√(h² + 2) [1 − exp(−m²/(2h² + 4))].
  @Test func discrepancyOfTwoNormals() {
    let (shift, width) = (0.8, 1.3)
    var values: [Double] = []
    for repeated in 0..<40 {
      let first = samples(
        GaussianDensity(dimension: 1, standardDeviation: 1), count: 300,
        seed: UInt64(100 + repeated))
      let second = samples(
        GaussianDensity(dimension: 1, mean: shift, standardDeviation: 1), count: 300,
        seed: UInt64(200 + repeated))
      values.append(
        SampleDistances.maximumMeanDiscrepancySquared(first, second, width: width))
    }
    let square = width * width
    let expected =
      2 * width / (square + 2).squareRoot() * (1 - exp(-shift * shift / (2 * square + 4)))
    let (mean, error) = meanAndError(values)
    #expect(abs(mean - expected) < 4.5 * error)
    #expect(error < 0.05 * expected)
  }

  /// Two sets of one density differ by nothing on average, and the estimate may be negative.
  @Test func discrepancyOfOneDensity() {
    let mixture = GaussianMixture.fortyModes()
    let values = (0..<30).map { repeated in
      SampleDistances.maximumMeanDiscrepancySquared(
        samples(mixture, count: 200, seed: UInt64(300 + repeated)),
        samples(mixture, count: 200, seed: UInt64(400 + repeated)), width: 10)
    }
    let (mean, error) = meanAndError(values)
    #expect(abs(mean) < 4.5 * error)
    #expect(values.contains { $0 < 0 })
  }

  @Test func coverage() {
    let mixture = GaussianMixture.fortyModes()
    let all = ModeCoverage(of: mixture.locations, in: mixture)
    #expect(all.found == 40)
    #expect(abs(all.entropicCoverage - 1) < 1e-12 && all.totalVariation < 1e-12)
    // Weights that leave two modes, of equal shares.
    let weights = (0..<40).map { $0 < 2 ? 3.0 : 0 }
    let two = ModeCoverage(of: mixture.locations, weights: weights, in: mixture)
    #expect(two.found == 2)
    #expect(abs(two.entropicCoverage - log(2.0) / log(40.0)) < 1e-12)
    #expect(abs(two.totalVariation - 0.95) < 1e-12)
  }
}
