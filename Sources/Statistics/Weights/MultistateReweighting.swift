// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The multistate Bennett acceptance ratio (MBAR): Markov chains of K ensembles pooled, their free
/// energies, and averages in any ensemble that they cover.
///
/// With the reduced potentials u_k(x) = -log of the unnormalised density of ensemble k and N_k
/// configurations from it, f_i = -log sum_n exp(-u_i(x_n)) / sum_k N_k exp(f_k - u_k(x_n)), over all
/// configurations n, for f_i = -log Z_i up to a constant: M. R. Shirts and J. D. Chodera, J. Chem.
/// Phys. 129 (2008) 124105, eq. (11). The bias of f and of averages is of order one over the number
/// of independent configurations.
///
/// Errors: the influence of each configuration on a result to first order, through the equation
/// above, is a time series; the Gamma method takes its error over the chains of each ensemble, with
/// autocorrelation, and the ensembles add in quadrature.
public struct MultistateReweighting: Sendable {
  /// f_k - f_0 = -log(Z_k / Z_0).
  public let freeEnergies: [Double]
  /// The method that takes the error over the chains of one ensemble.
  public let method: GammaMethod
  /// N_k.
  public let counts: [Int]
  /// O_ij = sum_n N_j W_i(n) W_j(n), W_i(n) = exp(f_i - u_i(x_n)) / sum_k N_k exp(f_k - u_k(x_n)):
  /// the probability that a configuration of ensemble i, averaged over i, came from j. Rows add to
  /// 1. P. V. Klimovich, M. R. Shirts and D. L. Mobley, J. Comput. Aided Mol. Des. 29 (2015) 397.
  public let overlap: [[Double]]

  /// The lengths of the chains, indexed [ensemble][replica].
  let lengths: [[Int]]
  /// log sum_k N_k exp(f_k - u_k(x_n)) of each configuration, ensemble after ensemble, replica after
  /// replica.
  let logDenominators: [Double]
  /// p_k(n) = N_k W_k(n) of configuration n, at [n K + k].
  let probabilities: [Double]
  /// The mean of p_k(n) over the configurations of each ensemble, indexed [ensemble][k].
  let meanProbabilities: [[Double]]
  /// H^-1, with f_0 held fixed.
  let inverseHessian: [[Double]]

  /// The least overlap O_ij that joins two ensembles (Klimovich et al. 2015).
  public static let leastOverlap = 0.03

  /// From u_k at every configuration, indexed [ensemble that it was sampled in][replica][k]
  /// [measurement].
  ///
  /// Throws if an ensemble has no chains, a chain not one series for each of the K potentials, a
  /// replica is shorter than `GammaMethod.minimumLength`, for potentials NaN or -infinity (+infinity
  /// is density zero, but not in the ensemble that the configuration comes from), and if the
  /// iteration does not converge, which says that ensembles do not overlap at all.
  public init(
    reducedPotentials: [[[[Double]]]], method: GammaMethod = GammaMethod(),
    tolerance: Double = 1e-12, maximumIterations: Int = 200
  ) throws(StatisticsError) {
    let states = reducedPotentials.count
    if states == 0 { throw .noReplica }
    var (lengths, rows): ([[Int]], [Double]) = ([], [])
    for (ensemble, chains) in reducedPotentials.enumerated() {
      if chains.isEmpty { throw .noReplica }
      for (replica, chain) in chains.enumerated() {
        try Self.check(chain, ensemble: ensemble, replica: replica, states: states)
        for n in chain[0].indices { for series in chain { rows.append(series[n]) } }
      }
      lengths.append(chains.map { $0[0].count })
    }
    try self.init(
      lengths: lengths, potentials: rows, method: method, tolerance: tolerance,
      maximumIterations: maximumIterations)
  }

  /// From potentials that were checked, u_k of configuration n at [n K + k].
  init(
    lengths: [[Int]], potentials: [Double], method: GammaMethod, tolerance: Double = 1e-12,
    maximumIterations: Int = 200
  ) throws(StatisticsError) {
    let states = lengths.count
    let counts = lengths.map { $0.reduce(0, +) }
    let solution = try MultistateEquations(counts: counts, potentials: potentials).solve(
      tolerance: tolerance, maximumIterations: maximumIterations)
    (self.lengths, self.counts, self.method) = (lengths, counts, method)
    freeEnergies = solution.freeEnergies.map { $0 - solution.freeEnergies[0] }
    let origin = solution.freeEnergies[0]
    logDenominators = solution.logDenominators.map { $0 - origin }
    probabilities = solution.probabilities
    inverseHessian = try solution.inverseHessian()
    // sum_n p_i p_j, in which the Hessian has its off-diagonal elements.
    var (means, first): ([[Double]], Int) = ([], 0)
    var products = [[Double]](repeating: [Double](repeating: 0, count: states), count: states)
    for count in counts {
      var mean = [Double](repeating: 0, count: states)
      for n in first..<first + count {
        for k in 0..<states {
          let p = probabilities[n * states + k]
          mean[k] += p / Double(count)
          products[k][k] += p * p
        }
      }
      means.append(mean)
      first += count
    }
    for i in 0..<states {
      for j in 0..<states where i != j { products[i][j] = -solution.hessian[i][j] }
    }
    meanProbabilities = means
    overlap = zip(products, counts).map { row, count in row.map { $0 / Double(count) } }
  }

  private static func check(
    _ chain: [[Double]], ensemble: Int, replica: Int, states: Int
  ) throws(StatisticsError) {
    let expected = [Int](repeating: chain.first?.count ?? 0, count: states)
    if chain.map(\.count) != expected {
      throw .mismatchedPrimaries(replica: replica, found: chain.map(\.count), expected: expected)
    }
    if chain[0].count < GammaMethod.minimumLength {
      throw .tooFewMeasurements(
        replica: replica, measurements: chain[0].count, needed: GammaMethod.minimumLength)
    }
    for (state, series) in chain.enumerated() {
      let bad = series.firstIndex {
        $0.isNaN || $0 == -.infinity || (state == ensemble && !$0.isFinite)
      }
      if let bad { throw .notFinite(replica: replica, measurement: bad, value: series[bad]) }
    }
  }

  /// f_j - f_i = -log(Z_j / Z_i) with its error.
  public func freeEnergyDifference(
    from i: Int, to j: Int
  ) throws(StatisticsError) -> MultistateEstimate {
    try estimate(
      freeEnergies[j] - freeEnergies[i],
      influences: influences(
        slope: counts.indices.map { ($0 == j ? 1 : 0) - ($0 == i ? 1 : 0) }),
      verdict: verdict)
  }

  /// log w = -u(x) - log sum_k N_k exp(f_k - u_k(x)) of all configurations, ensemble after ensemble,
  /// for a target of reduced potential u, indexed [ensemble][replica][measurement].
  public func logWeights(target: [[[Double]]]) throws(StatisticsError) -> LogWeights {
    let potentials = try flatten(target)
    return try LogWeights(zip(potentials, logDenominators).map { -$0 - $1 })
  }

  /// -log(Z_target / Z_0) with its error.
  public func freeEnergy(target: [[[Double]]]) throws(StatisticsError) -> MultistateEstimate {
    let weights = try logWeights(target: target)
    if weights.areAllZero { throw .allWeightsZero(weights: weights.count) }
    let shares = weights.shares
    // delta f = -(delta of the sum)/sum + sum_n W(n) sum_k p_k(n) delta f_k
    let changes = zip(shares, influences(slope: means(of: shares))).map { -$0 + $1 }
    return try estimate(
      -(weights.logMean.value + log(Double(weights.count))), influences: changes,
      verdict: verdict(on: weights, influences: changes))
  }

  /// A function of averages <O_a> in a target ensemble of reduced potential u.
  ///
  /// `target` is indexed [ensemble][replica][measurement], `primaries`
  /// [ensemble][replica][observable][measurement]. Without `gradient`, df/dO_a is taken by central
  /// differences within a thousandth of the naive error.
  public func estimate(
    target: [[[Double]]], primaries: [[[[Double]]]],
    gradient: (([Double]) throws -> [Double])? = nil, of quantity: ([Double]) throws -> Double
  ) throws -> MultistateEstimate {
    let weights = try logWeights(target: target)
    let sample = try WeightedSample(weights: weights, primaries: try flatten(primaries: primaries))
    let (shares, averages) = (weights.shares, sample.means)
    let value = try quantity(averages)
    let deviations = zip(averages, sample.primaries).map { mean, series in
      zip(shares, series).map { $0 == 0 ? 0 : $0 * ($1 - mean) }
    }
    let naive = deviations.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let derivative =
      try gradient?(averages) ?? centralGradient(at: averages, steps: naive, of: quantity)
    if derivative.count != averages.count || !(derivative + [value]).allSatisfy(\.isFinite) {
      throw StatisticsError.derivedQuantityUndefined(means: averages)
    }
    let projected = shares.indices.map { n in
      averages.indices.reduce(0) { $0 + derivative[$1] * deviations[$1][n] }
    }
    let changes = influences(projected: projected)
    return try estimate(
      value, influences: changes, verdict: verdict(on: weights, influences: changes))
  }

  /// The average of one observable, indexed [ensemble][replica][measurement], in a target ensemble.
  public func estimate(
    target: [[[Double]]], mean observable: [[[Double]]]
  ) throws -> MultistateEstimate {
    try estimate(
      target: target, primaries: observable.map { $0.map { [$0] } }, gradient: { _ in [1] },
      of: { $0[0] })
  }

  /// The first-order change of an average by each configuration, from W(n) (O(n) - <O>):
  /// delta <O> = sum_n W(n) (O - <O>) [1 - sum_k p_k(n) delta f_k].
  func influences(projected: [Double]) -> [Double] {
    var changes = influences(slope: means(of: projected))
    for n in changes.indices { changes[n] = projected[n] - changes[n] }
    return changes
  }

  /// The first-order change of sum_k slope_k f_k by each configuration: -H^-1 (p(n) - <p> over the
  /// ensemble of n) for f.
  private func influences(slope: [Double]) -> [Double] {
    let factors = inverseHessian.map { dot($0, slope) }
    let states = counts.count
    var changes = [Double](repeating: 0, count: logDenominators.count)
    probabilities.withUnsafeBufferPointer { p in
      var first = 0
      for (count, mean) in zip(counts, meanProbabilities) {
        let origin = dot(factors, mean)
        for n in first..<first + count {
          var sum = 0.0
          for k in 0..<states { sum += factors[k] * p[n * states + k] }
          changes[n] = origin - sum
        }
        first += count
      }
    }
    return changes
  }

  /// sum_n weight(n) p_k(n) of each ensemble.
  private func means(of weights: [Double]) -> [Double] {
    let states = counts.count
    var sums = [Double](repeating: 0, count: states)
    probabilities.withUnsafeBufferPointer { p in
      for n in weights.indices {
        for k in 0..<states { sums[k] += weights[n] * p[n * states + k] }
      }
    }
    return sums
  }

  private func flatten(_ series: [[[Double]]]) throws(StatisticsError) -> [Double] {
    for (ensemble, chains) in lengths.enumerated() {
      let found = ensemble < series.count ? series[ensemble].map(\.count) : []
      if found != chains {
        throw .mismatchedPrimaries(replica: ensemble, found: found, expected: chains)
      }
    }
    return series.flatMap { $0.flatMap { $0 } }
  }

  private func flatten(primaries: [[[[Double]]]]) throws(StatisticsError) -> [[Double]] {
    let observables = primaries.first?.first?.count ?? 0
    var flat: [[Double]] = []
    for index in 0..<observables {
      var series: [[[Double]]] = []
      for chains in primaries {
        if let bad = chains.firstIndex(where: { $0.count != observables }) {
          throw .mismatchedPrimaries(
            replica: bad, found: chains[bad].map(\.count),
            expected: [Int](repeating: chains[bad].first?.count ?? 0, count: observables))
        }
        series.append(chains.map { $0[index] })
      }
      flat.append(try flatten(series))
    }
    return flat
  }
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in a.indices { sum += a[index] * b[index] }
  return sum
}
