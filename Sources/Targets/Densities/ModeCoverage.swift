// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

/// How samples are shared among the components of a mixture; each sample goes to the component whose
/// location is nearest in units of its scale. Weights, where given, need not be normalised.
public struct ModeCoverage: Sendable, Equatable {
  /// The share of the samples, by weight, that each component got.
  public let shares: [Double]
  /// The shares that the mixture gives.
  public let expected: [Double]

  public init(
    of samples: Configurations, weights: [Double]? = nil, in mixture: some LocationScaleMixture
  ) {
    precondition(samples.dimension == mixture.dimension)
    precondition(weights == nil || weights?.count == samples.count)
    var totals = [Double](repeating: 0, count: mixture.componentCount)
    samples.withRows { rows in
      for member in 0..<samples.count {
        let nearest = mixture.nearestComponent(to: rows + member * samples.dimension)
        totals[nearest.component] += weights?[member] ?? 1
      }
    }
    let sum = totals.reduce(0, +)
    shares = totals.map { $0 / sum }
    expected = mixture.weights
  }

  /// Components that got any sample.
  public var found: Int { shares.count { $0 > 0 } }

  /// Σ_k |share_k − w_k|/2, between 0 and 1.
  public var totalVariation: Double {
    zip(shares, expected).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
  }

  /// The entropy of the shares in units of its largest value, −Σ_k p_k log p_k / log K: 1 where all
  /// components got the same. Blessing et al., arXiv:2406.07423, call it the entropic mode coverage.
  public var entropicCoverage: Double {
    guard shares.count > 1 else { return 1 }
    return shares.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 } / log(Double(shares.count))
  }
}
