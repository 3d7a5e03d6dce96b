// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The generalised Pareto distribution fitted to the largest of many weights: how heavy their tail
/// is.
///
/// The excesses x over the largest weight outside of the tail are taken as drawn from the density
/// p(x) = (1/sigma) (1 + k x / sigma)^(-1/k - 1). Weights whose tail has the shape k have moments of
/// orders below 1/k only: no variance from k = 1/2 on, no mean from k = 1 on. The tail is the
/// largest min(N/5, 3 sqrt N) weights, and k the profile posterior mean of J. Zhang and M. A.
/// Stephens, Technometrics 51 (2009) 316, drawn towards 1/2 as if ten more excesses had said so: A.
/// Vehtari, D. Simpson, A. Gelman, Y. Yao and J. Gabry, Pareto smoothed importance sampling, JMLR
/// 25 (2024) 72, arXiv:1507.02646, sections 2.3 and 3 and appendix C.
public struct ParetoTail: Sendable, Equatable {
  /// k.
  public var shape: Double
  /// sigma in units of the largest weight.
  public var scale: Double
  /// The number of excesses fitted.
  public var count: Int

  /// The least number of weights in a tail.
  static let minimumCount = 5

  /// The largest shape that errors from `samples` weights can be trusted with, min(1 - 1/log10 N,
  /// 0.7); JMLR 25 (2024) 72, section 3.2.4.
  public static func largestShape(samples: Double) -> Double {
    samples > 1 ? min(1 - 1 / log10(samples), 0.7) : -.infinity
  }

  /// The tail of weights that are not negative; only their ratios matter. Nil if there are fewer
  /// than 25, or if fewer than five of the largest exceed the rest (equal weights have no tail).
  public init?(of weights: [Double]) {
    let number = Double(weights.count)
    let length = Int(min(number / 5, 3 * number.squareRoot()).rounded(.up))
    if weights.count < 5 * Self.minimumCount { return nil }
    let sorted = weights.sorted()
    guard let largest = sorted.last, largest > 0 else { return nil }
    let cutoff = sorted[weights.count - length - 1]
    // What rounding makes of equal weights is no tail.
    let tail = sorted.suffix(length).filter { $0 - cutoff > 1e-12 * cutoff }
    let excesses = tail.map { ($0 - cutoff) / largest }
    if excesses.count < Self.minimumCount { return nil }
    self.init(sortedExcesses: excesses)
  }

  /// With theta = -k/sigma the likelihood is maximal in k at k(theta) = <log(1 - theta x)>, where
  /// it is n [log(-theta/k) - k - 1]; theta is averaged over it on a grid of m = 30 + sqrt n points,
  /// theta_j = 1/x_n + (1 - sqrt(m/(j - 1/2))) / (3 x_quartile). Zhang and Stephens, eqs. (6)-(8).
  private init(sortedExcesses x: [Double]) {
    let n = Double(x.count)
    let quartile = x[Int((n / 4 + 0.5).rounded(.down)) - 1]
    let points = 30 + Int(n.squareRoot())
    func shape(_ theta: Double) -> Double {
      x.reduce(0) { $0 + log1p(-theta * $1) } / n
    }
    let grid = (1...points).map { (j: Int) -> Double in
      let ratio = Double(points) / (Double(j) - 0.5)
      return 1 / x[x.count - 1] + (1 - ratio.squareRoot()) / (3 * quartile)
    }
    let likelihoods = grid.map { (theta: Double) -> Double in
      let k = shape(theta)
      return n * (log(-theta / k) - k - 1)
    }
    let largest = likelihoods.reduce(-Double.infinity) { $1 > $0 ? $1 : $0 }
    var (sum, weight) = (0.0, 0.0)
    for (theta, likelihood) in zip(grid, likelihoods) where likelihood.isFinite {
      let probability = exp(likelihood - largest)
      sum += probability * theta
      weight += probability
    }
    let theta = sum / weight
    let k = shape(theta)
    self.shape = (n * k + 10 * 0.5) / (n + 10)
    scale = -k / theta
    count = x.count
  }
}
