// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

@Suite struct LogWeightsTests {
  static func gaussian(
    _ generator: inout TestGenerator, sigma: Double, count: Int
  ) -> [Double] {
    (0..<count).map { _ in sigma * generator.normal() - sigma * sigma / 2 }
  }

  /// Weights 1 ... 8: every figure by hand.
  @Test func figuresByHand() throws {
    let weights = try LogWeights((1...8).map { log(Double($0)) })
    #expect(abs(weights.logMean.value - log(4.5)) < 1e-14)
    // s^2 = 6, so that the error of log<w> is sqrt(6/8)/4.5.
    #expect(abs(weights.logMean.error - 0.75.squareRoot() / 4.5) < 1e-14)
    let left = (1...8).map { log((36 - Double($0)) / 7) }
    let (mean, variance) = meanAndVariance(left)
    #expect(abs(weights.logMean.jackknifeError - (49.0 / 8 * variance).squareRoot()) < 1e-14)
    #expect(abs(weights.logMean.biasCorrectedValue - (8 * log(4.5) - 7 * mean)) < 1e-13)
    #expect(abs(weights.effectiveSamples.value - 36 * 36 / 204.0) < 1e-13)
    #expect(abs(weights.effectiveFraction.value - 36 * 36 / 204.0 / 8) < 1e-14)
    #expect(weights.effectiveUnits == weights.effectiveSamples.value)
    #expect(abs(weights.largestShare - 8 / 36.0) < 1e-15)
    #expect(weights.largestUnitShare == weights.largestShare && weights.paretoShape == nil)
    #expect(zip(weights.shares, 1...8).allSatisfy { abs($0 - Double($1) / 36) < 1e-15 })
  }

  /// log w + c shifts log<w> by c and nothing else, over the whole range of logarithms.
  @Test(arguments: [-1e5, -0.3, 700, 1e5]) func scaleInvariance(shift: Double) throws {
    var generator = TestGenerator(seed: 101)
    let values = Self.gaussian(&generator, sigma: 1.3, count: 600)
    let plain = try LogWeights(values, unitSize: 3)
    let shifted = try LogWeights(values.map { $0 + shift }, unitSize: 3)
    let rounding = 1e-16 * abs(shift) + 1e-13
    #expect(abs(shifted.logMean.value - plain.logMean.value - shift) < 20 * rounding)
    #expect(abs(shifted.logMean.error - plain.logMean.error) < 20 * rounding)
    #expect(abs(shifted.logMean.jackknifeError - plain.logMean.jackknifeError) < 20 * rounding)
    #expect(abs(shifted.effectiveFraction.value - plain.effectiveFraction.value) < 20 * rounding)
    #expect(abs(shifted.effectiveFraction.error - plain.effectiveFraction.error) < 20 * rounding)
    #expect(abs(shifted.largestUnitShare - plain.largestUnitShare) < 20 * rounding)
    let shapes = (try #require(shifted.paretoShape), try #require(plain.paretoShape))
    #expect(abs(shapes.0 - shapes.1) < 1e4 * rounding)
    #expect(shifted.verdict.outcome == plain.verdict.outcome)
  }

  /// The order of units, and of walkers within a unit, does not matter.
  @Test func permutation() throws {
    var generator = TestGenerator(seed: 102)
    let units = (0..<40).map { _ in Self.gaussian(&generator, sigma: 1, count: 5) }
    let plain = try LogWeights(units.flatMap { $0 }, unitSize: 5)
    let permuted = try LogWeights(
      units.shuffled(using: &generator).flatMap { $0.shuffled(using: &generator) }, unitSize: 5)
    #expect(abs(plain.logMean.value - permuted.logMean.value) < 1e-13)
    #expect(abs(plain.logMean.error / permuted.logMean.error - 1) < 1e-12)
    #expect(abs(plain.logMean.jackknifeError / permuted.logMean.jackknifeError - 1) < 1e-12)
    #expect(abs(plain.effectiveFraction.error / permuted.effectiveFraction.error - 1) < 1e-12)
    #expect(abs(plain.effectiveUnits / permuted.effectiveUnits - 1) < 1e-12)
  }

  /// Units of walkers are walkers with the mean weight of the unit; units of copies are walkers.
  @Test func unitsAreTheirMeans() throws {
    var generator = TestGenerator(seed: 103)
    let units = (0..<30).map { _ in Self.gaussian(&generator, sigma: 0.8, count: 7) }
    let grouped = try LogWeights(units.flatMap { $0 }, unitSize: 7)
    let means = try LogWeights(units.map { log($0.reduce(0) { $0 + exp($1) } / 7) })
    #expect(grouped.units == 30 && means.units == 30)
    #expect(abs(grouped.logMean.value - means.logMean.value) < 1e-13)
    #expect(abs(grouped.logMean.error / means.logMean.error - 1) < 1e-12)
    #expect(abs(grouped.logMean.jackknifeError / means.logMean.jackknifeError - 1) < 1e-12)
    #expect(abs(grouped.effectiveUnits / means.effectiveUnits - 1) < 1e-12)
    #expect(abs(grouped.largestUnitShare / means.largestShare - 1) < 1e-12)
    #expect(
      abs((try #require(grouped.paretoShape)) - (try #require(means.paretoShape))) < 1e-10)

    let singles = try LogWeights(units.flatMap { $0 })
    let copies = try LogWeights(
      units.flatMap { $0.flatMap { [Double](repeating: $0, count: 4) } }, unitSize: 4)
    #expect(abs(copies.logMean.value - singles.logMean.value) < 1e-13)
    #expect(abs(copies.logMean.error / singles.logMean.error - 1) < 1e-12)
    #expect(abs(copies.effectiveFraction.value - singles.effectiveFraction.value) < 1e-13)
    #expect(abs(copies.effectiveFraction.error / singles.effectiveFraction.error - 1) < 1e-11)
    #expect(abs(copies.effectiveUnits / singles.effectiveSamples.value - 1) < 1e-12)
  }

  /// log w ~ N(-s^2/2, s^2): E[w] = 1 exactly, E[log mean w] = -(e^{s^2} - 1)/(2N) + O(1/N^2), its
  /// variance is (e^{s^2} - 1)/N, and the effective fraction is exp(-s^2).
  @Test func gaussianLogWeights() throws {
    var generator = TestGenerator(seed: 104)
    let (sigma, count, repetitions) = (0.5, 150, 6000)
    let excess = exp(sigma * sigma) - 1
    var (means, logs, corrected): ([Double], [Double], [Double]) = ([], [], [])
    var (squares, jackknifeSquares, covered): ([Double], [Double], Int) = ([], [], 0)
    var fractions: [Double] = []
    for _ in 0..<repetitions {
      let weights = try LogWeights(Self.gaussian(&generator, sigma: sigma, count: count))
      means.append(exp(weights.logMean.value))
      logs.append(weights.logMean.value)
      corrected.append(weights.logMean.biasCorrectedValue)
      squares.append(weights.logMean.error * weights.logMean.error)
      jackknifeSquares.append(weights.logMean.jackknifeError * weights.logMean.jackknifeError)
      if abs(weights.logMean.biasCorrectedValue) < weights.logMean.error { covered += 1 }
      fractions.append(weights.effectiveFraction.biasCorrectedValue)
    }
    func check(_ values: [Double], _ exact: Double, _ systematic: Double = 0) {
      let (mean, variance) = meanAndVariance(values)
      #expect(
        abs(mean - exact) < 4.5 * (variance / Double(repetitions)).squareRoot() + systematic)
    }
    check(means, 1)
    // The log has variance excess/N up to O(1/N^2), here some 1 %.
    check(squares, excess / Double(count), 0.01 * excess / Double(count))
    check(jackknifeSquares, excess / Double(count), 0.02 * excess / Double(count))
    // The bias itself, seen once the fluctuation of first order is taken away.
    let bias = excess / (2 * Double(count))
    check(zip(logs, means).map { $0 - ($1 - 1) }, -bias, 0.03 * bias)
    check(zip(corrected, means).map { $0 - ($1 - 1) }, 0, 0.03 * bias)
    let rate = Double(covered) / Double(repetitions)
    #expect(abs(rate - 0.6827) < 4.5 * (0.6827 * 0.3173 / Double(repetitions)).squareRoot() + 0.01)
    check(fractions, exp(-sigma * sigma), 5e-4)
  }

  /// With s = sigma^2 the variance of the effective fraction is
  /// e^{-2s} Var(2w - w^2 e^{-s})/N = e^{-2s} (4 e^s + e^{4s} - 4 e^{2s} - 1)/N.
  @Test func errorOfTheEffectiveFraction() throws {
    var generator = TestGenerator(seed: 106)
    let (s, count, repetitions) = (0.09, 3000, 800)
    let exact = exp(-2 * s) * (4 * exp(s) + exp(4 * s) - 4 * exp(2 * s) - 1) / Double(count)
    var (values, squares, jackknifeSquares): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<repetitions {
      let fraction = try LogWeights(
        Self.gaussian(&generator, sigma: s.squareRoot(), count: count)
      ).effectiveFraction
      values.append(fraction.value)
      squares.append(fraction.error * fraction.error / exact)
      jackknifeSquares.append(fraction.jackknifeError * fraction.jackknifeError / exact)
    }
    let (mean, variance) = meanAndVariance(values)
    #expect(abs(mean - exp(-s)) < 4.5 * (exact / Double(repetitions)).squareRoot() + 1e-4)
    #expect(abs(variance / exact - 1) < 4.5 * (2 / Double(repetitions)).squareRoot())
    for estimates in [squares, jackknifeSquares] {
      let (ratio, spread) = meanAndVariance(estimates)
      #expect(abs(ratio - 1) < 4.5 * (spread / Double(repetitions)).squareRoot() + 0.02)
    }
  }

  /// Delta method and jackknife differ by O(1/N): twenty times as many walkers, a twentieth.
  @Test func jackknifeEqualsDeltaToLeadingOrder() throws {
    var generator = TestGenerator(seed: 105)
    var differences: [Double] = []
    for count in [10, 200] {
      var sum = 0.0
      for _ in 0..<400 {
        let weights = try LogWeights(Self.gaussian(&generator, sigma: 0.3, count: count))
        sum += weights.logMean.jackknifeError / weights.logMean.error - 1
      }
      differences.append(sum / 400)
    }
    #expect(differences[0] > 0.001 && differences[0] < 0.05)
    #expect(differences[1] < differences[0] / 10)
  }

  @Test func zeroWeights() throws {
    var values = [Double](repeating: 0, count: 12)
    values[3] = -.infinity
    values[7] = -.infinity
    let weights = try LogWeights(values)
    #expect(abs(weights.logMean.value - log(10.0 / 12)) < 1e-15)
    #expect(abs(weights.effectiveSamples.value - 10) < 1e-13)
    // Binomial: variance of the mean p(1-p)/(N-1), relative to p.
    #expect(abs(weights.logMean.error - (2.0 / 10 / 11).squareRoot()) < 1e-15)

    let none = try LogWeights([Double](repeating: -.infinity, count: 12))
    #expect(none.areAllZero && none.logMean.value == -.infinity && none.logMean.error.isNaN)
    #expect(none.effectiveSamples.value == 0 && none.largestShare.isNaN)
    #expect(none.verdict.outcome == .untrustworthy)
    #expect(none.verdict.reasons == ["All 12 weights are zero: no average is defined."])
  }

  @Test func illegalValues() throws {
    #expect(throws: StatisticsError.noReplica) { try LogWeights([]) }
    #expect(throws: StatisticsError.self) { try LogWeights([0, .nan]) }
    #expect(throws: StatisticsError.self) { try LogWeights([0, .infinity]) }
    for size in [0, -1, 4] {
      #expect(throws: StatisticsError.self) {
        try LogWeights([Double](repeating: 0, count: 6), unitSize: size)
      }
    }
    do {
      _ = try LogWeights([0, 1, .nan])
    } catch {
      #expect("\(error)" == "logWeights[2]: nan; legal: finite, or -infinity for weight 0")
    }
  }

  /// A unit or two that carry everything: no error from the jackknife rather than a wrong one.
  @Test func oneWalkerCarriesEverything() throws {
    var values = [Double](repeating: -.infinity, count: 20)
    values[4] = 3
    let weights = try LogWeights(values)
    #expect(abs(weights.logMean.value - 3 + log(20.0)) < 1e-14)
    #expect(abs(weights.logMean.error - 1) < 1e-14 && weights.logMean.jackknifeError.isNaN)
    #expect(weights.effectiveSamples.value == 1 && weights.verdict.outcome == .untrustworthy)
  }
}

@Suite struct WeightVerdictTests {
  @Test func goodWeights() throws {
    var generator = TestGenerator(seed: 111)
    var trusted = 0
    for _ in 0..<200 {
      let values = LogWeightsTests.gaussian(&generator, sigma: 0.3, count: 1000)
      if try LogWeights(values).verdict.outcome == .trustworthy { trusted += 1 }
    }
    #expect(trusted >= 198)
    let equal = try LogWeights([Double](repeating: 2, count: 100))
    #expect(equal.verdict.description == "trustworthy: nothing speaks against the error bars")
    #expect(equal.logMean.error == 0 && equal.effectiveFraction.value == 1)
  }

  @Test func everyReason() throws {
    // 49 equal weights of 1000: too few effective walkers, nothing else.
    let few = try LogWeights((0..<1000).map { $0 < 49 ? 0 : -Double.infinity })
    #expect(few.verdict.outcome == .untrustworthy)
    #expect(
      few.verdict.reasons == [
        "The weights are worth 49 of 1000 walkers; error bars need 50 or more."
      ])
    // One walker with 20 % beside 999 equal ones: (1.25)^2 / (1/16 + 1/999).
    let heavy = try LogWeights([log(999.0 / 4)] + [Double](repeating: 0, count: 999))
    #expect(
      heavy.verdict.reasons == [
        "The weights are worth 24.6 of 1000 walkers; error bars need 50 or more.",
        "One of 1000 walkers carries 20 % of the total weight; error bars need less than 10 %.",
      ])
    let units = try LogWeights([Double](repeating: 0, count: 700), unitSize: 100)
    #expect(units.verdict.outcome == .withoutError && units.logMean.error.isNaN)
    #expect(
      units.verdict.reasons == [
        "There are 7 independent units of 100 walkers; an error needs 8 or more."
      ])
    // Populations of equal weights, 14 of them light: 4 worth of 16 units.
    let populations = try LogWeights(
      (0..<1600).map { $0 < 400 ? 0.0 : -20 }, unitSize: 100)
    #expect(
      populations.verdict.reasons == [
        "The total weights of the units are worth 4 of 16 units; error bars need 5 or more.",
        "One of 16 units carries 25 % of the total weight; error bars need less than 19 %.",
      ])
  }

  /// Normal log-weights whose spread is just below and just above sqrt(log(N/4)/4), here 1.18; the
  /// spread is known to some 3 %, the tail much less well.
  @Test func spread() throws {
    #expect(abs(WeightVerdict.largestSpread(samples: 1000) - (log(250.0) / 4).squareRoot()) < 1e-15)
    var generator = TestGenerator(seed: 114)
    var spreads: [Double] = []
    var doubtful = [0, 0]
    for _ in 0..<300 {
      for (index, sigma) in [0.9, 1.5].enumerated() {
        let weights = try LogWeights(
          LogWeightsTests.gaussian(&generator, sigma: sigma, count: 1000))
        if index == 0 { spreads.append(try #require(weights.logSpread)) }
        if weights.verdict.outcome != .trustworthy { doubtful[index] += 1 }
      }
    }
    let (mean, variance) = meanAndVariance(spreads)
    #expect(abs(mean - 0.9) < 4.5 * (variance / 300).squareRoot() + 2e-3)
    #expect(doubtful[0] < 15 && doubtful[1] == 300)
    let hand = try LogWeights([0, -3, 1, 2, -.infinity])
    #expect(abs((try #require(hand.logSpread)) - (2.0 / 5 * 5).squareRoot()) < 1e-14)
    #expect(try LogWeights([0, 0, -.infinity, -.infinity]).logSpread == nil)
  }

  /// Weights without variance (Pareto shape 0.6) and without mean (1.2).
  @Test func heavyTails() throws {
    var generator = TestGenerator(seed: 112)
    let doubtful = try LogWeights((0..<50_000).map { _ in -0.6 * log(generator.uniform()) })
    #expect(doubtful.verdict.outcome == .doubtful)
    #expect(doubtful.verdict.reasons.count == 1 && doubtful.verdict.reasons[0].contains("k = 0."))
    let hopeless = try LogWeights((0..<50_000).map { _ in -1.2 * log(generator.uniform()) })
    #expect(hopeless.verdict.outcome == .untrustworthy)
    #expect(hopeless.verdict.reasons.contains { $0.contains("need k below 0.7") })
  }
}

@Suite struct ParetoTailTests {
  /// u^-k is Pareto with shape k, and so are its excesses over any threshold; uniform weights have
  /// k = -1, exponential ones 0. The standard error of k is (1 + k)/sqrt(M).
  @Test(arguments: [-1, 0, 0.3, 0.7, 1.2]) func knownShapes(shape: Double) throws {
    var generator = TestGenerator(seed: 113)
    let (count, repetitions) = (10_000, 60)
    var found: [Double] = []
    for _ in 0..<repetitions {
      let weights = (0..<count).map { _ in
        let u = generator.uniform()
        return shape == -1 ? u : shape == 0 ? -log(u) : pow(u, -shape)
      }
      let tail = try #require(ParetoTail(of: weights))
      #expect(tail.count == 300)
      // Undo the prior, worth ten excesses at 1/2.
      found.append((tail.shape * 310 - 5) / 300)
    }
    let (mean, variance) = meanAndVariance(found)
    // Zhang and Stephens: the bias of the estimator is far below its error, some 0.01 here.
    #expect(abs(mean - shape) < 4.5 * (variance / Double(repetitions)).squareRoot() + 0.015)
    if shape > -0.5 {
      #expect(abs(variance.squareRoot() / ((1 + shape) / 300.0.squareRoot()) - 1) < 0.4)
    }
  }

  /// Few excesses M are drawn towards 1/2: (M k + 5)/(M + 10), here with M = 10 half of the way.
  @Test(arguments: [0.5, 1, 2]) func prior(shape: Double) throws {
    var generator = TestGenerator(seed: 115)
    let shapes = try (0..<1000).map { _ in
      let weights = (0..<50).map { _ in pow(generator.uniform(), -shape) }
      return try #require(ParetoTail(of: weights)).shape
    }
    let (mean, variance) = meanAndVariance(shapes)
    // Ten excesses leave the estimator a bias of up to 10 % for these shapes.
    #expect(
      abs(mean - (shape + 0.5) / 2) < 4.5 * (variance / 1000).squareRoot() + 0.05 * (1 + shape))
    #expect(abs(variance.squareRoot() / ((1 + shape) / 10.0.squareRoot() / 2) - 1) < 0.3)
  }

  @Test func noTail() {
    #expect(ParetoTail(of: (1...24).map { Double($0) }) == nil)
    #expect(ParetoTail(of: (1...25).map { Double($0) }) != nil)
    #expect(ParetoTail(of: [Double](repeating: 0.1, count: 100)) == nil)
    #expect(ParetoTail(of: [Double](repeating: 0, count: 100)) == nil)
    #expect(ParetoTail.largestShape(samples: 100) == 0.5)
    #expect(ParetoTail.largestShape(samples: 1e6) == 0.7)
  }
}
