// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics

/// Numbers as a page writes them, with a true minus sign.
enum NumberWords {
  /// Three digits, as `compare` prints costs.
  static func short(_ value: Double) -> String {
    if !value.isFinite { return value.isNaN ? "–" : value < 0 ? "−∞" : "∞" }
    let text =
      value >= 100 && value < 1e5
      ? String(format: "%.0f", value) : String(format: "%.3g", value)
    return typeset(text)
  }

  /// A coupling, exactly as far as eight digits tell.
  static func coupling(_ value: Double) -> String {
    typeset(String(format: "%.8g", value == 0 ? 0 : value))
  }

  /// A difference in standard errors.
  static func pull(_ value: Double) -> String {
    abs(value) < 0.05 ? "0.0" : typeset(String(format: "%+.1f", value))
  }

  static func probability(_ value: Double) -> String { typeset(String(format: "%.2g", value)) }

  static func percent(_ fraction: Double) -> String {
    String(format: "%.3g %%", 100 * fraction)
  }

  /// Minus signs instead of hyphens, and powers of ten as such: `1.2e-05` becomes 1.2×10⁻⁵. What
  /// follows a number, such as an error in brackets, stays where it is.
  static func typeset(_ text: String) -> String {
    let parts = text.split(separator: "e", maxSplits: 1)
    guard parts.count == 2, let power = Int(parts[1]) else {
      return text.replacingOccurrences(of: "-", with: "−")
    }
    return parts[0].replacingOccurrences(of: "-", with: "−") + "×10" + superscript(power)
  }

  /// A value with its error, or the value alone where the error is unknown.
  static func typeset(_ number: Uncertain) -> String {
    guard number.error.isNaN, number.value.isFinite else { return typeset(number.description) }
    return typeset(String(format: "%.6g", number.value)) + " (no error)"
  }

  static func superscript(_ number: Int) -> String {
    String(
      String(number).map { character -> Character in
        switch character {
        case "-": "⁻"
        case "1": "¹"
        case "2": "²"
        case "3": "³"
        case "0": "⁰"
        default: Character(Unicode.Scalar(0x2070 + UInt32(character.wholeNumberValue ?? 0)) ?? "?")
        }
      })
  }

  /// `one run`, `3 runs`.
  static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(number == 1 ? "one" : "\(number)") \(number == 1 ? singular : plural ?? singular + "s")"
  }

  /// `a`, `a and b`, `a, b and c`.
  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}
