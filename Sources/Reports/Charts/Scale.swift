// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A map of numbers to places on a picture, linear or logarithmic.
public struct Scale: Sendable, Equatable {
  public let domain: ClosedRange<Double>
  public let isLogarithmic: Bool
  /// The places of the two ends of the domain.
  public let start: Double
  public let end: Double

  public init(
    domain: ClosedRange<Double>, isLogarithmic: Bool = false, from start: Double, to end: Double
  ) {
    precondition(
      domain.lowerBound < domain.upperBound && (!isLogarithmic || domain.lowerBound > 0),
      "a scale needs a domain of some width, of positive numbers if it is logarithmic")
    (self.domain, self.isLogarithmic) = (domain, isLogarithmic)
    (self.start, self.end) = (start, end)
  }

  /// The place of a number, on the continuation of the scale if it is outside.
  public func callAsFunction(_ value: Double) -> Double {
    let (low, high) = (domain.lowerBound, domain.upperBound)
    let fraction =
      isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    return start + fraction * (end - start)
  }

  public func ticks(atMost count: Int) -> [Tick] {
    isLogarithmic
      ? Ticks.logarithmic(domain, atMost: count) : Ticks.linear(domain, atMost: count)
  }

  /// A domain that holds all finite numbers with some room at both ends; nil without any. Where they
  /// are all the same, room is made around them.
  public static func domain(
    of values: some Sequence<Double>, logarithmic: Bool = false, margin: Double = 0.06
  ) -> ClosedRange<Double>? {
    let finite = values.filter { $0.isFinite && (!logarithmic || $0 > 0) }
    guard var low = finite.min(), var high = finite.max() else { return nil }
    if logarithmic {
      let room = high > low * 1.01 ? max(pow(high / low, margin), 1.01) : 1.3
      return low / room...high * room
    }
    // Below this width, steps between ticks would be lost in rounding.
    let least = 1e-6 * max(abs(low), abs(high))
    if high - low <= least {
      let room = low == 0 ? 1 : 0.1 * abs(low)
      (low, high) = (low - room, high + room)
    }
    let room = margin * (high - low)
    return low - room...high + room
  }
}
