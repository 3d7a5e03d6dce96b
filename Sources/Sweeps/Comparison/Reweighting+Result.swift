// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation
import Observables
import Statistics

/// Averages at couplings that were not sampled.
public struct ReweightedResult: Sendable {
  public var coefficients: Phi4Couplings.Coefficients
  public var quantities: [ComparedQuantity]
  /// log Z of the target in the field of the run, from weighted walkers; from chains log(Z/Z_run)
  /// against the first run.
  public var logNormalizer: ComparedQuantity?
  /// What the reweighting leaves of the configurations, as a fraction, by Kish's formula.
  public var overlap: Uncertain
  /// How many independent configurations that is worth, autocorrelation included.
  public var effectiveSamples: Double
  /// Whether error bars can be trusted as far as the weights are concerned.
  public var verdict: WeightVerdict
  /// Quantities that have no value, with the reasons.
  public var undefined: [String]
}

extension Reweighting {
  /// The averages in the theory of these coefficients.
  public func result(at target: Phi4Couplings.Coefficients) throws -> ReweightedResult {
    switch method {
    case .chains(let source): try chains(source, at: target)
    case .pooled(let sources, let pool): try pooled(sources, pool, at: target)
    case .walkers(let source, let weights, let origin):
      try walkers(source, weights, origin, at: target)
    }
  }

  /// The quantities of the target theory that what was measured allows.
  private func derived(
    _ target: Phi4Couplings.Coefficients, _ measurements: [Measurements]
  ) throws -> [DerivedQuantity] {
    let quantities = ScalarQuantities(
      lattice: lattice, hopping: target.hopping, quadratic: target.quadratic,
      quartic: target.quartic)
    let all = measurements.reduce(nil as [DerivedQuantity]?) { found, data in
      let own = quantities.all(for: data)
      return found?.filter { quantity in own.contains { $0.name == quantity.name } } ?? own
    }
    return try names.selected(from: all ?? [])
  }

  /// The series of the primaries, indexed [chain][primary][row]; the action is that of the target.
  private func series(
    _ primaries: [Primary], _ source: Source, at target: Phi4Couplings.Coefficients
  ) -> [[[Double]]] {
    let volume = Double(lattice.volume)
    let all = primaries.map { primary in
      primary.variable == "action"
        ? source.actions(at: target).map { $0.map { $0 / volume } }
        : source.measurements.series(primary)
    }
    return (0..<source.measurements.chains).map { chain in all.map { $0[chain] } }
  }

  private func logWeights(
    _ source: Source, at target: Phi4Couplings.Coefficients
  ) -> [[Double]] {
    zip(source.actions(at: source.coefficients), source.actions(at: target)).map {
      zip($0, $1).map { $0 - $1 }
    }
  }

  private func chains(
    _ source: Source, at target: Phi4Couplings.Coefficients
  ) throws -> ReweightedResult {
    let logWeights = logWeights(source, at: target)
    let empty = logWeights.map { _ in [[Double]]() }
    let base = try ReweightedChains(logWeights: logWeights, primaries: empty)
    var result = ReweightedResult(
      coefficients: target, quantities: [],
      logNormalizer: ComparedQuantity(name: Comparison.logNormalizer, chains: base.logMean),
      overlap: base.effectiveFraction.uncertain, effectiveSamples: base.effectiveSamples,
      verdict: base.verdict, undefined: [])
    for quantity in try derived(target, [source.measurements]) {
      result.add(quantity.name) {
        let chains = try ReweightedChains(
          logWeights: logWeights, primaries: series(quantity.primaries, source, at: target))
        var found = ComparedQuantity(
          name: quantity.name, chains: try chains.estimate(of: quantity.value))
        if base.verdict.outcome != .trustworthy { found.isTrustworthy = false }
        return found
      }
    }
    return result
  }

  private func pooled(
    _ sources: [Source], _ pool: MultistateReweighting, at target: Phi4Couplings.Coefficients
  ) throws -> ReweightedResult {
    let potentials = sources.map { $0.actions(at: target) }
    let weights = try pool.logWeights(target: potentials)
    let freeEnergy = try pool.freeEnergy(target: potentials)
    var logNormalizer = ComparedQuantity(name: Comparison.logNormalizer, pooled: freeEnergy)
    logNormalizer.value.negate()
    var result = ReweightedResult(
      coefficients: target, quantities: [], logNormalizer: logNormalizer,
      overlap: Uncertain(weights.effectiveFraction.value, .nan),
      effectiveSamples: weights.effectiveSamples.value / (2 * freeEnergy.tauIntegrated),
      verdict: freeEnergy.verdict, undefined: [])
    for quantity in try derived(target, sources.map(\.measurements)) {
      result.add(quantity.name) {
        ComparedQuantity(
          name: quantity.name,
          pooled: try pool.estimate(
            target: potentials,
            primaries: sources.map { series(quantity.primaries, $0, at: target) },
            of: quantity.value))
      }
    }
    return result
  }

  private func walkers(
    _ source: Source, _ weights: LogWeights, _ origin: Double,
    at target: Phi4Couplings.Coefficients
  ) throws -> ReweightedResult {
    let changes = logWeights(source, at: target).flatMap { $0 }
    // What has weight zero keeps it, whatever its action.
    let product = try LogWeights(
      zip(weights.values, changes).map { $0 == -.infinity ? $0 : $0 + $1 },
      unitSize: weights.unitSize)
    var logNormalizer = product.logMean
    logNormalizer.value += origin
    var result = ReweightedResult(
      coefficients: target, quantities: [],
      logNormalizer: ComparedQuantity(
        name: Comparison.logNormalizer, weighted: logNormalizer, weights: product),
      overlap: Uncertain(product.effectiveFraction.value, product.effectiveFraction.error),
      effectiveSamples: product.effectiveSamples.value, verdict: product.verdict, undefined: [])
    for quantity in try derived(target, [source.measurements]) {
      result.add(quantity.name) {
        let chains = series(quantity.primaries, source, at: target)
        let flat = quantity.primaries.indices.map { index in chains.flatMap { $0[index] } }
        let sample = try WeightedSample(weights: product, primaries: flat)
        return ComparedQuantity(
          name: quantity.name, weighted: try sample.estimate(of: quantity.value), weights: product)
      }
    }
    return result
  }
}

extension ReweightedResult {
  /// Adds what a closure gives, or the reason why it gives nothing.
  mutating func add(_ name: String, _ body: () throws -> ComparedQuantity) {
    do {
      quantities.append(try body())
    } catch StatisticsError.derivedQuantityUndefined {
      undefined.append("\(name) is undefined within the noise")
    } catch {
      undefined.append("\(name): \(error)")
    }
  }
}

extension ComparedQuantity {
  /// From chains of several runs together.
  init(name: String, pooled estimate: MultistateEstimate) {
    self.name = name
    (value, error) = (estimate.value, estimate.error)
    isTrustworthy = estimate.chainsAreTrustworthy && estimate.verdict.outcome == .trustworthy
    let relative = estimate.errorOfError / estimate.error
    degreesOfFreedom = relative > 0 ? max(1, 1 / (2 * relative * relative)) : .infinity
  }
}
