// SPDX-License-Identifier: GPL-3.0-or-later

/// Strict readers of numbers from the text of a scalar: decimal digits only, so that octal,
/// sexagesimal, hexadecimal, `.inf`, `.nan` and `1_000` are never taken for something else.
enum NumberText {
  /// `-?(0|[1-9][0-9]*)` that fits into an `Int`.
  static func integer(_ text: String) -> Int? {
    guard let parts = Parts(text), parts.fraction == nil, parts.exponent == nil,
      !text.hasPrefix("+")
    else { return nil }
    return Int(text)
  }

  /// `[+-]?(0|[1-9][0-9]*)?(.[0-9]*)?([eE][+-]?[0-9]+)?` with a digit before the exponent, as the
  /// nearest `Double`; nil if it is too large, or not zero but too small, for one. Zero has no sign.
  static func real(_ text: String) -> Double? {
    guard let parts = Parts(text), let value = Double(parts.normalised), value.isFinite else {
      return nil
    }
    let hasDigit = (parts.whole + (parts.fraction ?? "")).contains { $0 != "0" }
    if value == 0 { return hasDigit ? nil : 0 }
    return value
  }

  /// The shortest text that reads back as this number, without a trailing `.0`.
  static func text(_ value: Double) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// The pieces of a decimal number.
  struct Parts {
    var isNegative: Bool
    var whole: String
    var fraction: String?
    var exponent: String?

    init?(_ text: String) {
      var rest = Substring(text)
      isNegative = rest.first == "-"
      if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
      whole = Parts.digits(&rest)
      if rest.first == "." {
        rest = rest.dropFirst()
        fraction = Parts.digits(&rest)
      }
      guard !whole.isEmpty || fraction?.isEmpty == false else { return nil }
      if rest.first == "e" || rest.first == "E" {
        rest = rest.dropFirst()
        var sign = ""
        if let first = rest.first, first == "-" || first == "+" {
          sign = String(first)
          rest = rest.dropFirst()
        }
        let digits = Parts.digits(&rest)
        guard !digits.isEmpty else { return nil }
        exponent = sign + digits
      }
      guard rest.isEmpty, whole.count <= 1 || whole.first != "0" else { return nil }
    }

    private static func digits(_ rest: inout Substring) -> String {
      let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
      rest = rest.dropFirst(digits.count)
      return String(digits)
    }

    /// The same number with a digit on both sides of the point.
    var normalised: String {
      let mantissa = (whole.isEmpty ? "0" : whole) + "." + (fraction ?? "") + "0"
      return (isNegative ? "-" : "") + mantissa + (exponent.map { "e" + $0 } ?? "")
    }
  }
}

/// A decimal number kept exactly: `numerator / 10^decimals`.
struct ExactDecimal {
  var numerator: Int
  var decimals: Int

  /// Nil if the text is no number or has more digits than an `Int` holds.
  init?(_ text: String) {
    guard let parts = NumberText.Parts(text), let exponent = Int(parts.exponent ?? "0"),
      (-18...18).contains(exponent)
    else { return nil }
    var fraction = parts.fraction ?? ""
    while fraction.hasSuffix("0") { fraction.removeLast() }
    guard var magnitude = Int((parts.whole.isEmpty ? "0" : parts.whole) + fraction) else {
      return nil
    }
    var scale = fraction.count - exponent
    while scale < 0 {
      let (product, overflows) = magnitude.multipliedReportingOverflow(by: 10)
      if overflows { return nil }
      magnitude = product
      scale += 1
    }
    numerator = parts.isNegative ? -magnitude : magnitude
    decimals = scale
  }

  /// The numerator over `10^decimals` for a larger number of decimals.
  func numerator(decimals wanted: Int) -> Int? {
    var result = numerator
    for _ in decimals..<wanted {
      let (product, overflows) = result.multipliedReportingOverflow(by: 10)
      if overflows { return nil }
      result = product
    }
    return result
  }
}
