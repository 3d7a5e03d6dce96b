// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Testing

@Suite struct EnergyViolationTests {
  /// ⟨exp(−ΔH)⟩ = 1 in equilibrium, from exact samples of the free field and trajectories so coarse that
  /// ΔH is seen; a wrong kinetic energy breaks it. Within 4.5 standard errors (false alarm 1 in
  /// 10⁵), each below 1 %.
  @Test(arguments: [[6], [3, 4]], [true, false])
  func meanOfExponentialIsOne(extents: [Int], accelerated: Bool) {
    let free = FreeField(Lattice(extents: extents), massSquared: 0.5)
    // A mass that is not the field's own, so that modes keep different frequencies.
    let kinetic =
      accelerated
      ? KineticEnergy.spectral(SpectralMass(accelerating: free.phi4, massSquared: 2)) : .unitMass
    let size = accelerated ? 1.2 : 0.25
    let count = 40_000
    let streams = RandomStreams(seed: 3)
    for steps in [1, 3] {
      var chains = Configurations(count: count, dimension: free.dimension)
      free.sample(
        into: &chains, using: streams, purpose: .initialField, firstWalker: 0, step: steps)
      let hmc = HMC(
        target: free, scheme: .leapfrog, steps: steps, length: size * Double(steps),
        kinetic: kinetic)
      let info = hmc.update(&chains, in: UpdateContext(streams: streams, number: steps))
      let changes = info.values[0][0]
      let weights = changes.map { exp(-$0) }
      let mean = weights.reduce(0, +) / Double(count)
      let variance =
        weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
      let error = (variance / Double(count)).squareRoot()
      #expect(error < 0.01)
      #expect(abs(mean - 1) < 4.5 * error)
      let spread = changes.reduce(0) { $0 + $1 * $1 } / Double(count)
      #expect(spread > 0.01)
    }
  }
}
