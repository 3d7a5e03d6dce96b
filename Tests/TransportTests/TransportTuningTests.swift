// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Testing
import Transport

/// The choice of refresh and steps for a trained drift.
@Suite(.serialized) struct TransportTuningTests {
  /// The profile of a variance that is known at 201 times.
  private static func profile(
    corners: [Double] = [0, 1], _ variance: (Double) -> Double
  ) -> ResidualProfile {
    let times = AnnealingSchedule.uniformTimes(200)
    return ResidualProfile(corners: corners, times: times, variances: times.map(variance))
  }

  /// Equal parts of ∫ √r dt: for √r = 1 + 3t the integral t + 1.5t² is known.
  @Test func timesOfAProfile() {
    let variance = { (t: Double) in pow(1 + 3 * t, 2) }
    let profile = Self.profile(variance)
    let times = profile.times(steps: 20)
    #expect(times.count == 21)
    #expect(times.first == 0 && times.last == 1)
    for (number, t) in times.enumerated() {
      #expect(abs(t + 1.5 * t * t - 2.5 * Double(number) / 20) < 1e-5)
    }
    // Legs share the steps by their integrals: 0.875 and 1.625 of 2.5; corners are visited.
    let legs = Self.profile(corners: [0, 0.5, 1], variance).times(steps: 20)
    #expect(legs.contains(0.5))
    #expect(legs.firstIndex(of: 0.5) == 7)
    #expect(legs.count == 21)
    #expect(zip(legs, legs.dropFirst()).allSatisfy { $0 < $1 })
    // Without a profile equal steps, and never none.
    // A drift without any residual is met by equal steps too.
    for (times, expected) in [
      (ResidualProfile(corners: [0, 1]).times(steps: 4), [0, 0.25, 0.5, 0.75, 1]),
      (ResidualProfile(corners: [0, 0.001, 1]).times(steps: 2), [0, 0.001, 0.5005, 1]),
      (Self.profile { _ in 0 }.times(steps: 4), [0, 0.25, 0.5, 0.75, 1]),
    ] {
      #expect(times.count == expected.count)
      for (a, b) in zip(times, expected) { #expect(abs(a - b) < 1e-12) }
    }
  }

  /// A residual that is concentrated somewhere is best met by steps that are.
  @Test func placementLowersTheVariance() {
    let r = { (t: Double) in pow(0.3 + 8 * exp(-50 * (t - 0.7) * (t - 0.7)), 2) }
    let profile = Self.profile(r)
    func variance(_ times: [Double]) -> Double {
      zip(times, times.dropFirst()).reduce(0) {
        $0 + ($1.1 - $1.0) * ($1.1 - $1.0) * r(0.5 * ($1.0 + $1.1))
      }
    }
    let placed = variance(profile.times(steps: 30))
    #expect(placed < 0.5 * variance(AnnealingSchedule.uniformTimes(30)))
    // The least there is, (∫ √r dt)²/K, up to the width of the steps.
    let integral = (0..<2000).reduce(0.0) { $0 + r((Double($1) + 0.5) / 2000).squareRoot() / 2000 }
    #expect(abs(placed / (integral * integral / 30) - 1) < 0.05)
  }

  /// More refreshes raise the effective sample size and leave log Z where it is; the choice is the best
  /// for its cost, and the same for any number of threads.
  @Test func refreshesHelp() throws {
    let lattice = Lattice(extents: [6, 6])
    let start = FreeField(lattice, massSquared: 2)
    let path = CouplingPath(
      from: start, to: Phi4(lattice: lattice, massSquared: -4, coupling: 6.975))
    // A drift that leaves much to do.
    var tuning = TransportTuning(
      path: path, map: TransportMap(drift: SpectralDrift.reference(path), integrator: .rk4))
    tuning.refreshes = [1, 2, 4, 8].map { .init(updates: $0, steps: 2) }
    tuning.steps = [10]
    tuning.walkers = 1500
    tuning.workers = Workers(2)
    let finding = try tuning.find(streams: RandomStreams(seed: 1))
    let fractions = finding.trials.map(\.effectiveFraction)
    for (number, trial) in finding.trials.enumerated() {
      let pull = Pull(
        what: "\(trial.refresh), ESS \(fractions[number]), cost \(trial.cost)",
        value: trial.logRatio.value, error: trial.logRatio.error,
        exact: 6.984947872 - start.logNormalizer)
      pull.record()
      #expect(pull.isWithin(4.5), "\(pull)")
    }
    for (few, many) in zip(fractions, fractions.dropFirst()) {
      #expect(many.value > few.value - 2 * hypot(few.error, many.error))
    }
    #expect(
      fractions[3].value > fractions[0].value + 4 * hypot(fractions[0].error, fractions[3].error))
    let best = finding.trials.filter { $0.effectiveFraction.value >= tuning.leastFraction }
      .map(\.efficiency).max()
    #expect(finding.best.efficiency == best)
    // Four evaluations of the drift and 2 · 2 of the gradient and one more for each update.
    let walkerCosts = finding.trials.map { $0.cost - 10 * 4 * tuning.driftCost }
    for (cost, updates) in zip(walkerCosts, [1.0, 2, 4, 8]) {
      #expect(abs(cost / walkerCosts[0] - updates) < 1e-9)
    }
    tuning.walkers = 101
    let threads = try [1, 2, 3].map { count in
      tuning.workers = Workers(count)
      return try tuning.find(streams: RandomStreams(seed: 2))
    }
    #expect(threads[0] == threads[1])
    #expect(threads[0] == threads[2])
  }

  @Test func measuredCost() {
    let lattice = Lattice(extents: [8, 8])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: -1, coupling: 0.8))
    let tuning = TransportTuning(
      path: path, map: TransportMap(drift: SpectralDrift.random(path, amplitude: 0.1)))
    let cost = tuning.measuredDriftCost(streams: RandomStreams(seed: 1))
    #expect(cost > 1 && cost < 1000)
  }
}
