// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import MonteCarlo
import RandomStreams
import Statistics
import Targets
import Transport

/// The Non-Equilibrium Transport Sampler on the densities of low dimension that samplers are compared
/// on, beside annealed importance sampling on the same grid, and distances to exact samples beside
/// those of exact samples to each other.
struct DensityTable {
  let walkers: Int
  let workers: Workers
  private let streams = RandomStreams(seed: 2024)

  /// What a case prints besides its numbers.
  struct Words {
    /// The density.
    var target: String
    /// The path and the drift.
    var recipe: String
    /// What of the target is used besides U and ∇U.
    var known: String
    /// Figures of arXiv:2410.02711 or of others, where there are any.
    var published: String
  }

  func show() throws {
    print(
      """
      Transport by RK4, two steps of it between HMC refreshes; weights exact; \(walkers) fresh walkers, errors in brackets.
        ESS       effective sample size as a fraction; AIS: the same steps and refreshes, no drift
        log Z     less the exact one; halved: what half the transport step changes in it (1000 walkers)
        x·dU      the Schwinger-Dyson identity, 1 in expectation
        W2, MMD2  500 walkers, drawn by weight, to 500 exact samples; in square brackets 500 exact
                  samples to these; MMD2 with a normal kernel as wide as the median distance
      """)
    try fortyModes()
    try funnel()
    try studentMixture()
    try eightModes()
    try manyWell()
  }

  // MARK: One case

  /// Runs NETS and AIS and prints the case.
  private func measure<P: Path>(
    _ words: Words, path: P, target: some SampleableTarget,
    refresh: KernelTransition<P.Snapshot>, drift: some DivergenceDrift,
    schedule: AnnealingSchedule, substeps: Int = 2, resampling: Resampling? = nil,
    note: (Configurations, [Double]) -> String = { _, _ in "" }
  ) throws {
    func run(
      _ transition: any Transition<P.Snapshot>, walkers: Int, resampling: Resampling? = nil
    ) throws -> (population: Population, weights: LogWeights) {
      let sampler = AnnealedSampler(
        path: path, transition: transition, schedule: schedule, resampling: resampling,
        streams: streams.derived("run"))
      var population = sampler.start(population: 0, count: walkers, workers: workers)
      _ = try sampler.advance(&population, through: 0..<schedule.steps, workers: workers)
      return (population, try LogWeights(population.logWeights))
    }
    func transported(_ substeps: Int) -> Transported<KernelTransition<P.Snapshot>> {
      Transported(refresh, by: TransportMap(drift: drift, substeps: substeps))
    }
    let clock = ContinuousClock()
    let begin = clock.now
    let (population, weights) = try run(transported(substeps), walkers: walkers)
    let seconds = (clock.now - begin) / .seconds(1)
    let plain = try run(refresh, walkers: walkers).weights
    let few = min(1000, walkers)
    let coarse = try run(transported(substeps), walkers: few).weights.logMean.value
    let fine = try run(transported(2 * substeps), walkers: few).weights.logMean.value

    let shift = path.start.logNormalizer - target.logNormalizer
    func logZ(_ weights: LogWeights) -> Uncertain {
      Uncertain(weights.logMean.value + shift, weights.logMean.error)
    }
    func fraction(_ weights: LogWeights) -> Uncertain {
      Uncertain(weights.effectiveFraction.value, weights.effectiveFraction.error)
    }
    print("\n\(words.target); \(words.recipe), \(schedule.steps) steps")
    print("  known besides U: \(words.known)")
    print(
      "  NETS  ESS \(fraction(weights))  log Z \(logZ(weights))"
        + String(format: "  halved %+.1e", fine - coarse)
        + "  x·dU \(try identity(population.positions, weights, target))"
        + note(population.positions, weights.shares) + String(format: "  %.0f s", seconds))
    print("  AIS   ESS \(fraction(plain))  log Z \(logZ(plain))")
    if let resampling {
      let resampled = try run(transported(substeps), walkers: walkers, resampling: resampling)
      print(
        "  NETS, resampled below \(resampling.threshold): last weights' ESS "
          + String(format: "%.3f", resampled.weights.effectiveFraction.value)
          + String(format: "  log Z %.4f", resampled.weights.logMean.value + shift))
    }
    try showDistances(population.positions, weights, target)
    print("  published: \(words.published)")
    fflush(nil)
  }

  /// Σ_i x_i ∂_iU/d.
  private func identity(
    _ positions: Configurations, _ weights: LogWeights, _ target: some Target
  ) throws -> Uncertain {
    var gradients = positions
    var energies = [Double](repeating: 0, count: positions.count)
    target.gradients(of: positions, into: &gradients, energies: &energies)
    let products = (0..<positions.count).map { member in
      zip(positions[member], gradients[member]).reduce(0) { $0 + $1.0 * $1.1 }
        / Double(positions.dimension)
    }
    let sample = try WeightedSample(weights: weights, primaries: [products])
    return Uncertain(sample.means[0], sample.covariance[0][0].squareRoot())
  }

  private func showDistances(
    _ positions: Configurations, _ weights: LogWeights, _ target: some SampleableTarget
  ) throws {
    let count = 500
    let draws = streams.derived("distances")
    let parents = try ResamplingScheme.systematic.ancestors(
      logWeights: weights.values, count: count
    ) {
      draws.uniform(purpose: .analysis, walker: 0, step: 0, index: $0)
    }
    let drawn = Configurations(
      count: count, dimension: positions.dimension,
      values: parents.flatMap { Array(positions[$0]) })
    func exact(_ step: Int) -> Configurations {
      var batch = Configurations(count: count, dimension: positions.dimension)
      target.sample(
        into: &batch, using: draws, purpose: .initialField, firstWalker: 0, step: step)
      return batch
    }
    let (reference, second) = (exact(0), exact(1))
    print(
      String(
        format: "  W2 %.3f [%.3f]  MMD2 %+.5f [%+.5f]",
        SampleDistances.wasserstein2(drawn, reference),
        SampleDistances.wasserstein2(second, reference),
        SampleDistances.maximumMeanDiscrepancySquared(drawn, reference),
        SampleDistances.maximumMeanDiscrepancySquared(second, reference)))
  }

  // MARK: Schedules

  /// Equal steps in time, with a step size for HMC that follows the width of the components.
  private func schedule(_ steps: Int, dimension: Int, width: (Double) -> Double)
    -> AnnealingSchedule
  {
    let times = AnnealingSchedule.uniformTimes(steps)
    return AnnealingSchedule(
      times: times,
      stepSizes: times.dropFirst().map { 1.2 * width($0) / pow(Double(dimension), 0.25) })
  }

  private func coverage(
    _ mixture: some LocationScaleMixture
  ) -> (Configurations, [Double]) -> String {
    { positions, shares in
      let coverage = ModeCoverage(of: positions, weights: shares, in: mixture)
      return "  modes \(coverage.found)/\(mixture.componentCount), shares off by "
        + String(format: "%.3f", coverage.totalVariation)
    }
  }

  // MARK: Recipes

  /// The path of the mixture itself, and a drift trained on features of its components.
  private func knownComponents<M: LocationScaleMixture>(
    _ target: M, name: String, startScale: Double, steps: Int, published: String
  ) throws {
    let path = MixturePath(to: target, startScale: startScale)
    let refresh = KernelTransition<M>.hmc(steps: 3)
    let schedule = schedule(steps, dimension: target.dimension) {
      exp((1 - $0) * log(startScale) + $0 * log(target.scales[0]))
    }
    let result = try DriftTraining(
      path: path, features: ComponentFeatures(along: path), schedule: schedule, refresh: refresh,
      walkers: 2000, dampings: [1e-10], streams: streams
    ).train(workers: workers)
    try measure(
      Words(
        target: name, recipe: "path of the components, trained weights on their velocities",
        known: "the components (path and features)", published: published),
      path: path, target: target, refresh: refresh, drift: result.drift, schedule: schedule,
      note: coverage(target))
  }

  /// The path by a guide.
  private func guided<M: LocationScaleMixture, T: LocationScaleMixture>(
    _ target: T, by guide: M, words: Words, startScale: Double, steps: Int
  ) throws {
    let path = GuidedPath(to: target, by: guide, startScale: startScale)
    let refresh = KernelTransition<GeometricMixture<M, T>>.hmc(steps: 3)
    try measure(
      words, path: path, target: target, refresh: refresh, drift: GuidedDrift(along: path),
      schedule: guidedSchedule(path, steps: steps), note: coverage(target))
  }

  private func guidedSchedule<M: LocationScaleMixture, T: Target>(
    _ path: GuidedPath<M, T>, steps: Int
  ) -> AnnealingSchedule {
    let narrowest = path.guide.end.scales.min() ?? 1
    return schedule(steps, dimension: path.dimension) { time in
      let u = min(1, time / path.turn)
      let progress = u * u * (3 - 2 * u)
      return exp((1 - progress) * log(path.guide.startScale) + progress * log(narrowest))
    }
  }

  /// Modes that descents from normal random places lead to.
  private func search(_ target: some Target, scale: Double, starts: Int) -> [ModeSearch.Mode] {
    var places = Configurations(count: starts, dimension: target.dimension)
    GaussianDensity(dimension: target.dimension, standardDeviation: scale).sample(
      into: &places, using: streams.derived("search"), purpose: .initialField, firstWalker: 0,
      step: 0)
    return ModeSearch.modes(of: target, from: places)
  }

  // MARK: Densities

  private func fortyModes() throws {
    let target = GaussianMixture.fortyModes()
    let published =
      "NETS 0.95-0.98, iDEM 0.734 (W2 7.42), CMCD-LV 0.655 (read second hand; widths vary)"
    let name = "Forty modes, d = 2, standard deviation 1.3133"
    try knownComponents(
      target, name: name, startScale: 30, steps: 50, published: published)

    // Nothing known: the geometric path, with radial features and features along ∇U_1.
    let path = GeometricPath(
      from: GaussianDensity(dimension: 2, standardDeviation: 60), to: target)
    let refresh = KernelTransition<GeometricMixture<GaussianDensity, GaussianMixture>>.hmc(
      steps: 3, updates: 2)
    let schedule = try Pilot(
      path: path, transition: refresh, walkers: 500, streams: streams, workers: workers
    ).schedule(
      times: .adaptive(conditionalFraction: 0.9975, stops: []), stepSize: 20, isTuned: true)
    let gates = RadialFeatures.grids([(10, 50)])
    let features = JoinedFeatures(
      RadialFeatures.grids([(7, 49), (20, 160)]),
      GradientFeatures(of: target, centres: gates.centres, width: 10))
    let result = try DriftTraining(
      path: path, features: features, schedule: schedule, refresh: refresh, walkers: 3000,
      dampings: [1e-6, 1e-4, 1e-2], streams: streams
    ).train(workers: workers)
    try measure(
      Words(
        target: name, recipe: "geometric path from N(0, 60²), \(features.count) trained weights",
        known: "that all lies within 50 of the origin, ΔU", published: published),
      path: path, target: target, refresh: refresh, drift: result.drift, schedule: schedule,
      substeps: 1, resampling: Resampling(threshold: 0.95), note: coverage(target))

    // Nothing known: modes searched, their mixture fitted to the weighted walkers of two earlier runs.
    let modes = search(target, scale: 40, starts: 500)
    var guide = GaussianMixture(laplace: modes)
    for round in 0..<2 { guide = try refitted(guide, to: target, scale: 40, round: round) }
    try guided(
      target, by: guide,
      words: Words(
        target: name,
        recipe: "path by \(modes.count) modes found in 500 descents, fitted twice",
        known: "that all lies within some 40 of the origin", published: published),
      startScale: 40, steps: 60)
  }

  private func refitted(
    _ guide: GaussianMixture, to target: GaussianMixture, scale: Double, round: Int
  ) throws -> GaussianMixture {
    let path = GuidedPath(to: target, by: guide, startScale: scale)
    let refresh = KernelTransition<GeometricMixture<GaussianMixture, GaussianMixture>>.hmc(steps: 3)
    let sampler = AnnealedSampler(
      path: path,
      transition: Transported(refresh, by: TransportMap(drift: GuidedDrift(along: path))),
      schedule: guidedSchedule(path, steps: 60), streams: streams.derived("fit \(round)"))
    var population = sampler.start(population: 0, count: 4000, workers: workers)
    _ = try sampler.advance(&population, through: 0..<60, workers: workers)
    return guide.fitted(
      to: population.positions,
      weights: try LogWeights(population.logWeights).relativeWeights)
  }

  private func funnel() throws {
    let target = Funnel()
    let path = FunnelPath(to: target)
    let refresh = KernelTransition<Funnel>.hmc(steps: 5)
    let schedule = try Pilot(
      path: path, transition: refresh, walkers: 500, streams: streams, workers: workers
    ).schedule(
      times: .given(AnnealingSchedule.uniformTimes(40)), stepSize: 0.5, isTuned: true)
    let features = QuadraticFeatures(dimension: 10)
    let result = try DriftTraining(
      path: path, features: features, schedule: schedule, refresh: refresh, walkers: 3000,
      dampings: [1e-10, 1e-6, 1e-2], streams: streams
    ).train(workers: workers)
    try measure(
      Words(
        target: "Funnel, d = 10, standard deviation 3",
        recipe: "path of opening funnels, all \(features.count) quadratic velocity fields trained",
        known: "the family x_i ~ N(0, e^{t x_0}) (path only)",
        published: "CMCD log Z -0.019 at 256 steps, CRAFT -0.12 (exact 0)"),
      path: path, target: target, refresh: refresh, drift: result.drift, schedule: schedule)
  }

  private func studentMixture() throws {
    let target = StudentMixture.tenModes()
    let published = "NETS best among its baselines, no figure at hand"
    let name = "Student mixture, d = 50, ten components of two degrees of freedom"
    try knownComponents(target, name: name, startScale: 8, steps: 40, published: published)
    let modes = search(target, scale: 8, starts: 300)
    // The curvature of -log t_2 at its top is 3/(2 s²).
    let guide = StudentMixture(
      locations: Configurations(
        count: modes.count, dimension: 50, values: modes.flatMap(\.place)),
      scales: modes.map { $0.scale * 1.5.squareRoot() }, degreesOfFreedom: 2)
    try guided(
      target, by: guide,
      words: Words(
        target: name, recipe: "path by \(modes.count) modes found in 300 descents",
        known: "the shape of a component, equal weights", published: published),
      startScale: 8, steps: 50)
  }

  private func eightModes() throws {
    for dimension in [36, 64, 128, 200] {
      let target = GaussianMixture.eightModes(dimension: dimension)
      let published = dimension == 200 ? "NETS about 0.6, AIS 0 (components not published)" : "-"
      let name = "Eight modes in (-10, 10)^d, d = \(dimension), standard deviation 1"
      if dimension == 200 {
        try knownComponents(target, name: name, startScale: 10, steps: 50, published: published)
      }
      let modes = search(target, scale: 10, starts: 200)
      try guided(
        target, by: GaussianMixture(laplace: modes),
        words: Words(
          target: name, recipe: "path by \(modes.count) modes found in 200 descents",
          known: "that all lies within some 10 of the origin in each coordinate",
          published: published),
        startScale: 10, steps: 50)
    }
  }

  private func manyWell() throws {
    let target = ManyWell()
    let path = GeometricPath(
      from: GaussianDensity(
        mean: (0..<32).map { $0 % 2 == 0 ? 0.5 : 0 },
        standardDeviations: Array(repeating: 1, count: 32)), to: target)
    let refresh = KernelTransition<GeometricMixture<GaussianDensity, ManyWell>>.hmc(steps: 5)
    let schedule = try Pilot(
      path: path, transition: refresh, walkers: 500, streams: streams, workers: workers
    ).schedule(
      times: .given(AnnealingSchedule.uniformTimes(60)), stepSize: 0.3, isTuned: true)
    let features = CoordinateFeatures(dimension: 32, bumps: 18, reach: 4)
    let result = try DriftTraining(
      path: path, features: features, schedule: schedule, refresh: refresh, walkers: 6000,
      dampings: [1e-8, 1e-6, 1e-4], streams: streams
    ).train(workers: workers)
    try measure(
      Words(
        target: "Many wells, d = 32, 2^16 modes",
        recipe: "geometric path from N(0.5, 1) x N(0, 1), \(features.count) trained weights",
        known: "that coordinates are independent; the mean of the start cancels the tilt",
        published: "fab-jax |error of log Z| 0.0316(42) from 2000 samples"),
      path: path, target: target, refresh: refresh, drift: result.drift, schedule: schedule,
      note: { positions, shares in
        let left = (0..<positions.count).reduce(0.0) { sum, member in
          sum + shares[member]
            * Double((0..<16).count { positions.values[32 * member + 2 * $0] < 0 }) / 16
        }
        return String(format: "  left wells %.4f (exact %.4f)", left, ManyWell.leftMass)
      })
  }
}
