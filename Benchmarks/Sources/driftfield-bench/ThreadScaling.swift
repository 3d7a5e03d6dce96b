// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams

/// Whole HMC updates (momenta, trajectory, Metropolis test) of 64 chains of 64x64 with one thread and
/// with two, in turn.
enum ThreadScaling {
  static func show(rounds: Int = 7) {
    let action = Phi4(lattice: Lattice(extents: [64, 64]), massSquared: -4, coupling: 4.4)
    let hmc = HMC(target: action, scheme: .leapfrog, steps: 20, length: 1)
    var chains = Configurations(count: 64, dimension: action.dimension)
    var number = 0
    func rate(_ threads: Int) -> Double {
      let timing = Timing.of(seconds: 0.3) {
        _ = hmc.update(
          &chains,
          in: UpdateContext(
            streams: RandomStreams(seed: 1), number: number, workers: Workers(threads)))
        number += 1
      }
      return Double(64 * 4096 * 20) / timing.median * 1e-6
    }
    var ratios: [Double] = []
    print("HMC of 64 chains of 64x64, 20 leapfrog steps, 10^6 site updates a second, in turn:")
    for _ in 0..<rounds {
      let one = rate(1)
      let two = rate(2)
      ratios.append(two / one)
      print(
        String(format: "  one thread %8.0f   two threads %8.0f   ratio %5.2f", one, two, two / one))
    }
    print(String(format: "  ratio: median %.2f", Timing.median(ratios)))
  }
}
