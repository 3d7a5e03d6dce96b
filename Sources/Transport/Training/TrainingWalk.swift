// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import RandomStreams
import Targets

/// The walkers of training on their way through one path: algorithm 1 of Albergo, Vanden-Eijnden,
/// arXiv:2410.02711, with left-point weights,
///
///     x ← x + (b − ε ∇U) dt + √(2ε dt) η,    A ← A + (∇·b − ∇U·b − ∂_tU) dt.
///
/// An optional transition that keeps ρ_t moves the walkers further at every time; losses that hold
/// anywhere do not mind.
struct TrainingWalk<P: Path> {
  let path: P
  let settings: TrainingSettings
  let streams: RandomStreams
  let refresh: (any Transition<P.Snapshot>)?
  let workers: Workers

  /// 0, K − 1 random times in (0, T) in order, T.
  func times(iteration: Int) -> [Double] {
    let horizon = settings.horizon(iteration)
    var uniforms = Array(repeating: 0.0, count: settings.steps - 1)
    streams.derived("times").fillUniforms(
      &uniforms, count: uniforms.count, purpose: .training, walker: 0, step: iteration)
    return [0] + uniforms.sorted().map { $0 * horizon } + [horizon]
  }

  /// Probes of ±1 for `count` members, for use `number` in an iteration.
  func probes(_ drift: some TrainableDrift, count: Int, iteration: Int, number: Int)
    -> Configurations?
  {
    guard drift.needsProbes else { return nil }
    var probes = Configurations(count: count, dimension: drift.dimension)
    let total = count * drift.dimension
    probes.withMutableRows {
      streams.derived("probes").fillUniforms(
        $0, count: total, purpose: .training, walker: number, step: iteration)
    }
    for index in probes.values.indices {
      probes.values[index] = probes.values[index] < 0.5 ? -1 : 1
    }
    return probes
  }

  /// All slices of one roll-out, A at its end, and evaluations of gradients of U over all walkers.
  func rollOut(
    _ drift: some TrainableDrift, iteration: Int
  ) -> (slices: [TrainingSlice], logWeights: [Double], gradientEvaluations: Int) {
    let times = times(iteration: iteration)
    var positions = Configurations(count: settings.walkers, dimension: path.dimension)
    path.start.sample(
      into: &positions, using: streams.derived("start"), purpose: .training, firstWalker: 0,
      step: iteration)
    var walkers = Walkers(first: 0, positions: positions)
    var slices = [TrainingSlice(time: 0, positions: walkers.positions)]
    var evaluations = 0
    for step in 0..<settings.steps {
      evaluations += advance(
        &walkers, drift, from: times[step], to: times[step + 1], iteration: iteration, step: step)
      let weights = settings.weighting == .jarzynski ? walkers.logWeights : nil
      slices.append(
        TrainingSlice(time: times[step + 1], positions: walkers.positions, logWeights: weights))
    }
    return (slices, walkers.logWeights, evaluations)
  }

  /// One step; returns the evaluations of gradients of U.
  private func advance(
    _ walkers: inout Walkers, _ drift: some TrainableDrift, from time: Double, to next: Double,
    iteration: Int, step: Int
  ) -> Int {
    let (count, dimension) = (walkers.count, path.dimension)
    let values = drift.values(
      of: walkers.positions, at: Array(repeating: time, count: count),
      probes: probes(drift, count: count, iteration: iteration, number: 1 + step),
      workers: workers)
    var gradients = walkers.positions
    var derivatives = Array(repeating: 0.0, count: count)
    path.snapshot(at: time).gradients(
      of: walkers.positions, into: &gradients, energies: &derivatives)
    path.timeDerivatives(of: walkers.positions, at: time, into: &derivatives)
    let duration = next - time
    let (epsilon, noiseScale) = (
      settings.diffusivity, (2 * settings.diffusivity * duration).squareRoot()
    )
    let address = iteration * settings.steps + step
    let noise = streams.derived("noise")
    var random = Array(repeating: 0.0, count: dimension)
    for member in 0..<count {
      noise.fillNormals(
        &random, count: dimension, purpose: .training, walker: member, step: address)
      var work = 0.0
      for index in 0..<dimension {
        let place = member * dimension + index
        let (b, g) = (values.velocities.values[place], gradients.values[place])
        work += b * g
        walkers.positions.values[place] += (b - epsilon * g) * duration + noiseScale * random[index]
      }
      walkers.logWeights[member] +=
        (values.divergences[member] - work - derivatives[member]) * duration
    }
    guard let refresh else { return count }
    let density = path.snapshot(at: next)
    let context = StepContext(
      streams: streams.derived("refresh"), step: address, stepSize: settings.refreshStepSize,
      at: next)
    let logWeights = walkers.logWeights
    refresh.begin(&walkers, at: density, in: context)
    let info = refresh.advance(&walkers, from: density, to: density, in: context)
    walkers.logWeights = logWeights
    return count + info.gradientEvaluations
  }
}
