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
  /// free field with m² = 1 to m² = −1, λ = 0.8 on 8 x 8: about 0.05 and 0.30 for 50 and 200 steps by
  /// an independent program with 1000 walkers and a step size that differs in its definition; and
  /// log Z_1/Z_0 = 19.1146 by tensor renormalisation.
  @Test(arguments: [(50, 20_000, 0.02...0.09), (200, 10_000, 0.2...0.4)])
  func curve(steps: Int, walkers: Int, range: ClosedRange<Double>) throws {
    let lattice = Lattice(extents: [8, 8])
    let theory = Phi4(lattice: lattice, massSquared: -1, coupling: 0.8)
    let transition = KernelTransition<Phi4>.mala(
      kinetic: .spectral(SpectralMass(accelerating: theory, massSquared: 1)))
    let sampler = AnnealedSampler(
      path: CouplingPath(from: FreeField(lattice, massSquared: 1), to: theory),
      transition: transition, schedule: .uniform(steps, stepSize: 1),
      streams: RandomStreams(seed: 34))
    var population = sampler.start(population: 0, count: walkers, workers: Workers(2))
    _ = try sampler.advance(&population, through: 0..<steps, workers: Workers(2))
    let weights = try LogWeights(population.logWeights)
    let fraction = weights.effectiveFraction
    let value = Pull(
      what: "8x8, K = \(steps), ESS \(fraction.uncertain) | log Z/Z_0",
      value: weights.logMean.biasCorrectedValue, error: weights.logMean.jackknifeError,
      exact: 19.1146)
    value.record()
    #expect(value.isWithin(4.5), "\(value)")
    #expect(value.error < 0.05)
    #expect(range.contains(fraction.value), "\(fraction.uncertain)")
  }
}
