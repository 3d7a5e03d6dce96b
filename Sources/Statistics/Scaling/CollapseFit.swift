// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The least-squares problem of a collapse with a polynomial of one degree, and its minimum by the
/// method of Levenberg and Marquardt (D. W. Marquardt, J. SIAM 11 (1963) 431).
struct CollapseFit {
  let degree: Int
  /// g_c, 1/nu and kappa as far as they are free, then the coefficients of P.
  private(set) var parameters: [Double]
  private(set) var couplingSlot: Int?
  private(set) var inverseNuSlot: Int?
  private(set) var exponentSlot: Int?
  private var fixed: (coupling: Double, inverseNu: Double, exponent: Double)
  private let points: [ScalingCollapse.Point]
  /// y or log y of each point, and its error.
  private let targets: [(value: Double, error: Double)]
  /// The x of Chebyshev's 1.
  private let scale: Double
  private let firstCoefficient: Int

  init(
    _ points: [ScalingCollapse.Point], degree: Int,
    start: (coupling: Double, inverseNu: Double), exponent: Double?, fixed: ScalingCollapse.Fixed
  ) {
    (self.points, self.degree) = (points, degree)
    targets = points.map {
      exponent == nil ? ($0.value, $0.error) : (log($0.value), $0.error / $0.value)
    }
    self.fixed = (
      fixed.coupling ?? start.coupling, fixed.inverseNu ?? start.inverseNu,
      exponent.map { fixed.exponent ?? $0 } ?? 0
    )
    parameters = []
    if fixed.coupling == nil {
      couplingSlot = parameters.count
      parameters.append(start.coupling)
    }
    if fixed.inverseNu == nil {
      inverseNuSlot = parameters.count
      parameters.append(start.inverseNu)
    }
    if let exponent, fixed.exponent == nil {
      exponentSlot = parameters.count
      parameters.append(exponent)
    }
    firstCoefficient = parameters.count
    let (origin, power) = (self.fixed.coupling, self.fixed.inverseNu)
    scale = points.map { abs($0.coupling - origin) * pow($0.extent, power) }.reduce(1e-300, max)
    parameters += [Double](repeating: 0, count: degree + 1)
  }

  var coupling: Double { couplingSlot.map { parameters[$0] } ?? fixed.coupling }
  var inverseNu: Double { inverseNuSlot.map { parameters[$0] } ?? fixed.inverseNu }
  var exponent: Double { exponentSlot.map { parameters[$0] } ?? fixed.exponent }
  var degreesOfFreedom: Int { points.count - parameters.count }
  private(set) var chiSquare = Double.infinity

  var curve: [(x: Double, y: Double)] {
    points.map { point in
      let x = (point.coupling - coupling) * pow(point.extent, inverseNu)
      return (x, dot(chebyshev(x / scale).values, Array(parameters[firstCoefficient...])))
    }.sorted { $0.x < $1.x }
  }

  /// (J^T J)^-1 at the minimum.
  var covariance: [[Double]]? { CholeskyFactor(system().normal)?.inverse }

  /// T_0 ... T_d at t, which may lie a little beyond 1, and their derivatives.
  private func chebyshev(_ t: Double) -> (values: [Double], slopes: [Double]) {
    var (values, slopes) = ([1, t], [0.0, 1])
    for j in 2..<max(2, degree + 1) {
      values.append(2 * t * values[j - 1] - values[j - 2])
      slopes.append(2 * values[j - 1] + 2 * t * slopes[j - 1] - slopes[j - 2])
    }
    return (values, slopes)
  }

  /// J^T J, J^T r and chi^2 = r^T r, r = (y - model) / error.
  private func system() -> (normal: [[Double]], right: [Double], chiSquare: Double) {
    let count = parameters.count
    var normal = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    var (right, sum) = ([Double](repeating: 0, count: count), 0.0)
    let coefficients = Array(parameters[firstCoefficient...])
    for (point, target) in zip(points, targets) {
      let (logarithm, factor) = (log(point.extent), pow(point.extent, inverseNu))
      let x = (point.coupling - coupling) * factor
      let (values, slopes) = chebyshev(x / scale)
      let slope = dot(slopes, coefficients) / scale
      var row = [Double](repeating: 0, count: count)
      if let slot = couplingSlot { row[slot] = -slope * factor }
      if let slot = inverseNuSlot { row[slot] = slope * x * logarithm }
      if let slot = exponentSlot { row[slot] = -logarithm }
      for (index, value) in values.enumerated() { row[firstCoefficient + index] = value }
      let model = dot(values, coefficients) - exponent * logarithm
      let rest = (target.value - model) / target.error
      sum += rest * rest
      for i in 0..<count {
        row[i] /= target.error
        right[i] += row[i] * rest
        for j in 0...i { normal[i][j] += row[i] * row[j] }
      }
    }
    for i in 0..<count { for j in 0..<i { normal[j][i] = normal[i][j] } }
    return (normal, right, sum)
  }

  /// The polynomial alone first, which is linear, then everything; false if no minimum is reached.
  mutating func minimise() -> Bool {
    let linear = firstCoefficient..<parameters.count
    let (normal, right, _) = system()
    guard let factor = CholeskyFactor(linear.map { i in linear.map { normal[i][$0] } }) else {
      return false
    }
    for (slot, change) in zip(linear, factor.solve(linear.map { right[$0] })) {
      parameters[slot] += change
    }
    var damping = 1e-3
    var current = system()
    for _ in 0..<500 {
      var damped = current.normal
      for i in damped.indices { damped[i][i] *= 1 + damping }
      guard let factor = CholeskyFactor(damped) else { return false }
      let step = factor.solve(current.right)
      // What the step of the linearised problem gains: nothing but rounding at a minimum.
      if dot(step, current.right) < 1e-10 * (1 + current.chiSquare), damping < 1 {
        chiSquare = current.chiSquare
        return inverseNu > 0
      }
      var trial = self
      for i in step.indices { trial.parameters[i] += step[i] }
      let next = trial.system()
      if next.chiSquare < current.chiSquare {
        (parameters, current) = (trial.parameters, next)
        damping = max(1e-12, damping / 10)
      } else {
        damping *= 10
        if damping > 1e12 { return false }
      }
    }
    return false
  }
}
