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
  /// What the steps of a transport do to its numbers; empty without transport.
  public var biases: [TransportBias] = []
  /// Why its error bars, or its values, are not to be trusted, in words.
  public var warnings: [String]
  /// What the records of Markov chains say; nil for weighted walkers, and where there are none.
  public var diagnostics: RunDiagnostics?
  /// Threads and machine code, as far as they change seconds.
  public var machine: String
  /// What tells the run's random numbers from those of others, if the file says so.
  public var identity: String?
  /// The correlations of `quantities`, in their order; nil where bins are too few.
  var correlations: BinCorrelations?

  /// Why the identity SD = 1 speaks against the result, in words; nil where it does not.
  public static func identityWarning(_ quantity: ComparedQuantity?) -> String? {
    guard let quantity, quantity.name == "SD", quantity.error > 0,
      abs(quantity.value - 1) > largestIdentityPull * quantity.error
    else { return nil }
    return "the Schwinger-Dyson identity is \(quantity.uncertain), not 1: these are not "
      + "configurations of this theory, or their errors are too small"
  }

  private static let largestIdentityPull = 5.0

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
