// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

@Suite struct UncertainTests {
  static let least = Double.leastNonzeroMagnitude

  @Test(arguments: [
    (1.2345, 0.0067, "1.2345(67)"), (-3.14159, 0.00023, "-3.14159(23)"),
    (0.99996, 0.012, "1.000(12)"), (0, 0.12, "0.00(12)"), (0.5, 0.095, "0.500(95)"),
    // Rounding the error up moves the decimal.
    (1.5, 0.00996, "1.500(10)"), (1.5, 0.0999, "1.50(10)"), (1, 0.996, "1.0(1.0)"),
    // Errors from 1 on, errors above the value.
    (12.3, 4.5, "12.3(4.5)"), (99.96, 1.2, "100.0(1.2)"), (123.4, 45, "123(45)"),
    (0.01, 5, "0.0(5.0)"), (1, 9.96, "1(10)"), (5, 120, "0.1(1.2)e2"),
    // Powers of ten.
    (12346, 678, "1.235(68)e4"), (999_990, 50, "999990(50)"), (1.2e-9, 3e-11, "1.200(30)e-9"),
    (0, 1e-7, "0.0(1.0)e-7"), (9.996e-5, 1e-6, "1.000(10)e-4"), (1e300, 1e298, "1.000(10)e300"),
    (123_456_789, 12, "1.23456789(12)e8"), (least, least, "4.9(4.9)e-324"),
    // Exact, unknown, infinite.
    (0.1, 0, "0.1(0)"), (0, 0, "0.0(0)"), (1.25, .nan, "1.25(nan)"), (1, .infinity, "1(inf)"),
    (.nan, 1.5, "nan(1.5)"), (-.infinity, .nan, "-inf(nan)"),
  ])
  func notation(value: Double, error: Double, expected: String) {
    #expect(Uncertain(value, error).description == expected)
  }

  /// Reading the notation back gives value and error within half of their last digit, and the error
  /// two digits.
  @Test func notationCanBeReadBack() throws {
    var generator = TestGenerator(seed: 51)
    for _ in 0..<2000 {
      let scale = pow(10, 40 * generator.uniform() - 20)
      let value = generator.normal() * scale
      let error = abs(generator.normal()) * scale * pow(10, -6 * generator.uniform())
      let text = Uncertain(value, error).description
      let parts = text.split(omittingEmptySubsequences: false) { "()".contains($0) }
        .map { String($0) }
      #expect(parts.count == 3)
      let factor = parts[2].isEmpty ? 1 : try #require(Double("1\(parts[2])"))
      let point = parts[0].split(separator: ".")
      let unit = factor * pow(10, point.count == 2 ? -Double(point[1].count) : 0)
      let readValue = factor * (try #require(Double(parts[0])))
      let inUnits = point.count == 2 && !parts[1].contains(".")
      let readError = (inUnits ? unit : factor) * (try #require(Double(parts[1])))
      #expect(abs(readValue - value) <= 0.500001 * unit, "\(value) \(error) \(text)")
      #expect(abs(readError - error) <= 0.500001 * unit, "\(value) \(error) \(text)")
      #expect((9.9...99.1).contains(readError / unit), "\(value) \(error) \(text)")
    }
  }
}
