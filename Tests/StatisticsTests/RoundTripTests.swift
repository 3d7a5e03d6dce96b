// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// Populations that go there, are resampled by their weights, and go back.
@Suite struct RoundTripTests {
  /// From exp(−x²/2) to exp(−x²/(2s²)) in one step, ΔF = −log s. Between the ways, resampled walkers
  /// are moved by an autoregression that leaves the second density invariant; `memory` 1 moves nothing.
  private static func roundTrip(
    _ generator: inout TestGenerator, populations: Int, walkers: Int, width: Double, memory: Double
  ) throws -> RoundTrip {
    var forward: [Double] = []
    var reverse: [Double] = []
    let slope = 0.5 * (1 - 1 / (width * width))
    for _ in 0..<populations {
      let positions = (0..<walkers).map { _ in generator.normal() }
      let logWeights = positions.map { slope * $0 * $0 }
      forward += logWeights
      let start = generator.uniform()
      let parents = try ResamplingScheme.systematic.ancestors(logWeights: logWeights) { _ in start }
      reverse += parents.map { parent in
        let moved =
          memory * positions[parent]
          + (1 - memory * memory).squareRoot() * width * generator.normal()
        return -slope * moved * moved
      }
    }
    return try RoundTrip(
      forward: LogWeights(forward, unitSize: walkers),
      reverse: LogWeights(reverse, unitSize: walkers))
  }

  /// Errors cover the truth, also from populations of four walkers, each of which is far from the
  /// target, and where the way back repeats the way there.
  @Test(arguments: [(4, 64, 0.0), (4, 64, 0.7), (20, 32, 0.7), (20, 32, 1.0), (100, 16, 0.5)])
  func coverage(walkers: Int, populations: Int, memory: Double) throws {
    let width = 0.5
    var generator = TestGenerator(seed: UInt64(walkers * 1000 + populations))
    var pulls: [Double] = []
    for _ in 0..<400 {
      let estimate = try Self.roundTrip(
        &generator, populations: populations, walkers: walkers, width: width, memory: memory
      ).bennettAcceptanceRatio()
      pulls.append((estimate.value + log(width)) / estimate.error)
      #expect(abs(estimate.jackknifeError / estimate.error - 1) < 0.25)
    }
    let mean = pulls.reduce(0, +) / 400
    let square = pulls.reduce(0) { $0 + $1 * $1 } / 400
    // Student's t with P − 1 degrees of freedom has the variance (P − 1)/(P − 3); the spread of the mean
    // square of 400 is 0.07. What is left of the bias may be a fifth of an error.
    let expected = Double(populations - 1) / Double(populations - 3)
    #expect(abs(mean) < 0.2 + 4.5 / 20, "\(mean)")
    #expect(square > expected - 0.35 && square < expected + 0.45, "\(square)")
  }

  /// Equal weights there make it Bennett's ratio with as many walkers each way.
  @Test func equalPopulations() throws {
    var generator = TestGenerator(seed: 12)
    let forward = (0..<160).map { _ in -generator.normal() }
    // Each population the same numbers in another order: the same total weight.
    let there = (0..<10).flatMap { _ in forward.prefix(16).shuffled(using: &generator) }
    let back = (0..<160).map { _ in generator.normal() - 1 }
    let trip = try RoundTrip(
      forward: LogWeights(there, unitSize: 16), reverse: LogWeights(back, unitSize: 16))
    let plain = try WorkValues(
      forward: LogWeights(there, unitSize: 16), reverse: LogWeights(back, unitSize: 16)
    ).bennettAcceptanceRatio()
    let found = trip.bennettAcceptanceRatio()
    #expect(abs(found.value - plain.value) < 1e-10)
    #expect(abs(found.overlap - plain.overlap) < 1e-10)
    #expect(abs(found.overlappingWalkers - plain.overlappingWalkers) < 1e-8)
  }

  @Test func whatDoesNotFit() throws {
    let eight = try LogWeights(Array(repeating: 0, count: 16), unitSize: 2)
    let four = try LogWeights(Array(repeating: 0, count: 16), unitSize: 4)
    #expect(throws: StatisticsError.self) { try RoundTrip(forward: eight, reverse: four) }
    let few = try RoundTrip(forward: four, reverse: four).bennettAcceptanceRatio()
    #expect(few.value == 0 && few.error.isNaN && few.verdict.outcome == .withoutError)
  }
}
