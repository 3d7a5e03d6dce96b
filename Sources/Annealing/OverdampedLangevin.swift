// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Targets

/// How the weight of an unadjusted Langevin step is reckoned.
public enum LangevinWeight: Sendable {
  /// The ratio of the kernels B/F: exact at every step size.
  case kernelRatio
  /// The rule of continuous time, dA = −∂_t U dt at the point that is left, as if the step left its
  /// density invariant. Wrong by O(step), however good the effective sample size looks: for
  /// comparison only.
  case continuum
}

/// An overdamped Langevin step without a Metropolis test (ULA), in the step size ε of MALA:
///
///     x' = x − ½ε² P g + ε P^½ η,   g = ∇U(x),   B: x = x' − ½ε² P g' + ε P^½ η̃,   g' = ∇U'(x'),
///
/// so that η̃ = −η + ½ε P^½ (g + g') and
///
///     log B − log F = ½|η|² − ½|η̃|² = ½ε Σ η·P^½(g + g') − ⅛ε² Σ |P^½(g + g')|².
///
/// P is any position-independent preconditioner; Fourier acceleration has P = M^-1. Forward with the
/// force of the density that is left, backward with that of the density that is reached: the way back
/// is the same rule, and P^½ g' serves the next step. Roberts, Tweedie, Bernoulli 2 (1996) 341;
/// Nilmeier et al., PNAS 108 (2011) E1009 for the weight.
public struct OverdampedLangevin<Density: Target>: Transition {
  public let preconditioner: KineticEnergy
  public let weight: LangevinWeight

  public init(preconditioner: KineticEnergy = .unitMass, weight: LangevinWeight = .kernelRatio) {
    self.preconditioner = preconditioner
    self.weight = weight
  }

  public var targetAcceptance: Double? { nil }

  public var reversed: OverdampedLangevin { self }

  public func begin(_ walkers: inout Walkers, at density: Density, in context: StepContext) {
    var energies = walkers.energies
    keepGradients(&walkers, at: density, energies: &energies)
    walkers.energies = energies
  }

  public func renew(_ walkers: inout Walkers, at density: Density) {
    var energies = walkers.energies
    keepGradients(&walkers, at: density, energies: &energies)
  }

  private func keepGradients(
    _ walkers: inout Walkers, at density: Density, energies: inout [Double]
  ) {
    var gradients = Configurations(count: walkers.count, dimension: walkers.positions.dimension)
    density.gradients(of: walkers.positions, into: &gradients, energies: &energies)
    preconditioner.applyRoot(to: &gradients)
    walkers.gradients = gradients
  }

  public func advance(
    _ walkers: inout Walkers, from old: Density, to new: Density, in context: StepContext
  ) -> StepInfo {
    let count = walkers.count
    precondition(walkers.gradients != nil, "walkers begin before they advance")
    var increments = walkers.energies
    if weight == .continuum {
      var energies = walkers.energies
      new.energies(of: walkers.positions, into: &energies)
      for member in 0..<count { increments[member] -= energies[member] }
    }
    let logRatios: [Double]
    if case .unitMass = preconditioner, let target = new as? any LangevinTarget {
      logRatios = Self.step(&walkers, to: target, in: context)
    } else {
      logRatios = step(&walkers, to: new, in: context)
    }
    for member in 0..<count {
      if weight == .kernelRatio {
        increments[member] += logRatios[member] - walkers.energies[member]
      }
      walkers.addLogWeight(increments[member], to: member)
    }
    return StepInfo(acceptance: Double(count), gradientEvaluations: count)
  }

  /// Steps of a target that makes them itself, whose step size is h = ½ε². Returns log B − log F.
  private static func step(
    _ walkers: inout Walkers, to target: any LangevinTarget, in context: StepContext
  ) -> [Double] {
    let (count, dimension, first) = (walkers.count, walkers.positions.dimension, walkers.first)
    var energies = walkers.energies
    var logRatios = energies
    let workspace = UnsafeMutableRawPointer.allocate(
      byteCount: target.workspaceBytes, alignment: 64)
    defer { workspace.deallocate() }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: dimension) { noise in
      let noise = noise.baseAddress!
      walkers.positions.withMutableRows { positions in
        walkers.gradients?.withMutableRows { gradients in
          for member in 0..<count {
            context.streams.fillNormals(
              noise, count: dimension, purpose: .noise, walker: first + member,
              step: context.step)
            let result = target.langevinStep(
              position: positions + member * dimension, gradient: gradients + member * dimension,
              noise: noise, stepSize: 0.5 * context.stepSize * context.stepSize,
              workspace: workspace)
            energies[member] = result.energy
            logRatios[member] = result.logRatio
          }
        }
      }
    }
    walkers.energies = energies
    return logRatios
  }

  /// Steps of any target. Returns log B − log F.
  private func step(
    _ walkers: inout Walkers, to new: Density, in context: StepContext
  ) -> [Double] {
    let (count, dimension) = (walkers.count, walkers.positions.dimension)
    let epsilon = context.stepSize
    guard let gradients = walkers.gradients else { return [] }
    var noise = Configurations(count: count, dimension: dimension)
    noise.withMutableRows {
      for member in 0..<count {
        context.streams.fillNormals(
          $0 + member * dimension, count: dimension, purpose: .noise,
          walker: walkers.first + member, step: context.step)
      }
    }
    var move = noise
    move.combine(epsilon, adding: -0.5 * epsilon * epsilon, times: gradients)
    preconditioner.applyRoot(to: &move)
    walkers.positions.combine(1, adding: 1, times: move)
    new.gradients(of: walkers.positions, into: &move, energies: &walkers.energies)
    preconditioner.applyRoot(to: &move)
    walkers.gradients = move
    return (0..<count).map {
      Self.logRatio(noise[$0], gradients[$0], move[$0], epsilon)
    }
  }

  private static func logRatio(
    _ noise: ArraySlice<Double>, _ left: ArraySlice<Double>, _ reached: ArraySlice<Double>,
    _ epsilon: Double
  ) -> Double {
    noise.withUnsafeBufferPointer { noise in
      left.withUnsafeBufferPointer { left in
        reached.withUnsafeBufferPointer { reached in
          var linear = 0.0
          var square = 0.0
          for index in 0..<noise.count {
            let force = left[index] + reached[index]
            linear += noise[index] * force
            square += force * force
          }
          return 0.5 * epsilon * linear - 0.125 * epsilon * epsilon * square
        }
      }
    }
  }
}

extension KineticEnergy {
  /// M^-½ of every row; nothing for unit masses.
  package func applyRoot(to rows: inout Configurations) { apply(\.inverseRoot, to: &rows) }

  /// M^½ of every row, which undoes that; nothing for unit masses.
  package func undoRoot(of rows: inout Configurations) { apply(\.root, to: &rows) }

  /// M^-1 of every row; nothing for unit masses.
  func applyInverse(to rows: inout Configurations) { apply(\.inverse, to: &rows) }

  private func apply(
    _ part: KeyPath<SpectralMass, SpectralOperator>, to rows: inout Configurations
  ) {
    guard case .spectral(let mass) = self else { return }
    let buffer = TransformBuffer(mass.lattice)
    let (count, dimension) = (rows.count, rows.dimension)
    let operation = mass[keyPath: part]
    rows.withMutableRows {
      for member in 0..<count { operation.apply($0 + member * dimension, buffer: buffer) }
    }
  }
}

extension Configurations {
  /// Every number becomes `factor` times itself plus `other` times that of another batch.
  package mutating func combine(_ factor: Double, adding other: Double, times batch: Configurations)
  {
    let total = values.count
    withMutableRows { rows in
      batch.withRows { others in
        for index in 0..<total { rows[index] = factor * rows[index] + other * others[index] }
      }
    }
  }
}
