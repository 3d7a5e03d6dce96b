// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles

/// Where an annealing run stands between two blocks of steps.
///
/// As a restart state everything that has one number for each walker or step lies in the rows of
/// `fields`: the positions first, velocities and gradients where the transition has them, and then
/// everything else, padded with zeros. Attributes of a file hold a few numbers only.
struct AnnealingState: Equatable {
  enum Phase: Int {
    /// No population is under way; the next one is `population`.
    case between, forward, reverse
    /// All weights of the population are zero: there is nothing to go on with.
    case dead
  }

  /// What was measured at one stop.
  struct Measurement: Equatable {
    var logWeights: [Double]
    var works: [Double]
    var ancestors: [Int]
    var resamplings: Int
    /// One array for each variable.
    var values: [[Double]]
  }

  var schedule: AnnealingSchedule
  var phase = Phase.between
  /// From 1.
  var number = 1
  /// Steps that were made in this phase.
  var step = 0
  var population: Population?
  /// At the stops that this population has reached.
  var measurements: [Measurement] = []
  var gradientEvaluations = 0
  var driftEvaluations = 0
  /// Summed over walkers and steps.
  var acceptance = 0.0
  var resamplings = 0
  var updateSeconds = 0.0
  var measurementSeconds = 0.0

  init(schedule: AnnealingSchedule) { self.schedule = schedule }

  /// The next population, before its first step.
  mutating func beginNext() {
    self = AnnealingState(schedule: schedule, number: number + 1)
  }

  private init(schedule: AnnealingSchedule, number: Int) {
    self.schedule = schedule
    self.number = number
  }
}

extension AnnealingState {
  private enum Name {
    static let phase = "phase"
    static let number = "population"
    static let step = "step"
    static let steps = "steps"
    static let stops = "stops"
    static let velocities = "velocities"
    static let gradients = "gradients"
    static let evaluations = "gradient_evaluations"
    static let drifts = "drift_evaluations"
    static let resamplings = "resamplings"
    static let acceptance = "acceptance"
    static let seconds = "seconds"
  }

  func restart(dimension: Int) -> RestartState {
    var numbers: [Double] = []
    for rows in [population?.positions, population?.velocities, population?.gradients] {
      numbers += rows?.values ?? []
    }
    numbers += schedule.times + schedule.stepSizes
    if let population {
      numbers += population.logWeights + population.works + population.energies
      numbers += population.ancestors.map(Double.init)
    }
    for measurement in measurements {
      numbers += measurement.logWeights + measurement.works
      numbers += measurement.ancestors.map(Double.init)
      numbers.append(Double(measurement.resamplings))
      for values in measurement.values { numbers += values }
    }
    let rows = (numbers.count + dimension - 1) / dimension
    numbers += Array(repeating: 0, count: rows * dimension - numbers.count)
    return RestartState(
      fields: Configurations(count: rows, dimension: dimension, values: numbers),
      integers: [
        Name.phase: phase.rawValue, Name.number: number, Name.step: step,
        Name.steps: schedule.steps, Name.stops: measurements.count,
        Name.velocities: population?.velocities == nil ? 0 : 1,
        Name.gradients: population?.gradients == nil ? 0 : 1,
        Name.evaluations: gradientEvaluations, Name.drifts: driftEvaluations,
        Name.resamplings: resamplings,
      ],
      reals: [
        Name.acceptance: [acceptance], Name.seconds: [updateSeconds, measurementSeconds],
      ])
  }

  /// The state that was stored; nil if it does not belong to the run.
  init?(_ state: RestartState, of run: AnnealingRun) {
    let dimension = run.lattice.volume
    let sizes = run.observables[0].flatMap { $0.variables.map(\.size) }
    guard state.fields.dimension == dimension,
      let phase = state.integers[Name.phase].flatMap(Phase.init(rawValue:)),
      let number = state.integers[Name.number], (1...run.populations + 1).contains(number),
      let steps = state.integers[Name.steps], steps >= 1,
      let step = state.integers[Name.step], (0...steps).contains(step),
      let stops = state.integers[Name.stops], (0...run.stops.count).contains(stops),
      let hasVelocities = state.integers[Name.velocities],
      let hasGradients = state.integers[Name.gradients],
      let evaluations = state.integers[Name.evaluations],
      let drifts = state.integers[Name.drifts],
      let resamplings = state.integers[Name.resamplings],
      let acceptance = state.reals[Name.acceptance], acceptance.count == 1,
      let seconds = state.reals[Name.seconds], seconds.count == 2
    else { return nil }
    let isUnderWay = phase != .between
    let walkers = isUnderWay ? run.walkers : 0
    let length =
      walkers * dimension * (1 + hasVelocities + hasGradients) + 2 * steps + 1 + 4 * walkers
      + stops * (run.walkers * (3 + sizes.reduce(0, +)) + 1)
    guard state.fields.count == (length + dimension - 1) / dimension else { return nil }

    var next = 0
    func take(_ count: Int) -> [Double] {
      defer { next += count }
      return Array(state.fields.values[next..<next + count])
    }
    func takeRows() -> Configurations {
      Configurations(count: walkers, dimension: dimension, values: take(walkers * dimension))
    }
    let positions = takeRows()
    let velocities = hasVelocities == 1 ? takeRows() : nil
    let gradients = hasGradients == 1 ? takeRows() : nil
    let times = take(steps + 1)
    let stepSizes = take(steps)
    guard times.first == 0, times.last == 1, zip(times, times.dropFirst()).allSatisfy(<),
      stepSizes.allSatisfy({ $0 > 0 })
    else { return nil }
    self.init(schedule: AnnealingSchedule(times: times, stepSizes: stepSizes))
    if isUnderWay {
      let (logWeights, works, energies) = (take(walkers), take(walkers), take(walkers))
      population = Population(
        first: (number - 1) * walkers, positions: positions, logWeights: logWeights, works: works,
        ancestors: take(walkers).map { Int($0) }, energies: energies, velocities: velocities,
        gradients: gradients)
    }
    for _ in 0..<stops {
      let (logWeights, works) = (take(run.walkers), take(run.walkers))
      measurements.append(
        Measurement(
          logWeights: logWeights, works: works, ancestors: take(run.walkers).map { Int($0) },
          resamplings: Int(take(1)[0]), values: sizes.map { take($0 * run.walkers) }))
    }
    (self.phase, self.number, self.step) = (phase, number, step)
    gradientEvaluations = evaluations
    driftEvaluations = drifts
    self.resamplings = resamplings
    self.acceptance = acceptance[0]
    (updateSeconds, measurementSeconds) = (seconds[0], seconds[1])
  }
}
