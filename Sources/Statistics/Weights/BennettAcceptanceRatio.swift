// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The free energy difference by Bennett's acceptance ratio, the best that forward and reverse works
/// together can give.
///
/// Delta F solves sum_F sigma(Delta F - M - W) = sum_R sigma(M - Delta F - W) with sigma(x) =
/// 1/(1 + e^-x) and M = log(n_F/n_R). C. H. Bennett, J. Comput. Phys. 22 (1976) 245; as the maximum
/// of a likelihood: M. R. Shirts, E. Bair, G. Hooker and V. S. Pande, Phys. Rev. Lett. 91 (2003)
/// 140601.
public struct BennettEstimate: Sendable, Equatable {
  /// Delta F.
  public var value: Double
  /// The standard error by the delta method on Bennett's equation, forward and reverse units
  /// independent; NaN with fewer than `WeightedEstimate.minimumUnits` units on either side.
  public var error: Double
  /// The standard error by the jackknife that leaves out one block of forward or of reverse units;
  /// NaN where `error` is.
  public var jackknifeError: Double
  /// The overlap 2 int p_F p_R / (p_F + p_R) dW of the distributions of W under the forward and of
  /// -W under the reverse protocol: 1 if they agree (nothing is dissipated), 0 if they are apart.
  /// The mean of <2 sigma(Delta F - W)>_F and <2 sigma(-Delta F - W)>_R.
  public var overlap: Double
  /// sum_F sigma = sum_R sigma, how many walkers lie where both sides occur; the error is at most
  /// sqrt(2 / overlappingWalkers).
  public var overlappingWalkers: Double
  /// Whether the error bar can be trusted.
  public var verdict: WeightVerdict

  /// The value with its error, as in 1.2345(67).
  public var uncertain: Uncertain { Uncertain(value, error) }

  /// The least number of overlapping walkers for an error that can be trusted.
  public static let leastOverlappingWalkers = 20.0
  /// The number of blocks each side is cut into for the jackknife.
  public static let maximumBlocks = 40
}

extension WorkValues {
  /// Bennett's acceptance ratio from all works. Throws if all weights of one side are zero.
  public func bennettAcceptanceRatio() throws(StatisticsError) -> BennettEstimate {
    for side in [forward, reverse] where side.areAllZero {
      throw .allWeightsZero(weights: side.count)
    }
    let balance = FermiBalance(
      forward: forward.values.map { -$0 }, reverse: reverse.values)
    let (root, shift) = (balance.root(startingAt: nil), balance.logRatio)
    let difference = root + shift
    let forwardTerms = balance.forward.map { fermi(root - $0) }
    let reverseTerms = balance.reverse.map { fermi($0 - root) }
    let slope = (forwardTerms + reverseTerms).reduce(0) { $0 + $1 * (1 - $1) }
    let variance =
      spread(forwardTerms, unitSize: forward.unitSize)
      + spread(reverseTerms, unitSize: reverse.unitSize)
    let overlap =
      balance.forward.map { fermi(difference - $0) }.mean
      + balance.reverse.map { fermi($0 - difference) }.mean
    let walkers = forwardTerms.reduce(0, +)
    return BennettEstimate(
      value: difference, error: variance.squareRoot() / slope,
      jackknifeError: variance.isNaN ? .nan : jackknife(balance, root: root), overlap: overlap,
      overlappingWalkers: walkers, verdict: verdict(overlap: overlap, walkers: walkers))
  }

  /// sqrt of (g-1)/g sum_j (f_j - mean)^2 over the blocks of each side in turn, in quadrature.
  private func jackknife(_ balance: FermiBalance, root: Double) -> Double {
    func variance(_ series: [Double], unitSize: Int, _ without: ([Double]) -> FermiBalance)
      -> Double
    {
      let units = series.count / unitSize
      let blocks = min(units, BennettEstimate.maximumBlocks)
      let values = (0..<blocks).map { block in
        let range =
          block * units / blocks * unitSize..<(block + 1) * units / blocks * unitSize
        let left = without(Array(series[..<range.lowerBound] + series[range.upperBound...]))
        return left.root(startingAt: root, tolerance: 1e-9) + left.logRatio
      }
      let g = Double(blocks)
      return values.variance * (g - 1) * (g - 1) / g
    }
    let forwardPart = variance(balance.forward, unitSize: forward.unitSize) {
      FermiBalance(forward: $0, reverse: balance.reverse)
    }
    let reversePart = variance(balance.reverse, unitSize: reverse.unitSize) {
      FermiBalance(forward: balance.forward, reverse: $0)
    }
    let error = (forwardPart + reversePart).squareRoot()
    return error.isFinite ? error : .nan
  }

  private func verdict(overlap: Double, walkers: Double) -> WeightVerdict {
    var verdict = WeightVerdict(outcome: .trustworthy, reasons: [])
    for (side, name) in [(forward, "forward"), (reverse, "reverse")]
    where side.units < WeightedEstimate.minimumUnits {
      verdict.find(
        .withoutError,
        "There are \(side.units) independent \(name) units; an error needs "
          + "\(WeightedEstimate.minimumUnits) or more.")
    }
    if walkers < BennettEstimate.leastOverlappingWalkers {
      let words = WeightVerdict.short
      verdict.find(
        .untrustworthy,
        "Forward and reverse works do not overlap enough: \(words(walkers)) of \(forward.count) "
          + "forward and \(reverse.count) reverse walkers lie where both occur (overlap "
          + "\(words(overlap))); error bars need "
          + "\(words(BennettEstimate.leastOverlappingWalkers)) or more.")
    }
    return verdict
  }
}

/// sigma(x) = 1/(1 + e^-x).
func fermi(_ x: Double) -> Double {
  let small = exp(-abs(x))
  return (x >= 0 ? 1 : small) / (1 + small)
}

/// U/(U-1) sum_u (s_u - <s>)^2 over the sums s_u of each unit; NaN with too few units.
func spread(_ terms: [Double], unitSize: Int) -> Double {
  let sums = unitSums(terms, unitSize: unitSize)
  if sums.count < WeightedEstimate.minimumUnits { return .nan }
  return Double(sums.count) * sums.variance
}

/// Bennett's equation in c = Delta F - M: sum_F sigma(c - x) = sum_R sigma(y - c) with the forward
/// works x and y = -W of the reverse ones.
struct FermiBalance {
  let forward: [Double]
  let reverse: [Double]

  /// M = log(n_F/n_R).
  var logRatio: Double { log(Double(forward.count) / Double(reverse.count)) }

  /// log of left over right side, which rises with c by a slope between 0 and 2, and that slope.
  private func logarithm(_ c: Double) -> (value: Double, slope: Double) {
    func sums(_ works: [Double], sign: Double) -> (Double, Double) {
      var (sum, slope) = (0.0, 0.0)
      for work in works {
        let term = fermi(sign * (c - work))
        sum += term
        slope += term * (1 - term)
      }
      return (sum, slope)
    }
    let (left, leftSlope) = sums(forward, sign: 1)
    let (right, rightSlope) = sums(reverse, sign: -1)
    return (log(left) - log(right), leftSlope / left + rightSlope / right)
  }

  /// The root by Newton's method inside of a bracket that is halved where a step leaves it.
  func root(startingAt start: Double?, tolerance: Double = 2e-16) -> Double {
    let finite = (forward + reverse).filter(\.isFinite)
    let (low, high) = (finite.reduce(.infinity, min), finite.reduce(-.infinity, max))
    // Beyond all works by log(n_F n_R) one side is below the other.
    let margin = log(Double(forward.count) * Double(reverse.count)) + 10
    var (lower, upper) = (low - margin, high + margin)
    var c = start ?? (lower + upper) / 2
    for _ in 0..<200 {
      let (value, slope) = logarithm(c)
      if value == 0 { return c }
      if value < 0 { lower = c } else { upper = c }
      let step = value / slope
      let inside = c - step > lower && c - step < upper
      let next = inside ? c - step : (lower + upper) / 2
      if abs(next - c) <= tolerance * max(1, abs(c)) { return next }
      c = next
    }
    return c
  }
}
