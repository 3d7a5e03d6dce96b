// SPDX-License-Identifier: GPL-3.0-or-later
import Observables
import Statistics

/// How many independent measurements an ensemble is worth, for the watched observable O that it
/// knows least of: N_eff = var(O)/error², with the variance of O in the theory and the square of the
/// error of ⟨O⟩. For chains that is N/(2 τ_int).
public struct EffectiveSize: Sendable, Equatable {
  public var samples: Uncertain
  /// N, measurements or walkers.
  public var count: Int
  /// The observable.
  public var observable: String
  /// τ_int of the observable, in trajectories; nil for weighted walkers.
  public var tau: Uncertain?
  /// Kish's (Σ w)²/(N Σ w²) of weighted walkers. It knows of the weights alone: after resampling,
  /// walkers of equal weight need not be independent.
  public var kishFraction: Uncertain?

  /// As a fraction of N.
  public var fraction: Uncertain {
    Uncertain(samples.value / Double(count), samples.error / Double(count))
  }

  init(count: Int, observable: String, tau: Uncertain, interval: Double) {
    let samples = Double(count) * interval / (2 * tau.value)
    self.samples = Uncertain(samples, samples * tau.error / tau.value)
    (self.count, self.observable, self.tau) = (count, observable, tau)
  }

  /// Of |m|, m², φ² and the action, as far as they were measured; nil where no error can be had.
  init?(of stop: WeightedStop) {
    let weights = stop.weights
    let watched: [(String, Primary)] = [
      ("|m|", Primary("m", [0], .magnitude)), ("m2", Primary("m", [0], .square)),
      ("phi2", Primary("phi2")), ("action", Primary("action")),
    ].filter { stop.measurements.contains($0.1.variable) }
    let series = watched.map { stop.measurements.series($0.1).flatMap { $0 } }
    guard !series.isEmpty, !weights.areAllZero else { return nil }
    var worst: (name: String, samples: Double)?
    do {
      let sample = try WeightedSample(weights: weights, primaries: series)
      for (index, (name, _)) in watched.enumerated() {
        let error = try sample.estimate(primary: index).error
        let mean = sample.means[index]
        var (sum, total) = (0.0, 0.0)
        for (weight, value) in zip(weights.relativeWeights, series[index]) where weight > 0 {
          sum += weight * (value - mean) * (value - mean)
          total += weight
        }
        let samples = sum / total / (error * error)
        if samples.isFinite, samples < worst?.samples ?? .infinity { worst = (name, samples) }
      }
    } catch {
      return nil
    }
    guard let worst else { return nil }
    let kish = weights.effectiveFraction
    // A variance from ν degrees of freedom has the relative error √(2/ν).
    let relative = max(
      (2 / max(1, weights.effectiveUnits - 1)).squareRoot(), kish.error / kish.value)
    samples = Uncertain(worst.samples, worst.samples * relative)
    (count, observable) = (weights.count, worst.name)
    kishFraction = kish.uncertain
  }
}
