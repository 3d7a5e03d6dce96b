// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Dual averaging of the logarithm of a step size towards a wanted acceptance, during
/// thermalisation only: a step size that goes on changing would make the chain non-Markovian.
///
///     H_t = (1 − 1/(t + t0)) H_{t−1} + (δ − α_t)/(t + t0)
///     log ε_{t+1} = μ − √t/γ H_t,     log ε̄_t = t^−κ log ε_t + (1 − t^−κ) log ε̄_{t−1}
///
/// with μ = log 10ε_0, γ = 0.05, t0 = 10, κ = 0.75; after thermalisation ε̄ is used.
/// Hoffman, Gelman, J. Mach. Learn. Res. 15 (2014) 1593, sec. 3.2.1.
public struct StepSizeTuner: Sendable, Equatable {
  public let targetAcceptance: Double
  private let centre: Double
  private var count = 0.0
  private var error = 0.0
  private var logAverage = 0.0

  public init(initial: Double, targetAcceptance: Double) {
    precondition(initial > 0, "a step size is positive")
    self.targetAcceptance = targetAcceptance
    centre = log(10 * initial)
  }

  /// Takes the mean acceptance of one update and returns the step size of the next.
  public mutating func next(acceptance: Double) -> Double {
    count += 1
    let weight = 1 / (count + 10)
    error = (1 - weight) * error + weight * (targetAcceptance - acceptance)
    let logStep = centre - count.squareRoot() / 0.05 * error
    let forget = pow(count, -0.75)
    logAverage = forget * logStep + (1 - forget) * logAverage
    return exp(logStep)
  }

  /// The step size to keep when tuning ends.
  public var result: Double { exp(logAverage) }

  /// Everything a checkpoint needs to go on.
  public var state: [Double] {
    get { [count, error, logAverage] }
    set {
      precondition(newValue.count == 3, "a tuner's state is three numbers")
      (count, error, logAverage) = (newValue[0], newValue[1], newValue[2])
    }
  }
}
