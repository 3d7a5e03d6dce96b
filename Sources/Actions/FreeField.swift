// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Targets

/// The free field, φ⁴ theory without its quartic term, sampled exactly in momentum space.
///
/// S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² ] = V^-1 Σ_p K(p) |φ̃(p)|² with
/// K(p) = c2 − J Σ_μ cos p_μ, which is p̂² + m² in the canonical form. So
/// ⟨|φ̃(p)|²⟩/V = 1/(2K(p)) and log Z = ½ Σ_p log(π/K(p)).
public struct FreeField: Action, SampleableTarget, TrajectoryTarget, LangevinTarget {
  /// The same action, as the case λ = 0.
  public let phi4: Phi4
  /// K(p) for every momentum, numbered like the sites; all positive.
  public let spectrum: [Double]
  private let amplitude: SpectralOperator

  public init(lattice: Lattice, couplings: Phi4Couplings.Parametrisation) {
    phi4 = Phi4(lattice: lattice, couplings: couplings)
    let c = phi4.coefficients
    precondition(c.quartic == 0, "a free field has no quartic coupling")
    // K = (c2 − J D) + (J/2) p̂², which keeps small masses exact where cosines would cancel.
    let mass = c.quadratic - c.hopping * Double(lattice.dimensions)
    spectrum = lattice.momentaSquared().map { mass + c.hopping / 2 * $0 }
    precondition(spectrum.allSatisfy { $0 > 0 }, "a free field needs a positive mass")
    // With η_x independent standard normals, K(p) = [2K]^-1/2 gives ⟨|φ̃|²⟩/V = 1/(2K).
    amplitude = SpectralOperator(
      FourierTransform(lattice), kernel: spectrum.map { 1 / (2 * $0).squareRoot() })
  }

  /// The canonical form, S = Σ_x [ Σ_μ (φ_{x+μ} − φ_x)² + m² φ² ].
  public init(_ lattice: Lattice, massSquared: Double) {
    self.init(lattice: lattice, couplings: .unhalved(massSquared: massSquared, coupling: 0))
  }

  public var lattice: Lattice { phi4.lattice }

  public var logNormalizer: Double {
    0.5 * spectrum.reduce(0) { $0 + log(Double.pi / $1) }
  }

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
    let count = batch.count
    let buffer = TransformBuffer(lattice)
    batch.withMutableRows { rows in
      for member in 0..<count {
        streams.fillNormals(
          rows + member * dimension, count: dimension, purpose: purpose,
          walker: firstWalker + member, step: step)
        amplitude.apply(rows + member * dimension, buffer: buffer)
      }
    }
  }

  public var workspaceBytes: Int { phi4.workspaceBytes }

  public func trajectory(
    position: UnsafeMutablePointer<Double>, momentum: UnsafeMutablePointer<Double>,
    kicks: [Double], drifts: [Double], workspace: UnsafeMutableRawPointer
  ) -> TrajectoryEnergies {
    phi4.trajectory(
      position: position, momentum: momentum, kicks: kicks, drifts: drifts, workspace: workspace)
  }

  public func langevinStep(
    position: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    noise: UnsafePointer<Double>, stepSize: Double, workspace: UnsafeMutableRawPointer
  ) -> LangevinStep {
    phi4.langevinStep(
      position: position, gradient: gradient, noise: noise, stepSize: stepSize,
      workspace: workspace)
  }
}
