// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices
import MonteCarlo
import RandomStreams
import Statistics
import Testing

/// Why the weight of an unadjusted step must be the ratio of its kernels.
@Suite struct ContinuumRuleTests {
  private static let lattice = Lattice(extents: [8, 8])
  private static let start = FreeField(lattice, massSquared: 1)
  private static let end = FreeField(lattice, massSquared: 2)

  /// The same time of Langevin dynamics, ε² K, in any number of steps.
  private func weights(_ rule: LangevinWeight, steps: Int, seed: UInt64) throws -> LogWeights {
    let path = CouplingPath(from: Self.start, to: Self.end.phi4)
    let sampler = AnnealedSampler(
      path: path, transition: OverdampedLangevin<Phi4>(weight: rule),
      schedule: .uniform(steps, stepSize: (2.4 / Double(steps)).squareRoot()),
      streams: RandomStreams(seed: seed))
    var population = sampler.start(population: 0, count: 20_000, workers: Workers(2))
    _ = try sampler.advance(&population, through: 0..<steps, workers: Workers(2))
    return try LogWeights(population.logWeights)
  }

  /// The rule of continuous time is wrong by many errors at an effective sample size that looks
  /// better than that of the exact weights, which are right at the same steps; and its bias is
  /// proportional to the step.
  @Test func biased() throws {
    let exact = Self.end.logNormalizer - Self.start.logNormalizer
    var biases: [(value: Double, error: Double)] = []
    for (number, steps) in [80, 160, 320].enumerated() {
      let rule = try weights(.continuum, steps: steps, seed: UInt64(10 + number))
      let ratio = try weights(.kernelRatio, steps: steps, seed: UInt64(20 + number))
      let right = Pull(
        what: "kernel ratio, K = \(steps) | log Z/Z_0", value: ratio.logMean.value,
        error: ratio.logMean.error, exact: exact)
      let wrong = Pull(
        what: "continuum, K = \(steps) | log Z/Z_0", value: rule.logMean.value,
        error: rule.logMean.error, exact: exact)
      right.record()
      wrong.record()
      #expect(right.isWithin(4.5), "\(right)")
      #expect(abs(wrong.pull) > 15, "\(wrong)")
      #expect(rule.effectiveFraction.value > 0.7)
      #expect(rule.effectiveFraction.value > ratio.effectiveFraction.value)
      biases.append((rule.logMean.value - exact, rule.logMean.error))
    }
    // Halved with the step, up to the next order and 4.5 errors.
    for (coarse, fine) in zip(biases, biases.dropFirst()) {
      let ratio = coarse.value / fine.value
      let error =
        ratio
        * ((coarse.error / coarse.value) * (coarse.error / coarse.value)
        + (fine.error / fine.value) * (fine.error / fine.value)).squareRoot()
      #expect(abs(ratio - 2) < 0.25 + 4.5 * error, "\(ratio) +- \(error)")
    }
  }
}
