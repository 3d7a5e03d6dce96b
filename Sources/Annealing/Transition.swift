// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import RandomStreams
import Targets

/// A step of walkers from one density to the next, with the exact change of their weights,
///
///     log w += log [ρ'(x') B(x | x')] − log [ρ(x) F(x' | x)],
///
/// unnormalised densities ρ = exp(−U), ρ' = exp(−U'), F the move that was made and B the move that
/// would undo it. It knows no schedule and no file, and one thread calls it on a few walkers at a time.
public protocol Transition<Density>: Sendable {
  associatedtype Density: Target

  /// Completes walkers of which only the positions are set: their energies, and whatever else the
  /// transition keeps from step to step.
  func begin(_ walkers: inout Walkers, at density: Density, in context: StepContext)

  /// Moves every walker from `old` to `new` and adds to its weight.
  func advance(
    _ walkers: inout Walkers, from old: Density, to new: Density, in context: StepContext
  ) -> StepInfo

  /// Renews what the transition keeps from step to step, but for the energies, after something else
  /// has moved the walkers.
  func renew(_ walkers: inout Walkers, at density: Density)

  /// The transition for the way back: from `new` to `old` it makes each step with the probability
  /// that this one's B gives to it, so that the works of both ways obey Crooks' relation.
  var reversed: Self { get }

  /// The acceptance that tuning aims at; nil where nothing is rejected.
  var targetAcceptance: Double? { get }
}

/// What a step draws on.
public struct StepContext: Sendable {
  public var streams: RandomStreams
  /// The number of the step along the path, from 0.
  public var step: Int
  /// The step size of the dynamics.
  public var stepSize: Double
  /// The times of the densities that the step leaves and reaches; equal where walkers stay at one.
  public var times: (from: Double, to: Double)

  public init(
    streams: RandomStreams, step: Int, stepSize: Double, times: (from: Double, to: Double)
  ) {
    self.streams = streams
    self.step = step
    self.stepSize = stepSize
    self.times = times
  }

  /// A step of walkers that stay at one density.
  public init(streams: RandomStreams, step: Int, stepSize: Double, at time: Double) {
    self.init(streams: streams, step: step, stepSize: stepSize, times: (time, time))
  }
}

/// What a step tells besides moving the walkers.
public struct StepInfo: Sendable, Equatable {
  /// The sum over walkers of the probability that the proposal was accepted, or of the fraction that
  /// was; their number where nothing is rejected.
  public var acceptance: Double
  /// Evaluations of the gradient, or sweeps of local proposals, over all walkers.
  public var gradientEvaluations: Int
  /// Evaluations of a drift, over all walkers.
  public var driftEvaluations: Int

  public init(acceptance: Double = 0, gradientEvaluations: Int = 0, driftEvaluations: Int = 0) {
    self.acceptance = acceptance
    self.gradientEvaluations = gradientEvaluations
    self.driftEvaluations = driftEvaluations
  }

  static func + (a: StepInfo, b: StepInfo) -> StepInfo {
    StepInfo(
      acceptance: a.acceptance + b.acceptance,
      gradientEvaluations: a.gradientEvaluations + b.gradientEvaluations,
      driftEvaluations: a.driftEvaluations + b.driftEvaluations)
  }
}

extension Transition {
  /// Nothing is kept.
  public func renew(_ walkers: inout Walkers, at density: Density) {}
}
