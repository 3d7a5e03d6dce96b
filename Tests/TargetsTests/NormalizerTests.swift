// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams
import Targets
import Testing

/// Normalisers against sums over grids, and moments against exact ones.
@Suite struct NormalizerTests {
  /// log ∫ exp(−U) over a box in the plane by the trapezoidal rule, exponentially exact for densities
  /// that are smooth and vanish at its border.
  private func logIntegral(
    _ density: any Target, from low: [Double], to high: [Double], points: Int
  ) -> Double {
    let spacing = zip(low, high).map { ($1 - $0) / Double(points) }
    var total = 0.0
    for row in 0...points {
      let values = (0...points).flatMap {
        [low[0] + Double(row) * spacing[0], low[1] + Double($0) * spacing[1]]
      }
      let batch = Configurations(count: points + 1, dimension: 2, values: values)
      var energies = [Double](repeating: 0, count: points + 1)
      density.energies(of: batch, into: &energies)
      total += energies.reduce(0) { $0 + exp(-$1) }
    }
    return log(total * spacing[0] * spacing[1])
  }

  @Test func plane() {
    let normal = GaussianDensity(mean: [1, -1], covariance: [2, 0.9, 0.9, 1])
    #expect(abs(logIntegral(normal, from: [-15, -15], to: [15, 15], points: 400)) < 1e-10)
    #expect(
      abs(logIntegral(unequalMixture, from: [-16, -16], to: [18, 16], points: 400)) < 1e-10)
    #expect(
      abs(logIntegral(GaussianMixture.fortyModes(), from: [-55, -55], to: [55, 55], points: 400))
        < 1e-10)
    // The width of the funnel is e^{x_0/2}; here |x_0| < 2 in nine standard deviations.
    let funnel = Funnel(dimension: 2, standardDeviation: 0.22)
    #expect(abs(logIntegral(funnel, from: [-2, -25], to: [2, 25], points: 800)) < 1e-8)
    let well = ManyWell(dimension: 2)
    let sum = logIntegral(well, from: [-4.5, -9], to: [4.5, 9], points: 400)
    #expect(abs(sum - well.logNormalizer) < 1e-10)
  }

  /// A product of t densities decays too slowly for a box: in one dimension, with the variable
  /// x = tan θ the sum is exponentially exact again.
  @Test func studentLine() {
    let mixture = StudentMixture(
      locations: Configurations(count: 2, dimension: 1, values: [-1, 2]), scales: [0.5, 2],
      weights: [0.3, 0.7], degreesOfFreedom: 3)
    let points = 4000
    let angles = (0..<points).map { Double.pi * ((Double($0) + 0.5) / Double(points) - 0.5) }
    let batch = Configurations(count: points, dimension: 1, values: angles.map { tan($0) })
    var energies = [Double](repeating: 0, count: points)
    mixture.energies(of: batch, into: &energies)
    let sum = zip(angles, energies).reduce(0) { $0 + exp(-$1.1) / (cos($1.0) * cos($1.0)) }
    #expect(abs(sum * Double.pi / Double(points) - 1) < 1e-9)
  }

  /// The value that public code for 32 dimensions has, and the share of a left well.
  @Test func manyWell() {
    #expect(abs(ManyWell().logNormalizer - 164.695_675_3) < 1e-6)
    #expect(abs(ManyWell.leftMass - 0.155_693) < 1e-6)
    // The proposals lie above the density everywhere.
    let largest = stride(from: -7.0, through: 7, by: 1e-3).map(ManyWell.acceptance).max()!
    #expect(largest < 1 && largest > 0.8)
    let count = 40_000
    var samples = Configurations(count: count, dimension: 2)
    ManyWell(dimension: 2).sample(
      into: &samples, using: RandomStreams(seed: 3), purpose: .initialField, firstWalker: 0,
      step: 0)
    let left = Double((0..<count).count { samples.values[2 * $0] < 0 })
    let expected = ManyWell.leftMass
    let error = (expected * (1 - expected) / Double(count)).squareRoot()
    #expect(abs(left / Double(count) - expected) < 4.5 * error)
  }

  /// Means and covariances of samples.
  @Test func moments() {
    let count = 40_000
    var samples = Configurations(count: count, dimension: 3)
    fullNormal.sample(
      into: &samples, using: RandomStreams(seed: 2), purpose: .initialField, firstWalker: 0,
      step: 0)
    let covariance = [2, 0.6, -0.3, 0.6, 1, 0.2, -0.3, 0.2, 0.5]
    let mean = [0.5, -1, 2.0]
    for row in 0..<3 {
      let values = (0..<count).map { samples.values[3 * $0 + row] }
      let (average, error) = meanAndError(values)
      #expect(abs(average - mean[row]) < 4.5 * error)
      for column in 0..<3 {
        let products = (0..<count).map {
          (samples.values[3 * $0 + row] - mean[row])
            * (samples.values[3 * $0 + column] - mean[column])
        }
        let (product, productError) = meanAndError(products)
        #expect(abs(product - covariance[3 * row + column]) < 4.5 * productError)
      }
    }
    // Shares of the components of a mixture with wide gaps.
    let mixture = GaussianMixture(
      locations: Configurations(count: 3, dimension: 2, values: [-30, 0, 0, 40, 50, -50]),
      scales: [1, 2, 3], weights: [0.2, 0.5, 0.3])
    var places = Configurations(count: count, dimension: 2)
    mixture.sample(
      into: &places, using: RandomStreams(seed: 2), purpose: .initialField, firstWalker: 0,
      step: 0)
    let coverage = ModeCoverage(of: places, in: mixture)
    for (share, weight) in zip(coverage.shares, mixture.weights) {
      let error = (weight * (1 - weight) / Double(count)).squareRoot()
      #expect(abs(share - weight) < 4.5 * error)
    }
    #expect(coverage.found == 3)
  }

  /// The distribution function of t with two degrees of freedom is ½ + z/(2√(2 + z²)).
  @Test func studentQuantiles() {
    let single = StudentMixture(
      locations: Configurations(count: 1, dimension: 1, values: [1]), scales: [3],
      degreesOfFreedom: 2)
    let count = 40_000
    var samples = Configurations(count: count, dimension: 1)
    single.sample(
      into: &samples, using: RandomStreams(seed: 4), purpose: .initialField, firstWalker: 0,
      step: 0)
    for z in [-20, -3, -0.5, 0.2, 2, 30.0] {
      let expected = 0.5 + z / (2 * (2 + z * z).squareRoot())
      let below = Double(samples.values.count { $0 < 1 + 3 * z }) / Double(count)
      let error = (expected * (1 - expected) / Double(count)).squareRoot()
      #expect(abs(below - expected) < 4.5 * error)
    }
  }
}
