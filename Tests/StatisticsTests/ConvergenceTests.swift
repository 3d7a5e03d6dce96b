// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

@Suite struct ConvergenceTests {
  /// Stationary chains at significance 0.01. At 100 tau_int the measured rate of false alarms is
  /// 0.009 (3000 trials); 0.025 is 5 standard deviations of 1000 trials above it.
  @Test func falseAlarms() throws {
    var generator = TestGenerator(seed: 41)
    let judge = try ConvergenceDiagnostics(significance: 0.01)
    var counts: [ThermalisationVerdict.Outcome: Int] = [:]
    for _ in 0..<1000 {
      let chains = (0..<4).map { _ in generator.autoregressive(0.8, count: 450) }
      counts[try judge.judge(chains, of: "m").outcome, default: 0] += 1
    }
    #expect(counts[.notThermalised, default: 0] < 25)
    #expect(counts[.undecided, default: 0] < 20)
  }

  /// At 10 tau_int nearly all chains know that they are too short (measured: 96 %).
  @Test func shortChainsAreRarelyJudged() throws {
    var generator = TestGenerator(seed: 47)
    var undecided = 0
    for _ in 0..<500 {
      let chains = (0..<2).map { _ in generator.autoregressive(0.9, count: 95) }
      let verdict = try ConvergenceDiagnostics().judge(chains, of: "m")
      if verdict.outcome == .undecided { undecided += 1 }
    }
    #expect(undecided > 455)
  }

  @Test func driftingChainsAreFlagged() throws {
    var generator = TestGenerator(seed: 42)
    let drifting = generator.autoregressive(0.8, count: 5000).enumerated()
      .map { $0.element + 2 * Double($0.offset) / 5000 }
    let verdict = try ConvergenceDiagnostics().judge([drifting], of: "|m|")
    #expect(verdict.outcome == .notThermalised)
    #expect(
      verdict.description.hasPrefix("not thermalised: half-chain means of |m| disagree, Q = "))
  }

  @Test func hotAndColdStartsAreFlagged() throws {
    var generator = TestGenerator(seed: 43)
    let chains = [6.0, -6].map { start in
      generator.autoregressive(0.8, count: 5000).enumerated()
        .map { $0.element + start * exp(-Double($0.offset) / 100) }
    }
    let verdict = try ConvergenceDiagnostics().judge(chains, of: "|m|")
    #expect(verdict.outcome == .notThermalised)
    // Without the transients, as far as MSER-5 finds them, the chains agree.
    let cut = try #require(verdict.marginalStandardErrors.map(\.truncation).max())
    #expect((200...1000).contains(cut))
    let rest = chains.map { Array($0.dropFirst(cut)) }
    let second = try ConvergenceDiagnostics().judge(rest, of: "|m|")
    #expect(second.outcome == .thermalised)
    #expect(second.description.hasPrefix("thermalised: |m| agrees over 2 chains"))
    #expect(abs(second.tau.value - 4.5) < 4 * second.tau.error)
  }

  @Test func aSingleWellIsFlagged() throws {
    var generator = TestGenerator(seed: 44)
    let chains = [0.0, 0, 0.5].map { shift in
      generator.autoregressive(0.8, count: 5000).map { $0 + shift }
    }
    let verdict = try ConvergenceDiagnostics().judge(chains, of: "m")
    #expect(verdict.outcome == .notThermalised && verdict.halfChainConsistency < 1e-8)
    #expect(verdict.gewekeConsistency > 1e-3)
  }

  @Test func shortOrFrozenChainsAreUndecided() throws {
    // A drift as long as the chain looks like a slow mode.
    let line = (0..<1000).map { Double($0) }
    let slow = try ConvergenceDiagnostics().judge([line], of: "m")
    #expect(slow.outcome == .undecided && slow.neededLength > 1000)
    #expect(slow.description.contains("has 1000 measurements, \(slow.neededLength) needed"))
    let frozen = [Double](repeating: 1, count: 100)
    let verdict = try ConvergenceDiagnostics().judge([frozen, frozen], of: "m")
    #expect(verdict.description == "undecided: m never changes")
    let other = [Double](repeating: 2, count: 100)
    let apart = try ConvergenceDiagnostics().judge([frozen, other], of: "m")
    #expect(apart.outcome == .notThermalised && apart.scaleReduction == .infinity)
    #expect(throws: StatisticsError.self) {
      try ConvergenceDiagnostics().judge([[1, 2, 3]], of: "m")
    }
    #expect(throws: StatisticsError.self) { try ConvergenceDiagnostics(significance: 1) }
  }

  /// By hand: half chains (0,2), (1,3), (5,7), (4,6) have W = 2 and means 1, 2, 6, 5: V = 17/3.
  @Test func scaleReductionByHand() throws {
    let value = try ScaleReduction.split([[0, 2, 1, 3], [5, 7, 4, 6]])
    #expect(abs(value - (0.5 + (17.0 / 3) / 2).squareRoot()) < 1e-14)
    // The middle of an odd chain is left out.
    let odd = try ScaleReduction.split([[0, 2, 99, 1, 3], [5, 7, -99, 4, 6]])
    #expect(odd == value)
  }

  @Test func rankNormalizedScaleReduction() throws {
    var generator = TestGenerator(seed: 45)
    let good = (0..<4).map { _ in generator.autoregressive(0, count: 1000) }
    #expect(try ScaleReduction.rankNormalized(good) < 1.01)
    // R-hat of the values is blind to the width of a chain.
    var wide = good
    wide[3] = wide[3].map { 3 * $0 }
    #expect(try ScaleReduction.split(wide) < 1.01)
    #expect(try ScaleReduction.rankNormalized(wide) > 1.05)
    // A shift behind Cauchy tails.
    var heavy = good.map { $0.map { tan(Double.pi * (erfc(-$0 / 2.0.squareRoot()) / 2 - 0.5)) } }
    heavy[0] = heavy[0].map { $0 + 2 }
    #expect(try ScaleReduction.rankNormalized(heavy) > 1.05)
  }

  @Test func gewekePullsAreStandardNormal() throws {
    var generator = TestGenerator(seed: 46)
    let pulls = try (0..<600).map { _ in
      try Geweke.pull(generator.autoregressive(0.5, count: 3000))
    }
    let (mean, variance) = meanAndVariance(pulls)
    #expect(abs(mean) < 4.5 / 600.0.squareRoot())
    #expect(abs(variance - 1) < 4.5 * (2.0 / 600).squareRoot() + 0.02)
    #expect(try Geweke.pull([Double](repeating: 4, count: 20)) == 0)
  }

  @Test func marginalStandardErrorCutsAStep() throws {
    // Exactly 100 displaced measurements before alternating noise of the same variance.
    let chain = (0..<1000).map { ($0 < 100 ? 50.0 : 0) + ($0 % 2 == 0 ? 1 : -1) }
    let cut = try MarginalStandardError(chain)
    #expect(cut.truncation == 100 && cut.isReliable)
    let line = (0..<1000).map { Double($0) }
    #expect(try MarginalStandardError(line).isReliable == false)
    #expect(try MarginalStandardError([Double](repeating: 1, count: 20)).truncation == 0)
    #expect(throws: StatisticsError.self) { try MarginalStandardError([1, 2]) }
  }
}
