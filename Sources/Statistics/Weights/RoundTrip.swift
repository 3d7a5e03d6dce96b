// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Works there and back where the walkers that go back are those that came: each population goes to
/// ρ_1 with its weights, is resampled by them, and goes back.
///
/// A reverse walker of population p then stands for the total weight W_p of that population: with it
/// Σ_p W_p ⟨O⟩_p/Σ_p W_p is the average of O in ρ_1 up to a bias of one over all effective walkers,
/// where the plain mean over populations would be wrong by one over those of a single population. And
/// since both ways of a population belong together, errors are taken over populations, both ways of
/// one left out at a time. Bennett's equation becomes
///
///     (1/P) Σ_p ⟨σ(ΔF − W)⟩_F,p = Σ_p W_p ⟨σ(−ΔF − W)⟩_R,p / Σ_p W_p,   σ(x) = 1/(1 + e^−x).
public struct RoundTrip: Sendable {
  public let forward: LogWeights
  public let reverse: LogWeights
  /// W_p/Σ_p W_p.
  private let shares: [Double]

  /// Both with the walkers of a population as their unit. Throws if the populations do not correspond
  /// to each other, or if all weights of one way are zero.
  public init(forward: LogWeights, reverse: LogWeights) throws(StatisticsError) {
    for side in [forward, reverse] where side.areAllZero {
      throw .allWeightsZero(weights: side.count)
    }
    if forward.units != reverse.units {
      throw .illegalParameter(
        name: "reverse populations", value: Double(reverse.units), legal: "\(forward.units)")
    }
    (self.forward, self.reverse) = (forward, reverse)
    let sums = unitSums(forward.relativeWeights, unitSize: forward.unitSize)
    let total = sums.reduce(0, +)
    shares = sums.map { $0 / total }
  }

  /// Bennett's acceptance ratio; the error is NaN with fewer than `WeightedEstimate.minimumUnits`
  /// populations.
  public func bennettAcceptanceRatio() -> BennettEstimate {
    let populations = shares.indices
    let root = root(of: Array(populations), startingAt: nil)
    let terms = populations.map { self.terms($0, root) }
    let left = terms.map(\.left).reduce(0, +) / Double(terms.count)
    let right = zip(shares, terms).reduce(0) { $0 + $1.0 * $1.1.right }
    let slope =
      terms.map(\.leftSlope).reduce(0, +) / Double(terms.count)
      + zip(shares, terms).reduce(0) { $0 + $1.0 * $1.1.rightSlope }
    let hasError = terms.count >= WeightedEstimate.minimumUnits
    let count = Double(terms.count)
    let variance = zip(shares, terms).reduce(0) { sum, pair in
      let influence = (pair.1.left - left) / count - pair.0 * (pair.1.right - right)
      return sum + influence * influence
    }
    let walkers = left * Double(forward.count)
    return BennettEstimate(
      value: root, error: hasError ? (variance * count / (count - 1)).squareRoot() / slope : .nan,
      jackknifeError: hasError ? jackknife(around: root) : .nan, overlap: left + right,
      overlappingWalkers: walkers, verdict: verdict(walkers))
  }

  /// Means of σ over the walkers of a population, and their derivatives.
  private func terms(
    _ population: Int, _ c: Double
  ) -> (left: Double, leftSlope: Double, right: Double, rightSlope: Double) {
    func mean(_ side: LogWeights, _ argument: (Double) -> Double) -> (Double, Double) {
      let size = side.unitSize
      var (sum, slope) = (0.0, 0.0)
      for value in side.values[population * size..<(population + 1) * size] {
        let term = fermi(argument(value))
        sum += term
        slope += term * (1 - term)
      }
      return (sum / Double(size), slope / Double(size))
    }
    let there = mean(forward) { c + $0 }
    let back = mean(reverse) { $0 - c }
    return (there.0, there.1, back.0, back.1)
  }

  /// ΔF of some of the populations: the left side rises with it and the right side falls, so that
  /// Newton's method inside of a bracket finds the root.
  private func root(of populations: [Int], startingAt start: Double?) -> Double {
    let works = forward.values.map { -$0 } + reverse.values
    let finite = works.filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 0)
    let margin = log(Double(works.count)) + 10
    var (lower, upper) = (low - margin, high + margin)
    var c = start ?? 0.5 * (lower + upper)
    let total = populations.reduce(0) { $0 + shares[$1] }
    for _ in 0..<200 {
      var (left, right, slope) = (0.0, 0.0, 0.0)
      for population in populations {
        let term = terms(population, c)
        let share = shares[population] / total
        left += term.left / Double(populations.count)
        right += share * term.right
        slope += term.leftSlope / Double(populations.count) + share * term.rightSlope
      }
      if left == right { return c }
      if left < right { lower = c } else { upper = c }
      let newton = c - (left - right) / slope
      let next = newton > lower && newton < upper ? newton : 0.5 * (lower + upper)
      if abs(next - c) <= 1e-14 * max(1, abs(c)) { return next }
      c = next
    }
    return c
  }

  private func jackknife(around root: Double) -> Double {
    let values = shares.indices.map { left in
      self.root(of: shares.indices.filter { $0 != left }, startingAt: root)
    }
    let count = Double(values.count)
    return (values.variance * (count - 1) * (count - 1) / count).squareRoot()
  }

  private func verdict(_ walkers: Double) -> WeightVerdict {
    var verdict = WeightVerdict(outcome: .trustworthy, reasons: [])
    if shares.count < WeightedEstimate.minimumUnits {
      verdict.find(
        .withoutError,
        "There are \(shares.count) populations; an error needs \(WeightedEstimate.minimumUnits) or "
          + "more.")
    }
    if walkers < BennettEstimate.leastOverlappingWalkers {
      verdict.find(
        .untrustworthy,
        "Works there and back do not overlap enough: \(WeightVerdict.short(walkers)) of "
          + "\(forward.count) walkers lie where both occur.")
    }
    return verdict
  }
}
