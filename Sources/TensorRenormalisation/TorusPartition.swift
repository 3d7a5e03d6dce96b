// SPDX-License-Identifier: GPL-3.0-or-later

/// The partition function of a torus as tensor renormalisation gives it.
public struct TorusPartition: Sendable, Hashable {
  /// log Z, Z = ∫ Π_x dφ_x exp(−S), for the field of the given coefficients.
  public let logNormalizer: Double
  /// An estimate of the error of log Z by truncation and rounding: the larger of its differences from
  /// two contractions with three quarters of the bond dimension, one that begins with rows and one
  /// that begins with columns. No bound, but in tests against exact results it was one.
  public let truncationError: Double
  /// The largest number of states that a leg was allowed to keep.
  public let bondDimension: Int

  public init(logNormalizer: Double, truncationError: Double, bondDimension: Int) {
    self.logNormalizer = logNormalizer
    self.truncationError = truncationError
    self.bondDimension = bondDimension
  }
}
