// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import MonteCarlo
import RandomStreams
import Targets

/// A step of underdamped Langevin dynamics without a Metropolis test, for the density ρ(x) times
/// exp(−½ v·Mv) of the velocities:
///
///     kick     v −= a M^-1 ∇U        (a = fraction · ε)
///     drift    x += a v
///     refresh  v = c v + √(1 − c²) M^-½ η,   c = exp(−γ a)
///
/// Kicks and drifts preserve volume and are undone by themselves after v → −v; a refresh leaves the
/// density of the velocities invariant. So B/F is the ratio of the velocities' densities over the
/// refreshes alone, and
///
///     log w += U(x) − U'(x') − Σ_kicks ΔK,   ΔK = −½ a ∇U·(v + v'),   v' the velocity after the kick.
///
/// The first half of the kicks has the force of the density that is left, the other half that of the
/// density that is reached, which makes the way back the same rule. Nilmeier et al., PNAS 108 (2011)
/// E1009; Sivak, Chodera, Crooks, Phys. Rev. X 3 (2013) 011007.
public struct UnderdampedLangevin<Density: Target>: Transition {
  public let splitting: LangevinSplitting
  /// γ, in units of the inverse of the time in which ε is counted.
  public let friction: Double
  public let kinetic: KineticEnergy

  public init(
    splitting: LangevinSplitting = .baoab, friction: Double, kinetic: KineticEnergy = .unitMass
  ) {
    precondition(friction > 0, "the friction is positive")
    self.splitting = splitting
    self.friction = friction
    self.kinetic = kinetic
  }

  public var targetAcceptance: Double? { nil }

  /// Velocities of both signs are equally likely at both ends, so their reversal needs no step.
  public var reversed: UnderdampedLangevin { self }

  public func begin(_ walkers: inout Walkers, at density: Density, in context: StepContext) {
    let shape = Configurations(count: walkers.count, dimension: walkers.positions.dimension)
    var velocities = shape
    fill(&velocities, purpose: .momentum, step: context.step, walkers.first, context)
    walkers.velocities = velocities
    var gradients = shape
    density.gradients(of: walkers.positions, into: &gradients, energies: &walkers.energies)
    walkers.gradients = gradients
  }

  public func renew(_ walkers: inout Walkers, at density: Density) {
    var gradients = Configurations(count: walkers.count, dimension: walkers.positions.dimension)
    var energies = walkers.energies
    density.gradients(of: walkers.positions, into: &gradients, energies: &energies)
    walkers.gradients = gradients
  }

  public func advance(
    _ walkers: inout Walkers, from old: Density, to new: Density, in context: StepContext
  ) -> StepInfo {
    guard var velocities = walkers.velocities, var gradients = walkers.gradients else {
      preconditionFailure("walkers begin before they advance")
    }
    // What the velocities and gradients hold must not be held twice.
    walkers.velocities = nil
    walkers.gradients = nil
    let count = walkers.count
    var increments = walkers.energies
    var energies = walkers.energies
    /// Of which density, and whether at these positions.
    var gradientIsNew = false
    var gradientIsCurrent = true
    var evaluations = 0
    func evaluate(_ density: Density, _ positions: Configurations) {
      density.gradients(of: positions, into: &gradients, energies: &energies)
      gradientIsCurrent = true
      evaluations += 1
    }

    let kicks = splitting.pieces.count(where: \.isKick)
    let refreshes = splitting.pieces.count(where: \.isRefresh)
    var kick = 0
    var refresh = 0
    for piece in splitting.pieces {
      switch piece {
      case .drift(let fraction):
        walkers.positions.combine(1, adding: fraction * context.stepSize, times: velocities)
        gradientIsCurrent = false
      case .refresh(let fraction):
        let memory = exp(-friction * fraction * context.stepSize)
        var noise = Configurations(count: count, dimension: velocities.dimension)
        fill(
          &noise, purpose: .noise, step: context.step * refreshes + refresh, walkers.first,
          context)
        velocities.combine(memory, adding: (1 - memory * memory).squareRoot(), times: noise)
        refresh += 1
      case .kick(let fraction):
        let wantsNew = kick >= kicks / 2
        if !gradientIsCurrent || gradientIsNew != wantsNew {
          evaluate(wantsNew ? new : old, walkers.positions)
          gradientIsNew = wantsNew
        }
        let changes = self.kick(&velocities, by: fraction * context.stepSize, gradients)
        for member in 0..<count { increments[member] -= changes[member] }
        kick += 1
      }
    }
    if !(gradientIsCurrent && gradientIsNew) { evaluate(new, walkers.positions) }
    for member in 0..<count {
      walkers.addLogWeight(increments[member] - energies[member], to: member)
    }
    walkers.energies = energies
    walkers.velocities = velocities
    walkers.gradients = gradients
    return StepInfo(acceptance: Double(count), gradientEvaluations: evaluations * count)
  }

  /// v' = v − a M^-1 g, and the change of the kinetic energy of every member.
  private func kick(
    _ velocities: inout Configurations, by a: Double, _ gradients: Configurations
  ) -> [Double] {
    var accelerations = gradients
    kinetic.applyInverse(to: &accelerations)
    let (count, dimension) = (velocities.count, velocities.dimension)
    var changes = Array(repeating: 0.0, count: count)
    velocities.withMutableRows { velocities in
      gradients.withRows { gradients in
        accelerations.withRows { accelerations in
          for member in 0..<count {
            let (first, end) = (member * dimension, (member + 1) * dimension)
            // Partial sums, so that no addition waits for the one before it.
            var sums = SIMD8<Double>.zero
            for index in stride(from: first, to: end - 7, by: 8) {
              let before = UnsafeRawPointer(velocities + index).loadUnaligned(
                as: SIMD8<Double>.self)
              let force = UnsafeRawPointer(gradients + index).loadUnaligned(as: SIMD8<Double>.self)
              let acceleration = UnsafeRawPointer(accelerations + index).loadUnaligned(
                as: SIMD8<Double>.self)
              let after = before - a * acceleration
              sums += force * (before + after)
              UnsafeMutableRawPointer(velocities + index).storeBytes(
                of: after, as: SIMD8<Double>.self)
            }
            var sum = sums.sum()
            for index in end - dimension % 8..<end {
              let before = velocities[index]
              let after = before - a * accelerations[index]
              sum += gradients[index] * (before + after)
              velocities[index] = after
            }
            changes[member] = -0.5 * a * sum
          }
        }
      }
    }
    return changes
  }

  /// Rows of M^-½ η.
  private func fill(
    _ rows: inout Configurations, purpose: Purpose, step: Int, _ firstWalker: Int,
    _ context: StepContext
  ) {
    let (count, dimension) = (rows.count, rows.dimension)
    rows.withMutableRows {
      for member in 0..<count {
        context.streams.fillNormals(
          $0 + member * dimension, count: dimension, purpose: purpose,
          walker: firstWalker + member, step: step)
      }
    }
    kinetic.applyRoot(to: &rows)
  }
}
