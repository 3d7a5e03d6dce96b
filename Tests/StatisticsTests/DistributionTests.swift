// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// Closed forms of the incomplete functions.
@Suite struct DistributionTests {
  static let points = [1e-8, 0.01, 0.3, 1, 1.9, 2.1, 5, 20, 80, 300]

  @Test func exponentialAndErrorFunction() {
    for x in Self.points {
      #expect(abs(upperIncompleteGamma(1, x) / exp(-x) - 1) < 1e-12)
      #expect(abs(upperIncompleteGamma(0.5, x) / erfc(x.squareRoot()) - 1) < 1e-11)
    }
    #expect(upperIncompleteGamma(3, 0) == 1 && upperIncompleteGamma(3, .infinity) == 0)
  }

  /// Q(n, x) = e^-x sum_{k<n} x^k / k!.
  @Test(arguments: [2, 3, 10, 60])
  func poissonSums(n: Int) {
    for x in Self.points {
      var (term, sum) = (exp(-x), exp(-x))
      for k in 1..<n {
        term *= x / Double(k)
        sum += term
      }
      #expect(abs(upperIncompleteGamma(Double(n), x) / sum - 1) < 1e-11)
    }
  }

  @Test func recurrenceInTheParameter() {
    // Q(a+1,x) = Q(a,x) + x^a e^-x / Gamma(a+1), on both sides of the switch of method.
    for a in [0.25, 1.5, 7.5, 40.5] {
      for x in [0.5 * a, a + 0.99, a + 1.01, 2 * a + 1] {
        let step = exp(a * log(x) - x) / tgamma(a + 1)
        let difference = upperIncompleteGamma(a + 1, x) - upperIncompleteGamma(a, x)
        #expect(abs(difference - step) < 1e-13)
      }
    }
  }

  @Test func chiSquare() {
    let twoDegrees = ChiSquare.probability(exceeding: 4, degreesOfFreedom: 2)
    #expect(abs(twoDegrees - exp(-2)) < 1e-15)
    // One degree of freedom: two-sided normal tails.
    let oneSigma = ChiSquare.probability(exceeding: 1, degreesOfFreedom: 1)
    #expect(abs(oneSigma - erfc(0.5.squareRoot())) < 1e-14)
    #expect(ChiSquare.probability(exceeding: .nan, degreesOfFreedom: 3).isNaN)
  }

  @Test func fisher() {
    for nu in [0.7, 1, 3, 10, 555.5] {
      for f in [1e-6, 0.1, 1, 3.3, 40] {
        // Two degrees of freedom: (1 + 2F/nu)^(-nu/2).
        let two = FisherDistribution.probability(exceeding: f, degreesOfFreedom: 2, of: nu)
        #expect(abs(two / exp(-nu / 2 * log1p(2 * f / nu)) - 1) < 1e-11)
        // F -> 1/F exchanges the degrees of freedom.
        let there = FisherDistribution.probability(exceeding: f, degreesOfFreedom: 5, of: 4)
        let back = FisherDistribution.probability(exceeding: 1 / f, degreesOfFreedom: 4, of: 5)
        #expect(abs(there + back - 1) < 1e-12)
      }
    }
    // One over one: |Cauchy|.
    let cauchy = FisherDistribution.probability(exceeding: 9, degreesOfFreedom: 1, of: 1)
    #expect(abs(cauchy - (1 - 2 * atan(3) / Double.pi)) < 1e-13)
    let limit = FisherDistribution.probability(exceeding: 2, degreesOfFreedom: 3, of: 1e6)
    #expect(abs(limit - ChiSquare.probability(exceeding: 6, degreesOfFreedom: 3)) < 5e-6)
    #expect(FisherDistribution.probability(exceeding: .infinity, degreesOfFreedom: 3, of: 5) == 0)
  }

  @Test func normalQuantiles() {
    for p in [1e-300, 1e-12, 0.001, 0.2, 0.4999, 0.5, 0.7, 0.99999] {
      let z = normalQuantile(p)
      #expect(abs(erfc(-z / 2.0.squareRoot()) / 2 / p - 1) < 1e-11)
    }
    #expect(abs(normalQuantile(0.5)) < 1e-15)
  }
}
