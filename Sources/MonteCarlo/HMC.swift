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
  /// The step size ε, before jitter; what is set above the trajectory length is cut to it.
  public var stepSize: Double {
    didSet { if let nominalLength { stepSize = min(stepSize, nominalLength) } }
  }

  /// The trajectory length τ that the number of steps is chosen for; nil for a fixed number of steps.
  private let nominalLength: Double?
  /// The number of steps where no length is given.
  private let givenSteps: Int
  private let dynamics: MolecularDynamics

  /// The largest number of steps that tuning may choose, unless more were asked for to begin with.
  private let mostSteps: Int

  /// Steps in a trajectory: the whole number nearest to τ/ε, so that a tuned step size is kept as it
  /// is and the length is off by half a step at most.
  public var steps: Int {
    guard let nominalLength else { return givenSteps }
    let wanted = (nominalLength / stepSize).rounded()
    return wanted < Double(mostSteps) ? max(1, Int(wanted)) : mostSteps
  }

  /// The length of a trajectory, before jitter.
  public var length: Double { Double(steps) * stepSize }

  public init(
    target: any Target, scheme: SplittingScheme = .omelyan, steps: Int = 10, length: Double = 1,
    kinetic: KineticEnergy = .unitMass, jitter: Double = 0, targetAcceptance: Double = 0.8
  ) {
    precondition(steps >= 1 && length > 0, "a trajectory has a positive length and number of steps")
    precondition((0..<1).contains(jitter), "jitter lies in 0 ..< 1")
    self.target = target
    self.scheme = scheme
    stepSize = length / Double(steps)
    nominalLength = length
    givenSteps = steps
    mostSteps = max(1000, steps)
    self.jitter = jitter
    self.targetAcceptance = targetAcceptance
    dynamics = MolecularDynamics(target: target, kinetic: kinetic)
  }

  private init(
    target: any Target, scheme: SplittingScheme, givenSteps: Int, stepSize: Double,
    kinetic: KineticEnergy, targetAcceptance: Double
  ) {
    precondition(stepSize > 0 && givenSteps >= 1, "a trajectory has a positive number of steps")
    self.target = target
    self.scheme = scheme
    self.stepSize = stepSize
    nominalLength = nil
    self.givenSteps = givenSteps
    mostSteps = givenSteps
    jitter = 0
    self.targetAcceptance = targetAcceptance
    dynamics = MolecularDynamics(target: target, kinetic: kinetic)
  }

  /// Trajectories of a given number of steps whatever the step size.
  public static func fixedSteps(
    target: any Target, scheme: SplittingScheme = .leapfrog, steps: Int, stepSize: Double = 1,
    kinetic: KineticEnergy = .unitMass, targetAcceptance: Double = 0.8
  ) -> HMC {
    HMC(
      target: target, scheme: scheme, givenSteps: steps, stepSize: stepSize, kinetic: kinetic,
      targetAcceptance: targetAcceptance)
  }

  /// The Metropolis-adjusted Langevin algorithm, φ' = φ − ½ε² ∇U + ε η: HMC with one leapfrog step.
  /// Roberts, Tweedie, Bernoulli 2 (1996) 341; the acceptance 0.574 is optimal in high dimension.
  public static func mala(
    target: any Target, stepSize: Double, targetAcceptance: Double = 0.574
  ) -> HMC {
    fixedSteps(
      target: target, steps: 1, stepSize: stepSize, targetAcceptance: targetAcceptance)
  }

  /// Evaluations of the gradient in one trajectory of one chain.
  public var forceEvaluations: Int { steps * scheme.drifts.count + 1 }

  public var knowsEnergies: Bool { true }

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
    // One row a chain: ΔH, accepted, step size, U before and after.
    var outcomes = Configurations(count: count, dimension: 5)
    outcomes.withMutableRows { outcomes in
      chains.withMutableRows { rows in
        let outcomes = SharedRows(outcomes)
        let rows = SharedRows(rows)
        context.workers.forEach(count) { range in
          let scratch = MolecularDynamics.Scratch(dynamics)
          for chain in range {
            updateChain(
              chain, rows.pointer + chain * dimension, outcomes.pointer + 5 * chain, trajectory,
              scratch, context)
          }
        }
      }
    }
    func column(_ index: Int) -> [Double] { (0..<count).map { outcomes.values[5 * $0 + index] } }
    let steps = Array(repeating: Double(self.steps), count: count)
    let forces = Array(repeating: Double(forceEvaluations), count: count)
    return UpdateInfo(
      acceptance: column(0).map { min(1, exp(-$0)) },
      values: [[column(0), column(1), column(2), steps, forces]],
      energies: UpdateInfo.Energies(before: column(3), after: column(4)))
  }

  private func updateChain(
    _ chain: Int, _ fields: UnsafeMutablePointer<Double>,
    _ outcomes: UnsafeMutablePointer<Double>, _ trajectory: (kicks: [Double], drifts: [Double]),
    _ scratch: MolecularDynamics.Scratch, _ context: UpdateContext
  ) {
    let dimension = target.dimension
    let stepSize = drawStepSize(chain: chain, in: context)
    scratch.position.withMutableRows { $0.update(from: fields, count: dimension) }
    dynamics.refresh(scratch, chain: chain, in: context)
    let energies = dynamics.integrate(
      scratch, kicks: trajectory.kicks.map { $0 * stepSize },
      drifts: trajectory.drifts.map { $0 * stepSize })
    // A trajectory that ran away to infinity is one that is never accepted.
    let change = energies.change.isNaN ? Double.infinity : energies.change
    let uniform = context.streams.uniform(
      purpose: .acceptance, walker: context.firstWalker + chain, step: context.number, index: 0)
    let isAccepted = uniform < exp(-change)
    if isAccepted { scratch.position.withRows { fields.update(from: $0, count: dimension) } }
    outcomes[0] = change
    outcomes[1] = isAccepted ? 1 : 0
    outcomes[2] = stepSize
    outcomes[3] = energies.potentialBefore
    outcomes[4] = isAccepted ? energies.potentialAfter : energies.potentialBefore
  }

  private func drawStepSize(chain: Int, in context: UpdateContext) -> Double {
    guard jitter > 0 else { return stepSize }
    let uniform = context.streams.uniform(
      purpose: .jitter, walker: context.firstWalker + chain, step: context.number, index: 0)
    return stepSize * (1 + jitter * (2 * uniform - 1))
  }

  /// How far one configuration comes back when a trajectory is followed, its momenta are reversed and
  /// it is followed again: max_x |φ_x − φ''_x| and |ΔH| over the round trip, both of rounding alone.
  public func reversibility(
    of configuration: ArraySlice<Double>, chain: Int, in context: UpdateContext
  ) -> (position: Double, energy: Double) {
    precondition(configuration.count == target.dimension)
    let stepSize = drawStepSize(chain: chain, in: context)
    let (kicks, drifts) = scheme.trajectory(steps: steps)
    let scaledKicks = kicks.map { $0 * stepSize }
    let scaledDrifts = drifts.map { $0 * stepSize }
    let scratch = MolecularDynamics.Scratch(dynamics)
    scratch.position.values = Array(configuration)
    dynamics.refresh(scratch, chain: chain, in: context)
    let there = dynamics.integrate(scratch, kicks: scaledKicks, drifts: scaledDrifts)
    for x in 0..<target.dimension { scratch.velocity.values[x].negate() }
    let back = dynamics.integrate(scratch, kicks: scaledKicks, drifts: scaledDrifts)
    let distances = zip(scratch.position.values, configuration).map { abs($0 - $1) }
    let distance = distances.contains { $0.isNaN } ? Double.nan : distances.max() ?? 0
    return (distance, abs(there.change + back.change))
  }
}
