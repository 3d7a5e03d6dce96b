// SPDX-License-Identifier: GPL-3.0-or-later

/// A piecewise cubic function of one variable.
struct Spline: Sendable {
  /// Where pieces begin, and where the last one ends.
  private let points: [Double]
  private let values: [Double]
  /// f(x) = a + b u + c u² + d u³ with u from 0 to 1 along a piece.
  private let pieces: [(a: Double, b: Double, c: Double, d: Double)]

  /// The interpolating cubic spline with "not a knot" ends: a line through two points, a parabola
  /// through three, a cubic through four. de Boor, A Practical Guide to Splines (1978), ch. IV.
  init(_ points: [Double], _ values: [Double]) {
    precondition(points.count == values.count && points.count >= 2, "a curve has two ends")
    self.points = points
    self.values = values
    let slopes = Self.slopes(points, values)
    pieces = (0..<points.count - 1).map { i in
      let h = points[i + 1] - points[i]
      let rise = values[i + 1] - values[i]
      let (left, right) = (h * slopes[i], h * slopes[i + 1])
      return (values[i], left, 3 * rise - 2 * left - right, left + right - 2 * rise)
    }
  }

  /// Curves one after the other, each of which begins where the one before ends.
  init(joining curves: [Spline]) {
    points = [curves[0].points[0]] + curves.flatMap { $0.points.dropFirst() }
    values = [curves[0].values[0]] + curves.flatMap { $0.values.dropFirst() }
    pieces = curves.flatMap(\.pieces)
  }

  /// f(x).
  func value(_ x: Double) -> Double {
    let (piece, u, _) = place(x)
    let (a, b, c, d) = pieces[piece]
    return a + u * (b + u * (c + u * d))
  }

  /// f'(x); at a corner to the right.
  func slope(_ x: Double) -> Double {
    let (piece, u, h) = place(x)
    let (_, b, c, d) = pieces[piece]
    return (b + u * (2 * c + u * 3 * d)) / h
  }

  private func place(_ x: Double) -> (piece: Int, u: Double, h: Double) {
    precondition(x >= points[0] && x <= points[points.count - 1], "a path runs from time 0 to 1")
    let right = points.indices.dropFirst().first { points[$0] > x } ?? points.count - 1
    let h = points[right] - points[right - 1]
    return (right - 1, (x - points[right - 1]) / h, h)
  }

  /// f' at the points: the polynomial through all where there are up to four, else the solution of the
  /// linear system of continuous second derivatives and of the two conditions at the ends.
  private static func slopes(_ x: [Double], _ y: [Double]) -> [Double] {
    let n = x.count
    if n <= 4 { return polynomialSlopes(x, y) }
    let h = (0..<n - 1).map { x[$0 + 1] - x[$0] }
    let s = (0..<n - 1).map { (y[$0 + 1] - y[$0]) / h[$0] }
    var lower = [Double](repeating: 0, count: n)
    var middle = lower
    var upper = lower
    var right = lower
    // The third derivatives of the first two pieces agree, with the second slope's equation used to
    // leave two unknowns; likewise at the end.
    middle[0] = h[1]
    upper[0] = h[0] + h[1]
    right[0] =
      ((h[0] + 2 * (h[0] + h[1])) * h[1] * s[0] + h[0] * h[0] * s[1]) / (h[0] + h[1])
    for i in 1..<n - 1 {
      lower[i] = h[i]
      middle[i] = 2 * (h[i - 1] + h[i])
      upper[i] = h[i - 1]
      right[i] = 3 * (h[i] * s[i - 1] + h[i - 1] * s[i])
    }
    let (p, q) = (h[n - 3], h[n - 2])
    lower[n - 1] = p + q
    middle[n - 1] = p
    right[n - 1] = (q * q * s[n - 3] + (2 * (p + q) + q) * p * s[n - 2]) / (p + q)
    for i in 1..<n {
      let factor = lower[i] / middle[i - 1]
      middle[i] -= factor * upper[i - 1]
      right[i] -= factor * right[i - 1]
    }
    var slopes = right
    slopes[n - 1] /= middle[n - 1]
    for i in stride(from: n - 2, through: 0, by: -1) {
      slopes[i] = (right[i] - upper[i] * slopes[i + 1]) / middle[i]
    }
    return slopes
  }

  /// The derivatives at the points of the polynomial through them, by Lagrange's formula.
  private static func polynomialSlopes(_ x: [Double], _ y: [Double]) -> [Double] {
    x.indices.map { i in
      x.indices.reduce(0) { sum, j in
        if j == i {
          return sum + y[i] * x.indices.reduce(0) { $1 == i ? $0 : $0 + 1 / (x[i] - x[$1]) }
        }
        var weight = 1 / (x[j] - x[i])
        for k in x.indices where k != i && k != j { weight *= (x[i] - x[k]) / (x[j] - x[k]) }
        return sum + y[j] * weight
      }
    }
  }
}
