// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A least-squares fit of a model that is linear in its parameters to correlated values:
/// chi^2 = (y - X b)^T C^-1 (y - X b) is smallest at b = (X^T C^-1 X)^-1 X^T C^-1 y, whose covariance
/// matrix is (X^T C^-1 X)^-1.
public struct LinearFit: Sendable {
  public let parameters: [Double]
  public let covariance: [[Double]]
  public let chiSquare: Double
  /// The number of values minus that of parameters.
  public let degreesOfFreedom: Int

  /// The probability of a larger chi-square; nil without degrees of freedom.
  public var probability: Double? {
    degreesOfFreedom > 0
      ? ChiSquare.probability(exceeding: chiSquare, degreesOfFreedom: degreesOfFreedom) : nil
  }

  /// The error of one parameter, sqrt of its variance.
  public func error(_ index: Int) -> Double { covariance[index][index].squareRoot() }

  /// From the values, the rows of X and the covariance matrix of the values. Throws if there are fewer
  /// values than parameters, or if values or rows are not independent.
  public init(
    values: [Double], design: [[Double]], covariance: [[Double]]
  ) throws(StatisticsError) {
    let count = design.first?.count ?? 0
    if values.count < count || count == 0 {
      throw .undetermined(
        quantity: "a fit of \(count) parameters", reason: "there are \(values.count) values")
    }
    guard let factor = CholeskyFactor(covariance) else {
      throw .undetermined(
        quantity: "a fit to \(values.count) values",
        reason: "their covariance matrix is not positive definite")
    }
    // With C = G G^T the rows of G^-1 X and G^-1 y are independent and of unit variance.
    let y = factor.solveLower(values)
    let columns = (0..<count).map { column in factor.solveLower(design.map { $0[column] }) }
    let normal = columns.map { a in columns.map { dot(a, $0) } }
    guard let solution = CholeskyFactor(normal) else {
      throw .undetermined(
        quantity: "a fit of \(count) parameters", reason: "the values do not tell them apart")
    }
    parameters = solution.solve(columns.map { dot($0, y) })
    self.covariance = solution.inverse
    var sum = 0.0
    for row in y.indices {
      var rest = y[row]
      for column in columns.indices { rest -= columns[column][row] * parameters[column] }
      sum += rest * rest
    }
    chiSquare = sum
    degreesOfFreedom = values.count - count
  }
}

/// The factor G of a symmetric positive definite matrix A = G G^T, lower triangular.
struct CholeskyFactor {
  private let rows: [[Double]]

  /// Nil unless the matrix is positive definite to rounding.
  init?(_ matrix: [[Double]]) {
    var rows = matrix
    for i in matrix.indices {
      for j in 0...i {
        var sum = matrix[i][j]
        for k in 0..<j { sum -= rows[i][k] * rows[j][k] }
        if i == j {
          if !(sum > 1e-14 * matrix[i][i]) { return nil }
          rows[i][i] = sum.squareRoot()
        } else {
          rows[i][j] = sum / rows[j][j]
        }
      }
    }
    self.rows = rows
  }

  /// G^-1 b.
  func solveLower(_ right: [Double]) -> [Double] {
    var x = right
    for i in x.indices {
      for k in 0..<i { x[i] -= rows[i][k] * x[k] }
      x[i] /= rows[i][i]
    }
    return x
  }

  /// A^-1 b.
  func solve(_ right: [Double]) -> [Double] {
    var x = solveLower(right)
    for i in x.indices.reversed() {
      for k in i + 1..<max(i + 1, x.count) { x[i] -= rows[k][i] * x[k] }
      x[i] /= rows[i][i]
    }
    return x
  }

  /// A^-1.
  var inverse: [[Double]] {
    rows.indices.map { column in solve(rows.indices.map { $0 == column ? 1 : 0 }) }
  }
}
