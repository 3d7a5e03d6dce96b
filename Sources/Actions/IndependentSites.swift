// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Targets

/// φ⁴ theory without its hopping term, sampled exactly site by site: the product density of κ = 0,
///
///     S = Σ_x [ c2 φ_x² + c4 φ_x⁴ ],   log Z = V log ∫ dφ exp(−c2 φ² − c4 φ⁴).
///
/// Samples are drawn by rejection. Since φ⁴ ≥ 2aφ² − a² for every a, the weight of a site is at most
/// exp(c4 a²) exp(−(c2 + 2 c4 a) φ²), and the normal distribution of that form is accepted with
/// probability exp(−c4 (φ² − a)²). The a of most acceptance obeys 2a (c2 + 2 c4 a) = 1, so that
/// a = 1/(c2 + √(c2² + 4 c4)), and the variance of the proposals is a.
public struct IndependentSites: Action, SampleableTarget {
  /// The same action, as the case J = 0.
  public let phi4: Phi4
  public let logNormalizer: Double
  private let bound: Double

  /// The site part of φ⁴ theory with these coefficients.
  public init(lattice: Lattice, quadratic: Double, quartic: Double) {
    precondition(
      quartic > 0 || (quartic == 0 && quadratic > 0), "the density of a site is normalisable")
    phi4 = Phi4(
      lattice: lattice,
      couplings: .common(
        Phi4Couplings.Coefficients(hopping: 0, quadratic: quadratic, quartic: quartic)))
    // Of two equal forms the one without a cancellation.
    let root = (quadratic * quadratic + 4 * quartic).squareRoot()
    bound = quadratic > 0 ? 1 / (quadratic + root) : (root - quadratic) / (4 * quartic)
    logNormalizer =
      Double(lattice.volume)
      * Self.logSiteIntegral(quadratic: quadratic, quartic: quartic, bound: bound)
  }

  public var lattice: Lattice { phi4.lattice }

  public func energies(of batch: Configurations, into energies: inout [Double]) {
    phi4.energies(of: batch, into: &energies)
  }

  public func gradients(
    of batch: Configurations, into gradients: inout Configurations, energies: inout [Double]
  ) {
    phi4.gradients(of: batch, into: &gradients, energies: &energies)
  }

  public func sample(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int
  ) {
    precondition(batch.dimension == dimension)
    let width = bound.squareRoot()
    let quartic = phi4.coefficients.quartic
    for member in 0..<batch.count {
      var generator = streams.generator(
        purpose: purpose, walker: firstWalker + member, step: step)
      for site in 0..<dimension {
        var value: Double
        var defect: Double
        repeat {
          // A Box-Muller normal; its partner is not used.
          let radius = (-2 * log(generator.nextUniform())).squareRoot()
          value = width * radius * cos(2 * Double.pi * generator.nextUniform())
          defect = value * value - bound
        } while generator.nextUniform() >= exp(-quartic * defect * defect)
        batch.values[member * dimension + site] = value
      }
    }
  }

  /// log ∫ dφ exp(−c2 φ² − c4 φ⁴) by the midpoint rule, which converges exponentially for a smooth
  /// function that decays fast; exp(−c2 φ² − c4 φ⁴) ≤ exp(c4 a²) exp(−φ²/(2a)) is below 10⁻³⁰ of its
  /// bound where φ² = 140 a. Of two narrow peaks, each of the variance 1/(8 c4 a), four points or
  /// more lie within one standard deviation.
  private static func logSiteIntegral(quadratic: Double, quartic: Double, bound: Double) -> Double {
    let points = max(4000, Int(100 * (8 * quartic).squareRoot() * bound))
    let cutoff = (140 * bound).squareRoot()
    let width = 2 * cutoff / Double(points)
    var sum = 0.0
    for index in 0..<points {
      let square = pow(-cutoff + (Double(index) + 0.5) * width, 2)
      sum += exp(-square / (2 * bound) - quartic * pow(square - bound, 2))
    }
    return log(width * sum) + quartic * bound * bound
  }
}
