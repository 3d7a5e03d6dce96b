// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices
import MonteCarlo
import RandomStreams
import Statistics
import Testing

@Suite(.serialized) struct PilotTests {
  private static let lattice = Lattice(extents: [6, 6])
  private static let path = CouplingPath(
    from: FreeField(lattice, massSquared: 1),
    to: Phi4(lattice: lattice, massSquared: -1, coupling: 1))

  private func pilot(_ transition: any Transition<Phi4>, walkers: Int = 256) -> Pilot<CouplingPath>
  {
    Pilot(
      path: Self.path, transition: transition, walkers: walkers, streams: RandomStreams(seed: 8),
      workers: Workers(2))
  }

  /// Each adaptive step of fresh walkers leaves the wanted conditional effective sample size, but for
  /// those that end at a stop, which leave more; every stop is met exactly.
  @Test func conditionalFraction() throws {
    let transition = KernelTransition<Phi4>.mala()
    let wanted = 0.9
    let stops = [0.3, 0.61]
    let schedule = try pilot(transition, walkers: 2000).schedule(
      times: .adaptive(conditionalFraction: wanted, stops: stops), stepSize: 0.2, isTuned: true)
    for stop in stops { #expect(schedule.times.contains(stop)) }
    #expect(schedule.steps > 4 && schedule.times.last == 1)
    let sampler = AnnealedSampler(
      path: Self.path, transition: transition, schedule: schedule,
      resampling: Resampling(threshold: 0.5), streams: RandomStreams(seed: 99))
    var population = sampler.start(population: 0, count: 20_000, workers: Workers(2))
    for step in 0..<schedule.steps {
      let density = Self.path.snapshot(at: schedule.times[step + 1])
      var energies = population.energies
      density.energies(of: population.positions, into: &energies)
      let increments = zip(population.energies, energies).map { $0 - $1 }
      let fraction = EffectiveFraction.conditional(population.logWeights, increments: increments)
      let isStop = (stops + [1]).contains(schedule.times[step + 1])
      // The pilot's own 2000 walkers know 1 − fraction to a few per cent of itself; resampled and
      // weighted ones to some ten.
      #expect(fraction > wanted - 0.05, "step \(step): \(fraction)")
      #expect(isStop || fraction < wanted + 0.05, "step \(step): \(fraction)")
      _ = try sampler.advance(&population, through: step..<step + 1, workers: Workers(2))
    }
  }

  @Test(arguments: [0.001, 0.1, 5]) func tunedAcceptance(initial: Double) throws {
    for transition in [
      KernelTransition<Phi4>.mala(), .hmc(steps: 3), .metropolis(at: Self.path.snapshot(at: 1)),
    ] {
      let target = try #require(transition.targetAcceptance)
      let schedule = try pilot(transition).schedule(
        times: .given(AnnealingSchedule.uniformTimes(60)), stepSize: initial, isTuned: true)
      let sampler = AnnealedSampler(
        path: Self.path, transition: transition, schedule: schedule,
        streams: RandomStreams(seed: 5))
      var population = sampler.start(population: 0, count: 1000, workers: Workers(2))
      let record = try sampler.advance(&population, through: 0..<60, workers: Workers(2))
      let mean = record.steps.reduce(0) { $0 + $1.acceptance } / Double(60 * 1000)
      #expect(abs(mean - target) < 0.06, "from \(initial): \(mean) for \(target)")
      let last = record.steps[59].acceptance / 1000
      #expect(abs(last - target) < 0.12, "from \(initial): at the end \(last) for \(target)")
    }
  }

  /// Where nothing is rejected, tuning makes the works vary less, from below and from above, and a
  /// step size at which every walker runs away is given up without a crash.
  @Test(arguments: [0.02, 0.05, 0.3]) func scan(initial: Double) throws {
    let transition = OverdampedLangevin<Phi4>()
    let times = Pilot<CouplingPath>.Times.given(AnnealingSchedule.uniformTimes(30))
    func variance(_ stepSize: Double) throws -> Double {
      let sampler = AnnealedSampler(
        path: Self.path, transition: transition, schedule: .uniform(30, stepSize: stepSize),
        streams: RandomStreams(seed: 6))
      var population = sampler.start(population: 0, count: 2000, workers: Workers(2))
      _ = try sampler.advance(&population, through: 0..<30, workers: Workers(2))
      let mean = population.works.reduce(0, +) / 2000
      return population.works.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1999
    }
    let schedule = try pilot(transition).schedule(times: times, stepSize: initial, isTuned: true)
    let found = schedule.stepSizes[0]
    #expect(Set(schedule.stepSizes).count == 1)
    #expect(found != initial && found.isFinite && found > 0)
    let (before, after) = (try variance(initial), try variance(found))
    #expect(after < before || before.isNaN, "\(initial): \(before), \(found): \(after)")
  }

  /// A step size far too large for any walker ends in an error, or for adaptive times in a schedule
  /// that leads nowhere, but it ends.
  @Test func hopeless() throws {
    for transition: any Transition<Phi4> in [
      OverdampedLangevin<Phi4>(), UnderdampedLangevin<Phi4>(friction: 1),
    ] {
      for isTuned in [false, true] {
        let pilot = pilot(transition, walkers: 32)
        #expect(throws: StatisticsError.allWeightsZero(weights: 32)) {
          _ = try pilot.schedule(
            times: .given(AnnealingSchedule.uniformTimes(20)), stepSize: 1e6, isTuned: isTuned)
        }
        do {
          let schedule = try pilot.schedule(
            times: .adaptive(conditionalFraction: 0.9, stops: [0.5]), stepSize: 1e6,
            isTuned: isTuned)
          #expect(schedule.times.contains(0.5) && schedule.stepSizes.allSatisfy { $0 > 0 })
        } catch is StatisticsError {}
      }
    }
  }

  /// Walkers that ran away have weight zero and harm no other.
  @Test func runaways() throws {
    let sampler = AnnealedSampler(
      path: Self.path, transition: OverdampedLangevin<Phi4>(),
      schedule: .uniform(40, stepSize: 0.7), resampling: Resampling(threshold: 0.3),
      streams: RandomStreams(seed: 2))
    var population = sampler.start(population: 0, count: 3000, workers: Workers(2))
    do {
      _ = try sampler.advance(&population, through: 0..<40, workers: Workers(2))
    } catch StatisticsError.allWeightsZero {
      // All of them ran away.
    }
    #expect(population.logWeights.allSatisfy { !$0.isNaN && $0 < .infinity })
    #expect(EffectiveFraction.of(population.logWeights) >= 0)
    #expect(EffectiveFraction.conditional([0, 0], increments: [0, .nan]) == 0.5)
    #expect(EffectiveFraction.conditional([0, -.infinity], increments: [1, .nan]) == 1)
    #expect(EffectiveFraction.of([-.infinity, -.infinity]) == 0)
    #expect(abs(EffectiveFraction.of([0, 0, -.infinity, 0]) - 0.75) < 1e-15)
  }
}
