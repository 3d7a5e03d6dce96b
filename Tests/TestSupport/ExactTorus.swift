// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

extension ExactPhi4 {
  /// ⟨M²⟩ and ⟨M⁴⟩ of M = Σ φ on an L×L torus, L = 2 or 3, S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² +
  /// c4 φ_x⁴ ], every site on a grid of midpoints. With 16 points of ±1.5 the moment ratio at m² = −4,
  /// λ = 7 is right to 1e-5.
  public static func torusMoments(
    length: Int, hopping: Double, quadratic: Double, quartic: Double, cutoff: Double = 1.5,
    points n: Int = 16
  ) -> (second: Double, fourth: Double) {
    precondition(length == 2 || length == 3, "the sums are written for two and three rows")
    let x = (0..<n).map { -cutoff + (Double($0) + 0.5) * 2 * cutoff / Double(n) }
    let rows = (0..<length).reduce(1) { total, _ in total * n }
    func sites(_ row: Int) -> [Int] {
      (0..<length).map { site in (0..<site).reduce(row) { rest, _ in rest / n } % n }
    }
    // Sum and weight of each row: its sites and the bonds along it.
    var (sums, weights): ([Double], [Double]) = ([], [])
    for row in 0..<rows {
      let field = sites(row).map { x[$0] }
      var action = 0.0
      for site in 0..<length {
        let square = field[site] * field[site]
        action += quadratic * square + quartic * square * square
        action -= hopping * field[site] * field[(site + 1) % length]
      }
      sums.append(field.reduce(0, +))
      weights.append(exp(-action))
    }
    let bond = x.map { a in x.map { exp(hopping * a * $0) } }
    /// Σ_k Π_site bond(j_site, k_site) v_k, site by site.
    func apply(_ vector: [Double]) -> [Double] {
      var v = vector
      for site in 0..<length {
        let stride = (0..<site).reduce(1) { total, _ in total * n }
        var next = [Double](repeating: 0, count: rows)
        for row in 0..<rows {
          let own = row / stride % n
          let first = row - own * stride
          for other in 0..<n { next[row] += bond[own][other] * v[first + other * stride] }
        }
        v = next
      }
      return v
    }
    // Z ⟨(a_i + b)^p⟩ with a_i the sum of the first row and b that of the others.
    var (total, second, fourth) = (0.0, 0.0, 0.0)
    for row in 0..<rows {
      let places = sites(row)
      let mirrored = places.reversed().map { n - 1 - $0 }
      // Rows that differ by a permutation of their sites, or in all signs, are alike.
      if places != places.sorted() || mirrored.lexicographicallyPrecedes(places) { continue }
      let copies = Double(permutations(places) * (mirrored == places ? 1 : 2))
      var spike = [Double](repeating: 0, count: rows)
      spike[row] = 1
      let link = apply(spike)
      // Σ over the other rows of their weight times b^q.
      var moments = [Double](repeating: 0, count: 5)
      if length == 2 {
        for other in 0..<rows {
          var term = weights[other] * link[other] * link[other]
          for q in 0..<5 {
            moments[q] += term
            term *= sums[other]
          }
        }
      } else {
        var powers = zip(weights, link).map { $0 * $1 }
        for r in 0..<5 {
          let carried = apply(powers)
          for middle in 0..<rows {
            var term = weights[middle] * link[middle] * carried[middle]
            for q in 0..<5 - r {
              moments[q + r] += binomial(q + r, r) * term
              term *= sums[middle]
            }
          }
          for other in 0..<rows { powers[other] *= sums[other] }
        }
      }
      let a = sums[row]
      func moment(_ p: Int) -> Double {
        (0...p).reduce(0) { $0 + binomial(p, $1) * pow(a, Double(p - $1)) * moments[$1] }
      }
      let weight = copies * weights[row]
      total += weight * moment(0)
      second += weight * moment(2)
      fourth += weight * moment(4)
    }
    return (second / total, fourth / total)
  }

  private static func binomial(_ n: Int, _ k: Int) -> Double {
    (0..<k).reduce(1) { $0 * Double(n - $1) / Double($1 + 1) }
  }

  /// How many different orders the places have.
  private static func permutations(_ places: [Int]) -> Int {
    let factorials = [1, 1, 2, 6]
    return Set(places).reduce(factorials[places.count]) { count, place in
      count / factorials[places.filter { $0 == place }.count]
    }
  }
}
