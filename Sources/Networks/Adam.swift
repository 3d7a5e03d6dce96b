// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The learning rate as a function of the iteration: a linear rise, then a decay.
public struct LearningRate: Sendable, Equatable, Codable {
  public enum Decay: Sendable, Equatable, Codable {
    case constant
    /// From the peak to `fraction` of it by half a cosine, over `iterations` after the rise.
    case cosine(iterations: Int, fraction: Double)
    /// Times `factor` after every `interval` iterations.
    case step(interval: Int, factor: Double)
  }

  public var peak: Double
  /// Iterations of the rise; iteration i < warmUp has peak (i + 1)/warmUp.
  public var warmUp: Int
  public var decay: Decay

  public init(_ peak: Double, warmUp: Int = 0, decay: Decay = .constant) {
    self.peak = peak
    self.warmUp = warmUp
    self.decay = decay
  }

  /// The rate of an iteration, counted from 0.
  public subscript(iteration: Int) -> Double {
    if iteration < warmUp { return peak * Double(iteration + 1) / Double(warmUp) }
    let after = iteration - warmUp
    switch decay {
    case .constant: return peak
    case .cosine(let iterations, let fraction):
      let x = min(1, Double(after) / Double(iterations))
      return peak * (fraction + (1 - fraction) * 0.5 * (1 + cos(Double.pi * x)))
    case .step(let interval, let factor): return peak * pow(factor, Double(after / interval))
    }
  }
}

/// The Adam optimiser: with g the gradient, in iteration t = 1, 2, …
///
///     m ← β1 m + (1 − β1) g,   v ← β2 v + (1 − β2) g²,   θ ← θ − η m̂/(√v̂ + ε),
///
/// m̂ = m/(1 − β1^t), v̂ = v/(1 − β2^t). D. P. Kingma, J. Ba, arXiv:1412.6980, algorithm 1.
public struct Adam: Sendable, Equatable, Codable {
  public var firstDecay = 0.9
  public var secondDecay = 0.999
  public var regulator = 1e-8
  /// m and v, and how many steps were made.
  public private(set) var firstMoments: [Double]
  public private(set) var secondMoments: [Double]
  public private(set) var steps = 0

  public init(count: Int, firstDecay: Double = 0.9, secondDecay: Double = 0.999) {
    self.firstDecay = firstDecay
    self.secondDecay = secondDecay
    firstMoments = Array(repeating: 0, count: count)
    secondMoments = firstMoments
  }

  /// The optimiser after so many steps, to go on from.
  public init(firstMoments: [Double], secondMoments: [Double], steps: Int) {
    precondition(firstMoments.count == secondMoments.count && steps >= 0)
    self.firstMoments = firstMoments
    self.secondMoments = secondMoments
    self.steps = steps
  }

  /// One step down the gradient.
  public mutating func update(_ parameters: inout [Double], gradient: [Double], rate: Double) {
    precondition(parameters.count == firstMoments.count && gradient.count == parameters.count)
    steps += 1
    let firstBias = 1 - pow(firstDecay, Double(steps))
    let secondBias = 1 - pow(secondDecay, Double(steps))
    for index in parameters.indices {
      let g = gradient[index]
      firstMoments[index] = firstDecay * firstMoments[index] + (1 - firstDecay) * g
      secondMoments[index] = secondDecay * secondMoments[index] + (1 - secondDecay) * g * g
      let mean = firstMoments[index] / firstBias
      let square = secondMoments[index] / secondBias
      parameters[index] -= rate * mean / (square.squareRoot() + regulator)
    }
  }
}

/// |g|, and g shortened to at most a length.
public enum GradientClipping {
  /// Shortens `gradient` to the norm `limit` where it is longer; returns the norm it had.
  @discardableResult
  public static func clip(_ gradient: inout [Double], to limit: Double?) -> Double {
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if let limit, norm > limit {
      for index in gradient.indices { gradient[index] *= limit / norm }
    }
    return norm
  }
}

/// The exponential average of parameters along training, a ← κ a + (1 − κ) θ with
/// κ = min(decay, (1 + t)/(10 + t)), so that it forgets its beginning.
public struct ParameterAverage: Sendable, Equatable, Codable {
  public var decay: Double
  public private(set) var values: [Double]
  public private(set) var steps = 0

  public init(_ parameters: [Double], decay: Double) {
    self.decay = decay
    values = parameters
  }

  /// The average after so many steps, to go on from.
  public init(_ values: [Double], decay: Double, steps: Int) {
    precondition(steps >= 0)
    self.decay = decay
    self.values = values
    self.steps = steps
  }

  public mutating func update(_ parameters: [Double]) {
    steps += 1
    let keep = min(decay, Double(1 + steps) / Double(10 + steps))
    for index in values.indices {
      values[index] = keep * values[index] + (1 - keep) * parameters[index]
    }
  }
}
