// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Statistics

/// How well one curve goes through a quantity on all lattices once it is scaled.
public struct CollapsedQuantity: Sendable {
  /// `U4`, `abs_m` or `chi2`, or the quantity that was asked for.
  public let name: String
  /// What is scaled how, such as `abs_m L^(beta/nu)`.
  public let scaled: String
  /// Whether the critical coupling and ν were fitted, or held at those that were given.
  public let isFitted: Bool
  /// The smallest lattice that takes part.
  public let smallest: Lattice
  /// β/ν of |m|, γ/ν of χ2; nil for a quantity without an exponent.
  public let exponent: Uncertain?
  public let collapse: ScalingCollapse

  /// Whether χ² leaves the errors believable.
  public var isTrustworthy: Bool { collapse.probability > 1e-3 }

  /// The probability of a larger χ² from which on smaller lattices are kept.
  static let goodProbability = 0.01
  /// Fewer lattices are not a test of scaling.
  static let fewestLattices = 3

  /// The collapse of what the runs say by themselves, with g_c, ν and the exponent fitted, then with
  /// g_c and ν held at the critical coupling and the known value. The smallest lattices are left out
  /// until the collapse is good, or three are left. What cannot be done is told in words.
  static func all(
    _ quantity: String, on lattices: [ScannedLattice], dimensions: Int, critical: Double,
    inverseNu: Double, exponents: ScalingExponents?, notes: inout [String]
  ) throws -> [CollapsedQuantity] {
    let d = Double(dimensions)
    let ratio = exponents?.betaOverNu
    /// Sign: what multiplies log L is κ, β/ν for |m| and −γ/ν for χ2.
    let kinds: [(name: String, scaled: String, sign: Double, start: Double?)] = [
      (quantity, quantity, 1, nil),
      ("abs_m", "abs_m L^(beta/nu)", 1, ratio ?? 0.5 * (d - 2) + 0.1),
      ("chi2", "chi2 L^(-gamma/nu)", -1, ratio.map { d - 2 * $0 } ?? 2),
    ]
    var results: [CollapsedQuantity] = []
    for kind in kinds {
      let points = try lattices.map { try Self.points(kind.name, on: $0) }
      var variants: [(isFitted: Bool, fixed: ScalingCollapse.Fixed)] = [(true, .init())]
      if exponents != nil {
        variants.append((false, .init(coupling: critical, inverseNu: inverseNu)))
      }
      for variant in variants {
        do {
          results.append(
            try best(points) { first in
              let collapse = try ScalingCollapse(
                points[first...].flatMap { $0 }, startingAt: (critical, inverseNu),
                exponent: kind.start.map { kind.sign * $0 }, fixed: variant.fixed)
              return CollapsedQuantity(
                name: kind.name, scaled: kind.scaled, isFitted: variant.isFitted,
                smallest: lattices[first].lattice,
                exponent: collapse.exponent.map { Uncertain(kind.sign * $0.value, $0.error) },
                collapse: collapse)
            })
        } catch {
          notes.append("collapse of \(kind.scaled): \(error)")
        }
      }
    }
    return results
  }

  /// The first collapse that is good, with the smallest lattices left out one after the other.
  private static func best(
    _ points: [[ScalingCollapse.Point]], _ collapse: (Int) throws -> CollapsedQuantity
  ) throws -> CollapsedQuantity {
    var result = try collapse(0)
    for first in 1..<max(1, points.count - fewestLattices + 1)
    where result.collapse.probability < goodProbability {
      result = try collapse(first)
    }
    return result
  }

  private static func points(
    _ name: String, on lattice: ScannedLattice
  ) throws -> [ScalingCollapse.Point] {
    zip(lattice.couplings, try lattice.measured(name)).compactMap { coupling, found in
      guard let found, found.isReliable, found.error > 0 else { return nil }
      return ScalingCollapse.Point(
        extent: lattice.extent, coupling: coupling, value: found.value, error: found.error)
    }
  }
}
