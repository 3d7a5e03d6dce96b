// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// Gaussian works, W_F ~ N(dF + s^2/2, s^2) and W_R ~ N(-dF + s^2/2, s^2), obey Crooks' theorem.
@Suite struct WorkValuesTests {
  static let difference = 2.5

  static func works(
    _ generator: inout TestGenerator, sigma: Double, forward: Int, reverse: Int,
    violation: Double = 1
  ) throws -> WorkValues {
    let dissipated = violation * sigma * sigma / 2
    return try WorkValues(
      forwardWork: (0..<forward).map { _ in
        difference + dissipated + sigma * generator.normal()
      },
      reverseWork: (0..<reverse).map { _ in
        -difference + dissipated + sigma * generator.normal()
      })
  }

  /// int p_F(W) f(W) dW by the midpoint rule, exponentially accurate.
  static func average(sigma: Double, _ f: (Double) -> Double) -> Double {
    let center = difference + sigma * sigma / 2
    return (-4000...4000).reduce(0) {
      let z = Double($1) / 400
      return $0 + exp(-z * z / 2) / (2 * Double.pi).squareRoot() / 400 * f(center + sigma * z)
    }
  }

  @Test func jarzynskiAndBounds() throws {
    var generator = TestGenerator(seed: 151)
    let works = try Self.works(&generator, sigma: 1, forward: 20_000, reverse: 20_000)
    for estimate in [works.jarzynskiForward, works.jarzynskiReverse] {
      #expect(abs(estimate.value - Self.difference) < 4.5 * estimate.error)
      #expect(abs(estimate.error / ((exp(1.0) - 1) / 20_000).squareRoot() - 1) < 0.15)
    }
    for (bound, exact) in [(works.upperBound, 3.0), (works.lowerBound, 2.0)] {
      #expect(abs(bound.value - exact) < 4.5 * bound.error)
      #expect(abs(bound.error * 20_000.0.squareRoot() - 1) < 0.05)
      #expect(abs(bound.jackknifeError / bound.error - 1) < 4.5 / 400.0.squareRoot())
    }
    #expect(works.jarzynskiForward.value == -works.forward.logMean.value)
  }

  /// The solution solves Bennett's equation, whatever the numbers and however far the works.
  @Test(arguments: [0.1, 1, 4, 12]) func bennettEquation(sigma: Double) throws {
    var generator = TestGenerator(seed: 152)
    let works = try Self.works(&generator, sigma: sigma, forward: 30, reverse: 200)
    let estimate = try works.bennettAcceptanceRatio()
    func logSum(_ values: [Double]) -> Double {
      let largest = values.reduce(-Double.infinity, max)
      return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
    }
    func logFermi(_ x: Double) -> Double { -logSum([0, -x]) }
    let c = estimate.value - log(30.0 / 200)
    let left = logSum(works.forward.values.map { logFermi(c + $0) })
    let right = logSum(works.reverse.values.map { logFermi($0 - c) })
    #expect(abs(left - right) < 1e-11)
    // Exchanging the sides turns the sign.
    let turned = try WorkValues(forward: works.reverse, reverse: works.forward)
      .bennettAcceptanceRatio()
    #expect(abs(turned.value + estimate.value) < 1e-11)
    #expect(abs(turned.error / estimate.error - 1) < 1e-9)
    #expect((estimate.verdict.outcome == .trustworthy) == (sigma < 2))
  }

  /// Coverage, the exact asymptotic variance [<f^2>_F/<f>_F^2 - 1]/n_F + the same for R (Bennett),
  /// and the exact overlap, for unequal numbers.
  @Test func bennettErrors() throws {
    var generator = TestGenerator(seed: 153)
    let (sigma, forward, reverse, repetitions) = (1.5, 100, 400, 1500)
    let shift = log(Double(forward) / Double(reverse))
    func fermi(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    func forwardTerm(_ w: Double) -> Double { fermi(Self.difference - shift - w) }
    // <g>_R at -W is <g e^{dF - W}>_F.
    func ratio(_ w: Double) -> Double { exp(Self.difference - w) }
    let f = Self.average(sigma: sigma, forwardTerm)
    let f2 = Self.average(sigma: sigma) { pow(forwardTerm($0), 2) }
    let g = Self.average(sigma: sigma) { (1 - forwardTerm($0)) * ratio($0) }
    let g2 = Self.average(sigma: sigma) { pow(1 - forwardTerm($0), 2) * ratio($0) }
    let exact = (f2 / (f * f) - 1) / Double(forward) + (g2 / (g * g) - 1) / Double(reverse)
    let overlap = Self.average(sigma: sigma) { 2 * fermi(Self.difference - $0) }
    #expect(abs(f * Double(forward) - g * Double(reverse)) < 1e-9)
    var (values, squares, jackknifes, overlaps): ([Double], [Double], [Double], [Double])
    (values, squares, jackknifes, overlaps) = ([], [], [], [])
    var (covered, upper) = (0, 0)
    for _ in 0..<repetitions {
      let works = try Self.works(&generator, sigma: sigma, forward: forward, reverse: reverse)
      let estimate = try works.bennettAcceptanceRatio()
      values.append(estimate.value)
      squares.append(estimate.error * estimate.error / exact)
      jackknifes.append(estimate.jackknifeError * estimate.jackknifeError / exact)
      overlaps.append(estimate.overlap)
      if abs(estimate.value - Self.difference) < estimate.error { covered += 1 }
      if estimate.overlappingWalkers * estimate.error * estimate.error < 2 { upper += 1 }
    }
    let n = Double(repetitions)
    let (mean, variance) = meanAndVariance(values)
    #expect(abs(mean - Self.difference) < 4.5 * (variance / n).squareRoot() + 0.01)
    #expect(abs(variance / exact - 1) < 4.5 * (2 / n).squareRoot() + 0.02)
    for estimates in [squares, jackknifes] {
      let (average, spread) = meanAndVariance(estimates)
      #expect(abs(average - 1) < 4.5 * (spread / n).squareRoot() + 0.05)
    }
    let rate = Double(covered) / n
    #expect(abs(rate - 0.6827) < 4.5 * (0.6827 * 0.3173 / n).squareRoot() + 0.01)
    let (found, spread) = meanAndVariance(overlaps)
    #expect(abs(found - overlap) < 4.5 * (spread / n).squareRoot() + 0.002)
    #expect(upper == repetitions)
    // One-sided estimates are worse.
    #expect(exact < (exp(sigma * sigma) - 1) / Double(forward))
  }

  /// Nothing dissipated, nothing uncertain.
  @Test func deterministicWork() throws {
    let works = try WorkValues(
      forwardWork: [Double](repeating: 0.7, count: 20),
      reverseWork: [Double](repeating: -0.7, count: 30))
    let estimate = try works.bennettAcceptanceRatio()
    #expect(abs(estimate.value - 0.7) < 1e-14 && estimate.error < 1e-12)
    #expect(estimate.jackknifeError < 1e-12 && abs(estimate.overlap - 1) < 1e-13)
    #expect(throws: StatisticsError.self) { try works.crooksTest() }
  }

  @Test func unitsAreIndependent() throws {
    var generator = TestGenerator(seed: 154)
    let plain = try Self.works(&generator, sigma: 1, forward: 60, reverse: 80)
    func copies(_ weights: LogWeights) throws -> LogWeights {
      try LogWeights(
        weights.values.flatMap { [Double](repeating: $0, count: 5) }, unitSize: 5)
    }
    let copied = try WorkValues(forward: copies(plain.forward), reverse: copies(plain.reverse))
    let (first, second) = (
      try plain.bennettAcceptanceRatio(), try copied.bennettAcceptanceRatio()
    )
    #expect(abs(first.value - second.value) < 1e-12)
    #expect(abs(first.error / second.error - 1) < 1e-10)
    #expect(abs(first.jackknifeError / second.jackknifeError - 1) < 1e-8)
    let slopes = (try plain.crooksTest().slope, try copied.crooksTest().slope)
    #expect(abs(slopes.0.value - slopes.1.value) < 1e-9)
    #expect(abs(slopes.0.error / slopes.1.error - 1) < 1e-9)
    #expect(abs(copied.upperBound.error / plain.upperBound.error - 1) < 1e-12)
  }

  @Test func noOverlap() throws {
    let works = try WorkValues(
      forwardWork: (0..<50).map { 100 + Double($0) }, reverseWork: (0..<50).map { 80 + Double($0) })
    let estimate = try works.bennettAcceptanceRatio()
    #expect(estimate.value > -80 && estimate.value < 100)
    #expect(estimate.verdict.outcome == .untrustworthy)
    #expect(estimate.verdict.reasons[0].contains("do not overlap enough"))
    #expect(throws: StatisticsError.self) { try works.crooksTest() }
    #expect(throws: StatisticsError.self) { try WorkValues(forwardWork: [.nan], reverseWork: [1]) }
    #expect(throws: StatisticsError.noReplica) {
      try WorkValues(forwardWork: [], reverseWork: [1])
    }
    let few = try WorkValues(forwardWork: [0, 1, 2], reverseWork: [0, 1, 2])
    let estimated = try few.bennettAcceptanceRatio()
    #expect(estimated.error.isNaN && estimated.verdict.outcome == .withoutError)
    let lost = try WorkValues(forwardWork: [.infinity, .infinity], reverseWork: [0, 1])
    #expect(throws: StatisticsError.allWeightsZero(weights: 2)) {
      try lost.bennettAcceptanceRatio()
    }
    #expect(lost.upperBound.value == .infinity && lost.upperBound.error.isNaN)
  }

  /// Diverged walkers count: with a fraction p of them <e^-W> is (1-p) times as large.
  @Test func divergedWalkers() throws {
    var generator = TestGenerator(seed: 155)
    let base = try Self.works(&generator, sigma: 0.5, forward: 8000, reverse: 8000)
    let forward = base.forward.values.enumerated().map { $0 % 4 == 0 ? .infinity : -$1 }
    // The reverse walkers sample the three quarters that can come back.
    let works = try WorkValues(forwardWork: forward, reverseWork: base.reverse.values.map { -$0 })
    let exact = Self.difference - log(0.75)
    #expect(
      abs(works.jarzynskiForward.value - exact) < 4.5 * works.jarzynskiForward.error)
    // P_F(W)/P_R(-W) = 3/4 e^{W - dF}.
    let estimate = try works.bennettAcceptanceRatio()
    #expect(abs(estimate.value - exact) < 4.5 * estimate.error)
    let slope = try works.crooksTest().slope
    #expect(abs(slope.value - 1) < 4.5 * slope.error && slope.error < 0.1)
  }

  /// The slope of Gaussian works of equal variance is (<W>_F + <W>_R)/s^2: 1 under Crooks' theorem,
  /// c where the dissipated work is c s^2/2.
  @Test(arguments: [1, 0.7, 1.4]) func slope(violation: Double) throws {
    var generator = TestGenerator(seed: 156)
    let repetitions = 600
    var (slopes, squares, values, probabilities): ([Double], [Double], [Double], [Double])
    (slopes, squares, values, probabilities) = ([], [], [], [])
    var (covered, freeCovered) = (0, 0)
    for _ in 0..<repetitions {
      let works = try Self.works(
        &generator, sigma: 1.2, forward: 300, reverse: 600, violation: violation)
      let test = try works.crooksTest()
      slopes.append(test.slope.value)
      squares.append(test.slope.error * test.slope.error)
      values.append(test.freeEnergy.value)
      probabilities.append(test.consistency)
      if abs(test.slope.value - violation) < test.slope.error { covered += 1 }
      if abs(test.freeEnergy.value - Self.difference) < test.freeEnergy.error { freeCovered += 1 }
    }
    let n = Double(repetitions)
    let (mean, variance) = meanAndVariance(slopes)
    // Maximum likelihood is biased by order 1/n.
    #expect(abs(mean - violation) < 4.5 * (variance / n).squareRoot() + 0.01)
    #expect(abs(meanAndVariance(squares).mean / variance - 1) < 4.5 * (2 / n).squareRoot() + 0.03)
    for number in [covered, freeCovered] {
      #expect(
        abs(Double(number) / n - 0.6827) < 4.5 * (0.6827 * 0.3173 / n).squareRoot() + 0.01)
    }
    let free = meanAndVariance(values)
    #expect(abs(free.mean - Self.difference) < 4.5 * (free.variance / n).squareRoot() + 0.005)
    let alarms = probabilities.filter { $0 < 0.05 }.count
    if violation == 1 {
      #expect(abs(Double(alarms) / n - 0.05) < 4.5 * (0.05 * 0.95 / n).squareRoot() + 0.01)
    } else {
      #expect(Double(alarms) / n > 0.8)
    }
  }
}
