// SPDX-License-Identifier: GPL-3.0-or-later

/// A number computed from several independent pools of configurations, with what each configuration
/// changes of it to first order.
public struct PropagatedValue: Sendable {
  public var value: Double
  /// The influences of the configurations of each pool that matters, by the number of the pool.
  public var influences: [Int: [Double]]

  public init(value: Double, influences: [Int: [Double]]) {
    (self.value, self.influences) = (value, influences)
  }

  /// A number from one pool.
  public init(_ value: InfluencedValue, pool: Int) {
    self.init(value: value.value, influences: [pool: value.influences])
  }

  /// A function of several numbers, to first order, from its value and its derivatives.
  public static func function(
    _ value: Double, of terms: [(derivative: Double, number: PropagatedValue)]
  ) -> PropagatedValue {
    var influences: [Int: [Double]] = [:]
    for (derivative, number) in terms {
      for (pool, changes) in number.influences {
        if var sum = influences.removeValue(forKey: pool) {
          for n in sum.indices { sum[n] += derivative * changes[n] }
          influences[pool] = sum
        } else {
          influences[pool] = changes.map { derivative * $0 }
        }
      }
    }
    return PropagatedValue(value: value, influences: influences)
  }
}

/// Independent pools of configurations, which together give errors of numbers computed from them.
public struct IndependentPools: Sendable {
  public let pools: [CouplingInterpolation]

  public init(_ pools: [CouplingInterpolation]) { self.pools = pools }

  /// A number with its error: pools add in quadrature, autocorrelation is in each by the Gamma
  /// method.
  public func estimate(_ number: PropagatedValue) throws(StatisticsError) -> PropagatedEstimate {
    var (variance, noise, tau, isTrustworthy) = (0.0, 0.0, 0.5, true)
    for (pool, changes) in number.influences.sorted(by: { $0.key < $1.key }) {
      let estimate = try pools[pool].pool.estimate(
        0, influences: changes, verdict: pools[pool].pool.verdict)
      let part = estimate.error * estimate.error
      variance += part
      noise += part * estimate.errorOfError * estimate.errorOfError
      tau = max(tau, estimate.tauIntegrated)
      isTrustworthy =
        isTrustworthy && estimate.chainsAreTrustworthy
        && estimate.verdict.outcome == .trustworthy
    }
    return PropagatedEstimate(
      value: number.value, error: variance.squareRoot(),
      errorOfError: variance > 0 ? (noise / variance).squareRoot() : 0, tauIntegrated: tau,
      isTrustworthy: isTrustworthy)
  }

  /// The covariance matrix of several numbers: variances by the Gamma method, correlations from the
  /// sums of influences over bins of ten tau_int or more, none longer than a chain.
  public func covariance(_ numbers: [PropagatedValue]) throws(StatisticsError) -> [[Double]] {
    var estimates: [PropagatedEstimate] = []
    for number in numbers { estimates.append(try estimate(number)) }
    let tau = estimates.map(\.tauIntegrated).reduce(0.5, max)
    var products = numbers.map { _ in numbers.map { _ in 0.0 } }
    for (index, pool) in pools.enumerated() {
      let sums = numbers.map { number in
        number.influences[index].map { pool.pool.binSums($0, tau: tau) }
      }
      for a in numbers.indices {
        for b in numbers.indices {
          if let first = sums[a], let second = sums[b] {
            for (x, y) in zip(first, second) { products[a][b] += dot(x, y) }
          }
        }
      }
    }
    return numbers.indices.map { a in
      numbers.indices.map { b in
        let scale = (products[a][a] * products[b][b]).squareRoot()
        let correlation = a == b ? 1 : scale > 0 ? products[a][b] / scale : 0
        return correlation * estimates[a].error * estimates[b].error
      }
    }
  }
}

/// A number from several pools with its error.
public struct PropagatedEstimate: Sendable, Equatable {
  public var value: Double
  /// The standard error.
  public var error: Double
  /// The standard error of the error.
  public var errorOfError: Double
  /// The largest tau_int of the influences on it.
  public var tauIntegrated: Double
  /// Whether chains are long enough and agree, and ensembles overlap.
  public var isTrustworthy: Bool

  /// The value with its error, as in 1.2345(67).
  public var uncertain: Uncertain { Uncertain(value, error) }
}

extension MultistateReweighting {
  /// The sums of influences over bins of the chains of each ensemble, minus their mean over that
  /// ensemble, indexed [ensemble][bin].
  func binSums(_ influences: [Double], tau: Double) -> [[Double]] {
    var (result, first): ([[Double]], Int) = ([], 0)
    for chains in lengths {
      var sums: [Double] = []
      for length in chains {
        // At least two bins, or a single chain would have no spread.
        let least = chains.count == 1 ? 2 : 1
        let bins = max(least, min(64, Int(Double(length) / (10 * tau))))
        for bin in 0..<bins {
          let range = first + bin * length / bins..<first + (bin + 1) * length / bins
          sums.append(range.reduce(0) { $0 + influences[$1] })
        }
        first += length
      }
      let mean = sums.mean
      result.append(sums.map { $0 - mean })
    }
    return result
  }
}
