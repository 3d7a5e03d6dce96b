// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics

/// How far two values of one quantity are apart.
public struct QuantityDifference: Sendable, Equatable {
  public var name: String
  /// The value minus that of the reference.
  public var difference: Double
  /// Both errors in quadrature.
  public var error: Double
  /// Of the combined error, by Welch and Satterthwaite: ν = (e₁² + e₂²)²/(e₁⁴/ν₁ + e₂⁴/ν₂).
  public var degreesOfFreedom: Double

  /// difference/error; NaN where an error is unknown, or where both are 0.
  public var pull: Double { error > 0 ? difference / error : .nan }

  /// Whether there is anything to judge.
  public var isJudged: Bool { pull.isFinite }

  /// The probability of a pull as large as this in either direction if both sample the same: that of
  /// Student's t with the degrees of freedom of the error, t² = F with 1 and ν.
  public var probability: Double {
    if !isJudged { return .nan }
    if degreesOfFreedom > 1e6 { return erfc(abs(pull) / 2.0.squareRoot()) }
    return FisherDistribution.probability(
      exceeding: pull * pull, degreesOfFreedom: 1, of: degreesOfFreedom)
  }

  /// Two independent estimates.
  public init(_ quantity: ComparedQuantity, minus reference: ComparedQuantity) {
    let (a, b) = (quantity.error * quantity.error, reference.error * reference.error)
    name = quantity.name
    difference = quantity.value - reference.value
    error = (a + b).squareRoot()
    let sum = a * a / quantity.degreesOfFreedom + b * b / reference.degreesOfFreedom
    degreesOfFreedom = sum > 0 ? (a + b) * (a + b) / sum : .infinity
  }

  /// An estimate and a number that is known, up to an error of its own.
  public init(_ quantity: ComparedQuantity, minus reference: Uncertain) {
    let (a, b) = (quantity.error * quantity.error, reference.error * reference.error)
    name = quantity.name
    difference = quantity.value - reference.value
    error = (a + b).squareRoot()
    degreesOfFreedom = a > 0 ? (a + b) * (a + b) / (a * a / quantity.degreesOfFreedom) : .infinity
  }
}

/// The differences of several correlated quantities in one number, Hotelling's
/// T² = d^T C^-1 d with the covariance C of the differences.
///
/// H. Hotelling, Ann. Math. Stat. 2 (1931) 360: T² (ν − k + 1)/(ν k) is F with k and ν − k + 1 degrees
/// of freedom if C is known from ν; for many it is χ² with k.
public struct OverallDifference: Sendable, Equatable {
  /// T².
  public var chiSquare: Double
  /// k: as many as there are quantities, less those that the others determine.
  public var degreesOfFreedom: Int
  /// The probability of a larger T² if both sample the same.
  public var probability: Double

  /// Combinations of the quantities whose variance is below this fraction of the mean one are
  /// determined by the others up to rounding, such as the action of a free field by its
  /// Schwinger-Dyson identity.
  private static let leastVariance = 1e-7
  /// The least number of independent bins for each quantity.
  private static let leastBins = 8.0

  /// C_ab = e_a R_ab e_b of both samplers together, with the errors e and the correlations R of each.
  /// Nil where correlations or errors are unknown.
  init?(
    _ first: (quantities: [ComparedQuantity], correlations: BinCorrelations?),
    _ second: (quantities: [ComparedQuantity], correlations: BinCorrelations?)
  ) {
    guard let a = first.correlations, let b = second.correlations,
      a.matrix.count == first.quantities.count, b.matrix.count == second.quantities.count
    else { return nil }
    let pairs = first.quantities.indices.compactMap { i in
      second.quantities.firstIndex { $0.name == first.quantities[i].name }.map { (i, $0) }
    }
    let differences = pairs.map {
      QuantityDifference(first.quantities[$0.0], minus: second.quantities[$0.1])
    }
    guard !pairs.isEmpty, differences.allSatisfy(\.isJudged) else { return nil }
    let correlation = pairs.indices.map { i in
      pairs.indices.map { j -> Double in
        let left =
          first.quantities[pairs[i].0].error * first.quantities[pairs[j].0].error
          * a.matrix[pairs[i].0][pairs[j].0]
        let right =
          second.quantities[pairs[i].1].error * second.quantities[pairs[j].1].error
          * b.matrix[pairs[i].1][pairs[j].1]
        return (left + right) / (differences[i].error * differences[j].error)
      }
    }
    let (values, vectors) = symmetricEigenvalues(correlation)
    var (sum, rank) = (0.0, 0)
    for (value, vector) in zip(values, vectors) where value > Self.leastVariance {
      let projection = zip(vector, differences).reduce(0) { $0 + $1.0 * $1.1.pull }
      sum += projection * projection / value
      rank += 1
    }
    let nu = min(a.degreesOfFreedom, b.degreesOfFreedom)
    let rest = nu - Double(rank) + 1
    // From few bins the covariance is too uncertain, above all of averages that are not normal.
    guard rank > 0, rest >= Self.leastBins * Double(rank) else { return nil }
    (chiSquare, degreesOfFreedom) = (sum, rank)
    probability = FisherDistribution.probability(
      exceeding: sum * rest / (nu * Double(rank)), degreesOfFreedom: rank, of: rest)
  }
}

/// The eigenvalues of a symmetric matrix with their eigenvectors of length 1, by Jacobi's rotations.
/// Golub and Van Loan, Matrix Computations, section 8.5.
func symmetricEigenvalues(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
  var a = matrix
  let size = a.count
  var v = (0..<size).map { row in (0..<size).map { row == $0 ? 1.0 : 0 } }
  for _ in 0..<60 {
    var rest = 0.0
    for p in 0..<size { for q in 0..<p { rest += a[p][q] * a[p][q] } }
    if rest < 1e-300 { break }
    for p in 0..<size {
      for q in p + 1..<max(size, p + 1) where a[p][q] != 0 {
        let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<size {
          (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
        }
        for k in 0..<size {
          (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
        }
        for k in 0..<size {
          (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q])
        }
      }
    }
  }
  return (
    (0..<size).map { a[$0][$0] }, (0..<size).map { column in (0..<size).map { v[$0][column] } }
  )
}
