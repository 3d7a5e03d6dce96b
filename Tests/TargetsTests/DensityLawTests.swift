// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams
import Targets
import TestSupport
import Testing

/// Every density, each with a scale at which its gradient is tried.
private let densities: [(name: String, density: any SampleableTarget, scale: Double)] = [
  (
    "diagonal normal",
    GaussianDensity(mean: [1, -2, 0.5], standardDeviations: [0.3, 2, 1]), 1
  ),
  ("full normal", fullNormal, 1),
  ("forty modes", GaussianMixture.fortyModes(), 20),
  ("eight modes, d = 7", GaussianMixture.eightModes(dimension: 7), 5),
  ("unequal mixture", unequalMixture, 2),
  ("Student mixture, d = 11", StudentMixture.tenModes(dimension: 11), 8),
  (
    "Student mixture, ν = 5",
    StudentMixture(
      locations: unequalMixture.locations, scales: unequalMixture.scales,
      weights: unequalMixture.weights, degreesOfFreedom: 5), 2
  ),
  ("funnel", Funnel(dimension: 4), 1),
  ("half a funnel", Funnel(dimension: 3, standardDeviation: 1.5, opening: 0.4), 1),
  ("many wells", ManyWell(dimension: 6), 1.5),
]

let fullNormal = GaussianDensity(
  mean: [0.5, -1, 2], covariance: [2, 0.6, -0.3, 0.6, 1, 0.2, -0.3, 0.2, 0.5])

let unequalMixture = GaussianMixture(
  locations: Configurations(count: 3, dimension: 2, values: [-2, 1, 1.5, 0, 3, -3]),
  scales: [0.7, 1, 1.6], weights: [0.2, 0.5, 0.3])

@Suite struct DensityLawTests {
  @Test(arguments: densities.indices) func gradientsAreDifferenceQuotients(index: Int) {
    let (name, density, scale) = densities[index]
    for seed in 1...3 {
      let error = TargetLaws.gradientError(of: density, scale: scale, seed: UInt64(seed))
      #expect(error < 1e-6, "\(name): \(error)")
    }
  }

  /// ⟨∂_iU⟩ = 0 and ⟨x_i ∂_iU⟩ = 1 for every i, by partial integration. Both have a finite variance
  /// for t densities too, where x_i has none.
  @Test(arguments: densities.indices) func samplesObeyPartialIntegration(index: Int) {
    let (name, density, _) = densities[index]
    let dimension = density.dimension
    let count = 40_000
    var samples = Configurations(count: count, dimension: dimension)
    density.sample(
      into: &samples, using: RandomStreams(seed: 5), purpose: .initialField, firstWalker: 0,
      step: 0)
    var gradients = samples
    var energies = [Double](repeating: 0, count: count)
    density.gradients(of: samples, into: &gradients, energies: &energies)
    for component in 0..<dimension {
      let forces = (0..<count).map { gradients.values[$0 * dimension + component] }
      let products = zip(samples.values.indices.filter { $0 % dimension == component }, forces)
        .map { samples.values[$0] * $1 }
      let (force, forceError) = meanAndError(forces)
      let (product, productError) = meanAndError(products)
      #expect(abs(force) < 4.5 * forceError, "\(name), <dU> of \(component): \(force)")
      #expect(
        abs(product - 1) < 4.5 * productError,
        "\(name), <x dU> of \(component): \(product) +- \(productError)")
    }
  }

  @Test(arguments: densities.indices) func samplesHaveTheirAddress(index: Int) {
    let (name, density, _) = densities[index]
    let streams = RandomStreams(seed: 9)
    func draw(first: Int, count: Int, step: Int = 3, seed: UInt64 = 9) -> [Double] {
      var batch = Configurations(count: count, dimension: density.dimension)
      density.sample(
        into: &batch, using: seed == 9 ? streams : RandomStreams(seed: seed),
        purpose: .initialField, firstWalker: first, step: step)
      return batch.values
    }
    let all = draw(first: 10, count: 6)
    #expect(Array(all[(2 * density.dimension)...]) == draw(first: 12, count: 4), "\(name)")
    #expect(all != draw(first: 10, count: 6, step: 4), "\(name)")
    #expect(all != draw(first: 10, count: 6, seed: 8), "\(name)")
  }
}

/// The mean of independent values and its standard error.
func meanAndError(_ values: [Double]) -> (mean: Double, error: Double) {
  let count = Double(values.count)
  let mean = values.reduce(0, +) / count
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
  return (mean, (variance / count).squareRoot())
}
