// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Statistics
import Testing
import Transport

/// The weights of overdamped NETS steps.
@Suite(.serialized) struct DriftedLangevinTests {
  /// A drift without any symmetry or divergence, of no use to anyone.
  struct Whim: Drift {
    let dimension: Int

    func velocities(
      of batch: Configurations, at time: Double, into velocities: inout Configurations
    ) {
      for member in 0..<batch.count {
        let row = Array(batch[member])
        velocities[member] = ArraySlice(
          row.indices.map { x in
            0.08 * sin(1.7 * row[x] + time) - 0.06 * row[(x + 1) % dimension] * exp(-time)
          })
      }
    }
  }

  /// No drift, but not known to be none.
  struct Nothing: DivergenceDrift {
    let dimension: Int

    func velocities(
      of batch: Configurations, at time: Double, into velocities: inout Configurations,
      divergences: inout [Double]
    ) {
      velocities = Configurations(count: batch.count, dimension: dimension)
      divergences = Array(repeating: 0, count: batch.count)
    }
  }

  private static func transitions(
    _ path: CouplingPath, stiffness: Double, massSquared: Double
  ) -> [(name: String, transition: any Transition<Phi4>, stepSizes: [Double])] {
    let kinetic = KineticEnergy.spectral(
      SpectralMass(accelerating: path.snapshot(at: 1), massSquared: massSquared))
    let drift = SpectralDrift.random(path, amplitude: 0.02)
    let unit = 1 / stiffness.squareRoot()
    let whim = Whim(dimension: path.dimension)
    return [
      (
        "spectral", DriftedLangevin<Phi4, SpectralDrift>(drift: drift),
        [0.5 * unit, 0.8 * unit]
      ),
      (
        "spectral, accelerated",
        DriftedLangevin<Phi4, SpectralDrift>(drift: drift, preconditioner: kinetic), [0.3, 0.6]
      ),
      (
        "whim", DriftedLangevin<Phi4, Whim>(drift: whim), [0.5 * unit, 0.8 * unit]
      ),
      (
        "whim, accelerated", DriftedLangevin<Phi4, Whim>(drift: whim, preconditioner: kinetic),
        [0.3, 0.6]
      ),
    ]
  }

  /// E[w] = Z_1/Z_0 at any step size, both ways, for drifts that nobody trained: 64 pulls.
  @Test(arguments: [([5], 1.35), ([2, 3], 1.3), ([2, 3, 2], 1.15)])
  func freeFields(extents: [Int], massSquared: Double) throws {
    let lattice = Lattice(extents: extents)
    let start = FreeField(lattice, massSquared: 1)
    let end = FreeField(lattice, massSquared: massSquared)
    let path = CouplingPath(from: start, to: end.phi4)
    let ratio = end.logNormalizer - start.logNormalizer
    let list = Self.transitions(path, stiffness: end.stiffness, massSquared: massSquared)
    for (number, (name, transition, stepSizes)) in list.enumerated() {
      for (which, stepSize) in stepSizes.enumerated() {
        var journey = Journey(
          path: path, transition: transition, schedule: .uniform(4, stepSize: stepSize),
          walkers: 25_000, seed: UInt64(10 * number + which))
        var pulls = try journey.pulls("\(name), there", logRatio: ratio, phi2: end.phi2)
        if which == 1 {
          journey.end = end.samples(journey.walkers, seed: 77)
          pulls += try journey.pulls("\(name), back", logRatio: -ratio, phi2: start.phi2)
        }
        for pull in pulls {
          pull.record()
          #expect(pull.isWithin(4.5), "\(pull)")
        }
        #expect(pulls[0].error < 0.005, "\(pulls[0])")
      }
    }
  }

  /// Small tori with exact values.
  @Test(
    arguments: [
      (2, 1.8, -0.6802300257, 0.13014613), (3, 1.3, -1.9121871526, 0.11159062),
    ])
  func tori(extent: Int, mass: Double, logZ: Double, phi2: Double) throws {
    let lattice = Lattice(extents: [extent, extent])
    let start = FreeField(lattice, massSquared: mass)
    let path = CouplingPath(from: start, to: Phi4(lattice: lattice, massSquared: 1, coupling: 1))
    let list = Self.transitions(path, stiffness: 22, massSquared: 2)
    for (number, (name, transition, stepSizes)) in list.enumerated() {
      let journey = Journey(
        path: path, transition: transition, schedule: .uniform(6, stepSize: stepSizes[1]),
        walkers: 40_000, seed: UInt64(100 + number))
      let pulls = try journey.pulls(name, logRatio: logZ - start.logNormalizer, phi2: phi2)
      for pull in pulls {
        pull.record()
        #expect(pull.isWithin(4.5), "\(pull)")
      }
      #expect(pulls[0].error < 0.005, "\(pulls[0])")
    }
  }

  /// Without a drift it is annealed Langevin dynamics, to the bit where that is known beforehand, else
  /// to rounding.
  @Test(arguments: [false, true], [LangevinWeight.kernelRatio, .continuum])
  func withoutDrift(isAccelerated: Bool, weight: LangevinWeight) throws {
    let lattice = Lattice(extents: [3, 5])
    let theory = Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.7)
    let path = CouplingPath(from: FreeField(lattice, massSquared: 1), to: theory)
    let kinetic: KineticEnergy =
      isAccelerated
      ? .spectral(SpectralMass(accelerating: theory, massSquared: 1.5)) : .unitMass
    func travel(_ transition: any Transition<Phi4>) throws -> Population {
      try Journey(
        path: path, transition: transition, schedule: .uniform(5, stepSize: 0.2), walkers: 101
      ).travel()
    }
    let plain = try travel(OverdampedLangevin(preconditioner: kinetic, weight: weight))
    let zero = try travel(
      DriftedLangevin<Phi4, ZeroDrift>(
        drift: ZeroDrift(dimension: 15), preconditioner: kinetic, weight: weight))
    let nothing = try travel(
      DriftedLangevin<Phi4, Nothing>(
        drift: Nothing(dimension: 15), preconditioner: kinetic, weight: weight))
    #expect(zero == plain)
    for (a, b) in zip(nothing.logWeights, plain.logWeights) { #expect(abs(a - b) < 1e-11) }
    for (a, b) in zip(nothing.positions.values, plain.positions.values) {
      #expect(abs(a - b) < 1e-12)
    }
  }

  /// The weights of continuous time with the exact drift of a free field are the same for all walkers,
  /// an effective sample size of 1, and wrong all the same: log Z is a left Riemann sum of the divergence,
  /// and φ² is that of Langevin steps without a correction. The ratio of the kernels is right.
  @Test func continuumIsBiased() throws {
    let lattice = Lattice(extents: [8, 8])
    let start = FreeField(lattice, massSquared: 1)
    let end = FreeField(lattice, massSquared: 2)
    let path = CouplingPath(from: start, to: end.phi4)
    let exact = end.logNormalizer - start.logNormalizer
    let drift = SpectralDrift.reference(path)
    var biases: [Double] = []
    for (number, steps) in [20, 40].enumerated() {
      func pulls(_ rule: LangevinWeight) throws -> (Population, [Pull]) {
        let journey = Journey(
          path: path,
          transition: DriftedLangevin<Phi4, SpectralDrift>(drift: drift, weight: rule),
          schedule: .uniform(steps, stepSize: (1.2 / Double(steps)).squareRoot()), walkers: 4000,
          seed: UInt64(number))
        return (
          try journey.travel(),
          try journey.pulls("\(rule), K = \(steps)", logRatio: exact, phi2: end.phi2)
        )
      }
      let (population, wrong) = try pulls(.continuum)
      let (_, right) = try pulls(.kernelRatio)
      for pull in right {
        pull.record()
        #expect(pull.isWithin(4.5), "\(pull)")
      }
      let reference = GaussianReference(path)
      let sum = (0..<steps).reduce(0.0) { sum, step in
        reference.kernel(at: Double(step) / Double(steps)).reduce(sum) { $0 + $1 / Double(steps) }
      }
      for logWeight in population.logWeights { #expect(abs(logWeight - sum) < 1e-9) }
      biases.append(population.logWeights[0] - exact)
      wrong[1].record()
      #expect(!wrong[1].isWithin(15), "\(wrong[1])")
    }
    for (coarse, fine) in zip(biases, biases.dropFirst()) {
      #expect(abs(coarse / fine - 2) < 0.02, "\(biases)")
    }
  }

  /// The exact drift makes the weights vary less than none does, and less the shorter the step.
  @Test func exactDriftHelps() throws {
    let lattice = Lattice(extents: [4, 4])
    let start = FreeField(lattice, massSquared: 1)
    let end = FreeField(lattice, massSquared: 4)
    let path = CouplingPath(from: start, to: end.phi4)
    func spread(_ transition: any Transition<Phi4>, steps: Int) throws -> Double {
      let weights = try Journey(
        path: path, transition: transition, schedule: .uniform(steps, stepSize: 0.05),
        walkers: 2000
      ).travel().logWeights
      let mean = weights.reduce(0, +) / Double(weights.count)
      return weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(weights.count)
    }
    let drift = SpectralDrift.reference(path)
    let drifted = DriftedLangevin<Phi4, SpectralDrift>(drift: drift)
    let none = try spread(OverdampedLangevin<Phi4>(), steps: 80)
    let coarse = try spread(drifted, steps: 20)
    let fine = try spread(drifted, steps: 80)
    #expect(fine < 0.3 * coarse)
    #expect(fine < 0.02 * none)
  }
}
