// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import Targets

/// The path on which a funnel opens, from a normal density: x_0 ~ N(0, σ²) and x_i ~ N(0, e^{t x_0}).
///
/// All ρ_t are normalised. Its exact drift is b_0 = 0, b_i = ½ x_0 x_i, a polynomial of degree two.
/// Who builds it knows the family that the funnel belongs to.
public struct FunnelPath: Path {
  public let end: Funnel
  public let start: Funnel

  public init(to end: Funnel) {
    self.end = end
    start = Self.funnel(end, opening: 0)
  }

  private static func funnel(_ end: Funnel, opening: Double) -> Funnel {
    Funnel(
      dimension: end.dimension, standardDeviation: end.standardDeviation, opening: opening)
  }

  public func snapshot(at time: Double) -> Funnel {
    Self.funnel(end, opening: time * end.opening)
  }

  /// ∂_tU = a x_0 [½ (d − 1) − ½ e^{−t a x_0} Σ_i x_i²].
  public func timeDerivatives(
    of batch: Configurations, at time: Double, into derivatives: inout [Double]
  ) {
    let (dimension, opening) = (dimension, end.opening)
    for member in derivatives.indices {
      let row = batch[member]
      let neck = row[row.startIndex]
      let square = row.dropFirst().reduce(0) { $0 + $1 * $1 }
      derivatives[member] =
        0.5 * opening * neck
        * (Double(dimension - 1) - exp(-time * opening * neck) * square)
    }
  }
}
