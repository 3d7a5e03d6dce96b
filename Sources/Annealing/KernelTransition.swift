// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import MonteCarlo
import Targets

/// A change of density followed by updates that leave the new density invariant: annealed importance
/// sampling.
///
/// The updates have B/F = ρ'(x)/ρ'(x'), so that only the change of density is left in the weight,
/// log w += U(x) − U'(x), whatever their step size. Neal, Stat. Comput. 11 (2001) 125; for works,
/// Jarzynski, Phys. Rev. E 56 (1997) 5018.
public struct KernelTransition<Density: Target>: Transition {
  /// Updates for each density.
  public let updates: Int
  private let kernel: @Sendable (Density) -> any TunableKernel
  private let isReversed: Bool
  public let targetAcceptance: Double?

  /// `kernel` makes the kernel of a density; its step size is set from the schedule's.
  public init(
    updates: Int = 1, targetAcceptance: Double?,
    kernel: @escaping @Sendable (Density) -> any TunableKernel
  ) {
    precondition(updates >= 1, "at least one update a density")
    self.init(
      updates: updates, targetAcceptance: targetAcceptance, kernel: kernel, isReversed: false)
  }

  private init(
    updates: Int, targetAcceptance: Double?,
    kernel: @escaping @Sendable (Density) -> any TunableKernel, isReversed: Bool
  ) {
    self.updates = updates
    self.targetAcceptance = targetAcceptance
    self.kernel = kernel
    self.isReversed = isReversed
  }

  /// Hybrid Monte Carlo with `steps` steps a trajectory; the step size is the schedule's.
  public static func hmc(
    scheme: SplittingScheme = .leapfrog, steps: Int, kinetic: KineticEnergy = .unitMass,
    updates: Int = 1, targetAcceptance: Double = 0.8
  ) -> KernelTransition {
    KernelTransition(updates: updates, targetAcceptance: targetAcceptance) { density in
      HMC.fixedSteps(
        target: density, scheme: scheme, steps: steps, kinetic: kinetic,
        targetAcceptance: targetAcceptance)
    }
  }

  /// The Metropolis-adjusted Langevin algorithm, Fourier-accelerated with a spectral mass.
  public static func mala(
    kinetic: KineticEnergy = .unitMass, updates: Int = 1, targetAcceptance: Double = 0.574
  ) -> KernelTransition {
    .hmc(steps: 1, kinetic: kinetic, updates: updates, targetAcceptance: targetAcceptance)
  }

  public func begin(_ walkers: inout Walkers, at density: Density, in context: StepContext) {
    density.energies(of: walkers.positions, into: &walkers.energies)
  }

  public func advance(
    _ walkers: inout Walkers, from old: Density, to new: Density, in context: StepContext
  ) -> StepInfo {
    isReversed
      ? moveThenChange(&walkers, from: old, to: new, in: context)
      : changeThenMove(&walkers, to: new, in: context)
  }

  private func changeThenMove(
    _ walkers: inout Walkers, to new: Density, in context: StepContext
  ) -> StepInfo {
    var kernel = kernel(new)
    kernel.stepSize = context.stepSize
    var before: [Double]?
    var after: [Double]?
    var info = StepInfo()
    for update in 0..<updates {
      // A kernel that does not come to know the energies leaves no choice but to ask for them.
      var energies = walkers.energies
      let knows = kernel.knowsEnergies
      if update == 0 && !knows { new.energies(of: walkers.positions, into: &energies) }
      let made = make(update, of: kernel, &walkers, in: context)
      if update == 0 { before = made.energies?.before ?? energies }
      after = made.energies?.after
      info = info + record(made, of: kernel)
    }
    for member in 0..<walkers.count {
      walkers.addLogWeight(walkers.energies[member] - (before?[member] ?? .nan), to: member)
    }
    if let after {
      walkers.energies = after
    } else {
      new.energies(of: walkers.positions, into: &walkers.energies)
    }
    return info
  }

  /// The way back: updates at the density that is left, by the kernels' time reversals in the opposite
  /// order, and then the change of density.
  private func moveThenChange(
    _ walkers: inout Walkers, from old: Density, to new: Density, in context: StepContext
  ) -> StepInfo {
    var kernel = kernel(old)
    kernel.stepSize = context.stepSize
    kernel = kernel.timeReversal
    var after: [Double]?
    var info = StepInfo()
    for update in 0..<updates {
      let made = make(update, of: kernel, &walkers, in: context)
      after = made.energies?.after
      info = info + record(made, of: kernel)
    }
    if after == nil { old.energies(of: walkers.positions, into: &walkers.energies) }
    let left = after ?? walkers.energies
    new.energies(of: walkers.positions, into: &walkers.energies)
    for member in 0..<walkers.count {
      walkers.addLogWeight(left[member] - walkers.energies[member], to: member)
    }
    return info
  }

  private func make(
    _ update: Int, of kernel: any TunableKernel, _ walkers: inout Walkers, in context: StepContext
  ) -> UpdateInfo {
    kernel.update(
      &walkers.positions,
      in: UpdateContext(
        streams: context.streams, number: context.step * updates + update,
        firstWalker: walkers.first))
  }

  private func record(_ made: UpdateInfo, of kernel: any TunableKernel) -> StepInfo {
    StepInfo(
      acceptance: made.acceptance.reduce(0, +) / Double(updates),
      gradientEvaluations: kernel.forceEvaluations * made.acceptance.count)
  }

  public var reversed: KernelTransition {
    KernelTransition(
      updates: updates, targetAcceptance: targetAcceptance, kernel: kernel,
      isReversed: !isReversed)
  }
}

extension KernelTransition where Density == Phi4 {
  /// Local Metropolis sweeps over the checkerboard.
  public static func metropolis(
    at theory: Phi4, updates: Int = 1, targetAcceptance: Double = 0.5
  ) -> KernelTransition {
    let sweep = Metropolis(action: theory, stepSize: 1, targetAcceptance: targetAcceptance)
    return KernelTransition(updates: updates, targetAcceptance: targetAcceptance) {
      sweep.retargeted(to: $0)
    }
  }
}
