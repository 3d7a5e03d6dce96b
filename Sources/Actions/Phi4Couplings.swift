// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The couplings of φ⁴ theory in D dimensions, in any of the parametrisations in use: the one place
/// where they are converted.
///
///     unhalved    S = Σ_x [ Σ_μ (φ_{x+μ} − φ_x)² + m² φ² + λ φ⁴ ]                 (canonical)
///     hopping     S = Σ_x [ −2κ Σ_μ φ_x φ_{x+μ} + (1 − 2λ) φ² + λ φ⁴ ]
///     continuum   S = Σ_x [ ½ Σ_μ (φ_{x+μ} − φ_x)² + ½ m² φ² + (λ/4!) φ⁴ ]
///
/// Every bond counts once. The hopping form differs from the also usual φ² + λ(φ² − 1)² by the
/// constant λ per site, which changes log Z and nothing else. The fields of the three differ by a
/// factor, φ_continuum = √2 φ_unhalved = √(2κ) φ_hopping, so that every number must name its
/// parametrisation.
public struct Phi4Couplings: Sendable, Hashable {
  public enum Parametrisation: Sendable, Hashable {
    case unhalved(massSquared: Double, coupling: Double)
    case hopping(kappa: Double, coupling: Double)
    case continuum(massSquared: Double, coupling: Double)
    /// The coefficients themselves, for densities that no other form describes, such as points of a
    /// path between two of them or a product density, J = 0.
    case common(Coefficients)

    /// The word used in sweep files and in output.
    public var name: String {
      switch self {
      case .unhalved: "unhalved"
      case .hopping: "hopping"
      case .continuum: "continuum"
      case .common: "common"
      }
    }
  }

  /// The coefficients of the common form S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴ ].
  public struct Coefficients: Sendable, Hashable {
    /// J.
    public var hopping: Double
    /// c2.
    public var quadratic: Double
    /// c4.
    public var quartic: Double

    public init(hopping: Double, quadratic: Double, quartic: Double) {
      self.hopping = hopping
      self.quadratic = quadratic
      self.quartic = quartic
    }
  }

  /// The couplings as they were given; the field is the one of this parametrisation.
  public let given: Parametrisation
  /// D.
  public let dimensions: Int

  public init(_ given: Parametrisation, dimensions: Int) {
    self.given = given
    self.dimensions = dimensions
  }

  /// The coefficients of the common form for the field of the given parametrisation. Expanding the
  /// squares of the lattice derivative puts one φ² per end of a bond: 2D·(½ or 1) in all.
  public var coefficients: Coefficients {
    let d = Double(dimensions)
    switch given {
    case .unhalved(let massSquared, let coupling):
      return Coefficients(hopping: 2, quadratic: 2 * d + massSquared, quartic: coupling)
    case .hopping(let kappa, let coupling):
      return Coefficients(hopping: 2 * kappa, quadratic: 1 - 2 * coupling, quartic: coupling)
    case .continuum(let massSquared, let coupling):
      return Coefficients(hopping: 1, quadratic: d + massSquared / 2, quartic: coupling / 24)
    case .common(let coefficients):
      return coefficients
    }
  }

  /// φ_given / φ_unhalved: √2 for the continuum form, 1/√κ for the hopping form, √(2/J) for the
  /// common form, which is infinite for a product density.
  public var fieldScale: Double {
    switch given {
    case .unhalved: 1
    case .hopping(let kappa, _): 1 / kappa.squareRoot()
    case .continuum: 2.0.squareRoot()
    case .common(let coefficients): (2 / coefficients.hopping).squareRoot()
    }
  }

  /// m² and λ of the same theory in the canonical parametrisation. With φ = s φ_unhalved, J s² = 2,
  /// c2 s² = 2D + m² and c4 s⁴ = λ.
  public var canonical: (massSquared: Double, coupling: Double) {
    if case .unhalved(let massSquared, let coupling) = given { return (massSquared, coupling) }
    let scale = fieldScale * fieldScale
    let c = coefficients
    return (c.quadratic * scale - 2 * Double(dimensions), c.quartic * scale * scale)
  }

  /// The same theory in the canonical parametrisation.
  public var unhalved: Phi4Couplings {
    if case .unhalved = given { return self }
    let (massSquared, coupling) = canonical
    return Phi4Couplings(
      .unhalved(massSquared: massSquared, coupling: coupling), dimensions: dimensions)
  }

  /// The same theory in the continuum form: m² is the same number, λ/4! = λ_unhalved/4.
  public var continuum: Phi4Couplings {
    if case .continuum = given { return self }
    let (massSquared, coupling) = canonical
    return Phi4Couplings(
      .continuum(massSquared: massSquared, coupling: 6 * coupling), dimensions: dimensions)
  }

  /// The same theory in the hopping form: with u = m² + 2D, u κ = 1 − 2λ_hopping and
  /// λ_hopping = κ² λ give 2λκ² + uκ − 1 = 0, so κ = 2/(u + √(u² + 8λ)); the other root is
  /// negative. For u < 0 the equal form (√(u² + 8λ) − u)/(4λ) avoids the cancellation.
  /// Nil for a free theory with u ≤ 0, which no κ describes.
  public var hopping: Phi4Couplings? {
    if case .hopping = given { return self }
    let (massSquared, coupling) = canonical
    let u = massSquared + 2 * Double(dimensions)
    let root = (u * u + 8 * coupling).squareRoot()
    let kappa: Double
    if u > 0 {
      kappa = 2 / (u + root)
    } else if coupling > 0 {
      kappa = (root - u) / (4 * coupling)
    } else {
      return nil
    }
    return Phi4Couplings(
      .hopping(kappa: kappa, coupling: kappa * kappa * coupling), dimensions: dimensions)
  }

  /// log Z of the given field minus log Z of the canonical field: V log(φ_given/φ_unhalved).
  public func logNormalizerShift(volume: Int) -> Double { Double(volume) * log(fieldScale) }
}
