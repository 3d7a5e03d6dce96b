// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Lattices
import Networks
import RandomStreams
import Transport

extension NetworkSpecification {
  /// The network on a path of so many legs.
  func architecture(legs: Int) -> ConvolutionArchitecture {
    ConvolutionArchitecture(
      channels: channels, layers: layers, inputScales: [0, 1, 3], timeOrder: 4 * legs)
  }

  /// A network that adds nothing yet.
  func network(on path: CouplingPath, base: SpectralDrift, using streams: RandomStreams)
    -> ConvolutionDrift
  {
    ConvolutionDrift(
      path.lattice, architecture(legs: path.corners.count - 1), base: base,
      using: streams.derived("network"))
  }

  /// Learning rate: up in a twentieth of the iterations, then down to a hundredth by half a cosine.
  /// Horizon: from half the path to all of it in a tenth of the iterations. The walkers are refreshed at
  /// every time, so that they need no diffusion and, being close to the densities, no weights.
  func settings(refreshStepSize: Double) -> TrainingSettings {
    let warmUp = (iterations + 19) / 20
    return TrainingSettings(
      walkers: walkers, steps: slices, diffusivity: 0, weighting: .uniform,
      horizon: .growing(first: 0.5, iterations: (iterations + 9) / 10),
      learningRate: LearningRate(
        learningRate, warmUp: warmUp,
        decay: .cosine(iterations: max(1, iterations - warmUp), fraction: 0.01)),
      gradientLimit: Self.gradientLimit, averageDecay: Self.averageDecay,
      refreshStepSize: refreshStepSize)
  }

  static let gradientLimit = 100.0
  static let averageDecay = 0.99

  /// Evaluations of the drift in one iteration: on the way of the walkers, and twice at every time, for
  /// the mean of the residual and for its gradient.
  var driftEvaluations: Int { walkers * (slices + 2 * (slices + 1)) }

  /// The keys as the file of a drift has them.
  var attributes: [String: AttributeValue] {
    [
      "network": .text(Self.name), "layers": .integer(layers), "channels": .integer(channels),
      "iterations": .integer(iterations), "learning_rate": .real(learningRate),
      "gradient_walkers": .integer(walkers), "gradient_slices": .integer(slices),
      "gradient_limit": .real(Self.gradientLimit), "average_decay": .real(Self.averageDecay),
    ]
  }
}

extension TransportSpecification {
  /// A drift without any weights, as dear as the one that is trained.
  func untrained(_ path: CouplingPath) -> any DivergenceDrift {
    let drift = SpectralDrift.untrained(path)
    return training?.network?.network(on: path, base: drift, using: RandomStreams(seed: 0)) ?? drift
  }
}

extension TrainingRun {
  /// The training by gradients of a network that is added to `base`.
  func refinement(
    of base: SpectralDrift, by network: NetworkSpecification, schedule: AnnealingSchedule,
    workers: Workers
  ) -> GradientTrainer<CouplingPath, PINNObjective<ConvolutionDrift>> {
    let refresh = schedule.stepSizes.reduce(0, +) / Double(schedule.steps)
    return GradientTrainer(
      network.network(on: base.path, base: base, using: refinementStreams),
      towards: [ConditionedPath(base.path)],
      by: PINNObjective(dimension: base.path.lattice.volume),
      settings: network.settings(refreshStepSize: refresh), using: refinementStreams,
      refresh: refreshTransition, workers: workers)
  }

  /// The sweep that measures what a refinement has come to.
  func check(
    of drift: ConvolutionDrift, base: SpectralDrift, schedule: AnnealingSchedule, workers: Workers
  ) -> ResidualCheck {
    var check = ResidualCheck(
      path: base.path, drift: drift, before: base, refresh: refreshTransition, schedule: schedule,
      walkers: specification.walkers)
    check.workers = workers
    return check
  }
}
