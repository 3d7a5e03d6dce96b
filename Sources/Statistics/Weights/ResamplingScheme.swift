// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A rule that draws the ancestors of a new population in proportion to weights.
///
/// All are unbiased: walker i has n W_i offspring on average, W_i = w_i / sum w. They differ in how
/// much the numbers of offspring fluctuate: R. Douc, O. Cappé and E. Moulines, Comparison of
/// resampling schemes for particle filtering, ISPA 2005, cs/0507025.
public enum ResamplingScheme: String, Sendable, CaseIterable, Codable {
  /// One uniform u: the quantiles (u + j)/n. Every walker has floor(n W) or ceil(n W) offspring.
  case systematic
  /// One uniform for each j: the quantiles (u_j + j)/n.
  case stratified
  /// floor(n W) offspring for certain, the rest multinomial with the remainders of n W.
  case residual
  /// n independent draws.
  case multinomial

  /// The largest number of uniforms that drawing n ancestors takes.
  public func uniformCount(for count: Int) -> Int { self == .systematic ? 1 : count }

  /// The ancestors of `count` walkers (by default as many as there are), in rising order.
  ///
  /// `uniform(k)` is asked once for each k = 0 ..< uniformCount(for: count) at most, in that order,
  /// and gives independent numbers of [0, 1). Equal weights give every walker itself under the
  /// systematic, stratified and residual schemes. Throws if all weights are zero, for log-weights
  /// NaN or +infinity, and for uniforms outside of [0, 1).
  public func ancestors(
    logWeights: [Double], count: Int? = nil, uniform: (Int) -> Double
  ) throws(StatisticsError) -> [Int] {
    let largest = try largestLogWeight(logWeights)
    if largest == -.infinity { throw .allWeightsZero(weights: logWeights.count) }
    let number = count ?? logWeights.count
    if number < 0 {
      throw .illegalParameter(name: "count", value: Double(number), legal: "0 or more")
    }
    func drawn(_ index: Int) throws(StatisticsError) -> Double {
      let value = uniform(index)
      if !(value >= 0 && value < 1) {
        throw .illegalParameter(name: "uniform(\(index))", value: value, legal: "0 to below 1")
      }
      return value
    }
    let relative = relativeToLargest(logWeights, largest)
    let total = relative.reduce(0, +)
    switch self {
    case .systematic:
      if number == 0 { return [] }
      let start = try drawn(0)
      let step = total / Double(number)
      return select(relative, at: (0..<number).map { (start + Double($0)) * step })
    case .stratified:
      let step = total / Double(number)
      var positions: [Double] = []
      for index in 0..<number { positions.append((try drawn(index) + Double(index)) * step) }
      return select(relative, at: positions)
    case .multinomial:
      var positions: [Double] = []
      for index in 0..<number { positions.append(try drawn(index) * total) }
      return select(relative, at: positions.sorted())
    case .residual:
      let expected = relative.map { Double(number) * $0 / total }
      // Whole numbers stay whole although rounding may have put them just below.
      let certain = expected.map { ($0 + 1e-12 * max(1, $0)).rounded(.down) }
      let rest = zip(expected, certain).map { max(0, $0 - $1) }
      let open = number - Int(certain.reduce(0, +))
      let restTotal = rest.reduce(0, +)
      var positions: [Double] = []
      for index in 0..<max(0, open) { positions.append(try drawn(index) * restTotal) }
      let sure = certain.enumerated().flatMap { Array(repeating: $0, count: Int($1)) }
      return (sure + select(rest, at: positions.sorted())).sorted()
    }
  }

  /// The ancestors from uniforms drawn beforehand; throws if there are fewer than
  /// uniformCount(for:).
  public func ancestors(
    logWeights: [Double], count: Int? = nil, uniforms: [Double]
  ) throws(StatisticsError) -> [Int] {
    let needed = uniformCount(for: count ?? logWeights.count)
    if uniforms.count < needed {
      throw .illegalParameter(
        name: "uniforms", value: Double(uniforms.count), legal: "\(needed) or more numbers")
    }
    return try ancestors(logWeights: logWeights, count: count) { uniforms[$0] }
  }

  /// For each rising position the first walker whose cumulative weight is above it. Rounding at the
  /// upper end falls to the last walker of weight above zero.
  private func select(_ weights: [Double], at positions: [Double]) -> [Int] {
    let last = weights.lastIndex { $0 > 0 } ?? 0
    var (walker, cumulative) = (0, weights[0])
    return positions.map { position in
      while position >= cumulative && walker < last {
        walker += 1
        cumulative += weights[walker]
      }
      return walker
    }
  }
}
