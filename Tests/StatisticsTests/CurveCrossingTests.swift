// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// Curves that are known exactly: 1/g on one pool, a + b/g on others, which meet where
/// 1/g = a/(1 - b).
@Suite struct CurveCrossingTests {
  static let couplings = [0.6, 1, 1.6]

  static func curves(
    _ generator: inout TestGenerator, correlation: Double = 0.4
  ) throws -> [InterpolatedQuantity] {
    func ladder(_ dimensions: Int) -> NormalLadder {
      NormalLadder(
        &generator, couplings: couplings, dimensions: dimensions, length: 200,
        correlation: correlation)
    }
    let first = try ladder(1).quantity { $1[0] }
    let second = try ladder(2).quantity { 0.6 + 0.4 * $1[0] }
    let third = try ladder(3).quantity { 2 - $1[0] }
    return [first, second, third]
  }

  static func pools(_ curves: [InterpolatedQuantity]) -> IndependentPools {
    IndependentPools(curves.map(\.interpolation))
  }

  /// Place, value and slopes at the crossing, with the errors of their propagation, and how two
  /// crossings that share a pool vary together.
  @Test func coverage() throws {
    var generator = TestGenerator(seed: 311)
    let repetitions = 200
    var pulls: [String: [Double]] = [:]
    var covered: [String: Int] = [:]
    var (products, predicted): ([Double], [Double]) = ([], [])
    for _ in 0..<repetitions {
      let curves = try Self.curves(&generator)
      let pools = Self.pools(curves)
      let crossings = try [(0, 1), (0, 2)].map { a, b in
        try CurveCrossing([curves[a], curves[b]], pools: [a, b], bracket: 0.6...1.6)
      }
      let exact: [(String, PropagatedValue, Double)] = [
        ("place", crossings[0].coupling, 1), ("value", crossings[0].value, 1),
        ("slope 0", crossings[0].slopes[0], -1), ("slope 1", crossings[0].slopes[1], -0.4),
        ("place 2", crossings[1].coupling, 1), ("value 2", crossings[1].value, 1),
        ("other", try crossings[1].value(of: curves[2], 1), 1),
      ]
      for (name, number, value) in exact {
        let estimate = try pools.estimate(number)
        let pull = (estimate.value - value) / estimate.error
        pulls[name, default: []].append(pull)
        if abs(pull) < 1 { covered[name, default: 0] += 1 }
      }
      let covariance = try pools.covariance(crossings.map(\.coupling))
      let scale = (covariance[0][0] * covariance[1][1]).squareRoot()
      predicted.append(covariance[0][1] / scale)
      products.append(
        (crossings[0].coupling.value - 1) * (crossings[1].coupling.value - 1) / scale)
    }
    for (name, pulls) in pulls { expectPulls(pulls, slack: 0.15, name) }
    for (name, count) in covered {
      #expect(abs(Double(count) / Double(repetitions) - 0.683) < 0.15, "\(name) \(count)")
    }
    // The correlation of the two places, from the first pool alone, is far from zero.
    let (mean, variance) = meanAndVariance(products)
    let (expected, _) = meanAndVariance(predicted)
    let error = (variance / Double(repetitions)).squareRoot()
    #expect(abs(mean - expected) < 4.5 * error, "\(mean) \(error), predicted \(expected)")
    #expect(abs(expected) > 4.5 * error, "\(expected)")
  }

  /// The influences of a crossing against crossings with one block of one pool left out.
  @Test func blockJackknife() throws {
    var generator = TestGenerator(seed: 312)
    let ladders = [1, 2].map {
      NormalLadder(
        &generator, couplings: Self.couplings, dimensions: $0, chains: 20, length: 60)
    }
    func crossing(_ parts: [[[[Double]]]]) throws -> CurveCrossing {
      var quantities: [InterpolatedQuantity] = []
      for (index, conjugate) in parts.enumerated() {
        let flat = conjugate.flatMap { $0.flatMap { $0 } }
        let (a, b) = index == 0 ? (0.0, 1.0) : (0.6, 0.4)
        quantities.append(
          InterpolatedQuantity(
            try CouplingInterpolation(couplings: Self.couplings, conjugate: conjugate),
            primaries: [flat.map { 2 * $0 / Double(index + 1) }]
          ) { _, means in a + b * means[0] })
      }
      return try CurveCrossing(quantities, pools: [0, 1], bracket: 0.6...1.6)
    }
    let whole = ladders.map(\.conjugate)
    let full = try crossing(whole)
    func numbers(_ crossing: CurveCrossing) -> [Double] {
      [crossing.coupling.value, crossing.value.value, crossing.slopes[0].value]
    }
    var variances = [0.0, 0, 0]
    for (pool, ensemble) in [0, 1].flatMap({ pool in (0..<3).map { (pool, $0) } }) {
      var left: [[Double]] = [[], [], []]
      for chain in 0..<20 {
        var without = whole
        without[pool][ensemble].remove(at: chain)
        for (index, number) in numbers(try crossing(without)).enumerated() {
          left[index].append(number)
        }
      }
      for index in 0..<3 {
        variances[index] += meanAndVariance(left[index]).variance * 19 * 19 / 20
      }
    }
    let pools = IndependentPools(
      try ladders.map {
        try CouplingInterpolation(couplings: $0.couplings, conjugate: $0.conjugate)
      })
    for (number, variance) in zip([full.coupling, full.value, full.slopes[0]], variances) {
      let estimate = try pools.estimate(number)
      #expect(
        abs(estimate.error / variance.squareRoot() - 1) < 4 / Double(2 * 120).squareRoot() + 0.02)
    }
  }
}
