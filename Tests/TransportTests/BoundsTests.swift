// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Testing
import Transport

/// What the residual of the transport equation bounds, on free fields, where everything is known.
@Suite struct BoundsTests {
  /// A part of the exact drift: the walkers stay Gaussian, with a variance that lags behind.
  struct Lagging: DivergenceDrift {
    let drift: SpectralDrift
    let share: Double

    var dimension: Int { drift.dimension }

    func velocities(
      of batch: Configurations, at time: Double, into velocities: inout Configurations,
      divergences: inout [Double]
    ) {
      drift.velocities(of: batch, at: time, into: &velocities, divergences: &divergences)
      for index in velocities.values.indices { velocities.values[index] *= share }
      for index in divergences.indices { divergences[index] *= share }
    }
  }

  /// r = ∇·b − ∇U·b − ∂_tU + ∂_tF of every member, with the exact ∂_tF = ½ Σ_p ∂_tK/K.
  private func residuals(
    _ drift: some DivergenceDrift, _ path: CouplingPath, _ batch: Configurations, at time: Double
  ) -> [Double] {
    let count = batch.count
    var gradients = batch
    var energies = [Double](repeating: 0, count: count)
    path.snapshot(at: time).gradients(of: batch, into: &gradients, energies: &energies)
    var changes = energies
    path.timeDerivatives(of: batch, at: time, into: &changes)
    var velocities = batch
    var divergences = energies
    drift.velocities(of: batch, at: time, into: &velocities, divergences: &divergences)
    let slope = -GaussianReference(path).kernel(at: time).reduce(0, +)
    return (0..<count).map { member in
      let work = zip(velocities[member], gradients[member]).reduce(0) { $0 + $1.0 * $1.1 }
      return divergences[member] - work - changes[member] + slope
    }
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The exact drift solves the equation at every point, whatever the walkers do.
  @Test(arguments: [[5], [4, 3], [2, 3, 3]]) func exactDriftHasNoResidual(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 0.5), to: FreeField(lattice, massSquared: 3).phi4)
    for time in [0, 0.4, 0.99] {
      for r in residuals(
        SpectralDrift.reference(path), path, randomFields(9, on: lattice, scale: 2), at: time)
      {
        #expect(abs(r) < 1e-10)
      }
    }
  }

  /// Without noise: A_1 + ΔF = ∫ r dt for every walker; its mean is −KL of the walkers' density from ρ_1,
  /// known in closed form; KL² and Var A are at most ∫ E r² dt.
  @Test(arguments: [([6], 0.0), ([6], 0.5), ([4, 3], 0.8), ([2, 3, 2], 1.3)])
  func boundsOfTheResidual(extents: [Int], share: Double) throws {
    let lattice = Lattice(extents: extents)
    let start = FreeField(lattice, massSquared: 1)
    let end = FreeField(lattice, massSquared: 2)
    let path = CouplingPath(from: start, to: end.phi4)
    let drift = Lagging(drift: .reference(path), share: share)
    let steps = 40
    let walkers = 4000
    let sampler = AnnealedSampler(
      path: path,
      transition: Transported(
        ChangeOfDensity<Phi4>(), by: TransportMap(drift: drift, integrator: .rk4)),
      schedule: .uniform(steps, stepSize: 1), streams: RandomStreams(seed: 6))
    var population = sampler.start(population: 0, count: walkers, workers: .init(2))
    var integrals = [Double](repeating: 0, count: walkers)
    var loss = 0.0
    for step in 0...steps {
      let r = residuals(drift, path, population.positions, at: Double(step) / Double(steps))
      // Simpson's rule.
      let weight =
        (step == 0 || step == steps ? 1 : step % 2 == 1 ? 4.0 : 2) / (3 * Double(steps))
      for walker in r.indices { integrals[walker] += weight * r[walker] }
      loss += weight * mean(r.map { $0 * $0 })
      if step < steps {
        _ = try sampler.advance(&population, through: step..<step + 1, workers: .init(2))
      }
    }
    let difference = end.logNormalizer - start.logNormalizer
    let excess = population.logWeights.map { $0 - difference }
    for (a, b) in zip(excess, integrals) { #expect(abs(a - b) < 1e-5) }
    // The variance of a mode is (1/2K_0) (K_0/K_1)^share at the end: b is that share of −½ ∂_tK/K.
    let divergence = zip(start.spectrum, end.spectrum).reduce(0.0) { sum, k in
      let ratio = k.1 / k.0 * pow(k.0 / k.1, share)
      return sum + 0.5 * (ratio - 1 - log(ratio))
    }
    let average = mean(excess)
    let variance = mean(excess.map { ($0 - average) * ($0 - average) })
    let error = (variance / Double(walkers)).squareRoot()
    #expect(abs(-average - divergence) < 4.5 * error, "\(-average) \(divergence) \(error)")
    #expect(divergence <= loss.squareRoot())
    #expect(variance <= loss)
    // Neither bound is empty.
    #expect(divergence > 0.02 * loss.squareRoot())
    #expect(variance > 0.3 * loss)
  }
}
