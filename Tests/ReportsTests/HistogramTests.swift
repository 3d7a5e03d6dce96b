// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Reports
import Statistics
import Testing

@Suite struct HistogramTests {
  /// Independent numbers between 0 and 1.
  private static func uniforms(_ count: Int, seed: UInt64) -> [Double] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }
  }

  /// Of independent numbers, heights are p with the error sqrt(p (1 − p)/N).
  @Test func chainsGiveFrequencies() {
    let chains = (0..<4).map { Self.uniforms(5000, seed: $0 + 1).map { $0 * $0 } }
    let edges = [0, 0.04, 0.25, 0.81, 1.0]
    let histogram = Histogram(chains: chains, edges: edges)
    #expect(abs(histogram.heights.reduce(0, +) - 1) < 1e-12)
    for (index, p) in [0.2, 0.3, 0.4, 0.1].enumerated() {
      let error = (p * (1 - p) / 20_000).squareRoot()
      #expect(abs(histogram.heights[index] - p) < 4.5 * error)
      #expect(histogram.errors[index] > 0.85 * error && histogram.errors[index] < 1.3 * error)
      let count = chains.flatMap { $0 }.count { $0 >= edges[index] && $0 < edges[index + 1] }
      #expect(abs(histogram.heights[index] - Double(count) / 20_000) < 1e-12)
    }
  }

  /// Weights count; walkers of weight zero and what is on them do not.
  @Test func weightsCount() throws {
    let values = Self.uniforms(4000, seed: 9) + [.nan, 0.5]
    let logs = values.dropLast(2).map { log($0) } + [-.infinity, -.infinity]
    let edges = [0, 0.5, 1.0]
    let histogram = Histogram(
      walkers: values, weights: try LogWeights(logs), edges: edges)
    #expect(abs(histogram.heights.reduce(0, +) - 1) < 1e-12)
    // The density 2 x: a quarter is below 1/2.
    #expect(abs(histogram.heights[0] - 0.25) < 4.5 * histogram.errors[0])
    let sum = values.dropLast(2).reduce(0, +)
    let below = values.dropLast(2).filter { $0 < 0.5 }.reduce(0, +)
    #expect(abs(histogram.heights[0] - below / sum) < 1e-12)
    // var = ∫ x² (1[x < 1/2] − 1/4)² dx / (∫ x dx)²/N = 4 (1/24 · 9/16 + 7/24 · 1/16)/N
    let error = (4 * (9.0 / 384 + 7.0 / 384) / 4000).squareRoot()
    #expect(abs(histogram.errors[0] / error - 1) < 0.1)

    let plain = Histogram(values: [0.1, 0.2, 0.7, 3], weights: [1, 2, 4, 1], edges: edges)
    #expect(plain.heights == [0.375, 0.5])
  }

  @Test func edgesHoldEverything() throws {
    for (low, high) in [(-1.0, 1.0), (-0.37, 0.37), (-5e-4, 5e-4), (-30, 4), (2.5, 2.6)] {
      let values = [low, (low + high) / 2, high]
      let edges = try #require(Histogram.edges(holding: values, atMost: 24))
      #expect(edges.count <= 25 && edges.count > 8)
      let heights = Histogram(values: values, weights: [1, 1, 1], edges: edges).heights
      #expect(abs(heights.reduce(0, +) - 1) < 1e-12)
    }
    #expect(Histogram.edges(holding: [1, 1], atMost: 24) == nil)
    #expect(Histogram.edges(holding: [], atMost: 24) == nil)
  }
}
