// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Which states of a leg are kept.
enum TruncationRule {
  /// A state whose weight is this part of the largest is rounding noise.
  static let noise = 1e-16

  /// The `bondDimension` largest of the weights of both parities (each list falling) that are above
  /// the noise, as the number of each parity.
  static func kept(_ weights: [[Double]], bondDimension: Int) -> [Int] {
    let all = weights.joined().sorted(by: >)
    guard let largest = all.first, largest > 0 else { return [0, 0] }
    let threshold = max(
      all.count > bondDimension ? all[bondDimension] : 0, noise * largest)
    return weights.map { $0.count { $0 > threshold } }
  }
}

/// The projection of the pair of legs between two stacks of tensors onto few states.
///
/// With ρ_R = Σ B B over all but the right legs of the stack B left of the cut, and ρ_L likewise for
/// the left legs of the stack right of it, factors X with ρ = XᵀX and the decomposition
/// X_R X_Lᵀ = Σ_k s_k l_k r_kᵀ, the sum over the cut is cut down to the largest s_k by
///
///     1 ≈ E Fᵀ,    E = X_Lᵀ r s^−½ (on right legs),    F = X_Rᵀ l s^−½ (on left legs),
///
/// the best choice for the two stacks beside the cut (Iino, Morita, Kawashima, Phys. Rev. B 100
/// (2019) 035449). For ρ_R = ρ_L it is the isometry of HOTRG.
struct BondTruncation {
  /// E and F as tensors with legs (lower, upper, new).
  let right: GradedTensor
  let left: GradedTensor

  /// ρ with legs (lower, lower', upper, upper').
  init(right rho: GradedTensor, left rhoLeft: GradedTensor, bondDimension: Int) throws {
    var decompositions: [(left: DenseMatrix, values: [Double], right: DenseMatrix)] = []
    var factors: [(right: DenseMatrix, left: DenseMatrix)] = []
    for parity in 0...1 {
      let right = try Self.factor(rho, parity: parity)
      let left = try Self.factor(rhoLeft, parity: parity)
      decompositions.append(try (right * left.transposed).singularValues())
      factors.append((right, left))
    }
    let kept = TruncationRule.kept(decompositions.map(\.values), bondDimension: bondDimension)
    var columns: (right: [DenseMatrix], left: [DenseMatrix]) = ([], [])
    for parity in 0...1 {
      let (l, s, r) = decompositions[parity]
      let scales = s[..<kept[parity]].map { 1 / $0.squareRoot() }
      columns.right.append((r.scalingRows(by: scales) * factors[parity].left).transposed)
      columns.left.append((l.scalingRows(by: scales) * factors[parity].right).transposed)
    }
    let legs = (rho.legs[0], rho.legs[2])
    right = .unfused(legs.0, legs.1, columns: columns.right)
    left = .unfused(legs.0, legs.1, columns: columns.left)
  }

  /// X with ρ = XᵀX on the pairs of one parity, without the part that is rounding.
  private static func factor(_ rho: GradedTensor, parity: Int) throws -> DenseMatrix {
    let matrix = rho.permuted([0, 2, 1, 3]).fusedMatrix(parity: parity)
    let (values, vectors) = try matrix.symmetricEigensystem()
    let kept = values.filter { $0 > TruncationRule.noise * values[0] }
    return vectors.scalingRows(by: kept.map { $0.squareRoot() })
  }
}
