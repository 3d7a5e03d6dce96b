// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A fit of one smooth curve through a quantity on all sizes L: finite-size scaling as data collapse.
///
///     y = P(x),                        x = (g - g_c) L^(1/nu)          without an exponent
///     log y = P(x) - kappa log L                                        with one, y L^kappa = e^P
///
/// with a polynomial P of the degree that makes chi^2 + 2 (number of parameters) smallest (H. Akaike,
/// IEEE Trans. Autom. Control 19 (1974) 716). Values must be independent of each other, one from each
/// run. chi^2 is smallest over g_c, 1/nu, kappa and the coefficients of P together; the errors are
/// those of Delta chi^2 = 1 with all others minimised, (J^T J)^-1 of the Jacobian J. They know the
/// noise of the values and nothing of corrections to scaling, which a chi^2 far above the degrees of
/// freedom gives away.
public struct ScalingCollapse: Sendable {
  public struct Point: Sendable {
    /// L.
    public var extent: Double
    /// g.
    public var coupling: Double
    public var value: Double
    public var error: Double

    public init(extent: Double, coupling: Double, value: Double, error: Double) {
      (self.extent, self.coupling, self.value, self.error) = (extent, coupling, value, error)
    }
  }

  /// Which numbers are held fixed, at which values.
  public struct Fixed: Sendable {
    public var coupling: Double?
    public var inverseNu: Double?
    public var exponent: Double?

    public init(coupling: Double? = nil, inverseNu: Double? = nil, exponent: Double? = nil) {
      (self.coupling, self.inverseNu, self.exponent) = (coupling, inverseNu, exponent)
    }
  }

  /// g_c; the error is 0 where it was held fixed.
  public let coupling: Uncertain
  /// 1/nu.
  public let inverseNu: Uncertain
  /// kappa; nil where the quantity has none.
  public let exponent: Uncertain?
  public let chiSquare: Double
  public let degreesOfFreedom: Int
  /// The degree of P.
  public let degree: Int
  /// P(x) against x, at the places of the points.
  public let curve: [(x: Double, y: Double)]

  public var probability: Double {
    ChiSquare.probability(exceeding: chiSquare, degreesOfFreedom: degreesOfFreedom)
  }

  /// The degrees that are tried.
  public static let degrees = 2...9

  /// The best collapse near the start values; `exponent` is nil for a quantity without one. Throws if
  /// there are too few points, errors that are not above 0, or no minimum near the start.
  public init(
    _ points: [Point], startingAt start: (coupling: Double, inverseNu: Double),
    exponent: Double?, fixed: Fixed = Fixed()
  ) throws(StatisticsError) {
    for point in points where !(point.error > 0 && point.error.isFinite && point.value.isFinite) {
      throw .illegalParameter(name: "error", value: point.error, legal: "finite and above 0")
    }
    if exponent != nil, let bad = points.first(where: { $0.value <= 0 }) {
      throw .illegalParameter(name: "value", value: bad.value, legal: "above 0")
    }
    var (best, criterion): (CollapseFit?, Double) = (nil, .infinity)
    for degree in Self.degrees {
      var fit = CollapseFit(points, degree: degree, start: start, exponent: exponent, fixed: fixed)
      if fit.degreesOfFreedom < 2 || !fit.minimise() { continue }
      let own = fit.chiSquare + 2 * Double(fit.parameters.count)
      if own < criterion { (best, criterion) = (fit, own) }
    }
    guard let best, let covariance = best.covariance else {
      throw .undetermined(
        quantity: "a collapse of \(points.count) values",
        reason: "there are too few of them, or no curve goes through them near the start")
    }
    func number(_ slot: Int?, _ value: Double) -> Uncertain {
      Uncertain(value, slot.map { covariance[$0][$0].squareRoot() } ?? 0)
    }
    coupling = number(best.couplingSlot, best.coupling)
    inverseNu = number(best.inverseNuSlot, best.inverseNu)
    self.exponent = exponent == nil ? nil : number(best.exponentSlot, best.exponent)
    chiSquare = best.chiSquare
    degreesOfFreedom = best.degreesOfFreedom
    degree = best.degree
    curve = best.curve
  }
}
