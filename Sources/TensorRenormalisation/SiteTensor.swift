// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation

/// The tensor of one site, whose legs are the states of its bonds.
///
/// The bond weight is a positive kernel. On functions of one parity its eigendecomposition gives
/// k(φ, φ') = Σ_i g_i(φ) g_i(φ'), and with one sum over the nodes at every site
///
///     Z = Σ_{bonds} Π_x T,      T_{ijkl} = Σ_q g_i(φ_q) g_j(φ_q) g_k(φ_q) g_l(φ_q)
///
/// (Kadoh et al., JHEP 1905 (2019) 184, with another rule). Negative J gives each odd state a sign
/// at one end of its bond.
struct SiteTensor {
  /// Legs: left, right, down, up.
  let tensor: GradedTensor
  let logFactor: Double

  init(_ coefficients: Phi4Couplings.Coefficients, bondDimension: Int) throws {
    let quadrature = SiteQuadrature(coefficients)
    var functions: [DenseMatrix] = []
    var weights: [[Double]] = []
    for parity in 0...1 {
      let (values, vectors) = try quadrature.bond(parity: parity).symmetricEigensystem()
      let kept = values.filter { $0 > 1e-17 * values[0] }
      // A function of norm 1 on the whole line is 1/√2 of its half there.
      let g = vectors.scalingRows(by: kept.map { ($0 / 2).squareRoot() })
      // ρ = Σ_jkl T_ijkl T_i'jkl = Σ_qq' g_i(q) g_i'(q') k(q, q')³ orders bond states by what they
      // do for the tensor rather than for the bond alone.
      let environment = quadrature.bond(parity: parity, power: 3)
      let (importance, rotation) = try (g * environment * g.transposed).symmetricEigensystem()
      functions.append(rotation * g)
      weights.append(importance.map { max($0, 0) })
    }
    let kept = TruncationRule.kept(weights, bondDimension: bondDimension)
    functions = (0...1).map {
      functions[$0].scalingRows(by: Array(repeating: 1, count: kept[$0]))
    }
    let leg = Leg(even: kept[0], odd: kept[1])
    var tensor = GradedTensor(legs: [leg, leg, leg, leg])
    for pattern in tensor.blocks.indices where Parity.isEven(pattern) {
      let pairs = [0, 2].map { shift in
        Self.products(functions[pattern >> shift & 1], functions[pattern >> (shift + 1) & 1])
      }
      // Both signs of φ_q give the same.
      var sum = (pairs[0] * pairs[1].transposed).entries
      let negative = coefficients.hopping < 0 && (pattern >> 1 ^ pattern >> 3) & 1 == 1
      for entry in sum.indices { sum[entry] *= negative ? -2 : 2 }
      tensor.blocks[pattern] = sum
    }
    let scale = tensor.largest
    tensor.scale(by: 1 / scale)
    self.tensor = tensor
    logFactor = quadrature.logFactor + log(scale)
  }

  /// The products g_i g_j of the rows of two matrices.
  private static func products(_ a: DenseMatrix, _ b: DenseMatrix) -> DenseMatrix {
    var result = DenseMatrix(rows: a.rows * b.rows, columns: a.columns)
    for i in 0..<a.rows {
      for j in 0..<b.rows {
        for q in 0..<a.columns { result[i * b.rows + j, q] = a[i, q] * b[j, q] }
      }
    }
    return result
  }
}
