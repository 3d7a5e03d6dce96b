// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation

/// The field at one site on a grid, with the Boltzmann weight shared out among its four bonds.
///
/// The midpoint rule on the whole line converges exponentially for these smooth, decaying
/// integrands (Trefethen, Weideman, SIAM Rev. 56 (2014) 385). Only φ > 0 is stored.
struct SiteQuadrature {
  /// The nodes φ_q > 0, to be taken with both signs.
  let nodes: [Double]
  /// −¼ V(φ_q) + ¼ ln h − s, with V = c2 φ² + c4 φ⁴.
  let quarterWeights: [Double]
  /// 2 s: two bonds for each site have been divided by exp(2s).
  let logFactor: Double
  /// J.
  let hopping: Double

  /// The rule with the given spacing h.
  private init(_ c: Phi4Couplings.Coefficients, range: Double, spacing: Double) {
    nodes = (0..<max(4, Int((range / spacing).rounded(.up)))).map { (Double($0) + 0.5) * spacing }
    hopping = c.hopping
    let raw = nodes.map {
      -0.25 * (c.quadratic * $0 * $0 + c.quartic * $0 * $0 * $0 * $0) + 0.25 * log(spacing)
    }
    // The largest bond weight is one on the diagonal, since 2φφ' <= φ² + φ'².
    let largest = zip(nodes, raw).map { 2 * $1 + abs(c.hopping) * $0 * $0 }.max() ?? 0
    quarterWeights = raw.map { $0 - largest / 2 }
    logFactor = 2 * largest
  }

  /// The coarsest of the rules with h, h/2, h/4 ... that gives the same as the next one to rounding.
  init(_ c: Phi4Couplings.Coefficients) {
    // The weight of one site in a torus is at most exp[−(c2 − 2|J|) φ² − c4 φ⁴].
    let mass = c.quadratic - 2 * abs(c.hopping)
    func exponent(_ x: Double) -> Double { mass * x * x + c.quartic * x * x * x * x }
    let well = mass < 0 ? exponent((-mass / (2 * c.quartic)).squareRoot()) : 0
    var range = 1.0
    while exponent(range) - well < 50 { range *= 1.1 }
    while exponent(range / 1.01) - well > 50 && exponent(range / 1.01) > 0 { range /= 1.01 }
    var spacing = range / 16
    var rule = SiteQuadrature(c, range: range, spacing: spacing)
    var value = rule.logPair
    // Nodes in the thousands are never needed: the integrands are entire.
    while rule.nodes.count < 2000 {
      spacing /= 2
      let next = SiteQuadrature(c, range: range, spacing: spacing)
      let nextValue = next.logPair
      let agrees = abs(nextValue - value) < 1e-15 * max(1, abs(value)) * 8
      rule = next
      value = nextValue
      if agrees { break }
    }
    self = rule
  }

  /// ln ∫∫ dφ dφ' exp[−V(φ) − V(φ') + 4Jφφ'], the partition function of two sites joined by four
  /// bonds, which is harder on the rule than any torus.
  private var logPair: Double {
    var sum = 0.0
    for (x, a) in zip(nodes, quarterWeights) {
      for (y, b) in zip(nodes, quarterWeights) {
        sum += 2 * exp(4 * (a + b)) * (exp(4 * hopping * x * y) + exp(-4 * hopping * x * y))
      }
    }
    return log(sum) + 2 * logFactor
  }

  /// The bond matrix exp[−¼V(φ) − ¼V(φ') + |J|φφ'] (h h')^{1/4} on functions of one parity, that is
  /// k(φ, φ') ± k(φ, −φ') for φ, φ' > 0, with `power` to raise k to.
  func bond(parity: Int, power: Double = 1) -> DenseMatrix {
    let sign = parity == 0 ? 1.0 : -1.0
    var matrix = DenseMatrix(rows: nodes.count, columns: nodes.count)
    for (row, x) in nodes.enumerated() {
      for (column, y) in nodes.enumerated() {
        let coupling = power * abs(hopping) * x * y
        // The difference as 1 − e^{−2z}, which keeps small ones exact.
        let both = parity == 0 ? 1 + sign * exp(-2 * coupling) : -expm1(-2 * coupling)
        matrix[row, column] =
          exp(power * (quarterWeights[row] + quarterWeights[column]) + coupling) * both
      }
    }
    return matrix
  }
}
