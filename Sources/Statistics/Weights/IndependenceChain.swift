// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A Markov chain made of independent weighted proposals: which of them is the state after each
/// iteration.
///
/// The chain leaves the target density exactly invariant although each proposal only has a weight w
/// proportional to target over proposal density. A rejection repeats an index. Averages over it have
/// the autocorrelation of any Markov chain (Gamma method), and a bias from the start that dies out;
/// weights without bound make it stick.
public struct IndependenceChain: Sendable, Equatable {
  /// The index of the walker that is the state, the start first.
  public let indices: [Int]
  /// How many iterations moved to a new proposal.
  public let accepted: Int

  /// The number of iterations after the start.
  public var iterations: Int { indices.count - 1 }
  /// The fraction of the iterations that moved; NaN without any.
  public var acceptance: Double { Double(accepted) / Double(iterations) }

  /// Independence Metropolis: walker 0 starts, and each of the walkers 1 ... N-1 in its turn replaces
  /// the state with probability min(1, w'/w).
  ///
  /// `uniform(i)` decides on walker i and is a number of [0, 1). A state of weight zero is always
  /// left. W. K. Hastings, Biometrika 57 (1970) 97; L. Tierney, Ann. Stat. 22 (1994) 1701.
  public static func metropolis(
    logWeights: [Double], uniform: (Int) -> Double
  ) throws(StatisticsError) -> IndependenceChain {
    _ = try largestLogWeight(logWeights)
    var (indices, accepted, current) = ([0], 0, 0)
    for proposal in 1..<max(1, logWeights.count) {
      if try accepts(logWeights[proposal], over: logWeights[current], proposal, uniform) {
        (current, accepted) = (proposal, accepted + 1)
      }
      indices.append(current)
    }
    return IndependenceChain(indices: indices, accepted: accepted)
  }

  /// Iterated sampling importance resampling (i-SIR): each iteration takes `freshProposals` walkers
  /// not used before and chooses among them and the state in proportion to their weights.
  ///
  /// Walker 0 starts; iteration t = 1, 2, ... takes the walkers 1 + (t-1) m ..< 1 + t m and
  /// `uniform(t)` of [0, 1). Walkers that do not fill an iteration are left over. While all weights
  /// are zero the state stays. C. Andrieu, A. Doucet and R. Holenstein, J. R. Stat. Soc. B 72 (2010)
  /// 269; C. Andrieu, A. Lee and M. Vihola, Bernoulli 24 (2018) 842; S. Samsonov et al., NeurIPS
  /// 2022, arXiv:2111.02702.
  public static func iteratedResampling(
    logWeights: [Double], freshProposals: Int, uniform: (Int) -> Double
  ) throws(StatisticsError) -> IndependenceChain {
    _ = try largestLogWeight(logWeights)
    if freshProposals < 1 {
      throw .illegalParameter(
        name: "freshProposals", value: Double(freshProposals), legal: "1 or more")
    }
    var (indices, accepted, current) = ([0], 0, 0)
    for iteration in 1..<(logWeights.count - 1) / freshProposals + 1 {
      let first = 1 + (iteration - 1) * freshProposals
      let candidates = [current] + Array(first..<first + freshProposals)
      let logarithms = candidates.map { logWeights[$0] }
      let position = try draw(iteration, uniform)
      if let chosen = select(logarithms, at: position), chosen != 0 {
        (current, accepted) = (candidates[chosen], accepted + 1)
      }
      indices.append(current)
    }
    return IndependenceChain(indices: indices, accepted: accepted)
  }

  /// Particle independence Metropolis: whole populations are proposed, each with its mean weight as
  /// weight, and one member of an accepted population, drawn by weight, is the state.
  ///
  /// Populations are the units of the weights, in their order; the first starts. `uniform(2u)` decides
  /// on population u, `uniform(2u + 1)` chooses its member. C. Andrieu, A. Doucet and R. Holenstein,
  /// J. R. Stat. Soc. B 72 (2010) 269, section 2.4.2. An average over all members of the accepted
  /// population, weighted within it, has the same expectation and less noise.
  public static func particleMetropolis(
    weights: LogWeights, uniform: (Int) -> Double
  ) throws(StatisticsError) -> IndependenceChain {
    let size = weights.unitSize
    let populations = stride(from: 0, to: weights.count, by: size).map {
      Array(weights.values[$0..<$0 + size])
    }
    let logarithms = populations.map { logSum($0) }
    func member(_ population: Int) throws(StatisticsError) -> Int {
      let position = try draw(2 * population + 1, uniform)
      return population * size + (select(populations[population], at: position) ?? 0)
    }
    var (current, accepted) = (0, 0)
    var indices = [try member(0)]
    for proposal in 1..<max(1, populations.count) {
      if try accepts(logarithms[proposal], over: logarithms[current], 2 * proposal, uniform) {
        (current, accepted) = (proposal, accepted + 1)
        indices.append(try member(proposal))
      } else {
        indices.append(indices[indices.count - 1])
      }
    }
    return IndependenceChain(indices: indices, accepted: accepted)
  }

  private init(indices: [Int], accepted: Int) {
    (self.indices, self.accepted) = (indices, accepted)
  }

  /// The number that decides: one for each address.
  private static func draw(
    _ index: Int, _ uniform: (Int) -> Double
  ) throws(StatisticsError) -> Double {
    let value = uniform(index)
    if !(value >= 0 && value < 1) {
      throw .illegalParameter(name: "uniform(\(index))", value: value, legal: "0 to below 1")
    }
    return value
  }

  /// u < min(1, w'/w).
  private static func accepts(
    _ proposed: Double, over current: Double, _ index: Int, _ uniform: (Int) -> Double
  ) throws(StatisticsError) -> Bool {
    let value = try draw(index, uniform)
    return proposed >= current || value < exp(proposed - current)
  }

  /// The candidate whose share of the weights holds the position in [0, 1); nil if all are zero.
  private static func select(_ logarithms: [Double], at position: Double) -> Int? {
    let largest = logarithms.reduce(-Double.infinity, max)
    if largest == -.infinity { return nil }
    let weights = relativeToLargest(logarithms, largest)
    let target = position * weights.reduce(0, +)
    var cumulative = 0.0
    for (index, weight) in weights.enumerated() {
      cumulative += weight
      if target < cumulative { return index }
    }
    return weights.lastIndex { $0 > 0 }
  }
}

/// log sum_i exp(l_i), -infinity where all are.
func logSum(_ logarithms: [Double]) -> Double {
  let largest = logarithms.reduce(-Double.infinity, max)
  if largest == -.infinity { return largest }
  return largest + log(relativeToLargest(logarithms, largest).reduce(0, +))
}
