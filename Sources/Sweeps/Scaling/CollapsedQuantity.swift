// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics

/// How well one curve goes through a quantity on all lattices once it is scaled.
public struct CollapsedQuantity: Sendable {
  /// `U4`, `abs_m` or `chi2`, or the quantity that was asked for.
  public let name: String
  /// What is scaled how, such as `abs_m L^(beta/nu)`.
  public let scaled: String
  /// Whether the numbers below were fitted, or held at those that were given.
  public let isFitted: Bool
  /// β/ν of |m|, γ/ν of χ2; nil for a quantity without an exponent.
  public let exponent: Uncertain?
  public let collapse: ScalingCollapse

  /// Whether χ² leaves the errors believable.
  public var isTrustworthy: Bool { collapse.probability > 1e-3 }

  /// The collapse of what the runs say by themselves, with the numbers fitted, then held at the
  /// critical coupling and the known exponents. What cannot be done is told in words.
  static func all(
    _ quantity: String, on lattices: [ScannedLattice], dimensions: Int, critical: Double,
    inverseNu: Double, exponents: ScalingExponents?, notes: inout [String]
  ) throws -> [CollapsedQuantity] {
    let d = Double(dimensions)
    let ratio = exponents?.betaOverNu
    /// Sign: what multiplies log L is κ, β/ν for |m| and −γ/ν for χ2.
    let kinds: [(name: String, scaled: String, sign: Double, known: Double?, start: Double?)] = [
      (quantity, quantity, 1, nil, nil),
      ("abs_m", "abs_m L^(beta/nu)", 1, ratio, ratio ?? 0.5 * (d - 2) + 0.1),
      ("chi2", "chi2 L^(-gamma/nu)", -1, ratio.map { d - 2 * $0 }, ratio.map { d - 2 * $0 } ?? 2),
    ]
    var results: [CollapsedQuantity] = []
    for kind in kinds {
      var points: [ScalingCollapse.Point] = []
      for lattice in lattices {
        for (coupling, found) in zip(lattice.couplings, try lattice.measured(kind.name)) {
          guard let found, found.isReliable, found.error > 0 else { continue }
          points.append(
            ScalingCollapse.Point(
              extent: lattice.extent, coupling: coupling, value: found.value, error: found.error))
        }
      }
      var variants: [(isFitted: Bool, fixed: ScalingCollapse.Fixed)] = [(true, .init())]
      if exponents != nil {
        variants.append(
          (
            false,
            .init(
              coupling: critical, inverseNu: inverseNu, exponent: kind.known.map { kind.sign * $0 })
          ))
      }
      for variant in variants {
        do {
          let collapse = try ScalingCollapse(
            points, startingAt: (critical, inverseNu),
            exponent: kind.start.map { kind.sign * $0 }, fixed: variant.fixed)
          results.append(
            CollapsedQuantity(
              name: kind.name, scaled: kind.scaled, isFitted: variant.isFitted,
              exponent: collapse.exponent.map { Uncertain(kind.sign * $0.value, $0.error) },
              collapse: collapse))
        } catch {
          notes.append("collapse of \(kind.scaled): \(error)")
        }
      }
    }
    return results
  }
}
