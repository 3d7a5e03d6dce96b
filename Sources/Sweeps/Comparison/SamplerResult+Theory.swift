// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation

extension SamplerResult {
  /// Whether lattice and coefficients are the same, the latter to 1e-12 of the largest.
  func isOfSameTheory(as other: SamplerResult) -> Bool {
    let (a, b) = (coefficients, other.coefficients)
    let scale = [a.hopping, a.quadratic, a.quartic].map(abs).max() ?? 0
    func isNear(_ key: KeyPath<Phi4Couplings.Coefficients, Double>) -> Bool {
      abs(a[keyPath: key] - b[keyPath: key]) <= 1e-12 * scale
    }
    return lattice == other.lattice && isNear(\.hopping) && isNear(\.quadratic)
      && isNear(\.quartic)
  }

  /// Whether the theories are the same up to a factor of the field.
  func differsInScale(from other: SamplerResult) -> Bool {
    guard lattice == other.lattice, !isOfSameTheory(as: other), let (m, l) = canonical,
      let (n, k) = other.canonical
    else { return false }
    let scale = 1e-9 * max(1, abs(m), abs(l))
    return abs(m - n) <= scale && abs(l - k) <= scale
  }

  /// m² and λ in the canonical parametrisation; nil for sites without neighbours.
  private var canonical: (massSquared: Double, coupling: Double)? {
    if !(coefficients.hopping > 0) { return nil }
    return Phi4Couplings(.common(coefficients), dimensions: lattice.dimensions).canonical
  }

  /// The theory and the lattice in words: `16x16 J=2 c2=0 c4=4.5 (m2=-4 lambda=4.5)`, the couplings
  /// in brackets those of the canonical parametrisation.
  public var coupling: String {
    func short(_ number: Double) -> String { String(format: "%.8g", number == 0 ? 0 : number) }
    let size = lattice.extents.map(String.init).joined(separator: "x")
    let c = coefficients
    let numbers =
      "J=\(short(c.hopping)) c2=\(short(c.quadratic)) c4=\(short(c.quartic))"
    guard let (massSquared, coupling) = canonical else { return "\(size) \(numbers)" }
    // Cancellation leaves rounding.
    let mass = abs(massSquared) < 1e-12 ? 0 : massSquared
    return "\(size) \(numbers) (m2=\(short(mass)) lambda=\(short(coupling)))"
  }
}
