// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import Networks
import RandomStreams
import Testing
import Transport

/// The exact drift of a free field whose m² grows linearly, b_p = −½ K'/K φ_p with K = p̂² + m²(t).
private struct FreeRampDrift: DivergenceDrift {
  let lattice: Lattice
  let masses: (Double, Double)

  var dimension: Int { lattice.volume }

  /// K'/K at every momentum.
  func rates(_ time: Double) -> [Double] {
    let slope = masses.1 - masses.0
    return lattice.momentaSquared().map { slope / ($0 + masses.0 + slope * time) }
  }

  func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double]
  ) {
    let rates = rates(time)
    let operation = SpectralOperator(FourierTransform(lattice), kernel: rates.map { -0.5 * $0 })
    let buffer = TransformBuffer(lattice)
    velocities = batch
    velocities.withMutableRows {
      for member in 0..<batch.count { operation.apply($0 + member * dimension, buffer: buffer) }
    }
    divergences = Array(repeating: -0.5 * rates.reduce(0, +), count: batch.count)
  }
}

@Suite struct NetworksTrainingTests {
  static let streams = RandomStreams(seed: 12)

  static func ramp(_ extents: [Int]) -> CouplingPath {
    let lattice = Lattice(extents: extents)
    return CouplingPath(
      from: FreeField(lattice, massSquared: 2),
      to: Phi4(lattice: lattice, massSquared: 0.5, coupling: 0))
  }

  private static func exact(_ extents: [Int]) -> FreeRampDrift {
    FreeRampDrift(lattice: Lattice(extents: extents), masses: (2, 0.5))
  }

  /// Exact samples at random times, and at both ends.
  static func states(_ extents: [Int], walkers: Int, times: Int, seed: UInt64) -> TrainingStates {
    let lattice = Lattice(extents: extents)
    var uniforms = Array(repeating: 0.0, count: times)
    let streams = RandomStreams(seed: seed)
    streams.fillUniforms(&uniforms, count: times, purpose: .training, walker: 0, step: 0)
    let slices = ([0] + uniforms.sorted() + [1]).enumerated().map { index, time in
      var batch = Configurations(count: walkers, dimension: lattice.volume)
      FreeField(lattice, massSquared: 2 - 1.5 * time).sample(
        into: &batch, using: streams, purpose: .initialField, firstWalker: 0, step: index)
      return TrainingSlice(time: time, positions: batch)
    }
    return TrainingStates(slices, on: ramp(extents))
  }

  private static func network(
    _ extents: [Int], base: FreeRampDrift?, outputScale: Double = 0
  ) -> ConvolutionDrift {
    ConvolutionDrift(
      Lattice(extents: extents),
      ConvolutionArchitecture(
        channels: 3, layers: 1, inputScales: [0, 1], linearKernels: 2, timeOrder: 2,
        outputScale: outputScale), base: base, using: streams)
  }

  @Test(arguments: [[4, 4], [3, 4], [7]])
  func theLossVanishesAtTheExactTransport(extents: [Int]) {
    let states = Self.states(extents, walkers: 5, times: 6, seed: 2)
    let objective = PINNObjective<ConvolutionDrift>(dimension: states.positions.dimension)
    let exact = Self.exact(extents)
    let zero = objective.evaluate(
      Self.network(extents, base: exact), [], at: states, probes: nil, workers: Workers(1))
    #expect(zero.loss < 1e-24 * Double(states.positions.dimension))
    #expect(zero.gradient.allSatisfy { abs($0) < 1e-9 })
    let off = objective.evaluate(
      Self.network(extents, base: nil), [], at: states, probes: nil, workers: Workers(1))
    #expect(off.loss > 0.05)
  }

  @Test func theResidualOfTheExactTransportIsTheFreeEnergy() {
    let states = Self.states([4, 4], walkers: 3, times: 4, seed: 2)
    let exact = Self.exact([4, 4])
    for members in states.slices {
      let time = states.times[members.lowerBound]
      let rate = 0.5 * exact.rates(time).reduce(0, +)
      let part = Configurations(
        count: members.count, dimension: 16, values: members.flatMap { states.positions[$0] })
      var velocities = part
      var divergences = Array(repeating: 0.0, count: part.count)
      exact.velocities(of: part, at: time, into: &velocities, divergences: &divergences)
      for (place, member) in members.enumerated() {
        let work = zip(velocities[place], states.energyGradients[member]).reduce(0) {
          $0 + $1.0 * $1.1
        }
        let bracket = divergences[place] - work - states.timeDerivatives[member]
        #expect(abs(bracket + rate) < 1e-12 * 16)
      }
    }
  }

  @Test(arguments: [FreeEnergyRate.centred, .learned(order: 3, widths: [4])])
  func gradientsOfTheLossAreDifferenceQuotients(freeEnergy: FreeEnergyRate) {
    let states = Self.states([3, 4], walkers: 4, times: 3, seed: 5)
    let drift = Self.network([3, 4], base: Self.exact([3, 4]), outputScale: 0.2)
    let objective = PINNObjective<ConvolutionDrift>(freeEnergy: freeEnergy, dimension: 12)
    let own = DriftLaws.batch(1, max(1, objective.initialParameters.count), seed: 9).values
      .prefix(objective.initialParameters.count).map { 0.3 * $0 }
    func value(_ parameters: [Double], _ own: [Double]) -> ObjectiveValue {
      var moved = drift
      moved.parameters = parameters
      return objective.evaluate(moved, own, at: states, probes: nil, workers: Workers(1))
    }
    let result = value(drift.parameters, own)
    let error = DriftLaws.gradientError(drift.parameters, result.gradient) { value($0, own).loss }
    #expect(error < 1e-7)
    if !own.isEmpty {
      let error = DriftLaws.gradientError(own, result.ownGradient) {
        value(drift.parameters, $0).loss
      }
      #expect(error < 1e-7)
    }
  }

  static func potential(_ extents: [Int], base: (any DivergenceDrift)?) -> GradientDrift {
    GradientDrift(
      Lattice(extents: extents), channels: 2, quadraticTerms: 2, radius: 1.5, timeOrder: 2,
      base: base, using: streams)
  }

  @Test func gradientsOfTheActionAreDifferenceQuotients() {
    let states = Self.states([3, 4], walkers: 4, times: 3, seed: 5)
    var drift = Self.potential([3, 4], base: Self.exact([3, 4]))
    let noise = DriftLaws.batch(1, drift.parameters.count, seed: 8).values
    drift.parameters = zip(drift.parameters, noise).map { $0 + 0.2 * $1 }
    let template = drift
    func value(_ parameters: [Double]) -> ObjectiveValue {
      var moved = template
      moved.parameters = parameters
      return ActionMatchingObjective().evaluate(
        moved, [], at: states, probes: nil, workers: Workers(1))
    }
    let gradient = value(drift.parameters).gradient
    #expect(DriftLaws.gradientError(drift.parameters, gradient) { value($0).loss } < 1e-7)
  }

  /// Mean gradient over independent sets of exact samples, in standard errors of each component.
  static func significance(_ drift: GradientDrift) -> Double {
    let count = 48
    let gradients = (0..<count).map { repetition in
      ActionMatchingObjective().evaluate(
        drift, [], at: states([4, 4], walkers: 32, times: 16, seed: 100 + UInt64(repetition)),
        probes: nil, workers: Workers(1)
      ).gradient
    }
    return drift.parameters.indices.map { index in
      let values = gradients.map { $0[index] }
      let mean = values.reduce(0, +) / Double(count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
      return variance > 0 ? abs(mean) / (variance / Double(count)).squareRoot() : 0
    }.max()!
  }

  @Test func theActionIsLeastAtTheExactTransport() {
    // Φ begins as zero but for its random dependence on time: make it exactly zero at all times by
    // taking its amplitudes away, and keep the derivatives by them.
    var drift = Self.potential([4, 4], base: Self.exact([4, 4]))
    for slice in drift.layout.slices where slice.name.hasPrefix("scales.weights") {
      for index in slice.range { drift.parameters[index] = 0 }
    }
    // The largest of some sixty components.
    #expect(Self.significance(drift) < 5)
    var wrong = Self.potential([4, 4], base: nil)
    wrong.parameters = drift.parameters
    #expect(Self.significance(wrong) > 15)
  }

  static func settings(_ weighting: TrainingSettings.Weighting = .uniform) -> TrainingSettings {
    TrainingSettings(
      walkers: 12, steps: 8, diffusivity: 0.1, weighting: weighting,
      horizon: .growing(first: 0.5, iterations: 4),
      learningRate: LearningRate(2e-2, warmUp: 5, decay: .step(interval: 100, factor: 0.5)),
      gradientLimit: 50, averageDecay: 0.95)
  }

  static func trainer(
    _ settings: TrainingSettings, freeEnergy: FreeEnergyRate = .centred, threads: Int = 1
  ) -> GradientTrainer<CouplingPath, PINNObjective<ConvolutionDrift>> {
    GradientTrainer(
      network([4, 4], base: nil), towards: [ConditionedPath(ramp([4, 4]))],
      by: PINNObjective(freeEnergy: freeEnergy, dimension: 16), settings: settings,
      using: streams, workers: Workers(threads))
  }

  @Test(arguments: [TrainingSettings.Weighting.uniform, .jarzynski])
  func trainingFindsTheFreeTransport(weighting: TrainingSettings.Weighting) {
    let trainer = Self.trainer(Self.settings(weighting))
    var state = trainer.initialState
    let records = trainer.advance(&state, iterations: 250)
    let states = Self.states([4, 4], walkers: 64, times: 10, seed: 77)
    func loss(_ drift: ConvolutionDrift) -> Double {
      PINNObjective(dimension: 16).evaluate(
        drift, [], at: states, probes: nil, workers: Workers(1)
      ).loss
    }
    let (before, after) = (
      loss(trainer.drift(of: trainer.initialState)), loss(trainer.drift(of: state))
    )
    #expect(after < 0.02 * before)
    #expect(records.count == 250 && records[0].horizon == 0.5 && records[4].horizon == 1)
    #expect(records.allSatisfy { $0.loss.isFinite && $0.gradientNorm.isFinite })
    #expect((records.last?.effectiveFraction ?? 0) > 0.9)
  }

  @Test func trainingLearnsTheFreeEnergyToo() {
    let trainer = Self.trainer(Self.settings(), freeEnergy: .learned(order: 3, widths: [8]))
    var state = trainer.initialState
    let records = trainer.advance(&state, iterations: 250)
    let last = records.suffix(20).reduce(0) { $0 + $1.loss } / 20
    #expect(last < 0.15 * records[0].loss)
    #expect(state.objectiveParameters != trainer.initialState.objectiveParameters)
  }

  @Test func actionMatchingFindsTheFreeTransport() {
    let extents = [4, 4]
    let trainer = GradientTrainer(
      Self.potential(extents, base: nil), towards: [ConditionedPath(Self.ramp(extents))],
      by: ActionMatchingObjective(),
      settings: TrainingSettings(
        walkers: 64, steps: 24, diffusivity: 0.3, weighting: .jarzynski,
        learningRate: LearningRate(
          2e-2, warmUp: 5, decay: .cosine(iterations: 100, fraction: 0.05)),
        averageDecay: 0.95), using: Self.streams)
    var state = trainer.initialState
    let records = trainer.advance(&state, iterations: 100)
    let first = records.prefix(5).compactMap(\.residualPerSite).reduce(0, +) / 5
    let last = records.suffix(5).compactMap(\.residualPerSite).reduce(0, +) / 5
    #expect(last < 0.7 * first)
  }

  @Test(arguments: [nil, TrainingSettings.Replay(capacity: 2, interval: 2, slices: 5)])
  func aStoredStateGoesOnToTheSameBits(replay: TrainingSettings.Replay?) throws {
    var settings = Self.settings(.jarzynski)
    settings.replay = replay
    let trainer = Self.trainer(settings, freeEnergy: .learned(order: 2, widths: [3]))
    var whole = trainer.initialState
    let records = trainer.advance(&whole, iterations: 7)
    var state = trainer.initialState
    var pieces = trainer.advance(&state, iterations: 3)
    let stored = try JSONEncoder().encode(state)
    var resumed = try JSONDecoder().decode(TrainingState.self, from: stored)
    #expect(resumed == state)
    pieces += trainer.advance(&resumed, iterations: 4)
    #expect(resumed == whole && pieces == records)
    #expect(whole.rollouts.count == (replay == nil ? 0 : 2))
  }

  @Test func bitsOfTrainingDoNotDependOnThreads() {
    let states = [1, 2, 3].map { threads in
      let trainer = Self.trainer(Self.settings(.jarzynski), threads: threads)
      var state = trainer.initialState
      _ = trainer.advance(&state, iterations: 3)
      return state
    }
    #expect(states[1] == states[0] && states[2] == states[0])
  }

  @Test func deepDriftsTrainByProbesWithRefreshedWalkers() {
    let lattice = Lattice(extents: [4, 4])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.5))
    let drift = DeepConvolutionDrift(
      lattice,
      ConvolutionArchitecture(channels: 4, layers: 3, timeOrder: 2, conditions: 1),
      using: Self.streams)
    let trainer = GradientTrainer(
      drift,
      towards: [ConditionedPath(path, conditions: [0.5]), ConditionedPath(path, conditions: [-1])],
      by: PINNObjective(dimension: 16, conditions: 1),
      settings: TrainingSettings(
        walkers: 16, steps: 8, learningRate: LearningRate(1e-2, warmUp: 10), refreshStepSize: 0.3),
      using: Self.streams, refresh: KernelTransition<Phi4>.hmc(steps: 3))
    var state = trainer.initialState
    let records = trainer.advance(&state, iterations: 80)
    #expect(records.map(\.target).prefix(4) == [0, 1, 0, 1])
    let first = records.prefix(6).reduce(0) { $0 + $1.loss } / 6
    let last = records.suffix(20).reduce(0) { $0 + $1.loss } / 20
    #expect(last < 0.7 * first)
  }

  @Test func perceptronsTrainOutsideLattices() {
    let sites = Lattice(extents: [2])
    let path = GeometricPath(
      from: FreeField(sites, massSquared: 1),
      to: Phi4(lattice: sites, massSquared: 0.2, coupling: 0.4))
    let drift = MultilayerDrift(
      dimension: 2, widths: [24], activation: .tanh, using: Self.streams)
    let trainer = GradientTrainer(
      drift, towards: [ConditionedPath(path)], by: PINNObjective(dimension: 2),
      settings: TrainingSettings(
        walkers: 64, steps: 8, learningRate: LearningRate(1e-2, warmUp: 10)),
      using: Self.streams)
    var state = trainer.initialState
    let records = trainer.advance(&state, iterations: 250)
    let first = records.prefix(5).reduce(0) { $0 + $1.loss } / 5
    let last = records.suffix(20).reduce(0) { $0 + $1.loss } / 20
    #expect(last < 0.3 * first)
  }
}
