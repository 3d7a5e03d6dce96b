// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A quantity as a function of the coupling: an interpolation, the series it is averaged from, and the
/// function of their averages.
public struct InterpolatedQuantity: Sendable {
  public let interpolation: CouplingInterpolation
  /// In the order of the configurations, indexed [primary][configuration].
  public let primaries: [[Double]]
  /// f(g, averages).
  public let function: @Sendable (Double, [Double]) -> Double

  public init(
    _ interpolation: CouplingInterpolation, primaries: [[Double]],
    function: @escaping @Sendable (Double, [Double]) -> Double
  ) {
    (self.interpolation, self.primaries) = (interpolation, primaries)
    self.function = function
  }

  public func value(at coupling: Double) throws -> Double {
    try interpolation.point(at: coupling).value(primaries, of: function)
  }

  public func influencedValue(at coupling: Double) throws -> InfluencedValue {
    try interpolation.point(at: coupling).influencedValue(primaries, of: function)
  }

  public func influencedSlope(at coupling: Double) throws -> InfluencedValue {
    try interpolation.point(at: coupling).influencedSlope(primaries, of: function)
  }

  public func estimate(at coupling: Double) throws -> MultistateEstimate {
    let point = interpolation.point(at: coupling)
    return try point.estimate(try point.influencedValue(primaries, of: function))
  }

  /// d^2 f/dg^2 by the central difference of exact slopes over a tenth of the change of g that moves
  /// T by its spread; used where the place of a number depends on the data, in errors alone.
  func curvature(at coupling: Double) throws -> Double {
    let h = interpolation.spread > 0 ? 0.1 / interpolation.spread : 1e-3
    return
      (try influencedSlope(at: coupling + h).value
      - influencedSlope(at: coupling - h).value) / (2 * h)
  }
}

/// The coupling at which a quantity has the same value on two independent pools, with what every
/// configuration changes of it: delta g = (delta f_1 - delta f_2) / (f_2' - f_1') to first order.
public struct CurveCrossing: Sendable {
  public let coupling: PropagatedValue
  /// f at the crossing: delta f_1 + f_1' delta g.
  public let value: PropagatedValue
  /// df/dg of both at the crossing.
  public let slopes: [PropagatedValue]
  /// The numbers of the pools.
  public let pools: [Int]

  /// The crossing next to a coupling inside of a bracket, where the difference changes its sign.
  public init(
    _ quantities: [InterpolatedQuantity], pools: [Int], bracket: ClosedRange<Double>
  ) throws {
    precondition(quantities.count == 2 && pools.count == 2, "two pools cross")
    let root = try Self.root(quantities, bracket)
    let values = try zip(quantities, pools).map {
      PropagatedValue(try $0.influencedValue(at: root), pool: $1)
    }
    let slopes = try zip(quantities, pools).map {
      PropagatedValue(try $0.influencedSlope(at: root), pool: $1)
    }
    let difference = slopes[1].value - slopes[0].value
    coupling = .function(root, of: [(1 / difference, values[0]), (-1 / difference, values[1])])
    value = .function(values[0].value, of: [(1, values[0]), (slopes[0].value, coupling)])
    let place = coupling
    self.slopes = try zip(quantities, slopes).map {
      .function($1.value, of: [(1, $1), (try $0.curvature(at: root), place)])
    }
    self.pools = pools
  }

  /// Another quantity of pool `index` at the crossing, and what it changes by with the place.
  public func value(of quantity: InterpolatedQuantity, _ index: Int) throws -> PropagatedValue {
    let own = try quantity.influencedValue(at: coupling.value)
    let slope = try quantity.influencedSlope(at: coupling.value).value
    return .function(
      own.value, of: [(1, PropagatedValue(own, pool: pools[index])), (slope, coupling)])
  }

  /// The root of f_1 - f_2 by regula falsi with the Illinois rule, to 1e-13 of the bracket.
  private static func root(
    _ quantities: [InterpolatedQuantity], _ bracket: ClosedRange<Double>
  ) throws -> Double {
    func difference(_ g: Double) throws -> Double {
      try quantities[0].value(at: g) - quantities[1].value(at: g)
    }
    var (a, b) = (bracket.lowerBound, bracket.upperBound)
    var (fa, fb) = (try difference(a), try difference(b))
    if fa == 0 { return a }
    if fb == 0 { return b }
    precondition(fa * fb < 0, "the difference has one sign at both ends of the bracket")
    let tolerance = 1e-13 * (b - a) + 1e-15 * abs(a)
    for _ in 0..<100 where abs(b - a) > tolerance {
      let c = (a * fb - b * fa) / (fb - fa)
      let fc = try difference(c)
      if fc == 0 || abs(c - b) <= tolerance { return c }
      if fc * fb < 0 { (a, fa) = (b, fb) } else { fa /= 2 }
      (b, fb) = (c, fc)
    }
    return b
  }
}
