// SPDX-License-Identifier: GPL-3.0-or-later

/// A result of multistate reweighting with its error.
public struct MultistateEstimate: Sendable, Equatable {
  public var value: Double
  /// The standard error, with autocorrelation, of all ensembles in quadrature.
  public var error: Double
  /// The standard error of the error.
  public var errorOfError: Double
  /// The error that the chains of each ensemble contribute.
  public var contributions: [Double]
  /// tau_int of the influences, averaged over ensembles by their share in the variance.
  public var tauIntegrated: Double
  /// Whether the chains of all ensembles that matter (a tenth of the variance or more) are long
  /// enough and agree, in the words of `GammaEstimate.isTrustworthy`.
  public var chainsAreTrustworthy: Bool
  /// Whether the error bar can be trusted as far as overlap and weights are concerned.
  public var verdict: WeightVerdict

  /// The value with its error, as in 1.2345(67).
  public var uncertain: Uncertain { Uncertain(value, error) }
}

extension MultistateReweighting {
  /// The estimate whose change by configuration n is `influences[n]` to first order.
  func estimate(
    _ value: Double, influences: [Double], verdict: WeightVerdict
  ) throws(StatisticsError) -> MultistateEstimate {
    let parts = try contributions(of: influences)
    let variance = parts.reduce(0) { $0 + $1.error * $1.error }
    let naive = parts.reduce(0) { $0 + $1.error * $1.error / (2 * $1.tauIntegrated) }
    let noise = parts.reduce(0) { $0 + ($1.error * $1.errorOfError) * ($1.error * $1.errorOfError) }
    let matter = parts.filter { $0.error * $0.error >= 0.1 * variance }
    return MultistateEstimate(
      value: value, error: variance.squareRoot(),
      errorOfError: variance == 0 ? 0 : (noise / variance).squareRoot(),
      contributions: parts.map(\.error),
      tauIntegrated: variance == 0 ? 0.5 : variance / (2 * naive),
      chainsAreTrustworthy: matter.allSatisfy(\.isTrustworthy), verdict: verdict)
  }

  /// The Gamma method on the influences of each ensemble, N_k times their mean.
  private func contributions(
    of influences: [Double]
  ) throws(StatisticsError) -> [GammaEstimate] {
    var (parts, start): ([GammaEstimate], Int) = ([], 0)
    for (ensemble, chains) in lengths.enumerated() {
      let factor = Double(counts[ensemble])
      var replica: [[Double]] = []
      for length in chains {
        replica.append(influences[start..<start + length].map { factor * $0 })
        start += length
      }
      parts.append(try method.estimate(replica: replica))
    }
    return parts
  }

  /// The verdict on the overlap of the ensembles: all must hang together.
  public var verdict: WeightVerdict {
    var verdict = WeightVerdict(outcome: .trustworthy, reasons: [])
    let groups = connectedEnsembles
    if groups.count > 1 {
      let names = groups.map { "{\($0.map { "\($0)" }.joined(separator: ", "))}" }
      verdict.find(
        .untrustworthy,
        "The ensembles \(names.joined(separator: " and ")) do not overlap (no entry of the overlap "
          + "matrix between them reaches \(Self.leastOverlap)); free energies between them mean "
          + "nothing.")
    }
    return verdict
  }

  /// The ensembles in groups that hang together by overlaps O_ij and O_ji of `leastOverlap` or more.
  public var connectedEnsembles: [[Int]] {
    var group = Array(counts.indices)
    for i in counts.indices {
      for j in 0..<i where min(overlap[i][j], overlap[j][i]) >= Self.leastOverlap {
        let (old, new) = (group[i], group[j])
        group = group.map { $0 == old ? new : $0 }
      }
    }
    return Set(group).sorted().map { name in counts.indices.filter { group[$0] == name } }
      .sorted { $0[0] < $1[0] }
  }

  /// The verdict on the weights of a target, beside that on the overlap.
  func verdict(
    on weights: LogWeights, influences: [Double]
  ) throws(StatisticsError) -> WeightVerdict {
    let tau = try estimate(0, influences: influences, verdict: self.verdict).tauIntegrated
    var verdict = WeightVerdict(on: weights, tau: tau)
    for reason in self.verdict.reasons { verdict.find(self.verdict.outcome, reason) }
    return verdict
  }
}
