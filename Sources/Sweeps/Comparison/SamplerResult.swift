// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import Observables
import Statistics

/// One quantity as one sampler gives it.
public struct ComparedQuantity: Sendable, Equatable {
  public var name: String
  public var value: Double
  /// The standard error; NaN where there is none.
  public var error: Double
  /// The jackknife error, where there is one.
  public var jackknifeError: Double?
  /// τ_int with its error, in measurements; nil for weighted walkers.
  public var tau: Uncertain?
  /// Whether the error can be believed.
  public var isTrustworthy: Bool
  /// The number of degrees of freedom that the error itself is known from.
  public var degreesOfFreedom: Double

  /// The value with its error, as in 1.2345(67).
  public var uncertain: Uncertain { Uncertain(value, error) }

  public init(
    name: String, value: Double, error: Double, degreesOfFreedom: Double = .infinity,
    isTrustworthy: Bool = true
  ) {
    (self.name, self.value, self.error) = (name, value, error)
    (self.degreesOfFreedom, self.isTrustworthy) = (degreesOfFreedom, isTrustworthy)
  }

  init(name: String, bennett estimate: BennettEstimate, units: Int) {
    self.name = name
    (value, error) = (estimate.value, estimate.error)
    jackknifeError = estimate.jackknifeError
    isTrustworthy = estimate.verdict.outcome == .trustworthy
    degreesOfFreedom = max(1, Double(units) - 1)
  }

  public init(name: String, chains estimate: GammaEstimate) {
    self.name = name
    (value, error) = (estimate.value, estimate.error)
    tau = estimate.tau
    isTrustworthy = estimate.isTrustworthy
    // A variance from ν degrees of freedom has the relative error √(2/ν) of itself.
    let relative = estimate.errorOfError / estimate.error
    degreesOfFreedom = relative > 0 ? max(1, 1 / (2 * relative * relative)) : .infinity
  }

  public init(name: String, weighted estimate: WeightedEstimate, weights: LogWeights) {
    self.name = name
    (value, error) = (estimate.value, estimate.error)
    jackknifeError = estimate.jackknifeError
    let agree = estimate.error < 2 * estimate.jackknifeError
    let isEqual = agree && estimate.jackknifeError < 2 * estimate.error
    isTrustworthy = weights.verdict.outcome == .trustworthy && isEqual
    degreesOfFreedom = max(1, weights.effectiveUnits - 1)
  }
}

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

/// One sampler at one point of coupling space: what it says, what it cost, and how far it is to be
/// trusted.
public struct SamplerResult: Sendable {
  /// The name of the sampler, as sweep files give it.
  public var name: String
  /// The method, such as `hmc` or `ais`.
  public var method: String
  /// The label of the run.
  public var label: String
  /// Where it is kept.
  public var path: String
  /// The stop of a run of annealing, counted from 1, if it has several.
  public var stop: Int?
  public var isWeighted: Bool
  public var lattice: Lattice
  public var coefficients: Phi4Couplings.Coefficients
  /// In the order in which they were asked for; those that could not be computed are left out.
  public var quantities: [ComparedQuantity]
  /// log Z in the field of the run, for weighted walkers.
  public var logNormalizer: ComparedQuantity?
  /// log Z from works there and back, where the run has them.
  public var bennett: ComparedQuantity?
  public var effectiveSize: EffectiveSize?
  /// Nil where the file does not tell.
  public var cost: SamplingCost?
  /// Why its error bars, or its values, are not to be trusted, in words.
  public var warnings: [String]
  /// Threads and machine code, as far as they change seconds.
  public var machine: String
  /// What tells the run's random numbers from those of others, if the file says so.
  public var identity: String?
  /// The correlations of `quantities`, in their order; nil where bins are too few.
  var correlations: BinCorrelations?

  public func quantity(_ name: String) -> ComparedQuantity? {
    quantities.first { $0.name == name }
  }

  /// Effective samples for each second of sampling.
  public var samplesPerSecond: Double? {
    guard let size = effectiveSize, let cost, cost.seconds > 0 else { return nil }
    return size.samples.value / cost.seconds
  }
}

/// The quantities that are compared.
public struct ComparedNames: Sendable {
  public var names: [String]
  /// Whether an ensemble must have all of them.
  public var isRequired: Bool

  public init(_ names: [String], isRequired: Bool) {
    self.names = names
    self.isRequired = isRequired
  }

  /// What is compared where nothing else is asked for.
  public static let usual = ComparedNames(
    ["abs_m", "chi2", "U4", "xi2", "energy", "SD"], isRequired: false)

  /// The quantities of these that can be derived from the variables of a table.
  /// Throws if one is missing that is required.
  func derived(_ quantities: ScalarQuantities, from table: Table?, axes: Int) throws
    -> [DerivedQuantity]
  {
    var empty = Measurements(chains: 0, count: 0)
    for variable in table?.variables ?? [] {
      let own = variable.axes.dropFirst(axes).reduce(1) { $0 * $1.coordinates.count }
      empty.insert(variable.name, size: own, [])
    }
    return try selected(from: quantities.all(for: empty))
  }

  /// Those of these that there are. Throws if one is missing that is required.
  func selected(from all: [DerivedQuantity]) throws -> [DerivedQuantity] {
    if isRequired, let missing = names.first(where: { name in !all.contains { $0.name == name } }) {
      throw EnsembleError(
        "has no quantity '\(missing)'; there are " + all.map(\.name).joined(separator: ", "))
    }
    return names.compactMap { name in all.first { $0.name == name } }
  }
}
