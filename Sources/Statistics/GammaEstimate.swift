// SPDX-License-Identifier: GPL-3.0-or-later

/// A mean value with the error and autocorrelation time that the Gamma method assigns to it.
public struct GammaEstimate: Sendable, Equatable {
  /// f(pooled means); for a plain observable the mean over all measurements.
  public var value: Double
  /// The standard error, sqrt(2 tau Gamma(0) (1 + 1/N) / N).
  public var error: Double
  /// The standard error of the error, error sqrt((W + 1/2)/N).
  public var errorOfError: Double
  /// tau_int with 1/2 for uncorrelated data, in units of the distance of two measurements, with the
  /// bias correction tau(W) (1 + (2W+1)/N) / (1 + 1/N); hep-lat/0306017 eq. (49).
  public var tauIntegrated: Double
  /// The standard error of tau_int, 2 tau sqrt(|W + 1/2 - tau|/N); hep-lat/0306017 eq. (42).
  public var tauIntegratedError: Double
  /// W, the largest lag that was summed; 0 for a constant series.
  public var window: Int
  /// False if the autocorrelation function was still large at half of the longest replica.
  public var windowIsReliable: Bool
  /// False if error and tau_int should not be trusted: the window did not close, there are fewer
  /// than 50 tau_int measurements (counted in an average replica where each replica has its own
  /// mean subtracted, else over all replica), or the series never changes.
  public var isReliable: Bool
  /// The replica consistency Q: the probability of a larger chi-square between the replica values
  /// than was found; nil for a single replica, NaN where the quantity is undefined on one of them.
  /// Far below 0.001 the replica sample different things and the error is not to be believed.
  public var replicaConsistency: Double?
  /// f(means of one replica), each replica.
  public var replicaValues: [Double]
  /// The bias of a nonlinear f estimated as (mean of replica values - value)/(R - 1), nil for a
  /// single replica. It is not subtracted from `value`.
  public var bias: Double?
  /// N, the number of measurements over all replica.
  public var measurements: Int
  /// rho(t) = Gamma(t)/Gamma(0) for t = 0 ... window.
  public var autocorrelation: [Double]

  /// Whether the error can be believed: the chains are long enough, they agree with each other
  /// (Q of 1e-4 or more), and with the value from all of them together (a bias of three errors or
  /// less, which a nonlinear f of chains in different states exceeds though each agrees with the
  /// others).
  public var isTrustworthy: Bool {
    isReliable && (replicaConsistency ?? 1) >= 1e-4 && abs(bias ?? 0) <= 3 * error
  }

  /// N / (2 tau_int), the number of independent measurements with the same error.
  public var effectiveSamples: Double { Double(measurements) / (2 * tauIntegrated) }
  /// The value with the bias of a nonlinear f subtracted where several replica reveal it.
  public var biasCorrectedValue: Double { value - (bias ?? 0) }
  /// The value with its error, as in 1.2345(67).
  public var uncertain: Uncertain { Uncertain(value, error) }
  /// tau_int with its error.
  public var tau: Uncertain { Uncertain(tauIntegrated, tauIntegratedError) }
}
