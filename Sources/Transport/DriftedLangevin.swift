// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import MonteCarlo
import RandomStreams
import Targets

/// The step of the overdamped Non-Equilibrium Transport Sampler: a Langevin step without a Metropolis
/// test that follows a drift, from time t to t' = t + τ with the step size ε of MALA,
///
///     F:  x' = x + τ b_t(x) − ½ε² P∇U_t(x) + ε P^½ η,
///     B:  x = x' − τ b_t'(x') − ½ε² P∇U_t'(x') + ε P^½ η̃,
///
/// P any position-independent preconditioner. With g = P^½∇U_t(x), u = (τ/ε) P^-½ b_t(x) at the point
/// that is left and g', u' the same at x' and t', the first line says P^-½(x' − x)/ε = u − ½ε g + η, the
/// second that P^-½(x − x')/ε = −u' − ½ε g' + η̃, and their sum
///
///     η̃ = s − η,   s = ½ε (g + g') + u' − u.
///
/// Both noises are standard normals and both maps from noise to displacement have the same Jacobian
/// determinant, so that
///
///     log B − log F = ½|η|² − ½|η̃|² = s·η − ½|s|².
///
/// The drift enters s as a difference only: where it is smooth it costs little variance, and its
/// divergence is not needed. The way back is the same rule, as τ changes sign. With times that are
/// equal, or with `ZeroDrift`, it hands over to `OverdampedLangevin`, whose bits it then has.
/// Albergo, Vanden-Eijnden, arXiv:2410.02711, in discrete time; for B/F Nilmeier et al., PNAS 108
/// (2011) E1009.
///
/// The weight of continuous time is there for comparison,
///
///     dA = (∇·b_t − ∇U_t·b_t − ∂_tU_t) dt   at the point that is left,
///
/// wrong by O(step) however good the effective sample size looks.
public struct DriftedLangevin<Density: Target, D: Drift>: Transition {
  public let drift: D
  /// The step without the drift, which knows preconditioner and weight.
  public let base: OverdampedLangevin<Density>
  /// The drift again, where its divergence is asked for.
  private let divergence: (any DivergenceDrift)?

  /// Weighted by the ratio of the kernels B/F, exact at every step size.
  public init(drift: D, preconditioner: KineticEnergy = .unitMass) {
    self.drift = drift
    base = OverdampedLangevin(preconditioner: preconditioner, weight: .kernelRatio)
    divergence = nil
  }

  public var targetAcceptance: Double? { nil }

  public var reversed: DriftedLangevin { self }

  public func begin(_ walkers: inout Walkers, at density: Density, in context: StepContext) {
    base.begin(&walkers, at: density, in: context)
  }

  public func renew(_ walkers: inout Walkers, at density: Density) {
    base.renew(&walkers, at: density)
  }

  public func advance(
    _ walkers: inout Walkers, from old: Density, to new: Density, in context: StepContext
  ) -> StepInfo {
    if context.times.from == context.times.to || drift is ZeroDrift {
      return base.advance(&walkers, from: old, to: new, in: context)
    }
    guard let gradients = walkers.gradients else {
      preconditionFailure("walkers begin before they advance")
    }
    let epsilon = context.stepSize
    let count = walkers.count
    let left = DriftTerm(self, walkers.positions, at: context.times.from, in: context)
    var increments = walkers.energies
    if divergence != nil {
      // The change of density at the point that is left stands for −∂_tU dt.
      var energies = walkers.energies
      new.energies(of: walkers.positions, into: &energies)
      let step = context.times.to - context.times.from
      for member in 0..<count {
        let work = epsilon * dot(left.scaled[member], gradients[member])
        increments[member] += step * left.divergences[member] - work - energies[member]
      }
    }

    let noise = noise(like: walkers, in: context)
    var move = noise
    move.combine(epsilon, adding: -0.5 * epsilon * epsilon, times: gradients)
    base.preconditioner.applyRoot(to: &move)
    walkers.positions.combine(1, adding: 1, times: move)
    walkers.positions.combine(1, adding: 1, times: left.move)
    new.gradients(of: walkers.positions, into: &move, energies: &walkers.energies)
    base.preconditioner.applyRoot(to: &move)
    walkers.gradients = move

    if divergence == nil {
      let reached = DriftTerm(self, walkers.positions, at: context.times.to, in: context)
      // s, in the place of g'.
      move.combine(0.5 * epsilon, adding: 0.5 * epsilon, times: gradients)
      move.combine(1, adding: 1, times: reached.scaled)
      move.combine(1, adding: -1, times: left.scaled)
      for member in 0..<count {
        let s = move[member]
        increments[member] += dot(s, noise[member]) - 0.5 * dot(s, s) - walkers.energies[member]
      }
    }
    for member in 0..<count { walkers.addLogWeight(increments[member], to: member) }
    return StepInfo(
      acceptance: Double(count), gradientEvaluations: count,
      driftEvaluations: divergence == nil ? 2 * count : count)
  }

  private func noise(like walkers: Walkers, in context: StepContext) -> Configurations {
    let (count, dimension) = (walkers.count, walkers.positions.dimension)
    var noise = Configurations(count: count, dimension: dimension)
    noise.withMutableRows {
      for member in 0..<count {
        context.streams.fillNormals(
          $0 + member * dimension, count: dimension, purpose: .noise,
          walker: walkers.first + member, step: context.step)
      }
    }
    return noise
  }

  /// τ b, u = (τ/ε) P^-½ b and where asked for ∇·b of every walker.
  private struct DriftTerm {
    var move: Configurations
    var scaled: Configurations
    var divergences: [Double] = []

    init(
      _ transition: DriftedLangevin, _ positions: Configurations, at time: Double,
      in context: StepContext
    ) {
      move = Configurations(count: positions.count, dimension: positions.dimension)
      if let drift = transition.divergence {
        divergences = Array(repeating: 0, count: positions.count)
        drift.velocities(of: positions, at: time, into: &move, divergences: &divergences)
      } else {
        transition.drift.velocities(of: positions, at: time, into: &move)
      }
      let step = context.times.to - context.times.from
      scaled = move
      transition.base.preconditioner.undoRoot(of: &scaled)
      for index in move.values.indices { move.values[index] *= step }
      let ratio = step / context.stepSize
      for index in scaled.values.indices { scaled.values[index] *= ratio }
    }
  }
}

extension DriftedLangevin where D: DivergenceDrift {
  /// With a weight by name. The drift's divergence is used by `.continuum` alone.
  public init(
    drift: D, preconditioner: KineticEnergy = .unitMass, weight: LangevinWeight
  ) {
    self.drift = drift
    base = OverdampedLangevin(preconditioner: preconditioner, weight: weight)
    divergence = weight == .continuum ? drift : nil
  }
}

/// Σ a_i b_i.
private func dot(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      var sum = 0.0
      for index in 0..<a.count { sum += a[index] * b[index] }
      return sum
    }
  }
}
