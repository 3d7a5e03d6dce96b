// SPDX-License-Identifier: GPL-3.0-or-later

/// Geweke's comparison of the beginning of a chain with its end.
///
/// z = (<x>_first 10 % - <x>_last 50 %) / sqrt(error_first^2 + error_last^2); J. Geweke, in
/// Bayesian Statistics 4 (1992) 169. Both errors are C/n with the same C = 2 tau_int Gamma(0) by
/// the Gamma method from the last half, where Geweke takes each spectral density at zero from its
/// own window: a transient in the first window would otherwise hide behind the error it causes.
public enum Geweke {
  public static let firstFraction = 0.1
  public static let lastFraction = 0.5
  /// The least length of a chain, two measurements in the first window.
  public static let minimumLength = 20

  /// z of one chain, standard normal if it is stationary and long against 20 tau_int; 0 if the
  /// compared means are equal, infinite if they differ and the last half never changes.
  public static func pull(_ chain: [Double]) throws(StatisticsError) -> Double {
    try requireMeasurements([chain], minimumLength: minimumLength)
    let last = Array(chain.suffix(Int(lastFraction * Double(chain.count))))
    let estimate = try GammaMethod().estimate(last)
    return pull(chain, variance: estimate.error * estimate.error * Double(last.count))
  }

  /// z with C = lim n error(n)^2 given.
  static func pull(_ chain: [Double], variance: Double) -> Double {
    let first = chain.prefix(Int(firstFraction * Double(chain.count)))
    let last = chain.suffix(Int(lastFraction * Double(chain.count)))
    let difference = first.mean - last.mean
    if difference == 0 { return 0 }
    return difference
      / (variance / Double(first.count) + variance / Double(last.count)).squareRoot()
  }
}
