// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams

/// The many-well density: d/2 independent pairs (x, y), each with two wells in x and none in y,
///
///     U = Σ_pairs [ x⁴ − 6x² − ½x + ½y² ],     log Z = (d/2) log ∫ dx dy exp(−x⁴ + 6x² + ½x − ½y²),
///
/// not normalised. At d = 32 it has 2^16 modes and log Z = 164.69568; a left well holds 15.57 % of a
/// pair. F. Noé, S. Olsson, J. Köhler, H. Wu, Science 365 (2019) eaaw1147; Midgley et al.,
/// arXiv:2208.01893, whose pairs are neighbours as here, x first.
public struct ManyWell: PointTarget, SampleableTarget {
  public let dimension: Int
  public let logNormalizer: Double

  public init(dimension: Int = 32) {
    precondition(dimension >= 2 && dimension % 2 == 0, "wells come in pairs of numbers")
    self.dimension = dimension
    logNormalizer = Double(dimension / 2) * (Self.logWellIntegral + 0.5 * log(2 * Double.pi))
  }

  /// x⁴ − 6x² − ½x.
  public static func wellEnergy(_ x: Double) -> Double {
    let square = x * x
    return square * (square - 6) - 0.5 * x
  }

  public func energy(
    of position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    var sum = 0.0
    for index in stride(from: 0, to: dimension, by: 2) {
      let (x, y) = (position[index], position[index + 1])
      sum += Self.wellEnergy(x) + 0.5 * y * y
      gradient?[index] = 4 * x * (x * x - 3) - 0.5
      gradient?[index + 1] = y
    }
    return sum
  }

  /// log ∫ dx exp(−x⁴ + 6x² + ½x) by the trapezoidal rule, which converges exponentially; beyond |x| = 5
  /// the integrand is below 10⁻²⁰⁰ of its largest value.
  public static let logWellIntegral: Double = {
    let points = 4000
    let spacing = 10 / Double(points)
    let sum = (0...points).reduce(0.0) {
      $0 + exp(-wellEnergy(-5 + Double($1) * spacing) - logBound)
    }
    return log(sum * spacing) + logBound
  }()

  /// The mass of the left well of a pair, x < 0, by Simpson's rule.
  public static let leftMass: Double = {
    let points = 4000
    let spacing = 5 / Double(points)
    var sum = 0.0
    for point in 0...points {
      let factor = point == 0 || point == points ? 1.0 : point % 2 == 1 ? 4 : 2
      sum += factor * exp(-wellEnergy(-5 + Double(point) * spacing) - logWellIntegral)
    }
    return sum * spacing / 3
  }()

  /// A little above the largest value of −wellEnergy, 9.8708.
  private static let logBound = 9.88

  /// Exact samples by rejection from 0.2 N(−1.7, ½²) + 0.8 N(1.7, ½²), whose density q obeys
  /// exp(−wellEnergy) ≤ 3 q exp(logWellIntegral) everywhere.
  public func sample(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int
  ) {
    precondition(batch.dimension == dimension)
    for member in 0..<batch.count {
      var generator = streams.generator(
        purpose: purpose, walker: firstWalker + member, step: step)
      for index in stride(from: 0, to: dimension, by: 2) {
        var proposal: (value: Double, partner: Double)
        repeat {
          proposal = Self.propose(&generator)
        } while generator.nextUniform() >= Self.acceptance(of: proposal.value)
        batch.values[member * dimension + index] = proposal.value
        batch.values[member * dimension + index + 1] = proposal.partner
      }
    }
  }

  /// exp(−wellEnergy)/(3 q exp(logWellIntegral)), below 1.
  public static func acceptance(of x: Double) -> Double {
    let left = exp(-2 * (x + 1.7) * (x + 1.7))
    let right = exp(-2 * (x - 1.7) * (x - 1.7))
    let proposal = (0.2 * left + 0.8 * right) * (2 / Double.pi).squareRoot()
    return exp(-wellEnergy(x) - logWellIntegral) / (3 * proposal)
  }

  /// A proposal and, of the same Box-Muller pair, a standard normal independent of it.
  private static func propose(
    _ generator: inout StreamGenerator
  ) -> (value: Double, partner: Double) {
    let well = generator.nextUniform() < 0.2 ? -1.7 : 1.7
    let radius = (-2 * log(generator.nextUniform())).squareRoot()
    let angle = 2 * Double.pi * generator.nextUniform()
    return (well + 0.5 * radius * cos(angle), radius * sin(angle))
  }
}
