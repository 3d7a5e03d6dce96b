// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams

/// Leapfrog trajectories of the free field, whose energy violation is known in closed form.
///
/// For S = ½ Σ φ(−Δ + m²)φ each mode is an oscillator of frequency ω² = p̂² + m². N steps ε turn it by
/// Nθ on an ellipse, cos θ = 1 − 2a, a = ε²ω²/4, so that from equilibrium
/// ⟨ΔH⟩ = Σ_p ½ sin²(Nθ_p) a_p²/(1 − a_p). For many modes the acceptance is erfc(½ √⟨ΔH⟩):
/// Gupta et al., Phys. Lett. B 242 (1990) 437.
public struct LeapfrogViolation: Sendable {
  public let extents: [Int]
  public let massSquared: Double
  public let stepSize: Double
  public let steps: Int

  public init(extents: [Int], massSquared: Double, stepSize: Double, steps: Int) {
    self.extents = extents
    self.massSquared = massSquared
    self.stepSize = stepSize
    self.steps = steps
  }

  /// The settings that are checked.
  public static let cases: [LeapfrogViolation] = [
    LeapfrogViolation(extents: [8, 8], massSquared: 1, stepSize: 0.1, steps: 10),
    LeapfrogViolation(extents: [8, 8], massSquared: 1, stepSize: 0.2, steps: 5),
    LeapfrogViolation(extents: [8, 8], massSquared: 1, stepSize: 0.4, steps: 3),
    LeapfrogViolation(extents: [8, 8, 8], massSquared: 0.5, stepSize: 0.2, steps: 5),
  ]

  public var name: String {
    let size = extents.map { String($0) }.joined(separator: "x")
    return "leapfrog \(size) eps=\(stepSize) N=\(steps)"
  }

  /// ⟨ΔH⟩ in closed form.
  public var exactChange: Double {
    Lattice(extents: extents).momentaSquared().reduce(0) { sum, square in
      let a = stepSize * stepSize * (square + massSquared) / 4
      let sine = sin(Double(steps) * acos(1 - 2 * a))
      return sum + 0.5 * sine * sine * a * a / (1 - a)
    }
  }

  /// erfc(½ √⟨ΔH⟩).
  public var asymptoticAcceptance: Double { erfc(0.5 * exactChange.squareRoot()) }

  /// ΔH of `count` trajectories, each from an exact sample: independent draws.
  public func changes(count: Int, seed: UInt64, workers: Workers = Workers(1)) -> [Double] {
    let lattice = Lattice(extents: extents)
    let free = FreeField(
      lattice: lattice, couplings: .continuum(massSquared: massSquared, coupling: 0))
    let hmc = HMC(
      target: free, scheme: .leapfrog, steps: steps, length: stepSize * Double(steps))
    let streams = RandomStreams(seed: seed).derived(name)
    var batch = Configurations(count: 1000, dimension: lattice.volume)
    var result: [Double] = []
    for round in 0..<(count + 999) / 1000 {
      free.sample(
        into: &batch, using: streams, purpose: .initialField, firstWalker: 0, step: round)
      let context = UpdateContext(streams: streams, number: round, workers: workers)
      result += hmc.update(&batch, in: context).values[0][0]
    }
    return result
  }

  /// ⟨ΔH⟩ and ⟨exp(−ΔH)⟩ = 1 with plain standard errors.
  public func pulls(count: Int, seed: UInt64, workers: Workers = Workers(1)) -> [Pull] {
    let changes = changes(count: count, seed: seed, workers: workers)
    return [
      Self.meanPull("\(name) <dH>", changes, exactChange),
      Self.meanPull("\(name) <exp(-dH)>", changes.map { exp(-$0) }, 1),
    ]
  }

  private static func meanPull(_ what: String, _ values: [Double], _ reference: Double) -> Pull {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return Pull(
      what, value: mean, error: (variance / count).squareRoot(), reference: reference)
  }
}
