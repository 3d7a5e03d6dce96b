// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The summation window of the integrated autocorrelation time, chosen from the data.
///
/// tau(W) = 1/2 + sum_{t=1}^{W} rho(t). With the decay time that a single exponential of this sum
/// would have, tau_W = S / log[(2 tau(W) + 1) / (2 tau(W) - 1)], the window is the first W >= 1
/// with exp(-W/tau_W) - tau_W / sqrt(W N) < 0: there the truncation bias falls below the
/// statistical error. U. Wolff, hep-lat/0306017, section 3.3.
struct AutomaticWindow {
  /// W, the largest lag in the sum.
  var window: Int
  /// tau(W), kept above 1/2 (anticorrelations are not credited).
  var tau: Double
  /// False if W ran into half of the longest replica before the criterion was met.
  var isClosed: Bool
  /// rho(0), ..., rho(W).
  var correlation: [Double]

  init(_ autocovariance: inout Autocovariance, measurements: Int, parameter: Double) {
    let variance = autocovariance[0]
    let last = autocovariance.lagLimit - 1
    var sum = 0.5
    (window, tau, isClosed, correlation) = (0, 0.5, false, [1])
    while !isClosed && window < last {
      window += 1
      correlation.append(autocovariance[window] / variance)
      sum += correlation[window]
      tau = sum <= 0.5 ? 0.5 + Double.ulpOfOne : sum
      let decay = parameter / log((2 * tau + 1) / (2 * tau - 1))
      let lag = Double(window)
      isClosed = exp(-lag / decay) - decay / (lag * Double(measurements)).squareRoot() < 0
    }
  }
}
