// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Targets

/// The training of a spectral drift without gradient descent.
///
/// The residual of the transport equation, ∇·b − ∇U·b − ∂_tU + ∂_tF, is linear in the weights of the
/// drift, so that its mean square over walkers, the PINN loss, is a least-squares problem at each time;
/// ∂_tF is its constant. One sweep of walkers trains everything: at each time the weights are solved
/// for, and the walkers move on with them. A second problem then fits smooth functions of time to all
/// times at once,
///
///     min over a of  Σ_k Δt_k E_k |∇·b − ∇U·b − ∂_tU + ∂_tF|²,   c(t) = Σ_n a_n T_n(x(t)),
///
/// with E_k the mean over the walkers at t_k, weighted by their Jarzynski weights where asked for.
/// Further sweeps follow the fitted drift. Albergo, Vanden-Eijnden, arXiv:2410.02711 (loss).
public struct ClosedFormTraining: Sendable {
  public let path: CouplingPath
  public let features: [SpectralFeature]
  public let basis: KernelBasis
  /// Walkers in each sweep.
  public var walkers = 2048
  /// Times at which residuals are taken, beside 0.
  public var slices = 50
  /// Chebyshev polynomials in time on each leg of the path.
  public var polynomials = 10
  /// Added to the diagonal of the normal equations, relative to it.
  public var ridge = 1e-4
  /// Sweeps through the path; from the second on the walkers follow the fitted drift.
  public var sweeps = 2
  /// Whether residuals are weighted by the walkers' weights.
  public var isWeighted = true
  /// What keeps the walkers close to the densities of the path.
  public var refresh: KernelTransition<Phi4>
  public var integrator = TransportIntegrator.rk4
  /// The step size of the refresh that tuning starts from.
  public var stepSize = 0.1
  public var workers = Workers(1)

  public init(
    path: CouplingPath, features: [SpectralFeature], basis: KernelBasis,
    refresh: KernelTransition<Phi4> = .hmc(scheme: .omelyan, steps: 5)
  ) {
    self.path = path
    self.features = features
    self.basis = basis
    self.refresh = refresh
  }

  /// What one time of a sweep has shown.
  public struct Slice: Sendable, Equatable {
    public var sweep: Int
    public var time: Double
    /// The variance of the residual without any weights, with those of this time alone, and with those
    /// of the smooth fit; each over the walkers that were fitted.
    public var reference: Double
    public var local: Double
    public var fitted: Double
    /// The effective sample size of the walkers at this time, as a fraction.
    public var effectiveFraction: Double
  }

  public struct Result: Sendable {
    public var drift: SpectralDrift
    public var slices: [Slice]
    public var driftEvaluations: Int
    public var gradientEvaluations: Int
  }

  /// Trains a drift. `progress` is told the fraction that is done.
  /// Throws if the normal equations are singular, or if all weights become zero.
  public func train(
    streams: RandomStreams, progress: ((Double) -> Void)? = nil
  ) throws -> Result {
    let streams = streams.derived("training")
    let legs = CoefficientLegs(path.corners, slices: slices)
    let pilot = Pilot(
      path: path, transition: refresh, walkers: 64, streams: streams, workers: workers)
    let found = try pilot.find(
      times: .given(legs.times), stepSize: stepSize, isTuned: refresh.targetAcceptance != nil)
    let plan = SpectralPlan(path.lattice, features: features)
    let empty = SpectralDrift(
      path: path, features: features, basis: basis,
      weights: ChebyshevCurve(
        constant: Array(repeating: 0, count: SpectralDrift.weightCount(features, basis))),
      plan: plan)
    var result = Result(
      drift: empty, slices: [], driftEvaluations: 0, gradientEvaluations: found.gradientEvaluations)
    for sweep in 0..<sweeps {
      try run(sweep, legs, found.schedule, streams, &result) { done in
        progress?((Double(sweep) + done) / Double(sweeps))
      }
    }
    return result
  }

  private func run(
    _ sweep: Int, _ legs: CoefficientLegs, _ schedule: AnnealingSchedule, _ streams: RandomStreams,
    _ result: inout Result, progress: (Double) -> Void
  ) throws {
    let streams = streams.derived("sweep \(sweep)")
    var drift = result.drift
    var population = sampler(drift, schedule, streams).start(
      population: 0, count: walkers, workers: workers)
    var problem = SmoothFit(legs: legs, count: drift.weights.count, polynomials: polynomials)
    var local: [(slice: Slice, equations: NormalEquations)] = []
    for step in schedule.times.indices {
      // At a corner of the path both sides count.
      for side in legs.sides(step) {
        let equations = equations(population, at: side, drift)
        problem.add(equations, at: side, weight: legs.weight(of: step, at: side), ridge: ridge)
        let solution = try equations.solution(ridge: ridge)
        if sweep == 0 { drift = drift.with(weights: ChebyshevCurve(constant: solution)) }
        local.append(
          (
            Slice(
              sweep: sweep, time: side, reference: equations.variance,
              local: equations.residualVariance(solution), fitted: .nan,
              effectiveFraction: EffectiveFraction.of(population.logWeights)), equations
          ))
      }
      if step < schedule.steps {
        let record = try sampler(drift, schedule, streams).advance(
          &population, through: step..<step + 1, workers: workers)
        result.gradientEvaluations += record.gradientEvaluations
        result.driftEvaluations += record.steps.reduce(0) { $0 + $1.driftEvaluations }
      }
      progress(Double(step + 1) / Double(schedule.times.count))
    }
    result.drift = drift.with(weights: try problem.solution())
    for (slice, equations) in local {
      var slice = slice
      slice.fitted = equations.residualVariance(result.drift.weights(slice.time))
      result.slices.append(slice)
    }
  }

  private func sampler(
    _ drift: SpectralDrift, _ schedule: AnnealingSchedule, _ streams: RandomStreams
  ) -> AnnealedSampler<CouplingPath> {
    AnnealedSampler(
      path: path,
      transition: Transported(refresh, by: TransportMap(drift: drift, integrator: integrator)),
      schedule: schedule, resampling: Resampling(threshold: 0.3), streams: streams)
  }

  /// The least-squares problem of one time: A c = ∂_tU − (∇·R − ∇U·R), R the drift of the reference.
  private func equations(
    _ population: Population, at time: Double, _ drift: SpectralDrift
  ) -> NormalEquations {
    let positions = population.positions
    let density = path.snapshot(at: time)
    let count = positions.count
    var gradients = Configurations(count: count, dimension: positions.dimension)
    var energies = [Double](repeating: 0, count: count)
    density.gradients(of: positions, into: &gradients, energies: &energies)
    var targets = energies
    path.timeDerivatives(of: positions, at: time, into: &targets)
    var velocities = Configurations(count: count, dimension: positions.dimension)
    var divergences = energies
    SpectralDrift.reference(path).velocities(
      of: positions, at: time, into: &velocities, divergences: &divergences)
    for member in 0..<count {
      let work = zip(velocities[member], gradients[member]).reduce(0) { $0 + $1.0 * $1.1 }
      targets[member] -= divergences[member] - work
    }
    let logWeights = population.logWeights
    let largest = logWeights.max() ?? 0
    let weights = logWeights.map { isWeighted ? exp($0 - largest) : 1 }
    var rows = SpectralRegressors(features: features, basis: basis, plan: drift.plan).rows(
      positions, gradients: gradients, workers: workers)
    return NormalEquations(rows: &rows, targets: targets, weights: weights)
  }
}

/// The times of a training, and the legs of the path that they lie on.
struct CoefficientLegs: Sendable {
  let knots: [Double]
  let times: [Double]

  /// About `slices` equal steps, with every knot among the times.
  init(_ knots: [Double], slices: Int) {
    self.knots = knots
    var times = [0.0]
    for (left, right) in zip(knots, knots.dropFirst()) {
      let steps = max(1, Int((Double(slices) * (right - left)).rounded()))
      for step in 1...steps {
        times.append(
          step == steps ? right : left + (right - left) * Double(step) / Double(steps))
      }
    }
    self.times = times
  }

  /// The time with number `step`, as seen from the legs on both sides of it.
  func sides(_ step: Int) -> [Double] {
    let time = times[step]
    return knots.dropFirst().dropLast().contains(time) ? [time.nextDown, time] : [time]
  }

  /// The trapezoidal weight of a side in an integral over time.
  func weight(of step: Int, at side: Double) -> Double {
    var weight = 0.0
    let isCorner = knots.dropFirst().dropLast().contains(times[step])
    if step > 0, !isCorner || side < times[step] { weight += 0.5 * (times[step] - times[step - 1]) }
    if step + 1 < times.count, !isCorner || side == times[step] {
      weight += 0.5 * (times[step + 1] - times[step])
    }
    return weight
  }
}

/// The fit of Chebyshev series in time to the normal equations of many times.
struct SmoothFit {
  private let legs: CoefficientLegs
  private let count: Int
  private let polynomials: Int
  private var matrices: [[Double]]
  private var vectors: [[Double]]

  init(legs: CoefficientLegs, count: Int, polynomials: Int) {
    self.legs = legs
    self.count = count
    self.polynomials = polynomials
    let size = count * polynomials
    let number = legs.knots.count - 1
    matrices = Array(repeating: Array(repeating: 0, count: size * size), count: number)
    vectors = Array(repeating: Array(repeating: 0, count: size), count: number)
  }

  /// Adds the problem of one time.
  mutating func add(_ equations: NormalEquations, at time: Double, weight: Double, ridge: Double) {
    let (leg, x) = ChebyshevCurve.place(time, knots: legs.knots)
    let values = ChebyshevCurve.polynomials(x, count: polynomials)
    let size = count * polynomials
    let count = count
    matrices[leg].withUnsafeMutableBufferPointer { matrix in
      equations.matrix.withUnsafeBufferPointer { block in
        for n in 0..<polynomials {
          for m in 0...n {
            let factor = weight * values[n] * values[m]
            for i in 0..<count {
              let row = (n * count + i) * size + m * count
              for j in 0..<count { matrix[row &+ j] += factor * block[i &* count &+ j] }
              matrix[row + i] += factor * ridge * block[i * count + i]
            }
          }
        }
      }
    }
    for n in 0..<polynomials {
      for i in 0..<count {
        vectors[leg][n * count + i] += weight * values[n] * equations.vector[i]
      }
    }
  }

  /// The series that fit best.
  func solution() throws -> ChebyshevCurve {
    let size = count * polynomials
    let coefficients = try matrices.indices.map { leg in
      var matrix = matrices[leg]
      for i in 0..<size {
        if matrix[i * size + i] <= 0 { matrix[i * size + i] = 1 }
        matrix[i * size + i] *= 1 + 1e-9
        // The factorisation reads the triangle above the diagonal of its transpose.
        for j in 0..<i { matrix[j * size + i] = matrix[i * size + j] }
      }
      return try NormalEquations.solve(&matrix, vectors[leg])
    }
    return ChebyshevCurve(knots: legs.knots, count: count, coefficients: coefficients)
  }
}
