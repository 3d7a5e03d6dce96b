// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams
import Targets

/// Hybrid (Hamiltonian) Monte Carlo.
///
/// Each update draws momenta from exp(−kinetic energy), follows Hamilton's equations for a
/// trajectory by a reversible, volume-preserving scheme, and accepts the end with probability
/// min(1, exp(−ΔH)). Exact for any step size; ⟨exp(−ΔH)⟩ = 1 in equilibrium.
/// Duane, Kennedy, Pendleton, Roweth, Phys. Lett. B 195 (1987) 216.
///
/// With one step a trajectory it is the Metropolis-adjusted Langevin algorithm (`mala`), with a
/// spectral kinetic energy Fourier-accelerated HMC.
public struct HMC: TunableKernel {
  public let target: any Target
  public let scheme: SplittingScheme
  /// The relative half-width of the uniform distribution of step sizes, drawn anew for each chain and
  /// update, so that no mode stays in step with the trajectory.
  public let jitter: Double
  public var targetAcceptance: Double
  /// The step size ε, before jitter.
  public var stepSize: Double

  /// The trajectory length τ that the number of steps is chosen for; nil for a single step.
  private let nominalLength: Double?
  private let dynamics: MolecularDynamics

  /// The largest number of steps in a trajectory.
  public static let mostSteps = 1000

  /// Steps in a trajectory: the whole number nearest to τ/ε, so that a tuned step size is kept as it
  /// is and the length is off by half a step at most.
  public var steps: Int {
    guard let nominalLength else { return 1 }
    let wanted = (nominalLength / stepSize).rounded()
    return wanted < Double(Self.mostSteps) ? max(1, Int(wanted)) : Self.mostSteps
  }

  /// The length of a trajectory, before jitter.
  public var length: Double { Double(steps) * stepSize }

  public init(
    target: any Target, scheme: SplittingScheme = .omelyan, steps: Int = 10, length: Double = 1,
    kinetic: KineticEnergy = .unitMass, jitter: Double = 0, targetAcceptance: Double = 0.8
  ) {
    precondition(
      (1...Self.mostSteps).contains(steps) && length > 0,
      "a trajectory has a positive length and 1 to \(Self.mostSteps) steps")
    precondition((0..<1).contains(jitter), "jitter lies in 0 ..< 1")
    self.target = target
    self.scheme = scheme
    stepSize = length / Double(steps)
    nominalLength = length
    self.jitter = jitter
    self.targetAcceptance = targetAcceptance
    dynamics = MolecularDynamics(target: target, kinetic: kinetic)
  }

  private init(mala target: any Target, stepSize: Double, targetAcceptance: Double) {
    self.target = target
    scheme = .leapfrog
    self.stepSize = stepSize
    nominalLength = nil
    jitter = 0
    self.targetAcceptance = targetAcceptance
    dynamics = MolecularDynamics(target: target, kinetic: .unitMass)
  }

  /// The Metropolis-adjusted Langevin algorithm, φ' = φ − ½ε² ∇U + ε η: HMC with one leapfrog step.
  /// Roberts, Tweedie, Bernoulli 2 (1996) 341; the acceptance 0.574 is optimal in high dimension.
  public static func mala(
    target: any Target, stepSize: Double, targetAcceptance: Double = 0.574
  ) -> HMC {
    precondition(stepSize > 0, "a step size is positive")
    return HMC(mala: target, stepSize: stepSize, targetAcceptance: targetAcceptance)
  }

  /// Evaluations of the gradient in one trajectory of one chain.
  public var forceEvaluations: Int { steps * scheme.drifts.count + 1 }

  public var diagnostics: [Table] {
    [
      Table(
        name: "hmc",
        variables: [
          Variable(
            name: "dH", units: "1", longName: "energy violation of the trajectory",
            definition: #"\Delta H = H(\phi',\pi') - H(\phi,\pi)"#),
          Variable(
            name: "accept", type: .uint8, units: "1", longName: "outcome of the Metropolis test",
            flagMeanings: ["rejected", "accepted"]),
          Variable(name: "step_size", longName: "integration step", definition: #"\epsilon"#),
          Variable(
            name: "n_steps", type: .int64, units: "1", longName: "integration steps a trajectory"),
          Variable(
            name: "n_force", type: .int64, units: "1",
            longName: "evaluations of the gradient in a trajectory"),
        ],
        attributes: ["scheme": .text(scheme.name), "jitter": .real(jitter)])
    ]
  }

  public func update(_ chains: inout Configurations, in context: UpdateContext) -> UpdateInfo {
    let count = chains.count
    let dimension = chains.dimension
    let trajectory = scheme.trajectory(steps: steps)
    // One row a chain: ΔH, accepted, step size.
    var outcomes = Configurations(count: count, dimension: 3)
    outcomes.withMutableRows { outcomes in
      chains.withMutableRows { rows in
        let outcomes = SharedRows(outcomes)
        let rows = SharedRows(rows)
        let size = dynamics.blockSize
        context.workers.forEach(count, grain: size) { range in
          let scratch = MolecularDynamics.Scratch(dynamics)
          for first in stride(from: range.lowerBound, to: range.upperBound, by: size) {
            updateBlock(
              first..<min(first + size, range.upperBound), rows.pointer + first * dimension,
              outcomes.pointer + 3 * first, trajectory, scratch, context)
          }
        }
      }
    }
    func column(_ index: Int) -> [Double] { (0..<count).map { outcomes.values[3 * $0 + index] } }
    let steps = Array(repeating: Double(self.steps), count: count)
    let forces = Array(repeating: Double(forceEvaluations), count: count)
    return UpdateInfo(
      acceptance: column(0).map { min(1, exp(-$0)) },
      values: [[column(0), column(1), column(2), steps, forces]])
  }

  private func updateBlock(
    _ chains: Range<Int>, _ rows: UnsafeMutablePointer<Double>,
    _ outcomes: UnsafeMutablePointer<Double>, _ trajectory: (kicks: [Double], drifts: [Double]),
    _ scratch: MolecularDynamics.Scratch, _ context: UpdateContext
  ) {
    let dimension = target.dimension
    let stepSizes = chains.map { drawStepSize(chain: $0, in: context) }
    scratch.positions.update(from: rows, count: chains.count * dimension)
    dynamics.refresh(scratch, chains: chains, in: context)
    let energies = dynamics.integrate(
      scratch, count: chains.count, kicks: trajectory.kicks, drifts: trajectory.drifts,
      stepSizes: stepSizes)
    for (row, chain) in chains.enumerated() {
      // A trajectory that ran away to infinity is one that is never accepted.
      let change = energies[row].change.isNaN ? Double.infinity : energies[row].change
      let uniform = context.streams.uniform(
        purpose: .acceptance, walker: chain, step: context.number, index: 0)
      let isAccepted = uniform < exp(-change)
      if isAccepted {
        (rows + row * dimension).update(
          from: scratch.positions + row * dimension, count: dimension)
      }
      outcomes[3 * row] = change
      outcomes[3 * row + 1] = isAccepted ? 1 : 0
      outcomes[3 * row + 2] = stepSizes[row]
    }
  }

  private func drawStepSize(chain: Int, in context: UpdateContext) -> Double {
    guard jitter > 0 else { return stepSize }
    let uniform = context.streams.uniform(
      purpose: .jitter, walker: chain, step: context.number, index: 0)
    return stepSize * (1 + jitter * (2 * uniform - 1))
  }

  /// How far one configuration comes back when a trajectory is followed, its momenta are reversed and
  /// it is followed again: max_x |φ_x − φ''_x| and |ΔH| over the round trip, both of rounding alone.
  public func reversibility(
    of configuration: ArraySlice<Double>, chain: Int, in context: UpdateContext
  ) -> (position: Double, energy: Double) {
    precondition(configuration.count == target.dimension)
    let (kicks, drifts) = scheme.trajectory(steps: steps)
    let stepSizes = [drawStepSize(chain: chain, in: context)]
    let scratch = MolecularDynamics.Scratch(dynamics)
    configuration.withUnsafeBufferPointer {
      scratch.positions.update(from: $0.baseAddress!, count: target.dimension)
    }
    dynamics.refresh(scratch, chains: chain..<chain + 1, in: context)
    let there = dynamics.integrate(
      scratch, count: 1, kicks: kicks, drifts: drifts, stepSizes: stepSizes)
    for x in 0..<target.dimension { scratch.velocities[x].negate() }
    let back = dynamics.integrate(
      scratch, count: 1, kicks: kicks, drifts: drifts, stepSizes: stepSizes)
    var distance = 0.0
    for (x, value) in configuration.enumerated() {
      let difference = abs(scratch.positions[x] - value)
      if !(difference <= distance) { distance = difference }
    }
    return (distance, abs(there[0].change + back[0].change))
  }
}
