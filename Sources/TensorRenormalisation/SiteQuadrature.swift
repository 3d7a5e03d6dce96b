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

  /// Only couplings out of all proportion need so many; the bound keeps the work finite.
  private static let mostNodes = 2000

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
    // The weight of one site in a torus is at most exp[−(c2 − 2|J|) φ² − c4 φ⁴], and nothing is left
    // of it where it has fallen to exp(−50) of its largest value.
    let mass = c.quadratic - 2 * abs(c.hopping)
    func exponent(_ x: Double) -> Double { mass * x * x + c.quartic * x * x * x * x }
    let well = mass < 0 ? (-mass / (2 * c.quartic)).squareRoot() : 0
    func isNegligible(_ x: Double) -> Bool { exponent(x) - exponent(well) > 50 }
    var range = max(1, well)
    while !isNegligible(range) { range *= 1.05 }
    while range / 1.05 > well && isNegligible(range / 1.05) { range /= 1.05 }
    var spacing = range / 16
    var rule = SiteQuadrature(c, range: range, spacing: spacing)
    var value = rule.logPair
    // Halving h squares the error: where h and h/2 agree to 1e-10, that of h/2 is below rounding.
    while rule.nodes.count < Self.mostNodes {
      spacing /= 2
      rule = SiteQuadrature(c, range: range, spacing: spacing)
      let next = rule.logPair
      if abs(next - value) < 1e-10 { break }
      value = next
    }
    self = rule
  }

  /// ln ∫∫ dφ dφ' exp[−V(φ) − V(φ') + 4Jφφ'], the partition function of two sites joined by four
  /// bonds, which is harder on the rule than any torus.
  private var logPair: Double {
    var sum = 0.0
    for (x, a) in zip(nodes, quarterWeights) {
      for (y, b) in zip(nodes, quarterWeights) {
        let weight = 4 * (a + b)
        sum += 2 * (exp(weight + 4 * hopping * x * y) + exp(weight - 4 * hopping * x * y))
      }
    }
    return log(sum) + 2 * logFactor
  }

  /// The bond matrix k(φ, φ') = h^½ exp[−¼V(φ) − ¼V(φ') + |J|φφ' − 2s], raised to `power` entry by
  /// entry, on functions of one parity: k(φ, φ') ± k(φ, −φ') for φ, φ' > 0.
  func bond(parity: Int, power: Double = 1) -> DenseMatrix {
    var matrix = DenseMatrix(rows: nodes.count, columns: nodes.count)
    for (row, x) in nodes.enumerated() {
      for (column, y) in nodes.enumerated() {
        let coupling = power * abs(hopping) * x * y
        // The difference as 1 − e^{−2z}, which keeps small ones exact.
        let both = parity == 0 ? 1 + exp(-2 * coupling) : -expm1(-2 * coupling)
        matrix[row, column] =
          exp(power * (quarterWeights[row] + quarterWeights[column]) + coupling) * both
      }
    }
    return matrix
  }
}
