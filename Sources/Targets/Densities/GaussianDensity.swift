// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams

/// The normal density N(m, Σ), normalised: U = −log ρ and log Z = 0,
///
///     U(x) = ½ (x − m)ᵀ Σ⁻¹ (x − m) + ½ log det Σ + (d/2) log 2π.
///
/// It is sampled as x = m + L η with the Cholesky factor L of Σ = L Lᵀ and standard normals η.
public struct GaussianDensity: PointTarget, SampleableTarget {
  /// m.
  public let mean: [Double]
  private let factor: Factor
  /// ½ log det Σ + (d/2) log 2π.
  private let constant: Double

  private enum Factor: Sendable {
    /// The standard deviations.
    case diagonal([Double])
    /// The lower triangle L, row by row, d numbers a row.
    case triangle([Double])

    /// log det L.
    func logDeterminant(dimension: Int) -> Double {
      switch self {
      case .diagonal(let deviations): deviations.reduce(0) { $0 + log($1) }
      case .triangle(let rows):
        (0..<dimension).reduce(0) { $0 + log(rows[$1 * dimension + $1]) }
      }
    }
  }

  /// A density with independent components of these standard deviations.
  public init(mean: [Double], standardDeviations: [Double]) {
    precondition(mean.count == standardDeviations.count && !mean.isEmpty)
    precondition(standardDeviations.allSatisfy { $0 > 0 }, "standard deviations are positive")
    self.init(mean: mean, factor: .diagonal(standardDeviations))
  }

  /// N(m, σ²) in every component.
  public init(dimension: Int, mean: Double = 0, standardDeviation: Double) {
    self.init(
      mean: Array(repeating: mean, count: dimension),
      standardDeviations: Array(repeating: standardDeviation, count: dimension))
  }

  /// A density with the covariance Σ, given row by row; it is symmetric and positive definite.
  public init(mean: [Double], covariance: [Double]) {
    precondition(covariance.count == mean.count * mean.count && !mean.isEmpty)
    self.init(mean: mean, factor: .triangle(choleskyFactor(covariance, dimension: mean.count)))
  }

  private init(mean: [Double], factor: Factor) {
    self.mean = mean
    self.factor = factor
    constant =
      factor.logDeterminant(dimension: mean.count)
      + 0.5 * Double(mean.count) * log(2 * Double.pi)
  }

  public var dimension: Int { mean.count }

  public var logNormalizer: Double { 0 }

  public func energy(
    of position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    switch factor {
    case .diagonal(let deviations):
      var sum = 0.0
      for index in mean.indices {
        let scaled = (position[index] - mean[index]) / deviations[index]
        sum += scaled * scaled
        gradient?[index] = scaled / deviations[index]
      }
      return 0.5 * sum + constant
    case .triangle(let rows):
      return triangularEnergy(rows, of: position, gradient: gradient) + constant
    }
  }

  /// ½ |y|² with y = L⁻¹ (x − m), and ∇U = L⁻ᵀ y.
  private func triangularEnergy(
    _ rows: [Double], of position: UnsafePointer<Double>,
    gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    let count = dimension
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { scaled in
      var sum = 0.0
      for row in 0..<count {
        var value = position[row] - mean[row]
        for column in 0..<row { value -= rows[row * count + column] * scaled[column] }
        scaled[row] = value / rows[row * count + row]
        sum += scaled[row] * scaled[row]
      }
      if let gradient {
        for row in (0..<count).reversed() {
          var value = scaled[row]
          for below in row + 1..<max(count, row + 1) {
            value -= rows[below * count + row] * gradient[below]
          }
          gradient[row] = value / rows[row * count + row]
        }
      }
      return 0.5 * sum
    }
  }

  public func sample(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int
  ) {
    precondition(batch.dimension == dimension)
    let (count, dimension) = (batch.count, dimension)
    batch.withMutableRows { rows in
      for member in 0..<count {
        let row = rows + member * dimension
        streams.fillNormals(
          row, count: dimension, purpose: purpose, walker: firstWalker + member, step: step)
        switch factor {
        case .diagonal(let deviations):
          for index in 0..<dimension { row[index] = mean[index] + deviations[index] * row[index] }
        case .triangle(let triangle):
          // From the last row on, so that the normals that are still needed are still there.
          for index in (0..<dimension).reversed() {
            var value = mean[index]
            for column in 0...index { value += triangle[index * dimension + column] * row[column] }
            row[index] = value
          }
        }
      }
    }
  }
}

/// L of Σ = L Lᵀ, row by row with zeros above the diagonal.
private func choleskyFactor(_ matrix: [Double], dimension: Int) -> [Double] {
  var factor = [Double](repeating: 0, count: matrix.count)
  for row in 0..<dimension {
    for column in 0...row {
      var value = matrix[row * dimension + column]
      for inner in 0..<column {
        value -= factor[row * dimension + inner] * factor[column * dimension + inner]
      }
      if row == column {
        precondition(value > 0, "a covariance is positive definite")
        factor[row * dimension + row] = value.squareRoot()
      } else {
        factor[row * dimension + column] = value / factor[column * dimension + column]
      }
    }
  }
  return factor
}
