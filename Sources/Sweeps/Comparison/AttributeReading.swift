// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// Attributes of a group by name and kind; nil where there is none of that kind.
extension [String: AttributeValue] {
  package func text(_ name: String) -> String? {
    if case .text(let text)? = self[name] { text } else { nil }
  }

  package func texts(_ name: String) -> [String]? {
    if case .texts(let texts)? = self[name] { texts } else { nil }
  }

  package func reals(_ name: String) -> [Double]? {
    if case .reals(let reals)? = self[name] { reals } else { nil }
  }

  /// A real or a whole number.
  package func real(_ name: String) -> Double? {
    switch self[name] {
    case .real(let number): number
    case .integer(let number): Double(number)
    default: nil
    }
  }
}
