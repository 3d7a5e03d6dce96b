// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices
import RandomStreams
import Targets

/// Hamilton's equations for H = U(φ) + kinetic energy, for one configuration at a time.
///
/// Where the masses are 1 and the target can, the target integrates a whole trajectory itself;
/// otherwise the trajectory is built from calls to `gradients`. What stands for the momenta is
/// the velocity v = M^-1 π: v̇ = −M^-1 ∇U, φ̇ = v. For unit masses it is the momentum.
struct MolecularDynamics: Sendable {
  let target: any Target
  let kinetic: KineticEnergy
  private let fused: (any TrajectoryTarget)?

  init(target: any Target, kinetic: KineticEnergy) {
    self.target = target
    self.kinetic = kinetic
    if case .unitMass = kinetic {
      fused = target as? any TrajectoryTarget
    } else {
      fused = nil
    }
  }

  /// One thread's memory: the configuration and the velocities that travel.
  final class Scratch {
    var position: Configurations
    var velocity: Configurations
    /// The kinetic energy ½ Σ v M v of the velocities, unless the target integrates by itself.
    var kinetic = 0.0
    var gradient: Configurations
    /// M^-1 ∇U.
    var acceleration: Configurations
    let workspace: UnsafeMutableRawPointer
    let buffer: TransformBuffer?

    init(_ dynamics: MolecularDynamics) {
      position = Configurations(count: 1, dimension: dynamics.target.dimension)
      velocity = position
      gradient = Configurations(
        count: 1, dimension: dynamics.fused == nil ? dynamics.target.dimension : 0)
      acceleration = gradient
      workspace = .allocate(
        byteCount: max(dynamics.fused?.workspaceBytes ?? 0, 64), alignment: 64)
      if case .spectral(let mass) = dynamics.kinetic {
        buffer = TransformBuffer(mass.lattice)
      } else {
        buffer = nil
      }
    }

    deinit { workspace.deallocate() }
  }

  /// Draws the velocities of a chain from exp(−kinetic energy).
  ///
  /// v = M^-1/2 η with standard normals η, so that the kinetic energy is ½ Σ η².
  func refresh(_ scratch: Scratch, chain: Int, in context: UpdateContext) {
    let dimension = target.dimension
    scratch.velocity.withMutableRows {
      context.streams.fillNormals(
        $0, count: dimension, purpose: .momentum, walker: context.firstWalker + chain,
        step: context.number)
      if fused == nil {
        var sum = 0.0
        for index in 0..<dimension { sum += $0[index] * $0[index] }
        scratch.kinetic = 0.5 * sum
      }
      if case .spectral(let mass) = kinetic, let buffer = scratch.buffer {
        mass.inverseRoot.apply($0, buffer: buffer)
      }
    }
  }

  /// Moves the scratch position and velocity along one trajectory, whose kicks and drifts are given.
  func integrate(_ scratch: Scratch, kicks: [Double], drifts: [Double]) -> TrajectoryEnergies {
    guard let fused else { return integrateByGradients(scratch, kicks: kicks, drifts: drifts) }
    return scratch.position.withMutableRows { position in
      scratch.velocity.withMutableRows { momentum in
        fused.trajectory(
          position: position, momentum: momentum, kicks: kicks, drifts: drifts,
          workspace: scratch.workspace)
      }
    }
  }

  private func integrateByGradients(
    _ scratch: Scratch, kicks: [Double], drifts: [Double]
  ) -> TrajectoryEnergies {
    var energy = [0.0]
    var result = TrajectoryEnergies(
      potentialBefore: 0, kineticBefore: scratch.kinetic, potentialAfter: 0, kineticAfter: 0)
    for index in kicks.indices {
      if index > 0 { scratch.position.add(drifts[index - 1], times: scratch.velocity) }
      target.gradients(of: scratch.position, into: &scratch.gradient, energies: &energy)
      if index == 0 { result.potentialBefore = energy[0] }
      kick(scratch, kicks[index])
    }
    result.potentialAfter = energy[0]
    result.kineticAfter = scratch.kinetic
    return result
  }

  /// v' = v − k M^-1 ∇U, which changes the kinetic energy by −½ k Σ (v + v')·∇U: M itself is never
  /// applied.
  private func kick(_ scratch: Scratch, _ size: Double) {
    let dimension = target.dimension
    scratch.acceleration.withMutableRows { acceleration in
      scratch.gradient.withRows { gradient in
        acceleration.update(from: gradient, count: dimension)
        if case .spectral(let mass) = kinetic, let buffer = scratch.buffer {
          mass.inverse.apply(acceleration, buffer: buffer)
        }
        scratch.velocity.withMutableRows { velocity in
          var sum = 0.0
          for index in 0..<dimension {
            let before = velocity[index]
            let after = before - size * acceleration[index]
            sum += (before + after) * gradient[index]
            velocity[index] = after
          }
          scratch.kinetic -= 0.5 * size * sum
        }
      }
    }
  }
}

extension Configurations {
  /// Adds a multiple of another batch of the same shape.
  fileprivate mutating func add(_ factor: Double, times other: Configurations) {
    let count = values.count
    withMutableRows { rows in
      other.withRows { others in
        for index in 0..<count { rows[index] += factor * others[index] }
      }
    }
  }
}
