// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// Three states proposed with q = (5, 2, 3)/10 and weighted with w = (1, 4, 2): the target is
/// proportional to q w = (5, 8, 6)/19.
@Suite struct IndependenceChainTests {
  static let proposal = [0.5, 0.2, 0.3]
  static let weights = [1.0, 4, 2]
  static let target = [5.0 / 19, 8.0 / 19, 6.0 / 19]

  static func logs(_ states: [Int]) -> [Double] { states.map { log(weights[$0]) } }

  /// All sequences of states with their probabilities under independent proposals.
  static func sequences(_ count: Int) -> [(states: [Int], probability: Double)] {
    (0..<count).reduce([([], 1)]) { sequences, _ in
      sequences.flatMap { sequence in
        proposal.indices.map {
          (sequence.0 + [$0], sequence.1 * proposal[$0])
        }
      }
    }
  }

  /// The midpoints of a grid that resolves every threshold of these weights exactly.
  static func grid(_ points: Int) -> [Double] {
    (0..<points).map { (Double($0) + 0.5) / Double(points) }
  }

  /// The exact transition matrix leaves the target invariant, with detailed balance.
  @Test func metropolisIsExact() throws {
    var matrix = [[Double]](repeating: [0, 0, 0], count: 3)
    for start in 0..<3 {
      for (fresh, probability) in Self.sequences(1) {
        for u in Self.grid(4) {
          let chain = try IndependenceChain.metropolis(logWeights: Self.logs([start] + fresh)) {
            #expect($0 == 1)
            return u
          }
          let states = [start] + fresh
          matrix[start][states[chain.indices[1]]] += probability / 4
        }
      }
    }
    check(matrix)
    // min(1, w'/w) by hand: from w = 4 to w = 1 with q = 1/2.
    #expect(abs(matrix[1][0] - 0.5 / 4) < 1e-14)
  }

  @Test(arguments: [1, 2, 3]) func iteratedResamplingIsExact(fresh: Int) throws {
    var matrix = [[Double]](repeating: [0, 0, 0], count: 3)
    for start in 0..<3 {
      for (states, probability) in Self.sequences(fresh) {
        let all = [start] + states
        let points = Int(all.reduce(0) { $0 + Self.weights[$1] })
        for u in Self.grid(points) {
          let chain = try IndependenceChain.iteratedResampling(
            logWeights: Self.logs(all), freshProposals: fresh
          ) { _ in u }
          #expect(chain.indices.count == 2)
          matrix[start][all[chain.indices[1]]] += probability / Double(points)
        }
      }
    }
    check(matrix)
    // One fresh proposal is Barker's rule w'/(w + w').
    if fresh == 1 { #expect(abs(matrix[0][1] - 0.2 * 4 / 5) < 1e-14) }
  }

  private func check(_ matrix: [[Double]]) {
    for i in 0..<3 {
      #expect(abs(matrix[i].reduce(0, +) - 1) < 1e-13)
      for j in 0..<3 {
        #expect(abs(Self.target[i] * matrix[i][j] - Self.target[j] * matrix[j][i]) < 1e-14)
      }
    }
  }

  /// Populations of two: with the first drawn in proportion to its mean weight and its member by
  /// weight, the member has the target law, before and after a step.
  @Test func particleMetropolisIsExact() throws {
    let pairs = Self.sequences(2)
    func mean(_ states: [Int]) -> Double { states.reduce(0) { $0 + Self.weights[$1] } / 2 }
    // <w> = (5 + 8 + 6)/10
    let normalizer = 1.9
    var (before, after) = ([0.0, 0, 0], [0.0, 0, 0])
    for (first, firstProbability) in pairs {
      for (second, secondProbability) in pairs {
        let probability = firstProbability * mean(first) / normalizer * secondProbability
        let weights = try LogWeights(Self.logs(first + second), unitSize: 2)
        let acceptance = mean(second) / mean(first)
        // One uniform below and one above the acceptance probability stand for their intervals.
        let cases =
          acceptance >= 1
          ? [(0.5, 1.0)] : [(acceptance / 2, acceptance), ((1 + acceptance) / 2, 1 - acceptance)]
        for (u, share) in cases {
          let points = Int(2 * mean(first) * 2 * mean(second))
          for v in Self.grid(points) {
            let chain = try IndependenceChain.particleMetropolis(weights: weights) {
              $0 == 2 ? u : v
            }
            let states = first + second
            before[states[chain.indices[0]]] += probability * share / Double(points)
            after[states[chain.indices[1]]] += probability * share / Double(points)
            #expect(chain.accepted == (chain.indices[1] >= 2 ? 1 : 0))
          }
        }
      }
    }
    for state in 0..<3 {
      #expect(abs(before[state] - Self.target[state]) < 1e-13)
      #expect(abs(after[state] - Self.target[state]) < 1e-13)
    }
  }

  /// Units of one walker: particle Metropolis is independence Metropolis.
  @Test func singlesAreMetropolis() throws {
    var generator = TestGenerator(seed: 171)
    let logs = (0..<300).map { _ in generator.normal() }
    let uniforms = (0..<600).map { _ in generator.uniform() }
    let particle = try IndependenceChain.particleMetropolis(weights: try LogWeights(logs)) {
      uniforms[$0]
    }
    let plain = try IndependenceChain.metropolis(logWeights: logs.map { $0 + 500 }) {
      uniforms[2 * $0]
    }
    #expect(particle == plain && plain.indices.count == 300 && plain.iterations == 299)
    #expect(plain.indices == plain.indices.sorted())
    #expect(plain.accepted == Set(plain.indices).count - 1)
  }

  /// Long chains: the mean of N(0.8, 1) from proposals N(0, 1.5^2), by the Gamma method.
  @Test func averages() throws {
    var generator = TestGenerator(seed: 172)
    let x = (0..<120_000).map { _ in 1.5 * generator.normal() }
    let logs = x.map { -pow($0 - 0.8, 2) / 2 + $0 * $0 / 4.5 }
    let weights = try LogWeights(logs, unitSize: 4)
    let chains = [
      try IndependenceChain.metropolis(logWeights: logs) { _ in generator.uniform() },
      try IndependenceChain.iteratedResampling(logWeights: logs, freshProposals: 5) { _ in
        generator.uniform()
      },
      try IndependenceChain.particleMetropolis(weights: weights) { _ in generator.uniform() },
    ]
    #expect(chains.map(\.iterations) == [119_999, 23_999, 29_999])
    for chain in chains {
      let states = chain.indices.dropFirst(100).map { x[$0] }
      let mean = try GammaMethod().estimate(Array(states))
      let square = try GammaMethod().estimate(states.map { pow($0 - 0.8, 2) })
      #expect(abs(mean.value - 0.8) < 4.5 * mean.error && mean.error < 0.02)
      #expect(abs(square.value - 1) < 4.5 * square.error)
      #expect(chain.acceptance > 0.5 && chain.acceptance < 0.95)
    }
    // More proposals at a time: more moves.
    #expect(chains[1].acceptance > chains[0].acceptance)
    #expect(chains[2].acceptance > chains[0].acceptance)
  }

  @Test func degenerateCases() throws {
    let equal = [Double](repeating: 2, count: 9)
    let moved = try IndependenceChain.metropolis(logWeights: equal) { _ in 1.nextDown }
    #expect(moved.indices == Array(0..<9) && moved.acceptance == 1)
    // A state of weight zero is left at once; nothing moves to one.
    let zeros: [Double] = [-.infinity, -.infinity, 0, -.infinity, -.infinity]
    let left = try IndependenceChain.metropolis(logWeights: zeros) { _ in 0 }
    #expect(left.indices == [0, 1, 2, 2, 2] && left.accepted == 2)
    let chosen = try IndependenceChain.iteratedResampling(
      logWeights: zeros, freshProposals: 1
    ) { _ in 0.999 }
    #expect(chosen.indices == [0, 0, 2, 2, 2] && chosen.accepted == 1)
    let single = try IndependenceChain.metropolis(logWeights: [0]) { _ in 0 }
    #expect(single.indices == [0] && single.acceptance.isNaN)
    // Eight fresh walkers fill two iterations of three; two are left over.
    let iterations = try IndependenceChain.iteratedResampling(
      logWeights: equal, freshProposals: 3
    ) { _ in 0.3 }
    #expect(iterations.iterations == 2)
    #expect(throws: StatisticsError.self) {
      try IndependenceChain.metropolis(logWeights: [0, .nan]) { _ in 0 }
    }
    #expect(throws: StatisticsError.self) {
      try IndependenceChain.metropolis(logWeights: [0, 0]) { _ in 1 }
    }
    #expect(throws: StatisticsError.self) {
      try IndependenceChain.iteratedResampling(logWeights: [0], freshProposals: 0) { _ in 0 }
    }
    #expect(throws: StatisticsError.noReplica) {
      try IndependenceChain.metropolis(logWeights: []) { _ in 0 }
    }
  }
}
