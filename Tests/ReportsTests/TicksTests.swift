// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Reports
import Testing

/// What holds for the marks of every axis.
@Suite struct TicksTests {
  /// Ranges of all sizes and places.
  static let ranges: [ClosedRange<Double>] = {
    var state: UInt64 = 7
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    return (0..<400).map { _ in
      let width = pow(10, 14 * uniform() - 7)
      let start = (2 * uniform() - 1) * width * pow(10, 3 * uniform())
      return start...start + width
    } + [0...1, -1...1, 0...0.3, 0.1...0.7, -4...4, 3.8...5.2, 0...1e6, 1e-9...2e-9]
  }()

  /// The number that a label says.
  static func number(_ label: String) throws -> Double {
    let digits = Dictionary(uniqueKeysWithValues: zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    var text = label.replacingOccurrences(of: "−", with: "-")
    if let range = text.range(of: "×10") {
      text = text[..<range.lowerBound] + "e" + text[range.upperBound...].map { digits[$0] ?? $0 }
    } else if text.contains(where: { digits[$0] != nil }) {
      let sign = text.hasPrefix("-") ? "-" : ""
      text = sign + "1e" + text.drop { $0 == "-" }.dropFirst(2).map { digits[$0] ?? $0 }
    }
    return try #require(Double(text), "\(label)")
  }

  @Test(arguments: [3, 6, 7, 20]) func linearTicks(count: Int) throws {
    for range in Self.ranges {
      let ticks = Ticks.linear(range, atMost: count)
      #expect(ticks.count <= count)
      // Steps of 1, 2 and 5 grow by 2.5 at most: never fewer than 1/2.5 of what fits.
      #expect(Double(ticks.count) >= (Double(count) - 1) / 2.5 - 1, "\(range): \(ticks)")
      #expect(ticks.allSatisfy { range.contains($0.value) })
      #expect(Set(ticks.map(\.label)).count == ticks.count)
      for tick in ticks { #expect(try Self.number(tick.label) == tick.value) }
      let steps = zip(ticks, ticks.dropFirst()).map { $1.value - $0.value }
      for step in steps {
        let mantissa = step / pow(10, log10(step * 1.000001).rounded(.down))
        #expect([1, 2, 5].contains { abs(mantissa / $0 - 1) < 1e-6 }, "\(range): \(step)")
        #expect(abs(step / steps[0] - 1) < 1e-6)
      }
      // All of them: no multiple of the step is left out.
      if let first = ticks.first, let last = ticks.last, let step = steps.first {
        #expect(first.value - step < range.lowerBound)
        #expect(last.value + step > range.upperBound)
      }
    }
  }

  @Test func logarithmicTicks() throws {
    for range in Self.ranges where range.lowerBound > 0 {
      for high in [range.upperBound, range.lowerBound * 1e3, range.lowerBound * 1e9] {
        let wide = range.lowerBound...high
        let ticks = Ticks.logarithmic(wide, atMost: 7)
        #expect(ticks.count <= 7)
        #expect(ticks.count >= 2 || high < 1.5 * range.lowerBound, "\(wide): \(ticks)")
        #expect(ticks.allSatisfy { wide.contains($0.value) })
        #expect(Set(ticks.map(\.label)).count == ticks.count)
        for tick in ticks { #expect(try Self.number(tick.label) == tick.value) }
      }
    }
    #expect(Ticks.logarithmic(0.5...2000, atMost: 7).map(\.label) == ["1", "10", "100", "1000"])
    #expect(Ticks.logarithmic(0.8...12, atMost: 7).map(\.label) == ["1", "2", "5", "10"])
    #expect(Ticks.linear(-0.02...0.11, atMost: 6).map(\.label) == ["0", "0.05", "0.10"])
    #expect(
      Ticks.linear(-0.2...0.2, atMost: 5).map(\.label) == ["−0.2", "−0.1", "0", "0.1", "0.2"])
  }
}
