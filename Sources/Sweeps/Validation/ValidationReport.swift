// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics

/// The verdict over many pulls.
///
/// One pull fails beyond 5 standard errors: with N pulls the false alarm rate is N · 6e-7 for normal
/// errors, 6e-4 for the 1076 pulls of a validation. That too many are large is judged as well:
/// with the fraction beyond 2 (expected 4.6 %; averages of one run are correlated, so up to 12 %
/// passes) and the mean square (expected 1; errors wrong by half are seen in either direction). Mean
/// weights are independent of each other, so that their squares add up to a χ².
public struct ValidationReport: Sendable {
  public private(set) var pulls: [Pull] = []

  public init() {}

  public mutating func add(_ more: [Pull]) { pulls += more }

  /// In standard errors.
  public static let bound = 5.0

  public var failures: [Pull] { pulls.filter { !$0.isWithin(Self.bound) } }

  /// The fraction of pulls beyond 2.
  public var largeFraction: Double {
    Double(pulls.filter { !$0.isWithin(2) }.count) / Double(max(pulls.count, 1))
  }

  /// The mean square of all pulls, 1 if all errors are right.
  public var meanSquare: Double {
    pulls.reduce(0) { $0 + $1.pull * $1.pull } / Double(max(pulls.count, 1))
  }

  /// Mean weights over exact ratios of normalisations.
  public var partitionRatios: [Pull] { pulls.filter { $0.kind == .partitionRatio } }

  /// χ² of all mean weights and the probability of a larger one; nil if there are none.
  public var weights: (chiSquare: Double, probability: Double)? {
    let ratios = partitionRatios
    guard !ratios.isEmpty else { return nil }
    let sum = ratios.reduce(0) { $0 + $1.pull * $1.pull }
    return (sum, ChiSquare.probability(exceeding: sum, degreesOfFreedom: ratios.count))
  }

  /// What the probability of χ² must not be beyond, on either side.
  public static let leastProbability = 1e-4

  public var isPassed: Bool {
    let areWeightsRight =
      weights.map {
        $0.probability > Self.leastProbability && $0.probability < 1 - Self.leastProbability
      } ?? true
    return failures.isEmpty && !pulls.isEmpty && largeFraction < 0.12
      && (0.5..<2).contains(meanSquare) && areWeightsRight
  }

  public var summary: String {
    String(
      format: "%@: %d pulls, %d beyond 5, %.1f %% beyond 2 (4.6 %% expected), mean square %.2f",
      isPassed ? "passed" : "FAILED", pulls.count, failures.count, 100 * largeFraction, meanSquare)
  }

  /// The mean weights in one line; empty if there are none.
  public var weightSummary: String {
    let errors = partitionRatios.map { 100 * $0.error }.sorted()
    guard let weights, let largest = errors.last else { return "" }
    return String(
      format:
        "annealing: %d mean weights over Z1/Z0, chi2 %.1f (probability %.2f), error median %.2f %%, "
        + "largest %.2f %%", errors.count, weights.chiSquare, weights.probability,
      errors[errors.count / 2], largest)
  }
}
