// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles

/// Where a training stands between two of its times: all that it needs to go on to the same bits.
public struct TrainingState: Sendable, Equatable {
  /// The times of the sweeps, and the step sizes of the refresh.
  public let schedule: AnnealingSchedule
  /// Sweeps that are complete.
  public internal(set) var sweep = 0
  /// Times of the current sweep that are done.
  public internal(set) var step = 0
  /// The walkers of a sweep under way, at the time with number `step`.
  var population: Population?
  /// What the walkers follow: the solution at the time before in the first sweep, the fitted curve
  /// later.
  var weights: ChebyshevCurve
  /// The normal equations of the fit, from the times of this sweep.
  var fit: SmoothFit
  /// The times of this sweep, each with its own normal equations.
  var local: [Local] = []
  /// What the times of complete sweeps have shown.
  public internal(set) var slices: [ClosedFormTraining.Slice] = []
  public internal(set) var driftEvaluations = 0
  public internal(set) var gradientEvaluations: Int

  struct Local: Sendable, Equatable {
    var slice: ClosedFormTraining.Slice
    var equations: NormalEquations
  }

  init(
    schedule: AnnealingSchedule, weights: ChebyshevCurve, fit: SmoothFit, gradientEvaluations: Int
  ) {
    self.schedule = schedule
    self.weights = weights
    self.fit = fit
    self.gradientEvaluations = gradientEvaluations
  }
}
