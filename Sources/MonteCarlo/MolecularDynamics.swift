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
    let workspace: UnsafeMutableRawPointer
    let buffer: TransformBuffer?

    init(_ dynamics: MolecularDynamics) {
      position = Configurations(count: 1, dimension: dynamics.target.dimension)
      velocity = position
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
  func refresh(_ scratch: Scratch, chain: Int, in context: UpdateContext) {
    scratch.velocity.withMutableRows {
      context.streams.fillNormals(
        $0, count: target.dimension, purpose: .momentum, walker: context.firstWalker + chain,
        step: context.number)
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
    var gradient = Configurations(count: 1, dimension: target.dimension)
    var energy = [0.0]
    var result = TrajectoryEnergies(
      potentialBefore: 0, kineticBefore: kineticEnergy(scratch), potentialAfter: 0,
      kineticAfter: 0)
    for index in kicks.indices {
      if index > 0 { scratch.position.add(drifts[index - 1], times: scratch.velocity) }
      target.gradients(of: scratch.position, into: &gradient, energies: &energy)
      if index == 0 { result.potentialBefore = energy[0] }
      if case .spectral(let mass) = kinetic, let buffer = scratch.buffer {
        gradient.withMutableRows { mass.inverse.apply($0, buffer: buffer) }
      }
      scratch.velocity.add(-kicks[index], times: gradient)
    }
    result.potentialAfter = energy[0]
    result.kineticAfter = kineticEnergy(scratch)
    return result
  }

  /// ½ Σ_x v_x (M v)_x.
  private func kineticEnergy(_ scratch: Scratch) -> Double {
    var momentum = scratch.velocity
    if case .spectral(let mass) = kinetic, let buffer = scratch.buffer {
      momentum.withMutableRows { mass.mass.apply($0, buffer: buffer) }
    }
    var sum = 0.0
    for (p, v) in zip(momentum.values, scratch.velocity.values) { sum += p * v }
    return 0.5 * sum
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
