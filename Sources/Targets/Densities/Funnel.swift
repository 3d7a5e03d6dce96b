// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams

/// Neal's funnel, x_0 ~ N(0, σ²) and x_i ~ N(0, e^{a x_0}) for i = 1 … d − 1, normalised: log Z = 0.
///
///     U(x) = x_0²/(2σ²) + ½ e^{−a x_0} Σ_i x_i² + ½ (d − 1) a x_0 + log σ + (d/2) log 2π.
///
/// The funnel itself has a = 1; a = 0 is a normal density.
///
/// R. M. Neal, Ann. Stat. 31 (2003) 705, section 8. Samplers are compared at d = 10, σ = 3, where
/// widths along the neck range over e^{±4.5} within three standard deviations of x_0.
public struct Funnel: PointTarget, SampleableTarget {
  public let dimension: Int
  /// σ.
  public let standardDeviation: Double
  /// a.
  public let opening: Double

  public init(dimension: Int = 10, standardDeviation: Double = 3, opening: Double = 1) {
    precondition(dimension >= 2 && standardDeviation > 0)
    self.dimension = dimension
    self.standardDeviation = standardDeviation
    self.opening = opening
  }

  public var logNormalizer: Double { 0 }

  public func energy(
    of position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    let neck = position[0]
    let precision = exp(-opening * neck)
    var square = 0.0
    for index in 1..<dimension {
      square += position[index] * position[index]
      gradient?[index] = precision * position[index]
    }
    let variance = standardDeviation * standardDeviation
    let others = 0.5 * Double(dimension - 1) * opening
    gradient?[0] = neck / variance - 0.5 * opening * precision * square + others
    return 0.5 * neck * neck / variance + 0.5 * precision * square + others * neck
      + log(standardDeviation) + 0.5 * Double(dimension) * log(2 * Double.pi)
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
        row[0] *= standardDeviation
        let width = exp(0.5 * opening * row[0])
        for index in 1..<dimension { row[index] *= width }
      }
    }
  }
}
