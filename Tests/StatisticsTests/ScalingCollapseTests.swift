// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

@Suite struct ScalingCollapseTests {
  static let (place, inverseNu, kappa) = (4.25, 1.0, 0.125)
  static let extents = [8.0, 12, 16, 24, 32]
  static let couplings = (0..<7).map { 4.25 + 0.08 * (Double($0) - 3) }

  /// The scaling function, which is no polynomial.
  static func curve(_ x: Double) -> Double { 0.6 - 0.25 * tanh(0.35 * x + 0.1) }

  static func points(
    _ generator: inout TestGenerator, noise: Double, withExponent: Bool
  ) -> [ScalingCollapse.Point] {
    extents.flatMap { extent in
      couplings.map { coupling in
        let x = (coupling - place) * pow(extent, inverseNu)
        let exact = curve(x) * (withExponent ? pow(extent, -kappa) : 1)
        let error = noise * exact * (0.5 + generator.uniform())
        return ScalingCollapse.Point(
          extent: extent, coupling: coupling, value: exact + error * generator.normal(),
          error: error)
      }
    }
  }

  /// Known exponents come back from noisy data, with errors that are right, with and without kappa.
  @Test(arguments: [false, true]) func knownExponents(withExponent: Bool) throws {
    var generator = TestGenerator(seed: withExponent ? 322 : 321)
    var pulls: [String: [Double]] = [:]
    var probabilities: [Double] = []
    for _ in 0..<150 {
      let points = Self.points(&generator, noise: 0.004, withExponent: withExponent)
      let fit = try ScalingCollapse(
        points, startingAt: (4.28, 0.8), exponent: withExponent ? 0.2 : nil)
      pulls["place", default: []].append((fit.coupling.value - Self.place) / fit.coupling.error)
      pulls["1/nu", default: []]
        .append((fit.inverseNu.value - Self.inverseNu) / fit.inverseNu.error)
      if let exponent = fit.exponent {
        pulls["kappa", default: []].append((exponent.value - Self.kappa) / exponent.error)
      }
      #expect((fit.exponent != nil) == withExponent)
      probabilities.append(fit.probability)
    }
    for (name, pulls) in pulls { expectPulls(pulls, slack: 0.15, name) }
    // A degree that is chosen by chi^2 makes chi^2 a little too good.
    let mean = meanAndVariance(probabilities).mean
    #expect(mean > 0.4 && mean < 0.7, "\(mean)")
  }

  /// Numbers that are held fixed stay, wrong ones are told by chi^2, and no noise means no error.
  @Test func fixedNumbers() throws {
    var generator = TestGenerator(seed: 323)
    let points = Self.points(&generator, noise: 0.004, withExponent: true)
    let free = try ScalingCollapse(points, startingAt: (4.25, 1), exponent: 0.125)
    let right = try ScalingCollapse(
      points, startingAt: (4.25, 1), exponent: 0.125,
      fixed: .init(coupling: 4.25, inverseNu: 1, exponent: 0.125))
    #expect(right.coupling == Uncertain(4.25, 0) && right.inverseNu == Uncertain(1, 0))
    #expect(right.exponent == Uncertain(0.125, 0))
    #expect(right.probability > 1e-3 && right.chiSquare > free.chiSquare - 10)
    for wrong in [
      ScalingCollapse.Fixed(coupling: 4.28), .init(inverseNu: 0.7), .init(exponent: 0.08),
      .init(exponent: -0.125),
    ] {
      let fit = try ScalingCollapse(
        points, startingAt: (4.25, 1), exponent: 0.125, fixed: wrong)
      #expect(fit.probability < 1e-4, "\(wrong)")
    }
    // Delta chi^2 = 1: with one number moved by its error and held, chi^2 rises by 1.
    let moved = try ScalingCollapse(
      points, startingAt: (4.25, 1), exponent: 0.125,
      fixed: .init(exponent: try #require(free.exponent).value + (free.exponent?.error ?? 0)))
    if moved.degree == free.degree {
      #expect(abs(moved.chiSquare - free.chiSquare - 1) < 0.05)
    }
  }

  @Test func illegalPoints() throws {
    var generator = TestGenerator(seed: 324)
    var points = Self.points(&generator, noise: 0.01, withExponent: false)
    #expect(throws: StatisticsError.self) {
      try ScalingCollapse(Array(points[0..<4]), startingAt: (4.25, 1), exponent: nil)
    }
    points[3].error = 0
    #expect(throws: StatisticsError.self) {
      try ScalingCollapse(points, startingAt: (4.25, 1), exponent: nil)
    }
    points[3] = .init(extent: 8, coupling: 4.2, value: -0.1, error: 0.1)
    #expect(throws: StatisticsError.self) {
      try ScalingCollapse(points, startingAt: (4.25, 1), exponent: 0.125)
    }
  }
}

@Suite struct LinearFitTests {
  /// Two correlated values of one number: b = [y1 (s2^2 - c) + y2 (s1^2 - c)] / (s1^2 + s2^2 - 2c).
  @Test func correlatedMean() throws {
    let (a, b, c) = (0.04, 0.09, 0.03)
    let fit = try LinearFit(
      values: [1.2, 1.7], design: [[1], [1]], covariance: [[a, c], [c, b]])
    let norm = a + b - 2 * c
    #expect(abs(fit.parameters[0] - (1.2 * (b - c) + 1.7 * (a - c)) / norm) < 1e-13)
    #expect(abs(fit.error(0) * fit.error(0) - (a * b - c * c) / norm) < 1e-15)
    #expect(abs(fit.chiSquare - 0.25 / norm) < 1e-12)
    #expect(fit.degreesOfFreedom == 1)
    #expect(throws: StatisticsError.self) {
      try LinearFit(values: [1, 2], design: [[1], [1]], covariance: [[1, 1], [1, 1]])
    }
    #expect(throws: StatisticsError.self) {
      try LinearFit(values: [1], design: [[1, 2]], covariance: [[1]])
    }
  }

  /// A straight line through values with neighbours that share noise.
  @Test func coverage() throws {
    var generator = TestGenerator(seed: 331)
    let x = [1, 0.5, 0.3, 0.1]
    let covariance: [[Double]] = [[2, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]]
    var pulls: [[Double]] = [[], []]
    var squares: [Double] = []
    for _ in 0..<500 {
      let noise = (0..<5).map { _ in generator.normal() }
      let values = x.indices.map { (i: Int) -> Double in
        3 - 2 * x[i] + noise[i + 1] - noise[i]
      }
      let fit = try LinearFit(
        values: values, design: x.map { [1, $0] }, covariance: covariance)
      pulls[0].append((fit.parameters[0] - 3) / fit.error(0))
      pulls[1].append((fit.parameters[1] + 2) / fit.error(1))
      squares.append(fit.chiSquare)
    }
    expectPulls(pulls[0], slack: 0, "constant")
    expectPulls(pulls[1], slack: 0, "slope")
    #expect(abs(meanAndVariance(squares).mean - 2) < 4.5 * (4.0 / 500).squareRoot())
  }
}
