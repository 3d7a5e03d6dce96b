// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import MonteCarlo
import RandomStreams
import Statistics
import Targets
import Testing
import Transport

private func logWeights<P: Path>(
  _ path: P, _ transition: any Transition<P.Snapshot>, _ schedule: AnnealingSchedule,
  walkers: Int, seed: UInt64 = 11
) throws -> [Double] {
  let sampler = AnnealedSampler(
    path: path, transition: transition, schedule: schedule, streams: RandomStreams(seed: seed))
  var population = sampler.start(population: 0, count: walkers)
  _ = try sampler.advance(&population, through: 0..<schedule.steps)
  return population.logWeights
}

@Suite struct DensityTransportTests {
  /// With the exact drift all that is left of the weights is the error of the integration, of order
  /// four: half the step leaves a sixteenth.
  @Test func theExactDriftLeavesTheErrorOfTheIntegration() throws {
    let mixture = GaussianMixture(
      locations: Configurations(count: 3, dimension: 2, values: [-6, 3, 5, 0, 3, -8]),
      scales: [0.7, 1, 1.6], weights: [0.2, 0.5, 0.3])
    let path = MixturePath(to: mixture, startScale: 6)
    let refresh = KernelTransition<GaussianMixture>.hmc(steps: 3)
    let deviations = try [20, 40].map { steps in
      let schedule = AnnealingSchedule.uniform(steps, stepSize: 0.3)
      let drift = TransportMap(drift: MixtureDrift(along: path))
      let values = try logWeights(path, Transported(refresh, by: drift), schedule, walkers: 400)
      return (values.reduce(0) { $0 + $1 * $1 } / 400).squareRoot()
    }
    #expect(deviations[0] < 1e-3)
    #expect(deviations[1] < deviations[0] / 8)
    let plain = try logWeights(path, refresh, .uniform(20, stepSize: 0.3), walkers: 400)
    #expect(try LogWeights(plain).effectiveFraction.value < 0.5)
  }

  /// Any drift whatever gives exact weights: log Z and a mean with velocities drawn at random.
  @Test func aWrongDriftIsMadeUpForByItsWeights() throws {
    let end = GaussianDensity(mean: [1, -0.5], covariance: [0.8, 0.3, 0.3, 0.6])
    let path = GeometricPath(
      from: GaussianDensity(dimension: 2, standardDeviation: 1.2), to: ShiftedEnergy(end, by: 0.7))
    let features = RadialFeatures.grids([(1, 2)])
    var values = [Double](repeating: 0, count: 2 * features.count)
    RandomStreams(seed: 8).fillNormals(
      &values, count: values.count, purpose: .training, walker: 0, step: 0)
    let drift = LinearDrift(
      features: features, knots: [0, 1],
      weights: [0, 1].map { knot in
        (0..<features.count).map { 0.4 * values[knot * features.count + $0] }
      })
    let sampler = AnnealedSampler(
      path: path,
      transition: Transported(
        KernelTransition<GeometricMixture<GaussianDensity, ShiftedEnergy>>.hmc(steps: 3),
        by: TransportMap(drift: drift, substeps: 2)),
      schedule: .uniform(10, stepSize: 0.4), streams: RandomStreams(seed: 12))
    var population = sampler.start(population: 0, count: 20_000)
    _ = try sampler.advance(&population, through: 0..<10)
    let weights = try LogWeights(population.logWeights)
    #expect(weights.effectiveFraction.value < 0.9 && weights.effectiveFraction.value > 0.05)
    #expect(abs(weights.logMean.value + 0.7) < 4.5 * weights.logMean.error)
    let positions = population.positions
    let sample = try WeightedSample(
      weights: weights,
      primaries: (0..<2).map { axis in (0..<positions.count).map { positions.values[2 * $0 + axis] }
      })
    for (axis, mean) in [1, -0.5].enumerated() {
      let error = sample.covariance[axis][axis].squareRoot()
      #expect(abs(sample.means[axis] - mean) < 4.5 * error)
    }
  }

  /// Between two normal densities the drift is linear, so that training finds it: nearly equal weights
  /// where annealing on the same steps has unequal ones.
  @Test func trainingFindsALinearDrift() throws {
    let path = GeometricPath(
      from: GaussianDensity(dimension: 3, standardDeviation: 2),
      to: GaussianDensity(
        mean: [1, -2, 3], covariance: [0.5, 0.2, 0, 0.2, 0.4, -0.1, 0, -0.1, 0.3]))
    typealias Snapshot = GeometricMixture<GaussianDensity, GaussianDensity>
    let refresh = KernelTransition<Snapshot>.hmc(steps: 3)
    let schedule = AnnealingSchedule.uniform(60, stepSize: 0.3)
    let training = DriftTraining(
      path: path, features: QuadraticFeatures(dimension: 3), schedule: schedule, refresh: refresh,
      walkers: 500, dampings: [1e-10], streams: RandomStreams(seed: 1))
    let result = try training.train()
    #expect(result.unexplained.allSatisfy { $0 < 1e-6 })
    let transported = Transported(refresh, by: TransportMap(drift: result.drift))
    let weights = try LogWeights(logWeights(path, transported, schedule, walkers: 500))
    #expect(weights.effectiveFraction.value > 0.999)
    #expect(abs(weights.logMean.value) < 4.5 * weights.logMean.error + 1e-3)
    let plain = try LogWeights(logWeights(path, refresh, schedule, walkers: 500))
    #expect(plain.effectiveFraction.value < 0.9)
  }

  /// The drift of an opening funnel, ½ x_0 x_i, is one of the quadratic ones.
  @Test func trainingFindsTheDriftOfAFunnel() throws {
    let path = FunnelPath(to: Funnel(dimension: 3, standardDeviation: 1.5))
    let refresh = KernelTransition<Funnel>.hmc(steps: 3)
    let schedule = AnnealingSchedule.uniform(15, stepSize: 0.3)
    let training = DriftTraining(
      path: path, features: QuadraticFeatures(dimension: 3), schedule: schedule, refresh: refresh,
      walkers: 600, dampings: [1e-10, 1e-2], streams: RandomStreams(seed: 1))
    let transported = Transported(
      refresh, by: TransportMap(drift: try training.train().drift))
    let weights = try LogWeights(logWeights(path, transported, schedule, walkers: 500))
    #expect(weights.effectiveFraction.value > 0.999)
    #expect(abs(weights.logMean.value) < 4.5 * weights.logMean.error + 1e-4)
  }

  /// By a guide that has the wrong widths and shares, the weights of the target come out.
  @Test func aPoorGuideIsMadeUpForByTheWeights() throws {
    let target = GaussianMixture(
      locations: Configurations(count: 2, dimension: 2, values: [-5, 0, 4, 3]), scales: [0.8, 1.2],
      weights: [0.3, 0.7])
    let guide = GaussianMixture(
      locations: Configurations(count: 2, dimension: 2, values: [-5.3, 0, 4, 2.6]),
      scales: [1, 1], weights: [0.5, 0.5])
    let path = GuidedPath(to: target, by: guide, startScale: 6)
    let refresh = KernelTransition<GeometricMixture<GaussianMixture, GaussianMixture>>.hmc(steps: 3)
    let sampler = AnnealedSampler(
      path: path,
      transition: Transported(refresh, by: TransportMap(drift: GuidedDrift(along: path))),
      schedule: .uniform(20, stepSize: 0.6), streams: RandomStreams(seed: 14))
    var population = sampler.start(population: 0, count: 4000)
    _ = try sampler.advance(&population, through: 0..<20)
    let weights = try LogWeights(population.logWeights)
    #expect(weights.effectiveFraction.value < 0.95 && weights.effectiveFraction.value > 0.3)
    #expect(abs(weights.logMean.value) < 4.5 * weights.logMean.error)
    let left = (0..<4000).map { population.positions.values[2 * $0] < -1 ? 1.0 : 0 }
    let sample = try WeightedSample(weights: weights, primaries: [left])
    // The gap between the modes holds no more than one part in a thousand of either.
    #expect(abs(sample.means[0] - 0.3) < 4.5 * sample.covariance[0][0].squareRoot() + 1e-3)

    // Fitted to what came out, the guide is nearer.
    let fitted = guide.fitted(to: population.positions, weights: weights.relativeWeights)
    #expect(abs(fitted.weights[0] - 0.3) < 0.06)
    #expect(abs(fitted.scales[0] - 0.8) < 0.06 && abs(fitted.scales[1] - 1.2) < 0.06)
    #expect(abs(fitted.locations.values[0] + 5) < 0.15)
  }

  /// Without features the drift is none, and the weights are those of annealing, bit for bit.
  @Test func noFeaturesAreAnnealing() throws {
    let path = MixturePath(to: GaussianMixture.fortyModes(), startScale: 30)
    let refresh = KernelTransition<GaussianMixture>.hmc(steps: 2)
    let schedule = AnnealingSchedule.uniform(5, stepSize: 1)
    let result = try DriftTraining(
      path: path, features: NoFeatures(dimension: 2), schedule: schedule, refresh: refresh,
      walkers: 50, streams: RandomStreams(seed: 1)
    ).train()
    let transported = Transported(refresh, by: TransportMap(drift: result.drift))
    #expect(
      try logWeights(path, transported, schedule, walkers: 50)
        == logWeights(path, refresh, schedule, walkers: 50))
  }

  /// The same bits with any number of threads.
  @Test func trainingDoesNotDependOnThreads() throws {
    let path = MixturePath(to: GaussianMixture.eightModes(dimension: 3), startScale: 10)
    let training = DriftTraining(
      path: path, features: ComponentFeatures(along: path),
      schedule: .uniform(4, stepSize: 1), refresh: .hmc(steps: 2), walkers: 700,
      streams: RandomStreams(seed: 1))
    let one = try training.train(workers: Workers(1))
    let two = try training.train(workers: Workers(2))
    #expect(one.drift.weights == two.drift.weights)
  }
}

/// A normal density with a constant added to its energy: log Z = −constant.
struct ShiftedEnergy: PointTarget {
  let density: GaussianDensity
  let constant: Double

  init(_ density: GaussianDensity, by constant: Double) {
    self.density = density
    self.constant = constant
  }

  var dimension: Int { density.dimension }

  func energy(
    of position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    density.energy(of: position, gradient: gradient) + constant
  }
}
