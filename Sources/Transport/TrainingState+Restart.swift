// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles

/// A training's state as a restart state: everything that is not a counter lies in the rows of
/// `fields`, one kind of number after the other, padded with zeros.
extension TrainingState {
  private enum Name {
    static let sweep = "sweep"
    static let step = "step"
    static let steps = "steps"
    static let local = "local"
    static let slices = "slices"
    static let driftEvaluations = "drift_evaluations"
    static let gradientEvaluations = "gradient_evaluations"
  }

  /// The state in rows of `dimension` numbers.
  public func restart(dimension: Int) -> RestartState {
    var numbers = schedule.times + schedule.stepSizes + weights.coefficients.flatMap { $0 }
    for slice in slices { numbers += slice.numbers }
    if let population {
      numbers += population.positions.values + population.logWeights + population.works
      numbers += population.energies + population.ancestors.map(Double.init)
      numbers += fit.matrices.flatMap { $0 } + fit.vectors.flatMap { $0 }
      for one in local {
        numbers += one.slice.numbers + one.equations.matrix + one.equations.vector
        numbers.append(one.equations.variance)
      }
    }
    let rows = (numbers.count + dimension - 1) / dimension
    numbers += Array(repeating: 0, count: rows * dimension - numbers.count)
    return RestartState(
      fields: Configurations(count: rows, dimension: dimension, values: numbers),
      integers: [
        Name.sweep: sweep, Name.step: step, Name.steps: schedule.steps, Name.local: local.count,
        Name.slices: slices.count, Name.driftEvaluations: driftEvaluations,
        Name.gradientEvaluations: gradientEvaluations,
      ])
  }

  /// The state that was stored; nil if it does not belong to the training.
  public init?(_ state: RestartState, of training: ClosedFormTraining) {
    let dimension = training.path.lattice.volume
    let legs = training.legs
    let count = training.weightCount
    guard state.fields.dimension == dimension,
      let sweep = state.integers[Name.sweep], (0...training.sweeps).contains(sweep),
      let steps = state.integers[Name.steps], steps == legs.times.count - 1,
      let step = state.integers[Name.step], (0...steps).contains(step),
      let local = state.integers[Name.local], (0...2 * steps + 2).contains(local),
      let slices = state.integers[Name.slices],
      (0...training.sweeps * (2 * steps + 2)).contains(slices),
      let driftEvaluations = state.integers[Name.driftEvaluations],
      let gradientEvaluations = state.integers[Name.gradientEvaluations]
    else { return nil }
    let isUnderWay = step > 0
    // What the walkers follow in the first sweep is the solution of one time, or a drift to begin with.
    let first = training.initial?.weights
    let knots = sweep == 0 ? first?.knots ?? [0, 1] : legs.knots
    let series =
      sweep == 0 ? first?.coefficients[0].count ?? count : count * training.orders
    let (walkers, fit) = (training.walkers, training.emptyFit)
    let size = Self.sliceNumbers
    var length = 2 * steps + 1 + (knots.count - 1) * series + slices * size
    if isUnderWay {
      length += walkers * (dimension + 4) + local * (size + count * count + count + 1)
      length += (fit.matrices + fit.vectors).reduce(0) { $0 + $1.count }
    }
    guard state.fields.count == (length + dimension - 1) / dimension else { return nil }

    var next = 0
    func take(_ count: Int) -> [Double] {
      defer { next += count }
      return Array(state.fields.values[next..<next + count])
    }
    let (times, stepSizes) = (take(steps + 1), take(steps))
    guard times == legs.times, stepSizes.allSatisfy({ $0 > 0 }) else { return nil }
    let weights = ChebyshevCurve(
      knots: knots, count: count, coefficients: knots.dropFirst().map { _ in take(series) })
    self.init(
      schedule: AnnealingSchedule(times: times, stepSizes: stepSizes), weights: weights, fit: fit,
      gradientEvaluations: gradientEvaluations)
    (self.sweep, self.step, self.driftEvaluations) = (sweep, step, driftEvaluations)
    self.slices = (0..<slices).map { _ in ClosedFormTraining.Slice(take(size)) }
    guard isUnderWay else { return }
    let positions = Configurations(
      count: walkers, dimension: dimension, values: take(walkers * dimension))
    let (logWeights, works, energies) = (take(walkers), take(walkers), take(walkers))
    population = Population(
      first: 0, positions: positions, logWeights: logWeights, works: works,
      ancestors: take(walkers).map { Int($0) }, energies: energies, velocities: nil,
      gradients: nil)
    self.fit.matrices = fit.matrices.map { take($0.count) }
    self.fit.vectors = fit.vectors.map { take($0.count) }
    self.local = (0..<local).map { _ in
      let slice = ClosedFormTraining.Slice(take(size))
      var equations = NormalEquations(count: count)
      equations.matrix = take(count * count)
      equations.vector = take(count)
      equations.variance = take(1)[0]
      return Local(slice: slice, equations: equations)
    }
  }

  private static let sliceNumbers = 6
}

extension ClosedFormTraining.Slice {
  /// Its numbers one after the other; `fitted` is the last but one.
  var numbers: [Double] { [Double(sweep), time, reference, local, fitted, effectiveFraction] }

  init(_ numbers: [Double]) {
    self.init(
      sweep: Int(numbers[0]), time: numbers[1], reference: numbers[2], local: numbers[3],
      fitted: numbers[4], effectiveFraction: numbers[5])
  }
}
