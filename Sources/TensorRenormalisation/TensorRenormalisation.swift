// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import COpenBLAS
import Foundation

/// log Z of φ⁴ theory on a torus of two dimensions by contraction of its tensor network.
///
///     Z = ∫ Π_x dφ_x exp(−S),    S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴ ]
///
/// Bond weights are decomposed into states of definite parity (`SiteTensor`); blocks of sites are
/// joined in pairs, now in one direction and now in the other, keeping at most χ states for each leg
/// (HOTRG: Xie et al., Phys. Rev. B 86 (2012) 045139); the last two rows of blocks are contracted
/// exactly, by transfer matrices. Nothing is sampled, so the result has no statistical error. Any
/// extents from 2 on: an extent of 2 has two bonds between the same sites, as in every action here.
///
/// The time grows like χ⁷ times the logarithm of the volume; memory like χ⁴, 150 MB for χ = 40.
/// BLAS is set to one thread for the whole process, so that results repeat to the bit.
public struct TensorRenormalisation: Sendable {
  public static let smallestBondDimension = 4

  public let coefficients: Phi4Couplings.Coefficients
  /// L1 and L2; log Z does not depend on their order.
  public let extents: [Int]

  /// - Throws: `TensorRenormalisationError` unless there are two extents from 2 on and exp(−S) can be
  ///   normalised: c4 > 0, or c4 = 0 and c2 > 2|J|.
  public init(coefficients: Phi4Couplings.Coefficients, extents: [Int]) throws {
    guard extents.count == 2, extents.allSatisfy({ $0 >= 2 }) else {
      throw TensorRenormalisationError.notTwoDimensional(extents: extents)
    }
    let c = coefficients
    guard [c.hopping, c.quadratic, c.quartic].allSatisfy(\.isFinite),
      c.quartic > 0 || c.quartic == 0 && c.quadratic > 2 * abs(c.hopping)
    else { throw TensorRenormalisationError.notNormalisable(c) }
    self.coefficients = coefficients
    self.extents = extents
  }

  /// The field is the one of the parametrisation in which the couplings were given.
  public init(couplings: Phi4Couplings.Parametrisation, extents: [Int]) throws {
    try self.init(
      coefficients: Phi4Couplings(couplings, dimensions: 2).coefficients, extents: extents)
  }

  /// log Z with at most χ = `bondDimension` states for each leg, and an estimate of its error.
  ///
  /// - Throws: `TensorRenormalisationError` if χ is below 4 or far too small for the theory.
  public func logZ(bondDimension: Int) throws -> TorusPartition {
    var known: [Int: Double] = [:]
    return try logZ(bondDimension: bondDimension, known: &known)
  }

  /// log Z with bond dimensions 12, 16, 22, 30, 40, ... until the estimate of its error is at most
  /// `tolerance`, or the limit is reached; then the result says how far it came.
  public func logZ(tolerance: Double, largestBondDimension: Int) throws -> TorusPartition {
    guard tolerance > 0 else { throw TensorRenormalisationError.toleranceNotPositive(tolerance) }
    var known: [Int: Double] = [:]
    var bondDimension = min(12, largestBondDimension)
    while true {
      let result = try logZ(bondDimension: bondDimension, known: &known)
      if result.truncationError <= tolerance || bondDimension == largestBondDimension {
        return result
      }
      bondDimension = min(Self.finer(bondDimension), largestBondDimension)
    }
  }

  /// Three quarters of a bond dimension.
  private static func coarser(_ bondDimension: Int) -> Int { bondDimension * 3 / 4 }

  /// The smallest even bond dimension three quarters of which are at least the given one.
  private static func finer(_ bondDimension: Int) -> Int {
    let exact = (4 * bondDimension + 2) / 3
    return exact + exact % 2
  }

  /// `known` holds log Z of contractions that begin with rows, by bond dimension.
  private func logZ(
    bondDimension: Int, known: inout [Int: Double]
  ) throws -> TorusPartition {
    guard bondDimension >= Self.smallestBondDimension else {
      throw TensorRenormalisationError.bondDimensionTooSmall(bondDimension)
    }
    let coarser = Self.coarser(bondDimension)
    let fine = try known[bondDimension] ?? contracted(bondDimension, first: .rows)
    known[bondDimension] = fine
    let rows = try known[coarser] ?? contracted(coarser, first: .rows)
    known[coarser] = rows
    let columns = try contracted(coarser, first: .columns)
    let volume = Double(extents[0] * extents[1])
    return TorusPartition(
      logNormalizer: fine,
      truncationError: max(abs(fine - rows), abs(fine - columns), Self.roundingPerSite * volume),
      bondDimension: bondDimension)
  }

  /// States below 1e-16 of the largest weight are left out of every bond, and logarithms are added up
  /// for every site.
  private static let roundingPerSite = 1e-13

  private enum Direction { case rows, columns }

  /// Contracts the torus lying down, its longer extent along the rows, so that the two rows of blocks
  /// that remain are as long as can be. The shorter side of the blocks grows first; `first` says
  /// which one where they are equal.
  private func contracted(_ bondDimension: Int, first: Direction) throws -> Double {
    openblas_set_num_threads(1)
    let (width, height) = (max(extents[0], extents[1]), min(extents[0], extents[1]))
    var torus = BlockTensors(
      site: try SiteTensor(coefficients, bondDimension: bondDimension),
      extents: (width, height), bondDimension: bondDimension)
    var columns = Self.parts(width)
    var rows = Self.parts(height)
    while rows > 2 {
      // Blocks are width/columns times height/rows.
      let (wide, tall) = (width * rows, height * columns)
      if columns > 2 && (wide < tall || wide == tall && first == .columns) {
        columns /= 2
        try torus.joinColumns(into: columns)
      } else {
        rows /= 2
        try torus.joinRows(into: rows)
      }
    }
    let result = torus.closed()
    guard result.isFinite else {
      throw TensorRenormalisationError.truncationTooCoarse(bondDimension: bondDimension)
    }
    return result
  }

  /// The smallest power of two that is not below an extent.
  private static func parts(_ extent: Int) -> Int {
    var parts = 2
    while parts < extent { parts *= 2 }
    return parts
  }
}
