// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams
import Targets
import Testing

@Suite struct ModeSearchTests {
  private func starts(_ count: Int, dimension: Int, scale: Double) -> Configurations {
    var batch = Configurations(count: count, dimension: dimension)
    GaussianDensity(dimension: dimension, standardDeviation: scale).sample(
      into: &batch, using: RandomStreams(seed: 1), purpose: .initialField, firstWalker: 0, step: 0)
    return batch
  }

  /// Components far from each other are modes, with their scales and, by Laplace, their shares.
  @Test func modesOfAMixtureAreFound() throws {
    let mixture = GaussianMixture(
      locations: GaussianMixture.eightModes(dimension: 12).locations,
      scales: (0..<8).map { 0.95 + 0.01 * Double($0) },
      weights: (1...8).map { Double($0) / 36 })
    let modes = ModeSearch.modes(of: mixture, from: starts(200, dimension: 12, scale: 10))
    try #require(modes.count == 8)
    let found = GaussianMixture(laplace: modes)
    for component in 0..<8 {
      let place = Array(mixture.locations[component])
      let mode = try #require(
        (0..<8).first { zip(found.locations[$0], place).allSatisfy { abs($0 - $1) < 1e-6 } })
      #expect(abs(found.scales[mode] - mixture.scales[component]) < 1e-6)
      #expect(abs(found.weights[mode] - mixture.weights[component]) < 1e-6)
    }
  }

  /// The two wells of a pair, the deeper first: 4x³ − 12x − ½ = 0.
  @Test func wellsAreFound() {
    let modes = ModeSearch.modes(
      of: ManyWell(dimension: 2), from: starts(50, dimension: 2, scale: 2))
    #expect(modes.count == 2)
    for (mode, x) in zip(modes, [1.752, -1.711]) {
      #expect(abs(mode.place[0] - x) < 1e-3 && abs(mode.place[1]) < 1e-6)
      #expect(abs(4 * pow(mode.place[0], 3) - 12 * mode.place[0] - 0.5) < 1e-5)
    }
  }

  /// Expectation maximisation raises the likelihood of the samples, and shares come out as drawn.
  @Test func fitting() {
    let mixture = GaussianMixture(
      locations: Configurations(count: 3, dimension: 2, values: [-4, 1, 2, 0, 5, -4]),
      scales: [0.7, 1, 1.6], weights: [0.2, 0.5, 0.3])
    var samples = Configurations(count: 5000, dimension: 2)
    mixture.sample(
      into: &samples, using: RandomStreams(seed: 2), purpose: .initialField, firstWalker: 0, step: 0
    )
    let equal = [Double](repeating: 1, count: 5000)
    func likelihood(_ mixture: GaussianMixture) -> Double {
      var energies = equal
      mixture.energies(of: samples, into: &energies)
      return -energies.reduce(0, +) / 5000
    }
    let first = GaussianMixture(
      locations: Configurations(count: 3, dimension: 2, values: [-3, 0, 2, 1, 4, -4]),
      scales: [1, 1, 1])
    var current = first
    for _ in 0..<5 {
      let next = current.fitted(to: samples, weights: equal, iterations: 1)
      #expect(likelihood(next) > likelihood(current))
      current = next
    }
    let fitted = first.fitted(to: samples, weights: equal, iterations: 40)
    #expect(abs(likelihood(fitted) - likelihood(mixture)) < 3e-3)
    for (weight, expected) in zip(fitted.weights, mixture.weights) {
      #expect(abs(weight - expected) < 4.5 * (expected * (1 - expected) / 5000).squareRoot() + 0.01)
    }
  }

  /// The Laplacian is the trace of difference quotients of the gradient.
  @Test func laplacian() {
    let mixture = unequalMixture
    let batch = starts(20, dimension: 2, scale: 2)
    for member in 0..<20 {
      let place = Array(batch[member])
      var (slope, other) = ([0.0, 0.0], [0.0, 0.0])
      let laplacian = mixture.laplacian(at: place, gradient: &slope)
      _ = mixture.energy(of: place, gradient: &other)
      #expect(zip(slope, other).allSatisfy { abs($0 - $1) < 1e-12 * (1 + abs($1)) })
      var trace = 0.0
      for axis in 0..<2 {
        for sign in [1.0, -1] {
          var shifted = place
          shifted[axis] += sign * 1e-4
          _ = mixture.energy(of: shifted, gradient: &other)
          trace += sign * other[axis] / 2e-4
        }
      }
      #expect(abs(laplacian - trace) < 1e-5 * (1 + abs(trace)))
    }
  }
}
