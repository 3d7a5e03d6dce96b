// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Targets

/// A transition that is preceded by a transport: the walkers follow a drift from time t to t' and then
/// make the step of another transition from ρ_t to ρ_t', as if they had been there before:
///
///     φ' = T(φ),     log w += U_t(φ) − U_t'(φ') + log|det ∂φ'/∂φ| + (what the other step adds at φ').
///
/// With updates that leave ρ_t' invariant (`KernelTransition`) it is transport and refresh: the
/// stochastic normalizing flow whose layers are the flow of a drift. With a Langevin step it is the
/// Non-Equilibrium Transport Sampler, over- or underdamped, split in two. Without a drift it is the
/// other transition, bit for bit. Wu, Köhler, Noé, NeurIPS 2020; Albergo, Vanden-Eijnden,
/// arXiv:2410.02711, Prop. 3.
public struct Transported<Base: Transition>: Transition {
  public typealias Density = Base.Density

  public let map: TransportMap
  public let base: Base
  private let isReversed: Bool

  public init(_ base: Base, by map: TransportMap) {
    self.init(base, by: map, isReversed: false)
  }

  private init(_ base: Base, by map: TransportMap, isReversed: Bool) {
    self.base = base
    self.map = map
    self.isReversed = isReversed
  }

  public var targetAcceptance: Double? { base.targetAcceptance }

  /// The other transition's reversal, and then the transport back in time.
  public var reversed: Transported { Transported(base.reversed, by: map, isReversed: !isReversed) }

  public func begin(_ walkers: inout Walkers, at density: Density, in context: StepContext) {
    base.begin(&walkers, at: density, in: context)
  }

  public func renew(_ walkers: inout Walkers, at density: Density) {
    base.renew(&walkers, at: density)
  }

  public func advance(
    _ walkers: inout Walkers, from old: Density, to new: Density, in context: StepContext
  ) -> StepInfo {
    var info = StepInfo()
    let moves = context.times.from != context.times.to
    if isReversed {
      info = base.advance(&walkers, from: old, to: new, in: context)
      guard moves else { return info }
      let left = walkers.energies
      move(&walkers, in: context)
      var energies = left
      new.energies(of: walkers.positions, into: &energies)
      for member in 0..<walkers.count {
        walkers.addLogWeight(left[member] - energies[member], to: member)
      }
      walkers.energies = energies
      base.renew(&walkers, at: new)
    } else {
      if moves {
        move(&walkers, in: context)
        base.renew(&walkers, at: old)
      }
      info = base.advance(&walkers, from: old, to: new, in: context)
    }
    if moves { info.driftEvaluations += map.evaluations * walkers.count }
    return info
  }

  private func move(_ walkers: inout Walkers, in context: StepContext) {
    let logs = map.move(&walkers.positions, from: context.times.from, to: context.times.to)
    for member in 0..<walkers.count { walkers.addLogWeight(logs[member], to: member) }
  }
}
