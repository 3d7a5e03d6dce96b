// SPDX-License-Identifier: GPL-3.0-or-later

/// Works of walkers driven from rho_0 to rho_1 and of others driven back from rho_1 to rho_0.
///
/// W = -log w with the weight w of a walker, without units (beta W in a thermal system); the free
/// energy difference is Delta F = F_1 - F_0 = -log(Z_1/Z_0). If the reverse protocol is the time
/// reversal of the forward one, the distributions obey P_F(W) / P_R(-W) = exp(W - Delta F): G. E.
/// Crooks, Phys. Rev. E 60 (1999) 2721. That is so for each walker without resampling.
public struct WorkValues: Sendable {
  /// log w = -W of the walkers from rho_0.
  public let forward: LogWeights
  /// log w = -W of the walkers from rho_1.
  public let reverse: LogWeights
  /// <W>_F, never below Delta F on average; infinite without error if a walker has weight zero.
  public let upperBound: WeightedEstimate
  /// -<W>_R, never above Delta F on average.
  public let lowerBound: WeightedEstimate

  public init(forward: LogWeights, reverse: LogWeights) throws(StatisticsError) {
    (self.forward, self.reverse) = (forward, reverse)
    upperBound = try meanWork(forward, sign: 1)
    lowerBound = try meanWork(reverse, sign: -1)
  }

  /// From works of independent walkers; W = +infinity is weight zero. Throws for NaN and -infinity,
  /// and if there are none.
  public init(forwardWork: [Double], reverseWork: [Double]) throws(StatisticsError) {
    for (name, works) in [("forwardWork", forwardWork), ("reverseWork", reverseWork)] {
      if let bad = works.firstIndex(where: { $0.isNaN || $0 == -.infinity }) {
        throw .illegalParameter(
          name: "\(name)[\(bad)]", value: works[bad], legal: "finite, or infinity for weight 0")
      }
    }
    try self.init(
      forward: LogWeights(forwardWork.map { -$0 }), reverse: LogWeights(reverseWork.map { -$0 }))
  }

  /// Delta F = -log <exp(-W)>_F. C. Jarzynski, Phys. Rev. Lett. 78 (1997) 2690.
  ///
  /// Too large by about var(w)/(2 N <w>^2) on average; rare small works dominate.
  public var jarzynskiForward: WeightedEstimate { forward.logMean.negated }

  /// Delta F = log <exp(-W)>_R, too small on average.
  public var jarzynskiReverse: WeightedEstimate { reverse.logMean }
}

extension WeightedEstimate {
  /// The estimate of minus the quantity.
  var negated: WeightedEstimate {
    var estimate = self
    estimate.value.negate()
    estimate.biasCorrectedValue.negate()
    return estimate
  }
}

/// The plain mean of sign W = -sign log w over all walkers.
private func meanWork(
  _ weights: LogWeights, sign: Double
) throws(StatisticsError) -> WeightedEstimate {
  if weights.values.contains(-.infinity) {
    return WeightedEstimate(valueOnly: sign * .infinity, units: weights.units)
  }
  let size = Double(weights.unitSize)
  let works = unitSums(weights.values, unitSize: weights.unitSize).map { -sign * $0 / size }
  let mean = works.mean
  return WeightedEstimate(
    value: mean, influences: works.map { ($0 - mean) / Double(works.count) },
    jackknife: try WeightedEstimate.jackknife(units: works.count)?.estimate(mean: [works]))
}
