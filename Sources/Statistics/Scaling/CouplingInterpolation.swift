// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Markov chains of several ensembles exp(-S - g T) that differ in one coupling g, pooled, so that
/// averages are smooth functions of g over the whole range: multi-histogram interpolation.
///
/// The weight of configuration n at g is W(n) = exp(-g T_n) / sum_k N_k exp(f_k - g_k T_n) up to
/// normalisation, with the free energies f_k of `MultistateReweighting`: A. M. Ferrenberg and R. H.
/// Swendsen, Phys. Rev. Lett. 63 (1989) 1195, without histograms as in M. R. Shirts and J. D.
/// Chodera, J. Chem. Phys. 129 (2008) 124105. For g between the couplings of two ensembles W falls
/// off at both ends of T: no weight has a heavy tail, and what can fail is only that hardly any
/// configurations lie between two couplings, which the effective sample size shows.
public struct CouplingInterpolation: Sendable {
  /// g_k of each ensemble.
  public let couplings: [Double]
  /// The ensembles pooled.
  public let pool: MultistateReweighting
  /// T of each configuration minus the mean over all.
  let conjugate: [Double]
  /// The standard deviation of T over all configurations; its inverse is a change of g that matters.
  let spread: Double

  /// The smallest and the largest coupling.
  public var range: ClosedRange<Double> {
    couplings.reduce(.infinity, min)...couplings.reduce(-.infinity, max)
  }

  /// The number of configurations.
  public var count: Int { conjugate.count }

  /// From T of every configuration, indexed [ensemble][replica][measurement].
  ///
  /// Throws if there is not one coupling for each ensemble, for couplings and T that are not finite,
  /// for replica shorter than `GammaMethod.minimumLength`, and if ensembles do not overlap at all.
  public init(
    couplings: [Double], conjugate: [[[Double]]], method: GammaMethod = GammaMethod()
  ) throws(StatisticsError) {
    if couplings.isEmpty { throw .noReplica }
    if couplings.count != conjugate.count {
      throw .mismatchedPrimaries(
        replica: 0, found: [conjugate.count], expected: [couplings.count])
    }
    if let bad = couplings.first(where: { !$0.isFinite }) {
      throw .illegalParameter(name: "coupling", value: bad, legal: "finite numbers")
    }
    for chains in conjugate {
      try requireMeasurements(chains, minimumLength: GammaMethod.minimumLength)
    }
    let flat = conjugate.flatMap { $0.flatMap { $0 } }
    let mean = flat.mean
    let centred = flat.map { $0 - mean }
    var potentials = [Double](repeating: 0, count: centred.count * couplings.count)
    for (n, value) in centred.enumerated() {
      for (k, coupling) in couplings.enumerated() {
        potentials[n * couplings.count + k] = coupling * value
      }
    }
    pool = try MultistateReweighting(
      lengths: conjugate.map { $0.map(\.count) }, potentials: potentials, method: method)
    (self.couplings, self.conjugate) = (couplings, centred)
    spread = flat.variance.squareRoot()
  }

  /// The weights of all configurations at g.
  public func point(at coupling: Double) -> InterpolationPoint {
    InterpolationPoint(self, coupling: coupling)
  }

  /// The number with its error, by the Gamma method over the chains of each ensemble.
  ///
  /// `effective` is the least effective number of configurations, before autocorrelation, of the
  /// points that the number was taken at, `share` the largest share of one configuration.
  func estimate(
    _ value: Double, influences: [Double], effective: Double, share: Double
  ) throws(StatisticsError) -> MultistateEstimate {
    var estimate = try pool.estimate(value, influences: influences, verdict: pool.verdict)
    let samples = effective / (2 * max(0.5, estimate.tauIntegrated))
    if samples < WeightVerdict.leastEffectiveSamples {
      estimate.verdict.find(
        .untrustworthy,
        "The weights are worth \(WeightVerdict.short(samples)) of \(count) measurements (tau_int "
          + "\(WeightVerdict.short(estimate.tauIntegrated))); error bars need "
          + "\(WeightVerdict.short(WeightVerdict.leastEffectiveSamples)) or more.")
    }
    if share > WeightVerdict.largestShare {
      estimate.verdict.find(
        .untrustworthy,
        "One of \(count) measurements carries \(WeightVerdict.short(100 * share)) % of the weight.")
    }
    return estimate
  }
}

/// A number computed from pooled configurations, with its change by each of them to first order.
///
/// Numbers from the same configurations are combined by combining their influences: the correlations
/// between them are in the error of the result.
public struct InfluencedValue: Sendable {
  public var value: Double
  /// In the order of the configurations: ensemble after ensemble, replica after replica.
  public var influences: [Double]
}
