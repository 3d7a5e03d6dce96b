// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices
import MonteCarlo
import RandomStreams
import Statistics
import Testing

@Suite struct AnnealingCurveTests {
  /// The effective sample size of annealed importance sampling with Fourier-accelerated MALA, from the
  /// free field with m² = 1 to m² = −1, λ = 0.8 on 8 x 8: 0.05 and 0.30 for 50 and 200 steps by an
  /// independent program, whose 1000 walkers know them to a quarter of themselves; and
  /// log Z_1/Z_0 = 19.1146 by tensor renormalisation.
  @Test(arguments: [(50, 30_000, 0.05), (200, 10_000, 0.30)])
  func curve(steps: Int, walkers: Int, fraction: Double) throws {
    let lattice = Lattice(extents: [8, 8])
    let theory = Phi4(lattice: lattice, massSquared: -1, coupling: 0.8)
    let transition = KernelTransition<Phi4>.mala(
      kinetic: .spectral(SpectralMass(accelerating: theory, massSquared: 0.5)))
    let sampler = AnnealedSampler(
      path: CouplingPath(from: FreeField(lattice, massSquared: 1), to: theory),
      transition: transition, schedule: .uniform(steps, stepSize: 0.7),
      streams: RandomStreams(seed: 34))
    var population = sampler.start(population: 0, count: walkers, workers: Workers(2))
    _ = try sampler.advance(&population, through: 0..<steps, workers: Workers(2))
    let weights = try LogWeights(population.logWeights)
    let found = weights.effectiveFraction
    let value = Pull(
      what: "8x8, K = \(steps), ESS \(found.uncertain) | log Z/Z_0",
      value: weights.logMean.biasCorrectedValue, error: weights.logMean.jackknifeError,
      exact: 19.1146)
    value.record()
    #expect(value.isWithin(4.5), "\(value)")
    #expect(value.error < 0.05)
    let error = (found.error * found.error + 0.0625 * fraction * fraction).squareRoot()
    #expect(abs(found.value - fraction) < 3 * error, "\(found.uncertain)")
  }
}
