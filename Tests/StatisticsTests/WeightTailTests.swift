// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// When the tail of the weights is judged.
@Suite struct WeightTailTests {
  /// Weights 1 + c x with the quantiles of a Pareto distribution of shape 0.8, x = u^−0.8 − 1: the
  /// shape of the tail is the same for every c.
  private static func weights(_ factor: Double) throws -> LogWeights {
    try LogWeights(
      (0..<64).map { log(1 + factor * (pow((Double($0) + 0.5) / 64, -0.8) - 1)) })
  }

  /// Where no weight reaches twice the mean, the shape of the noise at its end says nothing; where one
  /// does, it is judged.
  @Test func tailIsJudgedWhereItReachesOut() throws {
    let even = try Self.weights(0.01)
    let uneven = try Self.weights(1)
    #expect(try #require(even.paretoShape) > 0.5)
    #expect(try #require(uneven.paretoShape) > 0.5)
    #expect(even.largestShare * 64 < 2)
    #expect(uneven.largestShare * 64 > 2)
    #expect(even.verdict.outcome == .trustworthy, "\(even.verdict)")
    #expect(uneven.verdict.outcome == .untrustworthy, "\(uneven.verdict)")
    #expect(uneven.verdict.reasons.contains { $0.contains("Pareto shape") })
  }
}
