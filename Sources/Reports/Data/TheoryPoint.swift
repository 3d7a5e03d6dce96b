// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation
import Lattices

/// A theory on a lattice, with its couplings in the form in which a sweep file gives them.
struct TheoryPoint: Equatable {
  let extents: [Int]
  /// `unhalved`, `hopping`, `continuum` or `common`.
  let parametrisation: String
  /// By their names in sweep files.
  let couplings: [(name: String, value: Double)]

  static func == (left: TheoryPoint, right: TheoryPoint) -> Bool {
    left.extents == right.extents && left.isOfKind(right)
      && left.couplings.map(\.value) == right.couplings.map(\.value)
  }

  init(
    extents: [Int], coefficients c: Phi4Couplings.Coefficients, parametrisation wanted: String
  ) {
    self.extents = extents
    if let given = Self.given(c, as: wanted, dimensions: extents.count) {
      (parametrisation, couplings) = (wanted, given)
    } else {
      parametrisation = "common"
      couplings = [("J", c.hopping), ("c2", c.quadratic), ("c4", c.quartic)]
        .map { ($0.0, Self.rounded($0.1)) }
    }
  }

  /// Nil where the coefficients are not of that form.
  private static func given(
    _ c: Phi4Couplings.Coefficients, as wanted: String, dimensions: Int
  ) -> [(name: String, value: Double)]? {
    let same = Phi4Couplings(.common(c), dimensions: dimensions)
    func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1, abs(b)) }
    switch wanted {
    case "unhalved" where isNear(c.hopping, 2):
      let (massSquared, coupling) = same.canonical
      return pair("m2", massSquared, coupling)
    case "continuum" where isNear(c.hopping, 1):
      guard case .continuum(let massSquared, let coupling) = same.continuum.given else {
        return nil
      }
      return pair("m2", massSquared, coupling)
    case "hopping" where isNear(c.quadratic, 1 - 2 * c.quartic):
      return pair("kappa", c.hopping / 2, c.quartic)
    default: return nil
    }
  }

  private static func pair(
    _ name: String, _ first: Double, _ coupling: Double
  ) -> [(name: String, value: Double)] {
    [(name, rounded(first)), ("lambda", rounded(coupling))]
  }

  /// To twelve digits: conversions leave rounding.
  private static func rounded(_ value: Double) -> Double {
    abs(value) < 1e-12 ? 0 : Double(String(format: "%.12g", value)) ?? value
  }

  /// Whether the couplings have the same names.
  func isOfKind(_ other: TheoryPoint) -> Bool {
    parametrisation == other.parametrisation && couplings.map(\.name) == other.couplings.map(\.name)
  }

  func value(of name: String) -> Double? { couplings.first { $0.name == name }?.value }

  /// `16×16`.
  var size: String { extents.map(String.init).joined(separator: "×") }

  /// `L = 16`, or the extents where they differ.
  var length: Notation {
    Set(extents).count == 1 ? "L = " + .words("\(extents[0])") : .words(size)
  }

  /// `m² = −4, λ = 5.2`.
  var couplingWords: Notation { Self.words(couplings) }

  static func words(_ couplings: [(name: String, value: Double)]) -> Notation {
    couplings.enumerated().reduce("") { notation, pair in
      notation + (pair.offset == 0 ? "" : .words(", ")) + .coupling(pair.element.name)
        + .words(" = " + NumberWords.coupling(pair.element.value))
    }
  }

  /// `16×16, m² = −4, λ = 5.2`.
  var title: Notation { .words(size + ", ") + couplingWords }
}
