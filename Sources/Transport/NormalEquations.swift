// SPDX-License-Identifier: GPL-3.0-or-later
import COpenBLAS
import Foundation

/// A weighted least-squares problem with a free constant,
///
///     min over c and a of  Σ_i w_i (y_i − Σ_j A_ij c_j − a)²,   Σ_i w_i = 1,
///
/// as its normal equations G c = h: G and h are the weighted covariances of the regressors with each
/// other and with y, which eliminates the constant.
public struct NormalEquations: Sendable, Equatable {
  /// The number of unknowns.
  public let count: Int
  /// G, row after row; symmetric.
  public internal(set) var matrix: [Double]
  /// h.
  public internal(set) var vector: [Double]
  /// The weighted variance of y: what is left with c = 0.
  public internal(set) var variance: Double

  public init(count: Int) {
    self.count = count
    matrix = Array(repeating: 0, count: count * count)
    vector = Array(repeating: 0, count: count)
    variance = 0
  }

  /// From the rows A_i, one after the other, which are used up; `weights` need not be normalised.
  public init(rows: inout [Double], targets: [Double], weights: [Double]) {
    let members = targets.count
    let count = rows.count / max(1, members)
    precondition(rows.count == members * count && weights.count == members)
    self.init(count: count)
    let total = weights.reduce(0, +)
    precondition(total > 0, "a fit needs weight")
    var mean = [Double](repeating: 0, count: count)
    var targetMean = 0.0
    rows.withUnsafeMutableBufferPointer { rows in
      for i in 0..<members {
        let weight = weights[i] / total
        targetMean += weight * targets[i]
        for j in 0..<count { mean[j] += weight * rows[i &* count &+ j] }
      }
      for i in 0..<members {
        let weight = weights[i] / total
        let root = weight.squareRoot()
        let target = targets[i] - targetMean
        variance += weight * target * target
        for j in 0..<count {
          let value = rows[i &* count &+ j] - mean[j]
          vector[j] += weight * target * value
          rows[i &* count &+ j] = root * value
        }
      }
      guard count > 0 else { return }
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, CblasTrans, blasint(count), blasint(members), 1,
        rows.baseAddress, blasint(count), 0, &matrix, blasint(count))
    }
    for j in 0..<count {
      for i in 0..<j { matrix[j * count + i] = matrix[i * count + j] }
    }
  }

  /// The solution of (G + ridge · diag G) c = h. Throws where that is not positive definite.
  public func solution(ridge: Double) throws -> [Double] {
    var damped = matrix
    for j in 0..<count {
      let diagonal = matrix[j * count + j]
      damped[j * count + j] = diagonal > 0 ? diagonal * (1 + ridge) : 1
    }
    return try Self.solve(&damped, vector)
  }

  /// The weighted mean of the squared residual for given c: Var y − 2 c·h + c·G c, where rounding must not
  /// make less than zero of it.
  public func residualVariance(_ solution: [Double]) -> Double {
    var result = variance
    for i in 0..<count {
      var row = 0.0
      for j in 0..<count { row += matrix[i * count + j] * solution[j] }
      result += solution[i] * (row - 2 * vector[i])
    }
    return max(0, result)
  }

  /// Solves a symmetric positive definite system, whose matrix is used up.
  static func solve(_ matrix: inout [Double], _ vector: [Double]) throws -> [Double] {
    guard !vector.isEmpty else { return [] }
    var solution = vector
    var size = Int32(vector.count)
    var columns: Int32 = 1
    var leadingMatrix = size
    var leadingVector = size
    var info: Int32 = 0
    dposv_("L", &size, &columns, &matrix, &leadingMatrix, &solution, &leadingVector, &info)
    guard info == 0 else { throw TrainingError.singular(order: Int(info)) }
    return solution
  }
}

/// Why a drift could not be trained.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The normal equations are not positive definite: the leading minor of this order is not.
  case singular(order: Int)

  public var description: String {
    switch self {
    case .singular(let order):
      "the normal equations of the drift are singular at unknown \(order): "
        + "more walkers, fewer features or a larger ridge would help"
    }
  }
}
