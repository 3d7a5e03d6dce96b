// SPDX-License-Identifier: GPL-3.0-or-later
import Observables
import Statistics

/// How many independent measurements an ensemble is worth.
public struct EffectiveSize: Sendable, Equatable {
  /// N/(2 τ_int) of the slowest observable that is watched; Kish's (Σ w)²/Σ w² of independent weighted
  /// walkers; for walkers that were resampled see `init(_:variables:)`.
  public var samples: Uncertain
  /// N, measurements or walkers.
  public var count: Int
  /// τ_int of the slowest observable, in trajectories, and its name; nil for weighted walkers.
  public var slowest: (name: String, tau: Uncertain)?

  /// As a fraction of N.
  public var fraction: Uncertain {
    Uncertain(samples.value / Double(count), samples.error / Double(count))
  }

  public static func == (a: EffectiveSize, b: EffectiveSize) -> Bool {
    a.samples == b.samples && a.count == b.count && a.slowest?.name == b.slowest?.name
      && a.slowest?.tau == b.slowest?.tau
  }

  init(samples: Uncertain, count: Int, slowest: (name: String, tau: Uncertain)? = nil) {
    (self.samples, self.count, self.slowest) = (samples, count, slowest)
  }

  /// What tells how much resampled walkers have in common.
  static let watched = [
    Primary("m", [0], .magnitude), Primary("m", [0], .square), Primary("phi2"),
  ]

  /// Of weighted walkers. The weights of resampled ones do not know of common ancestors; what they are
  /// worth is the variance of an observable over the square of its error, which is taken over
  /// populations: the least of |m|, m², φ², and never more than the weights say. Without an error, or
  /// without these observables, NaN.
  init(_ stop: WeightedStop, variables: [String]) {
    let weights = stop.weights
    let kish = Uncertain(weights.effectiveSamples.value, weights.effectiveSamples.error)
    self.init(samples: kish, count: weights.count)
    if weights.unitSize == 1 || weights.areAllZero { return }
    samples = Uncertain(.nan, .nan)
    for primary in Self.watched where variables.contains(primary.variable) {
      guard let worth = Self.worth(of: primary, stop), !(samples.value < worth) else { continue }
      let units = max(1, weights.effectiveUnits - 1)
      samples = Uncertain(worth, worth * (2 / units).squareRoot())
    }
    if samples.value > kish.value { samples = kish }
  }

  /// Σ w (O − ⟨O⟩)²/Σ w over error²; nil where there is no error.
  private static func worth(of primary: Primary, _ stop: WeightedStop) -> Double? {
    let series = stop.measurements.series(primary).flatMap { $0 }
    do {
      let sample = try WeightedSample(weights: stop.weights, primaries: [series])
      let estimate = try sample.estimate(primary: 0)
      let (shares, mean) = (stop.weights.shares, estimate.value)
      let variance = zip(shares, series).reduce(0) {
        $1.0 == 0 ? $0 : $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean)
      }
      return estimate.error > 0 ? variance / (estimate.error * estimate.error) : nil
    } catch {
      return nil  // The same numbers stand in the quantities, which say what is wrong.
    }
  }
}
