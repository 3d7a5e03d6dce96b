// SPDX-License-Identifier: GPL-3.0-or-later

/// The judge of thermalisation: do all chains, and the halves of each, have the same mean within
/// their errors?
///
/// Hot and cold starts are two chains among others. All errors are C/n with one constant C = 2
/// tau_int Gamma(0), from the Gamma method over the last halves of all chains, each with its own
/// mean subtracted: a transient in the beginning does not enlarge the errors that should reveal it.
/// C is itself uncertain by 2 sqrt((W + 1/2)/N), as if it came from nu = N / (2W + 1) independent
/// squares, so that errors underestimated by chance do not raise alarms: chi^2/k is judged by
/// Fisher's F with k and nu degrees of freedom. Two tests, each at half the significance: chi^2 =
/// sum_s n_s (<x>_s - <x>)^2 / C over the half chains s, k one less than there are half chains, and
/// the sum of the squared Geweke pulls, k the number of chains.
///
/// Below `minimumLength` times tau_int in the shortest chain the answer is "undecided" whatever the
/// tests say: there tau_int is not known well enough, and a drift that lasts as long as the chain
/// cannot be told from a slow mode. Chains of 10 tau_int underestimate it so much that 4 to 7 in
/// 100 are judged nevertheless.
public struct ConvergenceDiagnostics: Sendable {
  /// The nominal probability of calling thermalised chains not thermalised. Measured on AR(1)
  /// chains: at 0.01 at most 0.011 from 55 tau_int on; at 0.001 at most 0.002, and 0.0007 at 300
  /// tau_int.
  public var significance: Double
  /// The least length of a chain in units of tau_int.
  public var minimumLength: Double

  /// Throws unless 0 < significance < 1 and minimumLength is positive.
  public init(
    significance: Double = 1e-3, minimumLength: Double = 50
  ) throws(StatisticsError) {
    if !(significance > 0 && significance < 1) {
      throw .illegalParameter(
        name: "significance", value: significance, legal: "between 0 and 1")
    }
    if !(minimumLength > 0 && minimumLength.isFinite) {
      throw .illegalParameter(
        name: "minimumLength", value: minimumLength, legal: "finite and above 0")
    }
    (self.significance, self.minimumLength) = (significance, minimumLength)
  }

  /// The diagnostics at significance 0.001 and 50 tau_int.
  public init() { (significance, minimumLength) = (1e-3, 50) }

  /// Judges one observable over all chains, indexed [chain][measurement], as they are: whatever was
  /// cut off as thermalisation must already be gone. Throws for chains of fewer than 20
  /// measurements.
  public func judge(
    _ chains: [[Double]], of observable: String
  ) throws(StatisticsError) -> ThermalisationVerdict {
    try requireMeasurements(chains, minimumLength: Geweke.minimumLength)
    let endings = chains.map { Array($0.suffix($0.count / 2)) }
    let estimate = try GammaMethod().estimate(replica: endings)
    let n = Double(estimate.measurements)
    // Subtracting R means lowers Gamma(t) by C R/N, of which eq. (49) of Wolff restores C/N.
    let lags = Double(2 * estimate.window + 1)
    let chainBias = (1 + lags * Double(chains.count) / n) / (1 + lags / n)
    let variance = n * estimate.error * estimate.error * chainBias
    let freedom = n / lags
    func consistency(_ chiSquare: Double, _ k: Int) -> Double {
      FisherDistribution.probability(
        exceeding: chiSquare / Double(k), degreesOfFreedom: k, of: freedom)
    }

    let halves = ScaleReduction.halves(of: chains)
    let means = halves.map(\.mean)
    let center = pooledMean(of: means, lengths: halves.map(\.count))
    var squares = 0.0
    for (half, mean) in zip(halves, means) {
      squares += Double(half.count) * (mean - center) * (mean - center)
    }
    let pulls = chains.map { Geweke.pull($0, variance: variance) }
    let halfChainConsistency = consistency(
      squares == 0 ? 0 : squares / variance, halves.count - 1)
    let gewekeConsistency = consistency(pulls.reduce(0) { $0 + $1 * $1 }, pulls.count)

    let shortest = chains.map(\.count).min() ?? 0
    let needed = Int((minimumLength * estimate.tauIntegrated).rounded(.up))
    let scaleReduction = try ScaleReduction.split(chains)
    let neverChanges = variance == 0 && scaleReduction == 1
    let outcome: ThermalisationVerdict.Outcome
    if shortest < needed || !estimate.windowIsReliable || neverChanges {
      outcome = .undecided
    } else if min(halfChainConsistency, gewekeConsistency) < significance / 2 {
      outcome = .notThermalised
    } else {
      outcome = .thermalised
    }
    var marginal: [MarginalStandardError] = []
    for chain in chains { marginal.append(try MarginalStandardError(chain)) }
    return ThermalisationVerdict(
      outcome: outcome, observable: observable, tau: estimate.tau, shortestChain: shortest,
      neededLength: needed, halfChainConsistency: halfChainConsistency,
      gewekeConsistency: gewekeConsistency, threshold: significance / 2, gewekePulls: pulls,
      scaleReduction: scaleReduction, marginalStandardErrors: marginal)
  }
}
