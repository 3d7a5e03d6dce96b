// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Ensembles
import Lattices
import Targets

/// φ⁴ theory on a periodic lattice of one to four dimensions,
///
///     S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴ ],   every bond once,
///     ∂S/∂φ_x = −J Σ_μ (φ_{x+μ} + φ_{x−μ}) + 2 c2 φ_x + 4 c4 φ_x³.
///
/// The field is the one of the parametrisation in which the couplings were given; see
/// `Phi4Couplings`. The hopping form carries no constant.
public struct Phi4: Action, TrajectoryTarget, LangevinTarget {
  public let lattice: Lattice
  public let couplings: Phi4Couplings
  /// J, c2 and c4.
  public let coefficients: Phi4Couplings.Coefficients
  let kernel: df_phi4

  public init(lattice: Lattice, couplings: Phi4Couplings.Parametrisation) {
    self.lattice = lattice
    self.couplings = Phi4Couplings(couplings, dimensions: lattice.dimensions)
    coefficients = self.couplings.coefficients
    kernel = df_phi4(lattice, coefficients)
  }

  /// The canonical form, S = Σ_x [ Σ_μ (φ_{x+μ} − φ_x)² + m² φ² + λ φ⁴ ].
  public init(lattice: Lattice, massSquared: Double, coupling: Double) {
    self.init(
      lattice: lattice, couplings: .unhalved(massSquared: massSquared, coupling: coupling))
  }

  public func energies(of batch: Configurations, into energies: inout [Double]) {
    precondition(batch.dimension == dimension && energies.count == batch.count)
    withWorkspace { workspace in
      batch.withRows { rows in
        withUnsafePointer(to: kernel) { kernel in
          for member in 0..<batch.count {
            energies[member] = df_phi4_energy(kernel, rows + member * dimension, workspace)
          }
        }
      }
    }
  }

  public func gradients(
    of batch: Configurations, into gradients: inout Configurations, energies: inout [Double]
  ) {
    precondition(batch.dimension == dimension && energies.count == batch.count)
    precondition(gradients.dimension == dimension && gradients.count == batch.count)
    withWorkspace { workspace in
      batch.withRows { rows in
        gradients.withMutableRows { results in
          withUnsafePointer(to: kernel) { kernel in
            for member in 0..<batch.count {
              let offset = member * dimension
              energies[member] = df_phi4_gradient(
                kernel, rows + offset, results + offset, workspace)
            }
          }
        }
      }
    }
  }

  public var workspaceBytes: Int {
    withUnsafePointer(to: kernel) { df_phi4_workspace_bytes($0) }
  }

  public func trajectory(
    position: UnsafeMutablePointer<Double>, momentum: UnsafeMutablePointer<Double>,
    kicks: [Double], drifts: [Double], workspace: UnsafeMutableRawPointer
  ) -> TrajectoryEnergies {
    precondition(kicks.count == drifts.count + 1, "a trajectory begins and ends with a kick")
    var energies: (Double, Double, Double, Double) = (0, 0, 0, 0)
    withUnsafePointer(to: kernel) { kernel in
      withUnsafeMutablePointer(to: &energies) {
        $0.withMemoryRebound(to: Double.self, capacity: 4) { energies in
          df_phi4_trajectory(
            kernel, position, momentum, Int32(drifts.count), kicks, drifts, workspace, energies)
        }
      }
    }
    return TrajectoryEnergies(
      potentialBefore: energies.0, kineticBefore: energies.1, potentialAfter: energies.2,
      kineticAfter: energies.3)
  }

  public func langevinStep(
    position: UnsafeMutablePointer<Double>, gradient: UnsafeMutablePointer<Double>,
    noise: UnsafePointer<Double>, stepSize: Double, workspace: UnsafeMutableRawPointer
  ) -> LangevinStep {
    precondition(stepSize > 0, "a step size is positive")
    var results: (Double, Double) = (0, 0)
    withUnsafePointer(to: kernel) { kernel in
      withUnsafeMutablePointer(to: &results) {
        $0.withMemoryRebound(to: Double.self, capacity: 2) { results in
          df_phi4_langevin_step(kernel, position, gradient, noise, stepSize, workspace, results)
        }
      }
    }
    return LangevinStep(energy: results.0, logRatio: results.1)
  }

  private func withWorkspace(_ body: (UnsafeMutableRawPointer) -> Void) {
    let workspace = UnsafeMutableRawPointer.allocate(byteCount: workspaceBytes, alignment: 64)
    defer { workspace.deallocate() }
    body(workspace)
  }
}

extension df_phi4 {
  /// The kernels' description of an action.
  init(_ lattice: Lattice, _ coefficients: Phi4Couplings.Coefficients) {
    self.init()
    dimensions = Int32(lattice.dimensions)
    withUnsafeMutableBytes(of: &extents) { raw in
      let extents = raw.bindMemory(to: Int32.self)
      for (axis, extent) in lattice.extents.enumerated() { extents[axis] = Int32(extent) }
    }
    hopping = coefficients.hopping
    c2 = coefficients.quadratic
    c4 = coefficients.quartic
  }
}

extension Phi4 {
  /// Local updates in place of one configuration: at each listed site in turn φ_x → φ_x + proposal,
  /// accepted with probability min(1, exp(−ΔS)), that is where uniform < exp(−ΔS).
  /// Returns the number accepted.
  public func metropolis(
    _ configuration: UnsafeMutablePointer<Double>, sites: [Int32], proposals: ArraySlice<Double>,
    uniforms: ArraySlice<Double>
  ) -> Int {
    precondition(proposals.count == sites.count && uniforms.count == sites.count)
    return proposals.withUnsafeBufferPointer { proposals in
      uniforms.withUnsafeBufferPointer { uniforms in
        withUnsafePointer(to: kernel) {
          df_phi4_metropolis(
            $0, configuration, sites, sites.count, proposals.baseAddress, uniforms.baseAddress)
        }
      }
    }
  }
}
