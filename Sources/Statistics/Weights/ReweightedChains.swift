// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Markov chains of one ensemble, reweighted to another: log w = S_run - S_target of each
/// configuration, beside the primary observables measured on it.
///
/// <O>_target = <w O> / <w>, with the errors of the Gamma method: autocorrelations of w, of w O and
/// between them are in them. Like every ratio of means it is biased by order 1/N_eff.
public struct ReweightedChains: Sendable {
  /// The weights of all measurements, chain after chain, as if they were independent of each other;
  /// errors are those of `logMean` and `effectiveFraction` of this type.
  public let weights: LogWeights
  /// sum w O / sum w of each primary over all chains.
  public let means: [Double]
  /// log <w> = log(Z_target / Z_run).
  public let logMean: GammaEstimate
  /// The fraction <w>^2 / <w^2> of the measurements that the reweighting leaves, on top of what
  /// autocorrelation takes.
  public let effectiveFraction: GammaEstimate
  /// The Gamma method that all errors are taken with.
  public let method: GammaMethod
  /// w / w_max and w (O - mean) / w_max, indexed [replica][quantity][measurement].
  private let series: [[[Double]]]

  /// From logarithms of weights [replica][measurement] and primaries
  /// [replica][observable][measurement]; the lengths of replica may differ.
  ///
  /// Throws if the two do not fit each other, if a replica is shorter than
  /// `GammaMethod.minimumLength`, for NaN and infinities (log w = -infinity is weight zero), and if
  /// all weights are zero.
  public init(
    logWeights: [[Double]], primaries: [[[Double]]], method: GammaMethod = GammaMethod()
  ) throws {
    let weights = try LogWeights(logWeights.flatMap { $0 })
    if weights.areAllZero { throw StatisticsError.allWeightsZero(weights: weights.count) }
    if primaries.count != logWeights.count {
      throw StatisticsError.mismatchedPrimaries(
        replica: min(primaries.count, logWeights.count), found: primaries.map { $0.count },
        expected: logWeights.map { _ in primaries.first?.count ?? 1 })
    }
    for (replica, chain) in primaries.enumerated() {
      let expected = [Int](repeating: logWeights[replica].count, count: primaries[0].count)
      if chain.map(\.count) != expected {
        throw StatisticsError.mismatchedPrimaries(
          replica: replica, found: chain.map(\.count), expected: expected)
      }
    }
    let largest = weights.largest
    let replicaWeights = logWeights.map { relativeToLargest($0, largest) }
    let total = replicaWeights.reduce(0) { $1.reduce($0, +) }
    var means = [Double]()
    var series = replicaWeights.map { [$0] }
    for index in primaries.first?.indices ?? 0..<0 {
      func products(minus origin: Double) -> [[Double]] {
        zip(replicaWeights, primaries).map { weights, chain in
          weightedSums(chain[index], minus: origin, weights, 1)
        }
      }
      func mean(_ products: [[Double]]) -> Double {
        products.reduce(0) { $1.reduce($0, +) } / total
      }
      let origin = mean(products(minus: 0))
      means.append(origin + mean(products(minus: origin)))
      for (replica, product) in products(minus: means[index]).enumerated() {
        series[replica].append(product)
      }
    }
    (self.weights, self.means, self.series, self.method) = (weights, means, series, method)
    logMean = try method.estimate(
      primaries: replicaWeights.map { [$0] }, gradient: { [1 / $0[0]] },
      of: { largest + log($0[0]) })
    effectiveFraction = try method.estimate(
      primaries: replicaWeights.map { [$0, $0.map { $0 * $0 }] },
      gradient: { [2 * $0[0] / $0[1], -$0[0] * $0[0] / ($0[1] * $0[1])] },
      of: { $0[0] * $0[0] / $0[1] })
  }

  /// The effective sample size: the fraction that reweighting leaves of the N / (2 tau_int)
  /// independent weights. The autocorrelation of an observable may be longer than that of the
  /// weights; its estimate says so.
  public var effectiveSamples: Double {
    effectiveFraction.value * logMean.effectiveSamples
  }

  /// Whether the error bars of reweighted averages can be trusted as far as the weights are
  /// concerned; whether the chains are long enough for an observable, its estimate says.
  public var verdict: WeightVerdict {
    WeightVerdict(on: weights, tau: logMean.tauIntegrated)
  }

  /// The reweighted mean of one primary.
  public func estimate(primary index: Int) throws -> GammaEstimate {
    var slope = [Double](repeating: 0, count: means.count)
    slope[index] = 1
    return try estimate(gradient: { _ in slope }, of: { $0[index] })
  }

  /// A function f of the reweighted means of the primaries.
  ///
  /// Without `gradient`, df/dO_a is taken by central differences well inside one naive error.
  public func estimate(
    gradient: (([Double]) throws -> [Double])? = nil, of quantity: ([Double]) throws -> Double
  ) throws -> GammaEstimate {
    func reweighted(_ sums: [Double]) -> [Double] {
      zip(means, sums.dropFirst()).map { $0 + $1 / sums[0] }
    }
    // With <w (O - mean)> = 0 over all chains: df/d<w> = 0, df/d<w(O - mean)> = (df/dO) / <w>.
    let slope = gradient.map { gradient in
      { (sums: [Double]) throws in [0] + (try gradient(reweighted(sums))).map { $0 / sums[0] } }
    }
    return try method.estimate(primaries: series, gradient: slope) {
      try quantity(reweighted($0))
    }
  }
}
