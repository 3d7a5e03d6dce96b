// SPDX-License-Identifier: GPL-3.0-or-later
import Networks

/// How a drift is trained.
public struct TrainingSettings: Sendable, Equatable, Codable {
  /// How far walkers go, as a function of the iteration.
  public enum Horizon: Sendable, Equatable, Codable {
    /// T = 1 always.
    case full
    /// T grows from `first` to 1 in equal steps over some iterations.
    case growing(first: Double, iterations: Int)

    func callAsFunction(_ iteration: Int) -> Double {
      switch self {
      case .full: 1
      case .growing(let first, let iterations):
        iteration >= iterations
          ? 1 : first + (1 - first) * Double(iteration) / Double(iterations)
      }
    }
  }

  /// How the walkers of a slice count in the loss.
  public enum Weighting: Sendable, Equatable, Codable {
    /// All the same: the loss is an average over wherever they are.
    case uniform
    /// By the weights exp(A) that the drift gave them on their way, with the left-point rule of continuous
    /// time, dA = (∇·b − ∇U·b − ∂_tU) dt: averages over ρ_t up to O(dt).
    case jarzynski
  }

  /// Roll-outs that are used more than once.
  public struct Replay: Sendable, Equatable, Codable {
    /// How many are kept; a new one takes the place of the oldest.
    public var capacity: Int
    /// A new one is made every so many iterations.
    public var interval: Int
    /// Slices that each iteration draws from all roll-outs kept.
    public var slices: Int

    public init(capacity: Int, interval: Int, slices: Int) {
      precondition(capacity >= 1 && interval >= 1 && slices >= 1)
      self.capacity = capacity
      self.interval = interval
      self.slices = slices
    }
  }

  /// n.
  public var walkers: Int
  /// K: the grid is 0, K − 1 random times in (0, T) in order, T.
  public var steps: Int
  /// ε of the walkers' Langevin dynamics.
  public var diffusivity: Double
  public var weighting: Weighting
  public var horizon: Horizon
  public var learningRate: LearningRate
  /// Gradients longer than this are shortened.
  public var gradientLimit: Double?
  /// Decay of the exponential average of parameters; nil for none.
  public var averageDecay: Double?
  public var replay: Replay?
  /// The step size of the transition that refreshes walkers, where there is one.
  public var refreshStepSize: Double

  public init(
    walkers: Int, steps: Int, diffusivity: Double = 0.1, weighting: Weighting = .uniform,
    horizon: Horizon = .full, learningRate: LearningRate = LearningRate(3e-3, warmUp: 10),
    gradientLimit: Double? = nil, averageDecay: Double? = nil, replay: Replay? = nil,
    refreshStepSize: Double = 0.1
  ) {
    precondition(walkers >= 1 && steps >= 2 && diffusivity >= 0)
    self.walkers = walkers
    self.steps = steps
    self.diffusivity = diffusivity
    self.weighting = weighting
    self.horizon = horizon
    self.learningRate = learningRate
    self.gradientLimit = gradientLimit
    self.averageDecay = averageDecay
    self.replay = replay
    self.refreshStepSize = refreshStepSize
  }
}

/// Everything that training goes on from, to the same bits.
public struct GradientTrainingState: Sendable, Equatable, Codable {
  /// The drift's.
  public var parameters: [Double]
  /// The loss's own.
  public var objectiveParameters: [Double]
  public var optimiser: Adam
  /// The average of the drift's parameters.
  public var average: ParameterAverage?
  /// The number of the next iteration, which is the address of its random numbers too.
  public var iteration: Int
  /// Roll-outs kept for later iterations, the oldest first.
  public var rollouts: [TrainingRollout]
}

/// Walkers along one roll-out, to one of the targets.
public struct TrainingRollout: Sendable, Equatable, Codable {
  public var target: Int
  public var slices: [TrainingSlice]
}

/// What one iteration tells.
public struct TrainingRecord: Sendable, Equatable, Codable {
  public var iteration: Int
  /// Before the step that the iteration makes.
  public var loss: Double
  /// Root mean square residual of the continuity equation, divided by the dimension.
  public var residualPerSite: Double?
  public var gradientNorm: Double
  public var learningRate: Double
  /// T.
  public var horizon: Double
  /// Which target.
  public var target: Int
  /// (Σw)²/(n Σw²) of the walkers at T; nil where no new ones went.
  public var effectiveFraction: Double?
  /// Evaluations of the gradient of U over all walkers, those of the refresh among them.
  public var gradientEvaluations: Int
}
