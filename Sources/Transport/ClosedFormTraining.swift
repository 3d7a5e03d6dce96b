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
  /// Chebyshev polynomials in time on each leg of the path, at most: see `orders`.
  public var polynomials = ClosedFormTraining.standardPolynomials
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
  /// A drift that was trained for another theory or volume, to begin with: the walkers follow it
  /// from the first sweep on, and the ridge draws the weights towards its own instead of to zero, so
  /// that fewer walkers do. It must have these features and this basis.
  public var initial: SpectralDrift? {
    didSet {
      precondition(
        initial.map { $0.features == features && $0.basis == basis } ?? true,
        "a drift to begin with has the same features and basis")
    }
  }
  private let plan: SpectralPlan

  /// Chebyshev polynomials where nothing else is said.
  public static let standardPolynomials = 10

  public init(
    path: CouplingPath, features: [SpectralFeature], basis: KernelBasis,
    refresh: KernelTransition<Phi4> = .hmc(scheme: .omelyan, steps: 5)
  ) {
    self.path = path
    self.features = features
    self.basis = basis
    self.refresh = refresh
    plan = SpectralPlan(path.lattice, features: features)
  }

  /// What one time of a sweep has shown.
  public struct Slice: Sendable, Equatable {
    public var sweep: Int
    public var time: Double
    /// The variance of the residual without any weights, with those of this time alone, and with those
    /// of the smooth fit (0 before the end of the sweep); each over the walkers that were fitted.
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
    var state = try begin(streams: streams)
    while !isComplete(state) {
      try advance(&state, streams: streams)
      progress?(fraction(state))
    }
    return result(state)
  }

  // MARK: In steps

  /// The state before the first time of the first sweep: a pilot has found the step sizes.
  /// Throws if all weights of the pilot become zero.
  public func begin(streams: RandomStreams) throws -> TrainingState {
    let pilot = Pilot(
      path: path, transition: refresh, walkers: 64, streams: streams.derived("training"),
      workers: workers)
    let found = try pilot.find(
      times: .given(legs.times), stepSize: stepSize, isTuned: refresh.targetAcceptance != nil)
    return TrainingState(
      schedule: found.schedule, weights: initial?.weights ?? ChebyshevCurve(constant: zeros),
      fit: emptyFit,
      gradientEvaluations: found.gradientEvaluations)
  }

  /// Whether all sweeps are made.
  public func isComplete(_ state: TrainingState) -> Bool { state.sweep == sweeps }

  /// The part of the training that is done.
  public func fraction(_ state: TrainingState) -> Double {
    (Double(state.sweep) + Double(state.step) / Double(state.schedule.times.count))
      / Double(sweeps)
  }

  /// The drift as far as it is trained, and what the training has shown so far.
  public func result(_ state: TrainingState) -> Result {
    Result(
      drift: drift(state.weights), slices: state.slices,
      driftEvaluations: state.driftEvaluations, gradientEvaluations: state.gradientEvaluations)
  }

  /// Solves at the next time, and carries the walkers on; after the last time of a sweep fits all
  /// times together. Throws as `train` does.
  public func advance(_ state: inout TrainingState, streams: RandomStreams) throws {
    precondition(!isComplete(state), "nothing is left to train")
    let streams = streams.derived("training").derived("sweep \(state.sweep)")
    let schedule = state.schedule
    var drift = drift(state.weights)
    if state.step == 0 {
      state.population = sampler(drift, schedule, streams).start(
        population: 0, count: walkers, workers: workers)
      state.fit = emptyFit
      state.local = []
    }
    guard var population = state.population else { preconditionFailure("a sweep has walkers") }
    state.population = nil
    // At a corner of the path both sides count.
    for side in legs.sides(state.step) {
      let equations = equations(population, at: side)
      state.fit.add(
        equations, at: side, weight: legs.weight(of: state.step, at: side), ridge: ridge,
        around: initial?.weights(side))
      let solution = try equations.solution(ridge: ridge)
      if state.sweep == 0 && initial == nil {
        state.weights = ChebyshevCurve(constant: solution)
        drift = self.drift(state.weights)
      }
      state.local.append(
        TrainingState.Local(
          slice: Slice(
            sweep: state.sweep, time: side, reference: equations.variance,
            local: equations.residualVariance(solution), fitted: 0,
            effectiveFraction: EffectiveFraction.of(population.logWeights)), equations: equations))
    }
    if state.step < schedule.steps {
      let record = try sampler(drift, schedule, streams).advance(
        &population, through: state.step..<state.step + 1, workers: workers)
      state.gradientEvaluations += record.gradientEvaluations
      state.driftEvaluations += record.steps.reduce(0) { $0 + $1.driftEvaluations }
      state.population = population
      state.step += 1
    } else {
      try finishSweep(&state)
    }
  }

  private func finishSweep(_ state: inout TrainingState) throws {
    state.weights = try state.fit.solution()
    for local in state.local {
      var slice = local.slice
      slice.fitted = local.equations.residualVariance(state.weights(slice.time))
      state.slices.append(slice)
    }
    state.local = []
    state.fit = emptyFit
    state.sweep += 1
    state.step = 0
  }

  /// Numbers of the drift at one time.
  var weightCount: Int { SpectralDrift.weightCount(features, basis) }

  var legs: CoefficientLegs { CoefficientLegs(path.corners, slices: slices) }

  /// Chebyshev polynomials in time on each leg: no more than 2 √n on a leg of n times. A fit of more to
  /// equally spaced points swings between them. Rakhmanov, Ann. Math. 165 (2007) 55.
  public var orders: Int {
    min(polynomials, max(1, Int(2 * Double(legs.fewestTimes).squareRoot())))
  }

  private var zeros: [Double] { Array(repeating: 0, count: weightCount) }

  var emptyFit: SmoothFit {
    SmoothFit(legs: legs, count: weightCount, polynomials: orders)
  }

  private func drift(_ weights: ChebyshevCurve) -> SpectralDrift {
    SpectralDrift(path: path, features: features, basis: basis, weights: weights, plan: plan)
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
    _ population: Population, at time: Double
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
    var rows = SpectralRegressors(features: features, basis: basis, plan: plan).rows(
      positions, gradients: gradients, workers: workers)
    return NormalEquations(rows: &rows, targets: targets, weights: weights)
  }
}
