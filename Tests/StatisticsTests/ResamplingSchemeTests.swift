// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

@Suite struct ResamplingSchemeTests {
  static let weights = [0.0, 3, 0.2, 1, 0, 5, 0.7, 1.1, 0.001, 0]

  static func offspring(_ ancestors: [Int], of count: Int) -> [Int] {
    ancestors.reduce(into: [Int](repeating: 0, count: count)) { $0[$1] += 1 }
  }

  /// E[offspring of i] = n W_i, for as many walkers as before, fewer and more.
  @Test(arguments: ResamplingScheme.allCases, [10, 3, 64])
  func unbiased(scheme: ResamplingScheme, count: Int) throws {
    var generator = TestGenerator(seed: 141)
    let (logs, repetitions) = (Self.weights.map { log($0) + 900 }, 20_000)
    let total = Self.weights.reduce(0, +)
    var sums = [Double](repeating: 0, count: 10)
    var squares = sums
    for _ in 0..<repetitions {
      var asked: [Int] = []
      let ancestors = try scheme.ancestors(logWeights: logs, count: count) {
        asked.append($0)
        return generator.uniform()
      }
      #expect(ancestors.count == count && ancestors == ancestors.sorted())
      #expect(asked == Array(0..<asked.count))
      #expect(asked.count <= scheme.uniformCount(for: count))
      for (index, number) in Self.offspring(ancestors, of: 10).enumerated() {
        sums[index] += Double(number)
        squares[index] += Double(number * number)
        let expected = Double(count) * Self.weights[index] / total
        switch scheme {
        case .systematic: #expect(abs(Double(number) - expected) < 1 + 1e-12)
        case .stratified: #expect(abs(Double(number) - expected) < 2 + 1e-12)
        case .residual: #expect(Double(number) > expected - 1 - 1e-12)
        case .multinomial: break
        }
      }
    }
    for (index, weight) in Self.weights.enumerated() {
      let expected = Double(count) * weight / total
      let mean = sums[index] / Double(repetitions)
      let variance = squares[index] / Double(repetitions) - mean * mean
      if weight == 0 { #expect(mean == 0) }
      // The rare walker: at least the variance of a yes or no of the expected rate.
      let fraction = expected - expected.rounded(.down)
      let spread = max(variance, fraction * (1 - fraction))
      #expect(abs(mean - expected) < 4.5 * (spread / Double(repetitions)).squareRoot() + 1e-12)
      if scheme == .multinomial && weight > 0.1 {
        let exact = expected * (1 - weight / total)
        #expect(abs(variance / exact - 1) < 4.5 * (3 / Double(repetitions)).squareRoot())
      }
    }
  }

  /// The systematic scheme integrated over its one uniform: the offspring are exact on a grid that
  /// divides all weights.
  @Test func systematicExactly() throws {
    let weights = [1.0, 4, 2, 0, 3, 6]
    var sums = [Double](repeating: 0, count: 6)
    for point in 0..<16 {
      let ancestors = try ResamplingScheme.systematic.ancestors(
        logWeights: weights.map { log($0) }, uniforms: [(Double(point) + 0.5) / 16])
      for index in ancestors { sums[index] += 1 }
    }
    for (sum, weight) in zip(sums, weights) { #expect(abs(sum / 16 - 6 * weight / 16) < 1e-12) }
  }

  @Test(arguments: ResamplingScheme.allCases)
  func degenerateCases(scheme: ResamplingScheme) throws {
    var generator = TestGenerator(seed: 142)
    func draw(_ logs: [Double], _ count: Int? = nil) throws -> [Int] {
      try scheme.ancestors(logWeights: logs, count: count) { _ in generator.uniform() }
    }
    #expect(try draw([-800]) == [0])
    #expect(try draw([-.infinity, -.infinity, 4, -.infinity]) == [2, 2, 2, 2])
    #expect(try draw([0, -2000, -.infinity]) == [0, 0, 0])
    #expect(try draw([1, 2, 3], 0) == [])
    let equal = try draw([Double](repeating: 0.1, count: 49))
    #expect(scheme == .multinomial ? equal != Array(0..<49) : equal == Array(0..<49))
    for extreme in [0, 1.nextDown] {
      let ancestors = try scheme.ancestors(
        logWeights: [-.infinity, 0, -1, 0.3, -.infinity],
        uniforms: [Double](repeating: extreme, count: 5))
      #expect(ancestors.count == 5 && ancestors.allSatisfy { (1...3).contains($0) })
    }
    #expect(throws: StatisticsError.allWeightsZero(weights: 2)) {
      try draw([-.infinity, -.infinity])
    }
    #expect(throws: StatisticsError.noReplica) { try draw([]) }
    #expect(throws: StatisticsError.self) { try draw([0, .nan]) }
    #expect(throws: StatisticsError.self) { try draw([0, 1], -1) }
    #expect(throws: StatisticsError.self) {
      try scheme.ancestors(logWeights: [0, 0.3], uniforms: [1, 1])
    }
    #expect(throws: StatisticsError.self) {
      try scheme.ancestors(logWeights: [0, 0.3], uniforms: [])
    }
  }

  /// An average after resampling has the weighted mean as its expectation, and no scheme scatters
  /// more than the multinomial one, whose variance is var_W(f)/n.
  @Test func variances() throws {
    var generator = TestGenerator(seed: 143)
    let logs = (0..<50).map { _ in generator.normal() }
    let values = (0..<50).map { _ in generator.normal() }
    let weights = try LogWeights(logs)
    let exact = try WeightedSample(weights: weights, primaries: [values]).means[0]
    let squares = zip(weights.shares, values).map { $0 * pow($1 - exact, 2) }
    let multinomial = squares.reduce(0, +) / 50
    for scheme in ResamplingScheme.allCases {
      let means = try (0..<8000).map { _ in
        let ancestors = try scheme.ancestors(logWeights: logs) { _ in generator.uniform() }
        return ancestors.reduce(0) { $0 + values[$1] } / 50
      }
      let (mean, variance) = meanAndVariance(means)
      #expect(abs(mean - exact) < 4.5 * (variance / 8000).squareRoot())
      let ratio = variance / multinomial
      #expect(scheme == .multinomial ? abs(ratio - 1) < 0.08 : ratio < 0.7)
    }
  }
}
