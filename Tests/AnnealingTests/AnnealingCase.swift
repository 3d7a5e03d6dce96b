// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Statistics

/// A number with its error beside what it must be.
struct Pull: CustomStringConvertible {
  var what: String
  var value: Double
  var error: Double
  var exact: Double

  var pull: Double { (value - exact) / error }

  func isWithin(_ bound: Double) -> Bool { error > 0 && abs(pull) < bound }

  /// One row of a table.
  var description: String {
    what + String(format: " | %.6f | %.6f | %.6f | %+.2f", value, error, exact, pull)
  }

  /// Prints the row if the environment has ANNEALING_TABLE.
  func record() {
    if ProcessInfo.processInfo.environment["ANNEALING_TABLE"] != nil { print("| \(self) |") }
  }
}

/// A transition with a small and a large step size for it, and what it is called.
struct NamedTransition: Sendable, CustomStringConvertible {
  let name: String
  let transition: any Transition<Phi4>
  let stepSizes: [Double]

  var description: String { name }

  /// Every transition of a theory whose stiffest mode has the curvature `stiffness`, accelerated with
  /// the mass M². The large step sizes of unadjusted Langevin steps are far from any small-step limit,
  /// but below the one at which the weights lose their variance, ε²k = 2 for a harmonic mode.
  static func all(
    _ theory: Phi4, stiffness: Double, massSquared: Double
  ) -> [NamedTransition] {
    let kinetic = KineticEnergy.spectral(
      SpectralMass(accelerating: theory, massSquared: massSquared))
    let unit = 1 / stiffness.squareRoot()
    var list = [
      NamedTransition(
        name: "ULA", transition: OverdampedLangevin<Phi4>(), stepSizes: [0.3 * unit, 0.8 * unit]),
      NamedTransition(
        name: "ULA accelerated", transition: OverdampedLangevin<Phi4>(preconditioner: kinetic),
        stepSizes: [0.2, 0.6]),
      NamedTransition(
        name: "MALA", transition: KernelTransition<Phi4>.mala(),
        stepSizes: [0.3 * unit, 1.9 * unit]),
      NamedTransition(
        name: "MALA accelerated", transition: KernelTransition<Phi4>.mala(kinetic: kinetic),
        stepSizes: [0.3, 1.8]),
      NamedTransition(
        name: "HMC", transition: KernelTransition<Phi4>.hmc(steps: 3, updates: 2),
        stepSizes: [0.3 * unit, 1.9 * unit]),
      NamedTransition(
        name: "Metropolis", transition: KernelTransition<Phi4>.metropolis(at: theory, updates: 2),
        stepSizes: [0.1, 1.5]),
    ]
    for splitting in LangevinSplitting.all {
      list.append(
        NamedTransition(
          name: splitting.name.uppercased(),
          transition: UnderdampedLangevin<Phi4>(splitting: splitting, friction: 1),
          stepSizes: [0.3 * unit, 0.8 * unit]))
      list.append(
        NamedTransition(
          name: splitting.name.uppercased() + " accelerated",
          transition: UnderdampedLangevin<Phi4>(
            splitting: splitting, friction: 1, kinetic: kinetic), stepSizes: [0.2, 0.6]))
    }
    return list
  }
}

/// A journey along a path whose ends are known exactly.
struct AnnealingCase<P: Path> where P.Snapshot == Phi4 {
  var name: String
  var path: P
  var steps = 3
  var walkers = 100_000
  var seed: UInt64 = 1
  var direction = AnnealedSampler<P>.Direction.forward
  /// Positions that a way back starts from.
  var end: Configurations?
  /// log Z_reached/Z_left.
  var logRatio: Double
  /// ⟨φ²⟩ where the journey ends.
  var phi2: Double

  /// E[w] over its exact value, and the weighted average of φ².
  func pulls(_ transition: any Transition<Phi4>, stepSize: Double) throws -> [Pull] {
    let sampler = AnnealedSampler(
      path: path, transition: transition, schedule: .uniform(steps, stepSize: stepSize),
      direction: direction, streams: RandomStreams(seed: seed))
    let workers = Workers(2)
    var population =
      direction == .forward
      ? sampler.start(population: 0, count: walkers, workers: workers)
      : sampler.start(population: 0, at: end!, workers: workers)
    _ = try sampler.advance(&population, through: 0..<steps, workers: workers)
    let weights = try LogWeights(population.logWeights)
    let sample = try WeightedSample(
      weights: weights, primaries: [meanSquares(population.positions)])
    let average = try sample.estimate(primary: 0)
    let label = "\(name), ε = \(String(format: "%.3f", stepSize))"
    let ratio = exp(weights.logMean.value - logRatio)
    return [
      Pull(
        what: label + " | E[w] Z_0/Z", value: ratio, error: weights.logMean.error * ratio, exact: 1),
      Pull(what: label + " | phi2", value: average.value, error: average.error, exact: phi2),
    ]
  }
}

/// φ² averaged over the sites of every member.
func meanSquares(_ batch: Configurations) -> [Double] {
  (0..<batch.count).map { batch[$0].reduce(0) { $0 + $1 * $1 } / Double(batch.dimension) }
}

extension FreeField {
  /// ⟨φ²⟩ = V^-1 Σ_p 1/(2K(p)).
  var phi2: Double { spectrum.reduce(0) { $0 + 0.5 / $1 } / Double(lattice.volume) }

  /// The largest curvature of the action.
  var stiffness: Double { 2 * spectrum.max()! }

  /// Exact samples.
  func samples(_ count: Int, seed: UInt64) -> Configurations {
    var batch = Configurations(count: count, dimension: dimension)
    sample(
      into: &batch, using: RandomStreams(seed: seed), purpose: .initialField, firstWalker: 0,
      step: 0)
    return batch
  }
}

/// Exact samples of φ⁴ theory on a small lattice. With m² = c2 − J D,
///
///     S = Σ_x [ m² φ² + c4 φ⁴ ] + ½J Σ_bonds (φ_x − φ_y)²,
///
/// so that independent sites of the coefficients m² and c4 are samples of the theory if they are
/// accepted with probability exp(−½J Σ (φ_x − φ_y)²).
func exactSamples(of theory: Phi4, count: Int, seed: UInt64) -> Configurations {
  let (lattice, c) = (theory.lattice, theory.coefficients)
  let sites = IndependentSites(
    lattice: lattice, quadratic: c.quadratic - c.hopping * Double(lattice.dimensions),
    quartic: c.quartic)
  let streams = RandomStreams(seed: seed)
  var values: [Double] = []
  values.reserveCapacity(count * lattice.volume)
  var trial = Configurations(count: 10_000, dimension: lattice.volume)
  var round = 0
  while values.count < count * lattice.volume {
    sites.sample(
      into: &trial, using: streams, purpose: .initialField, firstWalker: 0, step: round)
    for member in 0..<trial.count where values.count < count * lattice.volume {
      let field = Array(trial[member])
      var sum = 0.0
      for site in 0..<lattice.volume {
        for axis in 0..<lattice.dimensions {
          let difference = field[site] - field[lattice.forward(site, axis)]
          sum += difference * difference
        }
      }
      let uniform = streams.uniform(purpose: .acceptance, walker: member, step: round, index: 0)
      if uniform < exp(-0.5 * c.hopping * sum) { values += field }
    }
    round += 1
  }
  return Configurations(count: count, dimension: lattice.volume, values: values)
}
