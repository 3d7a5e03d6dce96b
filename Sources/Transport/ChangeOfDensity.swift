// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Targets

/// The transition that leaves walkers where they are, log w += U(x) − U'(x): importance sampling along a
/// path. Transported, it is a continuous normalizing flow, the walkers following the
/// probability-flow equation without any noise.
public struct ChangeOfDensity<Density: Target>: Transition {
  public init() {}

  public var targetAcceptance: Double? { nil }

  public var reversed: ChangeOfDensity { self }

  public func begin(_ walkers: inout Walkers, at density: Density, in context: StepContext) {
    density.energies(of: walkers.positions, into: &walkers.energies)
  }

  public func advance(
    _ walkers: inout Walkers, from old: Density, to new: Density, in context: StepContext
  ) -> StepInfo {
    let left = walkers.energies
    new.energies(of: walkers.positions, into: &walkers.energies)
    for member in 0..<walkers.count {
      walkers.addLogWeight(left[member] - walkers.energies[member], to: member)
    }
    return StepInfo(acceptance: Double(walkers.count))
  }
}
