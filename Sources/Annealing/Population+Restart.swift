// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import RandomStreams
import Targets

extension Population {
  /// Walkers as they were once, to go on from: each argument has one value or row for each walker.
  /// `first` and the number of walkers must be those of the population that was left.
  public init(
    first: Int, positions: Configurations, logWeights: [Double], works: [Double],
    ancestors: [Int], energies: [Double], velocities: Configurations?, gradients: Configurations?
  ) {
    self.init(first: first, positions: positions)
    self.logWeights = logWeights
    self.works = works
    self.ancestors = ancestors
    self.energies = energies
    self.velocities = velocities
    self.gradients = gradients
  }

  /// Lets a transition move the walkers `steps` times at one density, as a Markov chain does. It is
  /// for transitions that leave the density invariant.
  public mutating func equilibrate<Density: Target>(
    by transition: some Transition<Density>, at density: Density, time: Double, steps: Int,
    stepSize: Double,
    streams: RandomStreams, workers: Workers = Workers(1)
  ) {
    forEachGroup(workers) { walkers in
      transition.begin(
        &walkers, at: density,
        in: StepContext(streams: streams, step: 0, stepSize: stepSize, at: time))
      for step in 0..<steps {
        _ = transition.advance(
          &walkers, from: density, to: density,
          in: StepContext(streams: streams, step: step, stepSize: stepSize, at: time))
      }
    }
  }
}
