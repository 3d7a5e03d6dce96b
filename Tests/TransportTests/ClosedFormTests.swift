// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Statistics
import Testing
import Transport

/// The least-squares problem of training, and what it yields.
@Suite(.serialized) struct ClosedFormTests {
  /// The weighted mean of (y − A c − a)² with the best a, by its definition.
  private func loss(
    _ rows: [Double], _ targets: [Double], _ weights: [Double], _ solution: [Double]
  ) -> Double {
    let count = solution.count
    let rest = targets.indices.map { i in
      targets[i] - (0..<count).reduce(0) { $0 + rows[i * count + $1] * solution[$1] }
    }
    let total = weights.reduce(0, +)
    let mean = zip(weights, rest).reduce(0) { $0 + $1.0 * $1.1 } / total
    return zip(weights, rest).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) } / total
  }

  /// The solution is the minimum: the gradient is zero there, and along any direction the loss rises by
  /// the quadratic form of the matrix.
  @Test func solutionIsTheMinimum() throws {
    let (members, count) = (300, 7)
    let rows = normals(members * count, seed: 1).map { 3 + $0 }
    let targets = normals(members, seed: 2).map { 5 - $0 }
    let weights = normals(members, seed: 3).map { exp(0.5 * $0) }
    var used = rows
    let equations = NormalEquations(rows: &used, targets: targets, weights: weights)
    let solution = try equations.solution(ridge: 0)
    let least = loss(rows, targets, weights, solution)
    #expect(abs(equations.residualVariance(solution) - least) < 1e-12)
    #expect(
      abs(equations.variance - loss(rows, targets, weights, Array(repeating: 0, count: count)))
        < 1e-12)
    for direction in 0..<count {
      for step in [1e-3, -1e-3, 0.3] {
        var moved = solution
        moved[direction] += step
        let rise = loss(rows, targets, weights, moved) - least
        // No linear term: the gradient is zero.
        let quadratic = step * step * equations.matrix[direction * count + direction]
        #expect(abs(rise - quadratic) < 1e-13 + 1e-10 * quadratic)
        #expect(rise > 0)
        #expect(abs(equations.residualVariance(moved) - least - rise) < 1e-12)
      }
    }
    // A ridge pulls the solution towards zero and the loss up.
    let damped = try equations.solution(ridge: 0.5)
    #expect(equations.residualVariance(damped) > least + 1e-6)
    #expect(damped.reduce(0) { $0 + $1 * $1 } < solution.reduce(0) { $0 + $1 * $1 })
  }

  /// As many unknowns as members, or more: nothing is left, and never less than nothing.
  @Test(arguments: 1...20) func interpolation(seed: UInt64) throws {
    var rows = normals(12 * 15, seed: seed)
    let equations = NormalEquations(
      rows: &rows, targets: normals(12, seed: 100 + seed), weights: Array(repeating: 1, count: 12))
    let rest = equations.residualVariance(try equations.solution(ridge: 1e-12))
    #expect(rest >= 0 && rest < 1e-8)
  }

  @Test func singularEquations() {
    let column = normals(20, seed: 1)
    var rows = column.flatMap { [$0, 2 * $0, -$0] }
    let equations = NormalEquations(
      rows: &rows, targets: normals(20, seed: 2), weights: Array(repeating: 1, count: 20))
    #expect(throws: TrainingError.self) { try equations.solution(ridge: -1e-9) }
  }

  private static func training(
    _ path: CouplingPath, walkers: Int = 400, slices: Int = 16, workers: Int = 2
  ) -> ClosedFormTraining {
    var training = ClosedFormTraining(
      path: path, features: SpectralDrift.someFeatures,
      basis: KernelBasis(path.lattice, shape: .scales([0, 1, 3])))
    training.walkers = walkers
    training.slices = slices
    training.polynomials = 5
    training.workers = Workers(workers)
    return training
  }

  /// Without interaction nothing is left for the features to do.
  @Test(arguments: [[6], [4, 3], [2, 3, 3]]) func freeField(extents: [Int]) throws {
    let lattice = Lattice(extents: extents)
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1), to: FreeField(lattice, massSquared: 3).phi4)
    let result = try Self.training(path, walkers: 64, slices: 8).train(
      streams: RandomStreams(seed: 1))
    for slice in result.slices {
      #expect(slice.reference < 1e-18)
      #expect(abs(slice.fitted) < 1e-18)
      #expect(slice.effectiveFraction > 0.999)
    }
  }

  /// Every slice is fitted best by itself, less well by a smooth function of time, and worse by the
  /// reference; and the fit holds for walkers that it has not seen.
  @Test func fitOfInteraction() throws {
    let lattice = Lattice(extents: [4, 4])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: -1, coupling: 0.8))
    var training = Self.training(path, walkers: 1000)
    training.ridge = 1e-8
    let result = try training.train(streams: RandomStreams(seed: 2))
    let slices = result.slices.filter { $0.sweep == 1 }
    #expect(slices.count == 17)
    func sum(_ part: (ClosedFormTraining.Slice) -> Double) -> Double {
      slices.reduce(0) { $0 + part($1) }
    }
    for slice in slices {
      #expect(slice.local < slice.fitted * (1 + 1e-6))
      #expect(slice.fitted < 0.3 * slice.reference, "\(slice)")
    }
    #expect(sum(\.fitted) < 1.5 * sum(\.local))
    #expect(sum(\.fitted) < 0.05 * sum(\.reference))
    #expect(result.driftEvaluations == 2 * 16 * 4 * 1000)
    // Weights moved away from the fit leave more.
    let other = try Self.training(path, walkers: 1000).train(streams: RandomStreams(seed: 3))
    let fresh = other.drift.weights(0.5)
    #expect(fresh.count == result.drift.weights.count)
    var moved = result.drift.weights
    for index in moved.coefficients[0].indices { moved.coefficients[0][index] *= 1.1 }
    let sampler = AnnealedSampler(
      path: path,
      transition: Transported(
        KernelTransition<Phi4>.hmc(steps: 5), by: TransportMap(drift: other.drift)),
      schedule: .uniform(16, stepSize: 0.15), streams: RandomStreams(seed: 4))
    var population = sampler.start(population: 0, count: 1000)
    _ = try sampler.advance(&population, through: 0..<8)
    func variance(_ drift: SpectralDrift) -> Double {
      let positions = population.positions
      var gradients = positions
      var energies = [Double](repeating: 0, count: 1000)
      path.snapshot(at: 0.5).gradients(of: positions, into: &gradients, energies: &energies)
      var velocities = positions
      var residuals = energies
      drift.velocities(of: positions, at: 0.5, into: &velocities, divergences: &residuals)
      path.timeDerivatives(of: positions, at: 0.5, into: &energies)
      for member in residuals.indices {
        residuals[member] -=
          energies[member]
          + zip(velocities[member], gradients[member]).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let mean = residuals.reduce(0, +) / 1000
      return residuals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1000
    }
    let fitted = variance(result.drift)
    #expect(fitted < 2 * slices[8].fitted)
    #expect(fitted < variance(result.drift.with(weights: moved)))
    #expect(fitted < 0.2 * variance(.reference(path)))
  }

  /// A path of many legs has few times on each. The drift is as good between them: walkers who go in many
  /// more steps keep their effective sample size, which ten polynomials to a leg would lower to 0.93.
  @Test func fewTimesOnEachLeg() throws {
    let lattice = Lattice(extents: [4, 4])
    let path = CouplingPath(
      from: .free(FreeField(lattice, massSquared: 1)),
      through: [2.4, 1.6, 0.8].map { Phi4(lattice: lattice, massSquared: -1, coupling: $0) })
    var training = Self.training(path, walkers: 1000, slices: 9)
    training.polynomials = ClosedFormTraining.standardPolynomials
    #expect(training.orders == 4)
    let result = try training.train(streams: RandomStreams(seed: 2))
    let weights = try LogWeights(
      Journey(
        path: path,
        transition: Transported(
          KernelTransition<Phi4>.hmc(steps: 5), by: TransportMap(drift: result.drift)),
        schedule: .uniform(63, stepSize: 0.1), walkers: 1000, seed: 7
      ).travel().logWeights)
    #expect(weights.effectiveFraction.value > 0.95, "\(weights.effectiveFraction)")
  }

  /// A trained drift gives log Z as it is known from tensor renormalisation and transfer matrices, at an
  /// effective sample size far above that without one.
  @Test(arguments: [(4, 3.218328923), (6, 6.984947872)])
  func strongCoupling(extent: Int, logZ: Double) throws {
    let lattice = Lattice(extents: [extent, extent])
    let start = FreeField(lattice, massSquared: 2)
    let path = CouplingPath(
      from: start, to: Phi4(lattice: lattice, massSquared: -4, coupling: 6.975))
    let result = try Self.training(path, slices: 24).train(streams: RandomStreams(seed: 5))
    let refresh = KernelTransition<Phi4>.hmc(scheme: .omelyan, steps: 3)
    let steps = 24
    let schedule = try Pilot(
      path: path, transition: refresh, walkers: 64, streams: RandomStreams(seed: 6)
    ).schedule(
      times: .given(AnnealingSchedule.uniformTimes(steps)), stepSize: 0.1, isTuned: true)
    func weights(_ drift: any DivergenceDrift) throws -> LogWeights {
      try LogWeights(
        Journey(
          path: path, transition: Transported(refresh, by: TransportMap(drift: drift)),
          schedule: schedule, walkers: 2000, seed: 7
        ).travel().logWeights)
    }
    let trained = try weights(result.drift)
    let reference = try weights(SpectralDrift.reference(path))
    let none = try weights(ZeroDrift(dimension: lattice.volume))
    let pull = Pull(
      what: "\(extent)x\(extent), ESS \(trained.effectiveFraction.value), reference "
        + "\(reference.effectiveFraction.value), none \(none.effectiveFraction.value)",
      value: trained.logMean.value, error: trained.logMean.error,
      exact: logZ - start.logNormalizer)
    pull.record()
    #expect(pull.isWithin(4.5), "\(pull)")
    #expect(pull.error < 0.02)
    #expect(trained.effectiveFraction.value > 1.4 * none.effectiveFraction.value)
    #expect(trained.effectiveFraction.value > reference.effectiveFraction.value)
    #expect(trained.effectiveFraction.value > 0.9)
  }

  /// The same bits for any number of threads.
  @Test func threads() throws {
    let lattice = Lattice(extents: [3, 4])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: -1, coupling: 0.8))
    let results = try [1, 2, 3].map {
      try Self.training(path, walkers: 151, slices: 5, workers: $0).train(
        streams: RandomStreams(seed: 8))
    }
    for other in results.dropFirst() {
      #expect(other.drift.weights == results[0].drift.weights)
      #expect(other.slices == results[0].slices)
    }
  }
}
