// SPDX-License-Identifier: GPL-3.0-or-later
import Actions

/// Why a torus cannot be contracted.
public enum TensorRenormalisationError: Error, Equatable, CustomStringConvertible {
  case notTwoDimensional(extents: [Int])
  /// A coupling is not a number, or exp(−S) cannot be integrated.
  case notNormalisable(Phi4Couplings.Coefficients)
  case bondDimensionTooSmall(Int)
  case toleranceNotPositive(Double)
  /// The truncation was so coarse that it gave no positive Z.
  case truncationTooCoarse(bondDimension: Int)

  public var description: String {
    switch self {
    case .notTwoDimensional(let extents):
      "tensor renormalisation needs two extents of at least 2 sites, got "
        + extents.map(String.init).joined(separator: "x")
    case .notNormalisable(let c):
      "the weight exp(-S) cannot be normalised with J = \(c.hopping), c2 = \(c.quadratic), "
        + "c4 = \(c.quartic); c4 must be above 0, or c4 = 0 and c2 above 2 |J|"
    case .bondDimensionTooSmall(let number):
      "the bond dimension must be at least \(TensorRenormalisation.smallestBondDimension), "
        + "got \(number)"
    case .toleranceNotPositive(let number): "the tolerance must be above 0, got \(number)"
    case .truncationTooCoarse(let number):
      "bond dimension \(number) is too small for this theory: the truncated Z is not positive"
    }
  }
}
