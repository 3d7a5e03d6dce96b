// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics

/// The critical coupling from the crossings of several pairs of lattices.
public struct CriticalCoupling: Sendable {
  /// The critical coupling with its statistical error.
  public let coupling: Uncertain
  /// How far the extrapolation moves when the next smaller pair takes part (where there is none, how
  /// far it is from the largest crossing), or when ω is smaller by the factor `omegaFactor`, whichever is
  /// more: what corrections beyond the leading one may do. Nil where nothing was extrapolated.
  public internal(set) var drift: Double?
  /// The quantity there, in the limit of large lattices.
  public let value: Uncertain
  /// The number of pairs, the largest ones, that it comes from.
  public let pairs: Int
  /// χ² of the extrapolation and its degrees of freedom; nil where there was none.
  public let chiSquare: Double?
  public let degreesOfFreedom: Int
  /// The probability of a larger χ².
  public let probability: Double?
  /// What was done, and what is not in the error.
  public let method: String

  /// χ² below this probability says that more corrections are seen than the fit knows.
  static let leastProbability = 0.05

  /// Several corrections together look like one of a smaller power.
  static let omegaFactor = 0.6

  /// The fits to all pairs, to all but the smallest, and so on, while a degree of freedom is left.
  ///
  /// λ_× = λ_c + A x(L, L') and f_× = f* + c y(L, L') by least squares with the covariances of the
  /// crossings: neighbouring pairs share a lattice.
  static func extrapolations(
    _ crossings: [PairCrossing], exponents: ScalingExponents, pools: IndependentPools
  ) throws -> [CriticalCoupling] {
    var fits = try self.fits(crossings, exponents: exponents, pools: pools)
    let slower = try self.fits(
      crossings, exponents: exponents.with(omega: omegaFactor * exponents.omega), pools: pools)
    for index in fits.indices {
      let other = index == 0 ? crossings.last?.coupling.value : fits[index - 1].coupling.value
      let moves = [other, slower[index].coupling.value].compactMap(\.self).map {
        abs(fits[index].coupling.value - $0)
      }
      fits[index].drift = moves.max()
    }
    return fits
  }

  private static func fits(
    _ crossings: [PairCrossing], exponents: ScalingExponents, pools: IndependentPools
  ) throws -> [CriticalCoupling] {
    let couplings = try pools.covariance(crossings.map(\.crossing.coupling))
    let values = try pools.covariance(crossings.map(\.crossing.value))
    func extents(_ crossing: PairCrossing) -> (Double, Double) {
      (
        Double(crossing.lattices[0].longestExtent), Double(crossing.lattices[1].longestExtent)
      )
    }
    return try (0..<max(0, crossings.count - 2)).map { first in
      let kept = Array(first..<crossings.count)
      func fit(
        _ numbers: [Double], _ covariance: [[Double]], _ shift: (Double, Double) -> Double
      ) throws -> LinearFit {
        try LinearFit(
          values: kept.map { numbers[$0] },
          design: kept.map {
            let (a, b) = extents(crossings[$0])
            return [1, shift(a, b)]
          }, covariance: kept.map { i in kept.map { covariance[i][$0] } })
      }
      let place = try fit(crossings.map(\.coupling.value), couplings, exponents.shift)
      let height = try fit(crossings.map(\.value.value), values, exponents.valueShift)
      return CriticalCoupling(
        coupling: Uncertain(place.parameters[0], place.error(0)),
        value: Uncertain(height.parameters[0], height.error(0)), pairs: kept.count,
        chiSquare: place.chiSquare, degreesOfFreedom: place.degreesOfFreedom,
        probability: place.probability,
        method: "extrapolated with nu = \(NumberText.text(exponents.nu)), omega = "
          + "\(NumberText.text(exponents.omega)) (\(exponents.source)), held fixed")
    }
  }

  /// The crossing of the largest pair.
  init(largest crossing: PairCrossing) {
    self.init(
      coupling: crossing.coupling.uncertain, value: crossing.value.uncertain, pairs: 1,
      chiSquare: nil, degreesOfFreedom: 0, probability: nil,
      method: "the crossing of the largest pair; its shift by the finite size is NOT in the error")
  }

  private init(
    coupling: Uncertain, value: Uncertain, pairs: Int, chiSquare: Double?, degreesOfFreedom: Int,
    probability: Double?, method: String
  ) {
    (self.coupling, self.value, self.pairs) = (coupling, value, pairs)
    (self.chiSquare, self.degreesOfFreedom) = (chiSquare, degreesOfFreedom)
    (self.probability, self.method) = (probability, method)
    drift = nil
  }
}
