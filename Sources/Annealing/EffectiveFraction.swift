// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The effective sample size of weights as a fraction of their number, without its error: what
/// decides along a path. `LogWeights` tells more.
public enum EffectiveFraction {
  /// Kish's (Σ w)²/(N Σ w²); 0 if all weights are zero.
  public static func of(_ logWeights: [Double]) -> Double {
    conditional(Array(repeating: 0, count: logWeights.count), increments: logWeights)
  }

  /// What a change of the weights w → w v leaves: (Σ W v)²/(Σ W v²) with W = w/Σ w.
  /// A change that cannot be computed leaves no weight.
  /// Zhou, Johansen, Aston, J. Comput. Graph. Stat. 25 (2016) 701, eq. (3.4).
  public static func conditional(_ logWeights: [Double], increments: [Double]) -> Double {
    let top = logWeights.max() ?? 0
    let steepest = increments.reduce(-Double.infinity) { $1 > $0 ? $1 : $0 }
    guard top > -.infinity, steepest > -.infinity else { return 0 }
    var (total, first, second) = (0.0, 0.0, 0.0)
    for (weight, increment) in zip(logWeights, increments) {
      let w = exp(weight - top)
      let v = increment.isNaN ? 0 : exp(increment - steepest)
      total += w
      first += w * v
      second += w * v * v
    }
    return second > 0 ? first * first / (total * second) : 0
  }
}
