// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import Observables
import RandomStreams
import Statistics

/// A theory on a lattice with averages that are known without sampling it by Markov chains.
public struct ReferencePoint: Sendable {
  public let name: String
  public let extents: [Int]
  public let couplings: Phi4Couplings.Parametrisation
  /// Names of derived quantities with their known values; the error is 0 for exact ones.
  public let values: [String: (value: Double, error: Double)]
  /// log Z, Z = ∫ Π_x dφ_x exp(−S) in the field of the parametrisation, where it is known.
  public let logNormalizer: Double?

  public init(
    _ name: String, _ extents: [Int], _ couplings: Phi4Couplings.Parametrisation,
    _ values: [String: (value: Double, error: Double)], logNormalizer: Double? = nil
  ) {
    self.name = name
    self.extents = extents
    self.couplings = couplings
    self.values = values
    self.logNormalizer = logNormalizer
  }

  /// The same with exact values.
  public init(
    _ name: String, _ extents: [Int], _ couplings: Phi4Couplings.Parametrisation,
    exact: [String: Double], logNormalizer: Double? = nil
  ) {
    self.init(
      name, extents, couplings, exact.mapValues { ($0, 0) }, logNormalizer: logNormalizer)
  }

  public var action: Phi4 { Phi4(lattice: Lattice(extents: extents), couplings: couplings) }
}

/// A sampled average beside its reference.
public struct Pull: Sendable {
  public enum Kind: Sendable {
    /// An average; those of one sampling are correlated.
    case average
    /// A mean weight over the exact ratio of normalisations, each of walkers of its own.
    case partitionRatio
  }

  public let what: String
  public let kind: Kind
  public let value: Double
  public let error: Double
  public let reference: Double
  public let referenceError: Double

  public init(
    _ what: String, value: Double, error: Double, reference: Double, referenceError: Double = 0,
    kind: Kind = .average
  ) {
    self.what = what
    self.kind = kind
    self.value = value
    self.error = error
    self.reference = reference
    self.referenceError = referenceError
  }

  /// (value − reference)/error, the errors of both in quadrature; NaN where the error is 0.
  public var pull: Double {
    let total = (error * error + referenceError * referenceError).squareRoot()
    return total > 0 ? (value - reference) / total : .nan
  }

  /// Whether the value lies within `bound` standard errors; what cannot be judged has not passed.
  public func isWithin(_ bound: Double) -> Bool { abs(pull) < bound }
}

extension ReferencePoint {
  /// Samples the point with one kernel and compares. The Schwinger-Dyson identity is compared along
  /// with the listed values. Samplings of different `stream` are independent. Throws where the series
  /// are too short for an error, or if a listed quantity does not exist.
  public func pulls(
    kernel: any TunableKernel, stream: String = "", chains: Int, trajectories: Int,
    thermalisation: Int, seed: UInt64,
    workers: Workers = Workers(1)
  ) throws -> [Pull] {
    let action = action
    let c = action.coefficients
    let run = MarkovChainRun(
      action: action, kernel: kernel, chains: chains, trajectories: trajectories,
      thermalisation: thermalisation,
      observables: [
        FieldMoments(
          lattice: action.lattice, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic),
        SliceCorrelator(lattice: action.lattice),
      ], reversibilityInterval: 0, streams: RandomStreams(seed: seed).derived("\(stream) \(name)"))
    let memory = MemoryEnsemble(layout: EnsembleLayout(chains: chains, tables: run.tables))
    let runner = try MarkovChainRunner(run, writer: memory, from: nil, workers: workers)
    _ = try runner.carryOut()
    let measurements = try Measurements(memory)
    let quantities = ScalarQuantities(
      lattice: action.lattice, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic)
    var wanted = values
    wanted["SD"] = (1, 0)
    let all = quantities.all(for: measurements)
    if let unknown = Set(wanted.keys).subtracting(all.map(\.name)).first {
      throw EnsembleError("\(name): there is no quantity '\(unknown)'")
    }
    return try all.compactMap { quantity in
      guard let known = wanted[quantity.name] else { return nil }
      let estimate: GammaEstimate
      do {
        estimate = try quantity.estimate(from: measurements)
      } catch {
        throw EnsembleError("\(name): \(quantity.name): \(error)")
      }
      return Pull(
        "\(name) \(quantity.name)", value: estimate.value, error: estimate.error,
        reference: known.value, referenceError: known.error)
    }
  }
}
