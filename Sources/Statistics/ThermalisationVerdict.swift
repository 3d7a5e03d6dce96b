// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Whether chains of one observable have forgotten their starts, with the numbers that say so.
public struct ThermalisationVerdict: Sendable, Equatable, CustomStringConvertible {
  public enum Outcome: String, Sendable {
    case thermalised
    case notThermalised = "not thermalised"
    case undecided
  }

  public var outcome: Outcome
  /// What was looked at, as it appears in the words.
  public var observable: String
  /// tau_int from the last halves of all chains.
  public var tau: Uncertain
  /// Measurements in the shortest chain.
  public var shortestChain: Int
  /// How many measurements the shortest chain would need for a decision.
  public var neededLength: Int
  /// The probability of half-chain means as unequal as these or more, if the chains are
  /// thermalised.
  public var halfChainConsistency: Double
  /// The probability of Geweke pulls as large as these or larger, if the chains are thermalised.
  public var gewekeConsistency: Double
  /// The smallest of the two probabilities that still passes.
  public var threshold: Double
  /// z of each chain, all with the same variance.
  public var gewekePulls: [Double]
  /// Split R-hat, for comparison with the literature; the verdict does not use it.
  public var scaleReduction: Double
  /// MSER-5 of each chain: where it would cut.
  public var marginalStandardErrors: [MarginalStandardError]

  /// The verdict in words: "not thermalised: half-chain means of |m| disagree, Q = 2e-09 ...".
  public var description: String {
    let numbers =
      "split R-hat \(Self.short(scaleReduction)), largest Geweke |z| "
      + "\(Self.short(gewekePulls.map { abs($0) }.max() ?? .nan)), tau_int \(tau) measurements"
    switch outcome {
    case .thermalised:
      return "thermalised: \(observable) agrees over \(gewekePulls.count) chains and their halves, "
        + "Q = \(Self.short(halfChainConsistency)) (\(numbers))"
    case .undecided where tau.value == 0.5 && tau.error == 0 && scaleReduction == 1:
      return "undecided: \(observable) never changes"
    case .undecided:
      return "undecided: the shortest chain of \(observable) has \(shortestChain) measurements, "
        + "\(neededLength) needed (\(numbers))"
    case .notThermalised:
      let halves = halfChainConsistency < threshold
      let finding =
        halves
        ? "half-chain means of \(observable) disagree, Q = \(Self.short(halfChainConsistency))"
        : "\(observable) starts away from where it ends, Q = \(Self.short(gewekeConsistency))"
      let cut = marginalStandardErrors.map(\.truncation).max() ?? 0
      return "not thermalised: \(finding) below \(Self.short(threshold)) (\(numbers), "
        + "MSER-5 would cut \(cut) of \(shortestChain))"
    }
  }

  private static func short(_ number: Double) -> String { String(format: "%.3g", number) }
}
