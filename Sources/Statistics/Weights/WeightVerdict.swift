// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Whether the error bars of weighted averages can be trusted, with the reasons in words.
///
/// A verdict cannot know of weights that were never drawn: samples that lack their largest weights
/// by chance look better than others, and modes that no walker found are not seen at all. Measured on
/// the hardest case, the mean s of x under normal log-weights s x - s^2/2, one-sigma bars cover 66 %
/// for s = 0.5, N = 100 and s = 1, N = 1000 (95 % of them called trustworthy), 57 % for s = 1.5, N =
/// 1000 and 30 % for s = 3, N = 10000 (none called so); of s = 1, N = 100 one in ten is called
/// trustworthy, and is right in 11 %.
public struct WeightVerdict: Sendable, Equatable, CustomStringConvertible {
  public enum Outcome: String, Sendable {
    /// Nothing speaks against the error bars.
    case trustworthy
    /// The error bars may be too small.
    case doubtful
    /// The error bars mean nothing, and the values may be far off.
    case untrustworthy
    /// There are too few independent units for any error bar.
    case withoutError = "without error"
  }

  public var outcome: Outcome
  /// One sentence with its figures for each thing that speaks against the error bars.
  public var reasons: [String]

  /// The least effective sample size, (sum w)^2 / sum w^2 divided by 2 tau_int.
  public static let leastEffectiveSamples = 50.0
  /// The least effective number of units, where units have several walkers.
  public static let leastEffectiveUnits = 5.0
  /// The largest fraction of the total weight that one walker or unit may carry (or three times
  /// the fair share, if that is more).
  public static let largestShare = 0.1

  /// The verdict in words: "untrustworthy: the weights are worth 3.2 of 1000 walkers ...".
  public var description: String {
    let words = reasons.isEmpty ? "nothing speaks against the error bars" : ""
    return "\(outcome.rawValue): \(words)\(reasons.joined(separator: " "))"
  }

  init(outcome: Outcome, reasons: [String]) {
    (self.outcome, self.reasons) = (outcome, reasons)
  }

  /// What is found first gives the least outcome; later findings can only worsen it.
  mutating func find(_ outcome: Outcome, _ reason: String) {
    let order: [Outcome] = [.trustworthy, .doubtful, .untrustworthy, .withoutError]
    let worst = order.firstIndex(of: outcome) ?? 0 > order.firstIndex(of: self.outcome) ?? 0
    if worst { self.outcome = outcome }
    reasons.append(reason)
  }

  /// The verdict on weights of independent units; `tau` is tau_int where single walkers are
  /// correlated instead.
  init(on weights: LogWeights, tau correlation: Double? = nil) {
    self.init(outcome: .trustworthy, reasons: [])
    let walkers = correlation == nil ? "walkers" : "measurements"
    let tau = max(0.5, correlation ?? 0.5)
    if weights.areAllZero {
      find(.untrustworthy, "All \(weights.count) weights are zero: no average is defined.")
      return
    }
    if weights.units < WeightedEstimate.minimumUnits {
      find(
        .withoutError,
        "There are \(weights.units) independent units of \(weights.unitSize) \(walkers); an error "
          + "needs \(WeightedEstimate.minimumUnits) or more.")
    }
    judgeEffectiveSamples(weights, tau: tau, walkers: walkers)
    judgeShares(weights, walkers: walkers)
    let samples = Double(weights.units) / (2 * tau)
    // Where no unit's weight reaches twice the mean there is no tail that could matter, and the shape
    // is that of the noise at its end.
    let reachesOut = weights.largestUnitShare * Double(weights.units) >= 2
    if let shape = weights.paretoShape, reachesOut { judgeTail(shape, samples: samples) }
    if let spread = weights.logSpread, outcome == .trustworthy {
      judgeSpread(spread, samples: samples)
    }
  }

  /// The largest spread of log-weights at which an error bar is itself known to 25 %.
  ///
  /// Normal log-weights of variance s^2 have <w^4>/<w^2>^2 = e^{4 s^2}, so that an error from N of
  /// them has the relative error e^{2 s^2} / (2 sqrt N): it is 1/4 at s^2 = log(N/4)/4.
  public static func largestSpread(samples: Double) -> Double {
    (max(0, log(samples / 4)) / 4).squareRoot()
  }

  private mutating func judgeSpread(_ spread: Double, samples: Double) {
    let limit = Self.largestSpread(samples: samples)
    if spread > limit {
      find(
        .doubtful,
        "The log-weights spread by \(Self.short(spread)) above their median; if they are normal, "
          + "\(Self.short(samples)) independent ones miss the largest weights that matter, and "
          + "error bars need a spread below \(Self.short(limit)).")
    }
  }

  private mutating func judgeEffectiveSamples(
    _ weights: LogWeights, tau: Double, walkers: String
  ) {
    let effective = weights.effectiveFraction.value * Double(weights.count) / (2 * tau)
    if effective < Self.leastEffectiveSamples {
      let correlation = tau > 0.5 ? " (tau_int \(Self.short(tau)))" : ""
      find(
        .untrustworthy,
        "The weights are worth \(Self.short(effective)) of \(weights.count) \(walkers)"
          + "\(correlation); error bars need \(Self.short(Self.leastEffectiveSamples)) or more.")
    }
    if weights.unitSize > 1, weights.effectiveUnits < Self.leastEffectiveUnits {
      find(
        .untrustworthy,
        "The total weights of the units are worth \(Self.short(weights.effectiveUnits)) of "
          + "\(weights.units) units; error bars need \(Self.short(Self.leastEffectiveUnits)) or "
          + "more.")
    }
  }

  private mutating func judgeShares(_ weights: LogWeights, walkers: String) {
    func judge(_ share: Double, of number: Int, _ what: String) {
      let limit = max(Self.largestShare, 3 / Double(number))
      if share > limit {
        find(
          .untrustworthy,
          "One of \(number) \(what) carries \(Self.percent(share)) of the total weight; error bars "
            + "need less than \(Self.percent(limit)).")
      }
    }
    judge(weights.largestShare, of: weights.count, walkers)
    if weights.unitSize > 1 { judge(weights.largestUnitShare, of: weights.units, "units") }
  }

  private mutating func judgeTail(_ shape: Double, samples: Double) {
    let limit = ParetoTail.largestShape(samples: samples)
    if shape > limit {
      find(
        .untrustworthy,
        "The largest weights fall off with the Pareto shape k = \(Self.short(shape)); with "
          + "\(Self.short(samples)) independent weights error bars need k below "
          + "\(Self.short(limit)).")
    } else if shape >= 0.5 {
      find(
        .doubtful,
        "The largest weights fall off with the Pareto shape k = \(Self.short(shape)); from k = 0.5 "
          + "on the weights have no finite variance and error bars shrink more slowly than "
          + "1/sqrt(N).")
    }
  }

  static func short(_ number: Double) -> String { String(format: "%.3g", number) }
  private static func percent(_ share: Double) -> String {
    String(format: "%.2g %%", 100 * share)
  }
}

extension LogWeights {
  /// Whether the error bars of averages with these weights can be trusted.
  public var verdict: WeightVerdict { WeightVerdict(on: self) }
}
