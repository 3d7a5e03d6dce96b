// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices
import RandomStreams
import Targets

/// Hamilton's equations for H = U(φ) + kinetic energy, for small blocks of configurations.
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

  /// How many configurations travel together: rows of a spectral operator go in pairs.
  var blockSize: Int { fused == nil ? 2 : 1 }

  /// One thread's memory.
  final class Scratch {
    let velocities: UnsafeMutablePointer<Double>
    let positions: UnsafeMutablePointer<Double>
    let workspace: UnsafeMutableRawPointer
    let buffer: TransformBuffer?

    init(_ dynamics: MolecularDynamics) {
      let size = dynamics.blockSize * dynamics.target.dimension
      velocities = .allocate(capacity: size)
      positions = .allocate(capacity: size)
      workspace = .allocate(
        byteCount: max(dynamics.fused?.workspaceBytes ?? 0, 64), alignment: 64)
      if case .spectral(let mass) = dynamics.kinetic {
        buffer = TransformBuffer(mass.lattice)
      } else {
        buffer = nil
      }
    }

    deinit {
      velocities.deallocate()
      positions.deallocate()
      workspace.deallocate()
    }
  }

  /// Draws the velocities of the chains of a block from exp(−kinetic energy).
  func refresh(_ scratch: Scratch, chains: Range<Int>, in context: UpdateContext) {
    let dimension = target.dimension
    for (row, chain) in chains.enumerated() {
      context.streams.fillNormals(
        scratch.velocities + row * dimension, count: dimension, purpose: .momentum, walker: chain,
        step: context.number)
    }
    if case .spectral(let mass) = kinetic, let buffer = scratch.buffer {
      mass.inverseRoot.apply(scratch.velocities, count: chains.count, buffer: buffer)
    }
  }

  /// Moves the scratch positions and velocities of `count` configurations along one trajectory;
  /// configuration i takes steps of size `stepSizes[i]`. `kicks` and `drifts` are in units of it.
  func integrate(
    _ scratch: Scratch, count: Int, kicks: [Double], drifts: [Double], stepSizes: [Double]
  ) -> [TrajectoryEnergies] {
    if let fused {
      return (0..<count).map { row in
        let stepSize = stepSizes[row]
        return fused.trajectory(
          position: scratch.positions + row * target.dimension,
          momentum: scratch.velocities + row * target.dimension,
          kicks: kicks.map { $0 * stepSize }, drifts: drifts.map { $0 * stepSize },
          workspace: scratch.workspace)
      }
    }
    return integrateByGradients(
      scratch, count: count, kicks: kicks, drifts: drifts, stepSizes: stepSizes)
  }

  private func integrateByGradients(
    _ scratch: Scratch, count: Int, kicks: [Double], drifts: [Double], stepSizes: [Double]
  ) -> [TrajectoryEnergies] {
    let dimension = target.dimension
    var positions = Configurations(
      count: count, dimension: dimension,
      values: Array(UnsafeBufferPointer(start: scratch.positions, count: count * dimension)))
    var gradients = Configurations(count: count, dimension: dimension)
    var energies = Array(repeating: 0.0, count: count)
    var result = kineticEnergies(scratch, count: count).map {
      TrajectoryEnergies(
        potentialBefore: 0, kineticBefore: $0, potentialAfter: 0, kineticAfter: 0)
    }

    for index in kicks.indices {
      if index > 0 {
        positions.withMutableRows { rows in
          for row in 0..<count {
            let drift = drifts[index - 1] * stepSizes[row]
            let phi = rows + row * dimension
            let v = scratch.velocities + row * dimension
            for x in 0..<dimension { phi[x] += drift * v[x] }
          }
        }
      }
      target.gradients(of: positions, into: &gradients, energies: &energies)
      if index == 0 { for row in 0..<count { result[row].potentialBefore = energies[row] } }
      gradients.withMutableRows { rows in
        if case .spectral(let mass) = kinetic, let buffer = scratch.buffer {
          mass.inverse.apply(rows, count: count, buffer: buffer)
        }
        for row in 0..<count {
          let kick = kicks[index] * stepSizes[row]
          let g = rows + row * dimension
          let v = scratch.velocities + row * dimension
          for x in 0..<dimension { v[x] -= kick * g[x] }
        }
      }
    }

    let kineticAfter = kineticEnergies(scratch, count: count)
    for row in 0..<count {
      result[row].potentialAfter = energies[row]
      result[row].kineticAfter = kineticAfter[row]
    }
    positions.withRows { scratch.positions.update(from: $0, count: count * dimension) }
    return result
  }

  /// ½ Σ_x v_x (M v)_x of each configuration.
  private func kineticEnergies(_ scratch: Scratch, count: Int) -> [Double] {
    let dimension = target.dimension
    let size = count * dimension
    var momenta = Array(UnsafeBufferPointer(start: scratch.velocities, count: size))
    if case .spectral(let mass) = kinetic, let buffer = scratch.buffer {
      momenta.withUnsafeMutableBufferPointer {
        mass.mass.apply($0.baseAddress!, count: count, buffer: buffer)
      }
    }
    return (0..<count).map { row in
      var sum = 0.0
      for x in row * dimension..<(row + 1) * dimension {
        sum += momenta[x] * scratch.velocities[x]
      }
      return 0.5 * sum
    }
  }
}
