// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Statistics

/// Where the curves of two lattices cross, and what that says of the critical point.
public struct PairCrossing: Sendable {
  /// The smaller and the larger lattice.
  public let lattices: [Lattice]
  /// The coupling at the crossing.
  public let coupling: PropagatedEstimate
  /// The quantity at the crossing.
  public let value: PropagatedEstimate
  /// 1/ν = log(f'₂/f'₁)/log(L₂/L₁) from the slopes; nil where they differ in sign.
  public let inverseNu: PropagatedEstimate?
  /// η from χ2 ∝ L^(2−η) at the crossing.
  public let eta: PropagatedEstimate
  /// β/ν from ⟨|m|⟩ ∝ L^(−β/ν) at the crossing.
  public let betaOverNu: PropagatedEstimate
  /// What is to be said of it, in words.
  public let remarks: [String]
  let crossing: CurveCrossing

  /// Whether the error can be believed.
  public var isTrustworthy: Bool { coupling.isTrustworthy && value.isTrustworthy }

  init(
    _ crossing: CurveCrossing, _ first: ScannedLattice, _ second: ScannedLattice,
    pools: IndependentPools, remarks: [String]
  ) throws {
    let ratio = log(second.extent / first.extent)
    /// log(b/a)/log(L₂/L₁) of numbers a on the smaller and b on the larger lattice.
    func power(_ a: PropagatedValue, _ b: PropagatedValue, times factor: Double) throws
      -> PropagatedEstimate
    {
      try pools.estimate(
        .function(
          factor * log(b.value / a.value) / ratio,
          of: [(factor / (ratio * b.value), b), (-factor / (ratio * a.value), a)]))
    }
    func atCrossing(_ name: String) throws -> [PropagatedValue] {
      try [first, second].enumerated().map { try crossing.value(of: $1.quantity(name), $0) }
    }
    (lattices, self.crossing, self.remarks) = ([first.lattice, second.lattice], crossing, remarks)
    coupling = try pools.estimate(crossing.coupling)
    value = try pools.estimate(crossing.value)
    let slopes = crossing.slopes
    inverseNu =
      slopes[0].value * slopes[1].value > 0
      ? try power(slopes[0], slopes[1], times: 1) : nil
    let (susceptibilities, magnetizations) = (try atCrossing("chi2"), try atCrossing("abs_m"))
    var anomalous = try power(susceptibilities[0], susceptibilities[1], times: -1)
    anomalous.value += 2
    eta = anomalous
    betaOverNu = try power(magnetizations[0], magnetizations[1], times: -1)
  }
}
