// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A mark on an axis: a number and its label, which says that number exactly.
public struct Tick: Sendable, Equatable {
  public let value: Double
  public let label: String

  /// digits × 10^exponent.
  init(digits: Int, exponent: Int) {
    value = Double("\(digits)e\(exponent)") ?? .nan
    label = Self.text(digits, exponent)
  }

  private static func text(_ digits: Int, _ exponent: Int) -> String {
    if digits == 0 { return "0" }
    let sign = digits < 0 ? "−" : ""
    var (figures, power) = (String(digits.magnitude), exponent)
    while figures.hasSuffix("0") {
      figures.removeLast()
      power += 1
    }
    let leading = figures.count - 1 + power
    if leading > 5 || leading < -4 {
      let rest = figures.dropFirst()
      let mantissa = figures.prefix(1) + (rest.isEmpty ? "" : "." + rest)
      let ten = "10" + NumberWords.superscript(leading)
      return sign + (mantissa == "1" ? ten : "\(mantissa)×\(ten)")
    }
    // Labels of one axis have the same number of decimals.
    if exponent >= 0 { return sign + String(digits.magnitude) + zeros(exponent) }
    let padded =
      zeros(max(0, 1 - exponent - String(digits.magnitude).count)) + String(digits.magnitude)
    return sign + padded.dropLast(-exponent) + "." + padded.suffix(-exponent)
  }

  private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}

/// Where an axis has its marks.
public enum Ticks {
  /// The multiples of 1, 2 or 5 times a power of ten inside of a range, in the smallest steps that
  /// give no more than `count`.
  public static func linear(_ range: ClosedRange<Double>, atMost count: Int) -> [Tick] {
    let width = range.upperBound - range.lowerBound
    guard width.isFinite, width > 0, count > 0 else { return [] }
    var exponent = Int(log10(width / Double(count)).rounded(.down)) - 1
    for _ in 0..<5 {
      for mantissa in [1, 2, 5] {
        let step = Double("\(mantissa)e\(exponent)") ?? .nan
        let (first, last) = (range.lowerBound / step, range.upperBound / step)
        guard max(abs(first), abs(last)) < 1e15 else { continue }
        if last - first > Double(count) + 1 { continue }
        let ticks = (Int(first.rounded(.down))...Int(last.rounded(.up))).map {
          Tick(digits: $0 * mantissa, exponent: exponent)
        }.filter { range.contains($0.value) }
        if ticks.count <= count { return ticks }
      }
      exponent += 1
    }
    return []
  }

  /// Powers of ten inside of a range of positive numbers; where these are fewer than two, also their
  /// doubles and quintuples, or else the linear ones.
  public static func logarithmic(_ range: ClosedRange<Double>, atMost count: Int) -> [Tick] {
    guard range.lowerBound > 0, range.upperBound.isFinite, count > 0 else { return [] }
    let exponents =
      Int(log10(range.lowerBound).rounded(.down))...Int(log10(range.upperBound).rounded(.up))
    func ticks(_ mantissas: [Int], every stride: Int = 1) -> [Tick] {
      exponents.filter { $0 % stride == 0 }.flatMap { exponent in
        mantissas.map { Tick(digits: $0, exponent: exponent) }
      }.filter { range.contains($0.value) }
    }
    let fine = ticks([1, 2, 5])
    if fine.count >= 2, fine.count <= count { return fine }
    for stride in 1...max(1, exponents.count) {
      let powers = ticks([1], every: stride)
      if powers.count <= count, powers.count >= 2 || stride > 1 { return powers }
      if powers.count < 2 { break }
    }
    return linear(range, atMost: count)
  }
}
