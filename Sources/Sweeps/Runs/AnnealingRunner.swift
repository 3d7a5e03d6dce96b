// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Observables
import RandomStreams
import Statistics

/// Carries an `AnnealingRun` out, from its start or from a checkpoint.
///
/// A pilot finds the schedule, which is frozen and stored before the first population. Memory is that
/// of one population and of what was measured on it.
public final class AnnealingRunner {
  private let run: AnnealingRun
  private let path: CouplingPath
  private let writer: any EnsembleWriter
  private let workers: Workers
  private let checkpoints: CheckpointPolicy
  private let observer: (any RunObserver)?
  private let logZOrigin: Double
  private var progress: AnnealingState?
  private var lastCommit = DispatchTime.now()

  /// A runner that starts from the beginning, or goes on from `state`.
  /// Throws if the state does not belong to this run.
  public init(
    _ run: AnnealingRun, writer: any EnsembleWriter, from state: RestartState?,
    workers: Workers, checkpoints: CheckpointPolicy = CheckpointPolicy(),
    observer: (any RunObserver)? = nil
  ) throws {
    self.run = run
    self.writer = writer
    self.workers = workers
    self.checkpoints = checkpoints
    self.observer = observer
    path = run.path
    logZOrigin = run.origin.logNormalizer
    if let state {
      guard let progress = AnnealingState(state, of: run) else {
        throw EnsembleError("the stored state does not belong to this run")
      }
      self.progress = progress
    }
  }

  /// The state after the last block of steps. Throws before the pilot is done.
  public var state: RestartState {
    get throws {
      guard let progress else { throw EnsembleError("the pilot is not done yet") }
      return progress.restart(dimension: run.lattice.volume)
    }
  }

  /// The schedule that the pilot has found. Throws before it is done.
  public var schedule: AnnealingSchedule {
    get throws {
      guard let progress else { throw EnsembleError("the pilot is not done yet") }
      return progress.schedule
    }
  }

  /// Runs to the end, or until the observer asks to stop. What was appended is committed on return;
  /// the ensemble is not yet marked as complete, so that what is learned from it can be recorded.
  /// Throws if all weights of a population become zero; earlier populations stay.
  public func carryOut() throws -> RunOutcome {
    var now = try progress ?? begin()
    // What is under way must not be held twice.
    progress = nil
    defer { progress = now }
    lastCommit = DispatchTime.now()
    while now.number <= run.populations {
      if observer?.shouldStop == true {
        try commit(now)
        return .stopped(update: (now.number - 1) * now.schedule.steps + now.step)
      }
      switch now.phase {
      case .between:
        now.population = forward(now.schedule).start(
          population: now.number - 1, count: run.walkers, workers: workers)
        now.phase = .forward
      case .forward: try goForward(&now)
      case .reverse: try goBack(&now)
      case .dead: throw death(now)
      }
      if writer.pendingBytes >= checkpoints.bytes
        || seconds(since: lastCommit) >= checkpoints.seconds
      {
        try commit(now)
      }
    }
    try commit(now)
    return .complete
  }

  private func commit(_ now: AnnealingState) throws {
    try writer.commit(now.restart(dimension: run.lattice.volume))
    lastCommit = DispatchTime.now()
  }

  // MARK: The schedule

  private func begin() throws -> AnnealingState {
    observer?.progressed(
      AnnealingPlace(
        phase: .pilot, population: 1, populations: run.populations, step: 0, steps: 0, time: 0))
    if run.isCurved {
      try StoredPath.append(path, to: writer)
      try writer.record(path.originAttributes, in: TableName.stops)
    }
    let start = DispatchTime.now()
    let finding = try findSchedule()
    let schedule = finding.schedule
    try writer.record(
      [
        "steps": .integer(schedule.steps), "n_force": .integer(finding.gradientEvaluations),
        "seconds": .real(seconds(since: start)),
      ], in: TableName.pilot)
    for (step, time) in schedule.times.enumerated() {
      let c = path.coefficients(at: time)
      try writer.append(
        row: step, to: TableName.path,
        [
          [time], [step == 0 ? .nan : schedule.stepSizes[step - 1]], [c.hopping], [c.quadratic],
          [c.quartic],
        ])
    }
    let state = AnnealingState(schedule: schedule)
    try commit(state)
    return state
  }

  private func findSchedule() throws -> Pilot<CouplingPath>.Finding {
    if !run.needsPilot, case .given(let times) = run.times {
      return Pilot<CouplingPath>.Finding(
        schedule: AnnealingSchedule(times: times, stepSize: run.stepSize), gradientEvaluations: 0)
    }
    let pilot = Pilot(
      path: path, transition: run.transition, walkers: run.pilotWalkers, streams: run.streams,
      workers: workers)
    do {
      return try pilot.find(times: run.times, stepSize: run.stepSize, isTuned: run.isTuned)
    } catch StatisticsError.allWeightsZero {
      throw CollapsedRun(
        "the pilot found no schedule: all weights of its \(run.pilotWalkers) walkers became zero. "
          + Self.advice)
    } catch StatisticsError.notConverged(_, let steps, let rest, _) {
      throw CollapsedRun(
        "the pilot found no schedule: \(steps) steps were not enough, \(rest) of the path is left; "
          + "a smaller conditional_ess makes longer steps")
    }
  }

  private static let advice =
    "The walkers ran away: a smaller 'step' keeps unadjusted dynamics stable, and the transitions "
    + "mala, hmc and metropolis reject such moves"

  // MARK: Forward

  private func forward(_ schedule: AnnealingSchedule) -> AnnealedSampler<CouplingPath> {
    AnnealedSampler(
      path: path, transition: run.transition, schedule: schedule, resampling: run.resampling,
      streams: run.streams)
  }

  /// Steps that take a fraction of a second, so that a stop is obeyed soon.
  private var block: Int { max(1, min(32, (1 << 24) / (run.walkers * run.lattice.volume))) }

  private func goForward(_ now: inout AnnealingState) throws {
    let steps = now.schedule.steps
    let stopSteps = run.stopSteps(now.schedule)
    let interval = (steps + AnnealingRun.records - 1) / AnnealingRun.records
    let end = min(
      now.step + block, (now.step / interval + 1) * interval,
      stopSteps.first { $0 > now.step } ?? steps)
    guard var population = now.population else {
      preconditionFailure("a population is under way")
    }
    now.population = nil
    let start = DispatchTime.now()
    do {
      let record = try forward(now.schedule).advance(
        &population, through: now.step..<end, workers: workers)
      now.updateSeconds += seconds(since: start)
      for step in record.steps {
        now.acceptance += step.acceptance
        now.gradientEvaluations += step.gradientEvaluations
        now.driftEvaluations += step.driftEvaluations
      }
      now.resamplings += record.resamplings.count
      for event in record.resamplings { try append(event, of: now) }
    } catch StatisticsError.allWeightsZero {
      now.population = population
      now.step = end
      now.phase = .dead
      try commit(now)
      return
    }
    now.population = population
    now.step = end
    try recordEvolution(population, now)
    if stopSteps.contains(end) {
      if population.logWeights.allSatisfy({ $0 == -.infinity }) {
        now.phase = .dead
        try commit(now)
        return
      }
      measure(population, &now)
    }
    tell(.forward, now)
    if end == steps { try finishForward(population, &now) }
  }

  private func append(_ event: ResamplingEvent, of now: AnnealingState) throws {
    try writer.append(
      row: (now.number - 1) * now.schedule.steps + event.step, to: TableName.resampling,
      [
        [Double(now.number)], [Double(event.step)], [event.time], [event.effectiveFraction],
        event.parents.map(Double.init),
      ])
  }

  private func recordEvolution(_ population: Population, _ now: AnnealingState) throws {
    let steps = now.schedule.steps
    guard let record = AnnealingRun.record(after: now.step, of: steps) else { return }
    let perPopulation = (AnnealingRun.record(after: steps, of: steps) ?? 0) + 1
    let logWeights = population.logWeights
    try writer.append(
      row: (now.number - 1) * perPopulation + record, to: TableName.evolution,
      [
        [Double(now.number)], [Double(now.step)], [now.schedule.times[now.step]],
        [EffectiveFraction.of(logWeights)], [logMean(logWeights) + logZOrigin],
      ])
  }

  /// log of the mean weight.
  private func logMean(_ logWeights: [Double]) -> Double {
    guard let largest = logWeights.max(), largest > -.infinity else { return -.infinity }
    let sum = logWeights.reduce(0) { $0 + exp($1 - largest) }
    return largest + log(sum / Double(logWeights.count))
  }

  private func measure(_ population: Population, _ now: inout AnnealingState) {
    let start = DispatchTime.now()
    now.measurements.append(
      AnnealingState.Measurement(
        logWeights: population.logWeights, works: population.works,
        ancestors: population.ancestors, resamplings: now.resamplings,
        values: run.observables[now.measurements.count].measure(
          population.positions, workers: workers)))
    now.measurementSeconds += seconds(since: start)
  }

  /// Writes the row of a population that has reached the theory.
  private func finishForward(_ population: Population, _ now: inout AnnealingState) throws {
    let made = now.measurements
    let moves = Double(run.walkers * now.schedule.steps)
    try writer.append(
      row: now.number, to: TableName.observables,
      made[0].values.indices.map { variable in made.flatMap { $0.values[variable] } })
    var values = [
      made.flatMap(\.logWeights), made.flatMap(\.works),
      made.flatMap { $0.ancestors.map(Double.init) },
      made.map { EffectiveFraction.of($0.logWeights) },
      made.map { logMean($0.logWeights) + logZOrigin }, made.map { Double($0.resamplings) },
      [Double(now.gradientEvaluations)], [now.acceptance / moves],
    ]
    if run.map != nil { values.append([Double(now.driftEvaluations)]) }
    try writer.append(row: now.number, to: TableName.annealing, values)
    try writer.append(
      row: now.number, to: TableName.timing,
      [[now.updateSeconds], [now.measurementSeconds]])
    if let interval = run.configurationInterval, now.number % interval == 0 {
      let values = population.positions.values
      try writer.append(
        row: now.number, to: TableName.configurations,
        [run.configurationType == .float32 ? values.map { Double(Float($0)) } : values])
    }
    guard run.reverseUpdates > 0 else { return now.beginNext() }
    now.measurements = []
    now.phase = .reverse
    now.step = 0
    now.population = try startOfReverse(population, now)
  }

  // MARK: The way back

  private var reverseStreams: RandomStreams { run.streams.derived("reverse") }

  private func backward(_ schedule: AnnealingSchedule) -> AnnealedSampler<CouplingPath> {
    AnnealedSampler(
      path: path, transition: run.transition, schedule: schedule, direction: .reverse,
      streams: reverseStreams)
  }

  /// Walkers that are close to samples of the theory: those that came to it, drawn by their weights,
  /// and then calmed, so that copies go ways of their own.
  private func startOfReverse(
    _ population: Population, _ now: AnnealingState
  ) throws -> Population {
    let streams = reverseStreams
    let parents = try ResamplingScheme.systematic.ancestors(
      logWeights: population.logWeights
    ) { index in
      streams.uniform(
        purpose: .resampling, walker: population.first, step: now.schedule.steps, index: index)
    }
    let old = population.positions
    var positions = old
    for (walker, parent) in parents.enumerated() { positions[walker] = old[parent] }
    var calm = Population(first: population.first, positions: positions)
    calm.equilibrate(
      by: run.calming, at: path.snapshot(at: 1), time: 1, steps: run.reverseUpdates,
      stepSize: now.schedule.stepSizes[now.schedule.steps - 1],
      streams: streams.derived("calming"), workers: workers)
    return backward(now.schedule).start(
      population: now.number - 1, at: calm.positions, workers: workers)
  }

  private func goBack(_ now: inout AnnealingState) throws {
    guard var population = now.population else {
      preconditionFailure("a population is under way")
    }
    now.population = nil
    let end = min(now.step + block, now.schedule.steps)
    _ = try backward(now.schedule).advance(
      &population, through: now.step..<end, workers: workers)
    now.population = population
    now.step = end
    tell(.reverse, now)
    if end == now.schedule.steps {
      try writer.append(
        row: now.number, to: TableName.reverse, [population.logWeights, population.works])
      now.beginNext()
    }
  }

  // MARK: What is told

  private func tell(_ phase: AnnealingPlace.Phase, _ now: AnnealingState) {
    let steps = now.schedule.steps
    observer?.progressed(
      AnnealingPlace(
        phase: phase, population: now.number, populations: run.populations, step: now.step,
        steps: steps, time: now.schedule.times[phase == .reverse ? steps - now.step : now.step]))
  }

  private func death(_ now: AnnealingState) -> CollapsedRun {
    CollapsedRun(
      "population \(now.number) of \(run.populations): all \(run.walkers) weights are zero by step "
        + "\(now.step) of \(now.schedule.steps), time \(now.schedule.times[now.step]). "
        + Self.advice)
  }

  private func seconds(since start: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
  }
}
