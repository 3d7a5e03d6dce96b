// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import RandomStreams
import Transport

/// The training of a drift for one theory: all of a training, or one of several on a line of couplings.
struct TrainingNode: Sendable {
  /// With the theory that the drift is trained for.
  let run: RunSpecification
  let specification: TrainingSpecification
  let features: [SpectralFeature]
  let basis: KernelBasis
  private let annealing: AnnealingSpecification

  init(
    _ run: RunSpecification, _ annealing: AnnealingSpecification,
    _ specification: TrainingSpecification, features: [SpectralFeature], basis: KernelBasis
  ) {
    self.run = run
    self.annealing = annealing
    self.specification = specification
    self.features = features
    self.basis = basis
  }

  /// A text of fixed form that, together with the seed, determines every random decision. On a line of
  /// couplings it is that of the theory by itself.
  var identity: String {
    var own = specification
    own.line = nil
    return "theory: \(run.theory.identity)\n"
      + "lattice: \(run.extents.map(String.init).joined(separator: "x"))\n"
      + "path: \(annealing.pathIdentity)\n"
      + "refresh: \(annealing.dynamicsIdentity) \(annealing.tuningIdentity)\n"
      + "training: \(own.identity)\n"
  }

  var streams: RandomStreams { RandomStreams(seed: run.seed).derived("drift\n" + identity) }

  /// The training along a path.
  func training(along path: CouplingPath, workers: Workers) -> ClosedFormTraining {
    var training = ClosedFormTraining(
      path: path, features: features, basis: basis, refresh: run.calming(annealing))
    training.walkers = specification.walkers
    training.slices = specification.slices
    training.sweeps = specification.sweeps
    training.ridge = specification.ridge
    // Walkers of a training need no better weights.
    training.integrator = .rk2
    training.stepSize = annealing.step
    training.workers = workers
    return training
  }
}

extension RunSpecification {
  /// The same run with another value of one coupling.
  func replacing(_ key: CouplingLine.Key, by value: Double) -> RunSpecification {
    var run = self
    run.theory.parametrisation = theory.parametrisation.replacing(key, by: value)
    return run
  }
}
