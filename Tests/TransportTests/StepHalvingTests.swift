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

/// What the step of a transport does to its weights, predicted and found.
@Suite(.serialized) struct StepHalvingTests {
  /// A drift that takes every site to and fro and at the end nowhere, b_x = a cos(2π n t) sin(ω φ_x): its
  /// flow has hardly any weight, its Runge-Kutta steps have.
  struct Swing: DivergenceDrift {
    let dimension: Int
    let amplitude: Double
    let frequency: Double
    let turns: Double

    func velocities(
      of batch: Configurations, at time: Double, into velocities: inout Configurations,
      divergences: inout [Double]
    ) {
      let factor = amplitude * cos(2 * Double.pi * turns * time)
      for member in 0..<batch.count {
        velocities[member] = ArraySlice(batch[member].map { factor * sin(frequency * $0) })
        divergences[member] = batch[member].reduce(0) {
          $0 + factor * frequency * cos(frequency * $1)
        }
      }
    }
  }

  private static func halving(
    _ path: CouplingPath, _ drift: any DivergenceDrift, _ integrator: TransportIntegrator,
    steps: Int,
    walkers: Int = 256, refresh: any Transition<Phi4> = ChangeOfDensity<Phi4>(), workers: Int = 2,
    stepSize: Double = 0.2
  ) throws -> StepBias {
    func measure<Base: Transition<Phi4>>(_ base: Base) throws -> StepBias {
      try StepHalving(
        path: path,
        transition: Transported(base, by: TransportMap(drift: drift, integrator: integrator)),
        schedule: .uniform(steps, stepSize: stepSize), walkers: walkers,
        streams: RandomStreams(seed: 5), workers: Workers(workers)
      ).measure()
    }
    return try measure(refresh)
  }

  /// Σ over steps of L − log det DT for the exact drift of a free field, which is linear and diagonal in
  /// momentum: each step multiplies a mode by the stability polynomial of the rule.
  private static func linearBias(
    _ path: CouplingPath, _ integrator: TransportIntegrator, steps: Int
  ) -> Double {
    let reference = GaussianReference(path)
    let h = 1 / Double(steps)
    return (0..<steps).reduce(0) { sum, step in
      let times = [0, 0.5, 1].map { (Double(step) + $0) * h }
      let (b, m, e) = (
        reference.kernel(at: times[0]), reference.kernel(at: times[1]),
        reference.kernel(at: times[2])
      )
      return b.indices.reduce(sum) { sum, p in
        switch integrator {
        case .rk2: return sum + h * m[p] - log(1 + h * m[p] * (1 + 0.5 * h * b[p]))
        case .rk4:
          let k2 = m[p] * (1 + 0.5 * h * b[p])
          let k3 = m[p] * (1 + 0.5 * h * k2)
          let k4 = e[p] * (1 + h * k3)
          return sum + h * (b[p] + 4 * m[p] + e[p]) / 6
            - log(1 + h * (b[p] + 2 * k2 + 2 * k3 + k4) / 6)
        }
      }
    }
  }

  /// Free fields: the bias of log Z is known in closed form, and what is predicted misses it by the next
  /// order in the step; there is no bias in anything else, as the same factor for all walkers changes no
  /// average.
  @Test(arguments: [[7], [4, 3], [2, 3, 3]], TransportIntegrator.allCases)
  func freeField(extents: [Int], integrator: TransportIntegrator) throws {
    let lattice = Lattice(extents: extents)
    let end = FreeField(lattice, massSquared: 6)
    let path = CouplingPath(from: FreeField(lattice, massSquared: 1), to: end.phi4)
    let gaps = try [8, 16, 32].map { steps in
      let exact = Self.linearBias(path, integrator, steps: steps)
      let found = try Self.halving(
        path, SpectralDrift.reference(path), integrator, steps: steps, walkers: 32)
      if integrator == .rk2 {
        #expect(abs(found.logZ.value - exact) < 0.1 * abs(exact), "\(found.logZ) \(exact)")
      }
      // The probes make no error here.
      #expect(found.logZ.error < 1e-3 * abs(exact))
      #expect(abs(found.absoluteMagnetization.value) < 1e-3 * abs(exact))
      #expect(abs(found.squaredMagnetization.value) < 1e-3 * abs(exact))
      #expect(abs(found.fieldSquared.value) < 1e-3 * abs(exact))
      #expect(abs(found.action.value) < 1e-2 * abs(exact))
      return (x: 1 / Double(steps), y: found.logZ.value - exact)
    }
    let slope = logarithmicSlope(gaps)
    #expect(abs(slope - Double(integrator.order + 1)) < 0.4, "\(slope)")
  }

  /// Half of the way of a free field has the bias of its own steps, and the whole way the same as if
  /// nobody had asked for the half.
  @Test func stopsOnTheWay() throws {
    let lattice = Lattice(extents: [4, 3])
    let start = FreeField(lattice, massSquared: 1)
    let (middle, end) = (FreeField(lattice, massSquared: 3), FreeField(lattice, massSquared: 6))
    let whole = CouplingPath(from: .free(start), through: [middle.phi4, end.phi4])
    let half = CouplingPath(from: start, to: middle.phi4)
    func halving(_ path: CouplingPath, _ steps: Int) -> StepHalving<CouplingPath> {
      StepHalving(
        path: path,
        transition: Transported(
          ChangeOfDensity<Phi4>(),
          by: TransportMap(drift: SpectralDrift.reference(path), integrator: .rk2)),
        schedule: .uniform(steps, stepSize: 0.2), walkers: 32, streams: RandomStreams(seed: 5))
    }
    let found = try halving(whole, 16).measure(after: [8, 16])
    #expect(found.count == 2)
    #expect(try found[1] == halving(whole, 16).measure())
    let alone = try halving(half, 8).measure()
    #expect(abs(found[0].logZ.value - alone.logZ.value) < 1e-6 * abs(alone.logZ.value))
    #expect(abs(found[1].logZ.value) > 1.2 * abs(found[0].logZ.value))
  }

  /// Two walkers, or weights of which a few are everything, tell no error.
  @Test func fewWalkersTellNothing() throws {
    let lattice = Lattice(extents: [3, 3])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: 1, coupling: 1))
    let small = try Self.halving(
      path, SpectralDrift.random(path, amplitude: 0.08, seed: 4), .rk2, steps: 8, walkers: 2)
    #expect(small.logZ.error.isNaN && small.absoluteMagnetization.error.isNaN)
    #expect(!small.isExact(against: .init(logZ: 1e6)))
    let uneven = try Self.halving(
      path, SpectralDrift.random(path, amplitude: 3, seed: 4), .rk4, steps: 64, walkers: 24)
    #expect(uneven.logZ.error.isNaN)
  }

  /// On an interacting torus, in steps much too long and with a refresh after each: what is predicted from
  /// a few walkers is what many find, in log Z and in averages.
  @Test(arguments: [24, 32])
  func predictsWhatIsFound(steps: Int) throws {
    let lattice = Lattice(extents: [2, 2])
    let start = FreeField(lattice, massSquared: 2)
    let theory = Phi4(lattice: lattice, massSquared: 1, coupling: 1)
    let path = CouplingPath(from: start, to: theory)
    let drift = Swing(dimension: 4, amplitude: 2, frequency: 3, turns: 4)
    let refresh = KernelTransition<Phi4>.hmc(steps: 1)
    let predicted = try Self.halving(
      path, drift, .rk2, steps: steps, walkers: 2000, refresh: refresh, stepSize: 0.02)
    let found = try Journey(
      path: path,
      transition: Transported(refresh, by: TransportMap(drift: drift, integrator: .rk2)),
      schedule: .uniform(steps, stepSize: 0.02), walkers: 60_000, seed: 8
    ).pulls("", logRatio: -0.6802300257 - start.logNormalizer, phi2: 0.13014613)
    let pairs = [
      ("log Z", predicted.logZ, log(found[0].value), found[0].error),
      ("phi2", predicted.fieldSquared, found[1].value - found[1].exact, found[1].error),
    ]
    for (name, prediction, value, error) in pairs {
      let pull = Pull(
        what: "K = \(steps), \(name), error of prediction \(prediction.error)", value: value,
        error: hypot(error, prediction.error), exact: prediction.value)
      pull.record()
      #expect(
        abs(pull.value - pull.exact) < 4.5 * pull.error + 0.12 * abs(prediction.value), "\(pull)")
    }
    // There is something to predict.
    #expect(predicted.logZ.value > 10 * found[0].error)
    #expect(abs(predicted.fieldSquared.value) > 5 * predicted.fieldSquared.error)
  }

  /// The bias falls with the advertised power of the step.
  @Test(arguments: [TransportIntegrator.rk2, .rk4]) func order(integrator: TransportIntegrator)
    throws
  {
    let lattice = Lattice(extents: [3, 3])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1.3),
      to: Phi4(lattice: lattice, massSquared: 1, coupling: 1))
    let drift = SpectralDrift.random(path, amplitude: 0.08, seed: 4)
    let points = try [32, 64, 128].map { steps in
      let bias = try Self.halving(path, drift, integrator, steps: steps, walkers: 400).logZ
      #expect(bias.error < 0.2 * abs(bias.value), "\(bias)")
      return (x: 1 / Double(steps), y: bias.value)
    }
    let slope = logarithmicSlope(points)
    // Next orders are still seen, one power apart from the first.
    #expect(abs(slope - Double(integrator.order)) < 0.35, "\(slope) \(points)")
  }

  @Test func verdict() throws {
    let lattice = Lattice(extents: [4, 4])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1), to: FreeField(lattice, massSquared: 6).phi4)
    let bias = try Self.halving(path, SpectralDrift.reference(path), .rk2, steps: 20)
    let size = abs(bias.logZ.value)
    #expect(!bias.isExact(against: .init(logZ: 2.9 * size)))
    #expect(bias.isExact(against: .init(logZ: 3.2 * size + 3 * bias.logZ.error)))
    #expect(bias.isExact(against: .init()))
    #expect(!bias.isExact(against: .init(fieldSquared: 0)))
  }

  /// The same bits for any number of threads.
  @Test func threads() throws {
    let lattice = Lattice(extents: [3, 5])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: 0.5, coupling: 0.5))
    let drift = SpectralDrift.random(path, amplitude: 0.1)
    let results = try [1, 2, 3].map {
      try Self.halving(
        path, drift, .rk2, steps: 3, walkers: 37, refresh: KernelTransition<Phi4>.hmc(steps: 2),
        workers: $0)
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
