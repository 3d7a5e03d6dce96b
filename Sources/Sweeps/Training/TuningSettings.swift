// SPDX-License-Identifier: GPL-3.0-or-later

/// Which ways to use a trained drift are tried: every refresh with every number of steps, at equal
/// distances and where the residual of the training wants them.
public struct TuningSettings: Sendable, Equatable {
  /// Where the steps along a path are.
  public enum Placing: String, Sendable, CaseIterable {
    /// At equal distances on each leg, as `path_steps` has them.
    case equal
    /// Dense where the variance of the residual is large, as `times` can have them.
    case residual
  }

  /// Pilot walkers of each candidate.
  public var walkers = 512
  public var pathSteps = [12, 25, 50, 100]
  public var placings = Placing.allCases
  /// Trajectories of hybrid Monte Carlo in each refresh.
  public var updates = [1, 2, 4]
  /// Steps in each trajectory.
  public var steps = [3, 6]
  /// What one evaluation of the drift costs in gradients; nil to time it.
  public var driftCost: Double?

  public init() {}

  /// The number of candidates for one drift.
  public var count: Int { pathSteps.count * placings.count * updates.count * steps.count }
}
