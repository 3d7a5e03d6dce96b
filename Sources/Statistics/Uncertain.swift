// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A value with its standard error, written with the error in the last two digits: 1.2345(67).
///
/// The error is rounded to two digits and the value to the same decimal: 0.12345(67), 1.2(1.3),
/// 123(45). Where that takes zeros that say nothing, below 1e-4 and from 1e6 on or for errors from
/// 100 on, a power of ten is split off: 1.235(68)e4. An error of zero is written as (0) after all
/// digits of the value, an error that is not finite as (nan) or (inf) after six digits of it.
public struct Uncertain: Sendable, Equatable, CustomStringConvertible {
  public var value: Double
  /// The standard error: not negative, possibly NaN (unknown) or infinite.
  public var error: Double

  public init(_ value: Double, _ error: Double) {
    precondition(!(error < 0), "a standard error is not negative")
    self.value = value
    self.error = error
  }

  public var description: String {
    if !value.isFinite || !error.isFinite {
      let digits = value.isFinite ? String(format: "%.6g", value) : Self.word(value)
      let doubt = error.isFinite ? String(format: "%.2g", error) : Self.word(error)
      return "\(digits)(\(doubt))"
    }
    if error == 0 { return "\(value)(0)" }
    let errorExponent = Self.exponent(error, digits: 2)
    let leading = max(errorExponent, value == 0 ? errorExponent : Self.exponent(value, digits: 17))
    if leading < -4 || leading >= 6 || errorExponent >= 2 {
      let power = Self.scaled(leading, to: errorExponent, value: value)
      let mantissa = Self.plain(
        Self.shift(value, by: -power), Self.shift(error, by: -power),
        errorExponent: errorExponent - power)
      return "\(mantissa)e\(power)"
    }
    return Self.plain(value, error, errorExponent: errorExponent)
  }

  /// The exponent of the rounded value if rounding lifts it to the next power of ten.
  private static func scaled(_ leading: Int, to errorExponent: Int, value: Double) -> Int {
    let digits = leading - errorExponent + 2
    return value == 0 || digits > 17 ? leading : max(leading, exponent(value, digits: digits))
  }

  private static func word(_ number: Double) -> String {
    number.isNaN ? "nan" : number < 0 ? "-inf" : "inf"
  }

  /// The decimal exponent after rounding to some significant digits: 9.96 has 1 with two digits.
  private static func exponent(_ number: Double, digits: Int) -> Int {
    let text = String(format: "%.\(digits - 1)e", number)
    return text.split(separator: "e").last.flatMap { Int($0) } ?? 0
  }

  /// number * 10^power by the decimal digits, so that nothing overflows and nothing is rounded.
  private static func shift(_ number: Double, by power: Int) -> Double {
    let parts = String(format: "%.17e", number).split(separator: "e")
    let exponent = Int(parts[1]) ?? 0
    return Double("\(parts[0])e\(exponent + power)") ?? number
  }

  private static func plain(_ value: Double, _ error: Double, errorExponent: Int) -> String {
    let decimals = max(0, 1 - errorExponent)
    let digits = String(format: "%.\(decimals)f", value)
    // Below 1 the two digits stand alone; from 1 on the error shows its own decimal point.
    let doubt =
      errorExponent < 0
      ? String(format: "%.0f", shift(error, by: decimals))
      : String(format: "%.\(decimals)f", error)
    return "\(digits)(\(doubt))"
  }
}
