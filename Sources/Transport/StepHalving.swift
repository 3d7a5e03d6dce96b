// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import RandomStreams
import Statistics
import Targets

/// The measurement of the only bias that transported walkers have: that the integrated divergence L of a
/// Runge-Kutta map T is not quite its log|det DT|.
///
/// The map itself need not be the flow of anything. With ρ = e^(−U), ρ' = e^(−U') and any T,
///
///     E_ρ[e^(U − U'(T) + L) f(T)] = Z^-1 ∫ dy e^(−U'(y)) e^ℓ(y) f(y),   ℓ = L − log|det DT|,
///
/// so a step multiplies weights by e^ℓ too much and does nothing else. To first order in the small ℓ, D
/// being the sum of ℓ along a walker's path and ⟨·⟩_w averages with the final weights,
///
///     bias of log Z = ⟨D⟩_w,    bias of ⟨O⟩ = cov_w(O, D).
///
/// ℓ comes from going there in one step and back in two: R = T̄∘T, with T̄ the same rule from t' to t in
/// steps of half the size, is the identity up to the order of the rule, ε = R − 1 = O(h^(p+1)), so that
/// log|det DR| = ∇·ε + O(h^(2p+2)) needs only a probe, and its integrated divergence Λ = L + L̄ has the
/// error of both. One step has ℓ = c h^(p+1); two back have 2 c (−h/2)^(p+1) = −2^(−p) c h^(p+1), p being
/// even. So
///
///     Λ − ∇·ε = (1 − 2^(−p)) ℓ (1 + O(h)),    ∇·ε = E[v·(ε(x + a v) − ε(x))/a],   v_i = ±1,
///
/// with an error of one probe v for each walker and step that is of the order of ℓ itself and averages
/// out. To compare U' − L of one step with that of two halves from the same point is not enough: the two
/// end at different points, which gives each its own correct weight and cancels on average only where
/// everything that follows, observables included, has forgotten the difference.
///
/// A refresh must leave its density invariant, or have exact weights of its own. Cost: six steps for each
/// step of the walkers, on a population of a few hundred.
public struct StepHalving<P: Path>: Sendable {
  private let sampler: AnnealedSampler<P>
  private let map: TransportMap
  private let workers: Workers
  public let walkers: Int

  /// A probe of this length, against fields of order 1.
  private static var probe: Double { 1e-4 }

  /// For walkers that follow this schedule by this transition, resampled as in the run.
  public init<Base: Transition>(
    path: P, transition: Transported<Base>, schedule: AnnealingSchedule,
    resampling: Resampling? = nil, walkers: Int = 256, streams: RandomStreams,
    workers: Workers = Workers(1)
  ) where Base.Density == P.Snapshot {
    precondition(walkers >= 2, "an error needs walkers that differ")
    sampler = AnnealedSampler(
      path: path, transition: transition, schedule: schedule, resampling: resampling,
      streams: streams.derived("step halving"))
    map = transition.map
    self.walkers = walkers
    self.workers = workers
  }

  /// Sends the population along the schedule. Throws if all weights become zero.
  public func measure() throws -> StepBias {
    var population = sampler.start(population: 0, count: walkers, workers: workers)
    var sums = [Double](repeating: 0, count: walkers)
    for step in 0..<sampler.steps {
      let excess = excess(population, step)
      for walker in sums.indices { sums[walker] += excess[walker] }
      let record = try sampler.advance(&population, through: step..<step + 1, workers: workers)
      for event in record.resamplings { sums = event.parents.map { sums[$0] } }
    }
    return try StepBias(population, sums: sums)
  }

  /// ℓ of every walker in one step.
  private func excess(_ population: Population, _ step: Int) -> [Double] {
    let times = (sampler.time(after: step), sampler.time(after: step + 1))
    let positions = population.positions
    let dimension = positions.dimension
    let factor = 1 / (1 - pow(0.5, Double(map.integrator.order)))
    let streams = sampler.streams.derived("probe")
    var result = [Double](repeating: 0, count: walkers)
    result.withUnsafeMutableBufferPointer { result in
      let shared = SharedRows(result.baseAddress!)
      workers.forEach(walkers, grain: 2) { range in
        let values = positions.values[range.lowerBound * dimension..<range.upperBound * dimension]
        let points = Configurations(
          count: range.count, dimension: dimension, values: Array(values))
        var signs = points
        signs.withMutableRows { rows in
          for member in 0..<range.count {
            streams.fillNormals(
              rows + member * dimension, count: dimension, purpose: .noise,
              walker: range.lowerBound + member, step: step)
            for x in 0..<dimension {
              rows[member * dimension + x] = rows[member * dimension + x] < 0 ? -1 : 1
            }
          }
        }
        let here = thereAndBack(points, times)
        var moved = points
        moved.add(Self.probe, times: signs)
        let there = thereAndBack(moved, times)
        for member in 0..<range.count {
          var divergence = 0.0
          for x in member * dimension..<(member + 1) * dimension {
            divergence += signs.values[x] * (there.gap.values[x] - here.gap.values[x])
          }
          shared.pointer[range.lowerBound + member] =
            factor * (here.logs[member] - divergence / Self.probe)
        }
      }
    }
    return result
  }

  /// ε = R(x) − x and Λ.
  private func thereAndBack(
    _ points: Configurations, _ times: (Double, Double)
  ) -> (gap: Configurations, logs: [Double]) {
    var gap = points
    let there = map.move(&gap, from: times.0, to: times.1)
    let halves = TransportMap(
      drift: map.drift, integrator: map.integrator, substeps: 2 * map.substeps)
    let back = halves.move(&gap, from: times.1, to: times.0)
    gap.add(-1, times: points)
    return (gap, zip(there, back).map { $0 + $1 })
  }
}

/// What the step size of a transport does to log Z and to averages at the end of a path, with the
/// standard errors of that.
public struct StepBias: Sendable, Equatable {
  public var logZ: Uncertain
  /// |M|, M² and φ² with M = V^-1 Σ_x φ_x, φ² averaged over the sites, and the energy of the last density.
  public var absoluteMagnetization: Uncertain
  public var squaredMagnetization: Uncertain
  public var fieldSquared: Uncertain
  public var action: Uncertain

  /// The statistical errors of a run's results, for as many of them as there are.
  public struct Errors: Sendable, Equatable {
    public var logZ: Double?
    public var absoluteMagnetization: Double?
    public var squaredMagnetization: Double?
    public var fieldSquared: Double?
    public var action: Double?

    public init(
      logZ: Double? = nil, absoluteMagnetization: Double? = nil,
      squaredMagnetization: Double? = nil, fieldSquared: Double? = nil, action: Double? = nil
    ) {
      self.logZ = logZ
      self.absoluteMagnetization = absoluteMagnetization
      self.squaredMagnetization = squaredMagnetization
      self.fieldSquared = fieldSquared
      self.action = action
    }
  }

  init(_ population: Population, sums: [Double]) throws {
    let positions = population.positions
    let averages = (0..<positions.count).map { member in
      positions[member].reduce(0, +) / Double(positions.dimension)
    }
    let squares = (0..<positions.count).map { member in
      positions[member].reduce(0) { $0 + $1 * $1 } / Double(positions.dimension)
    }
    let families = try Families(population, sums: sums)
    logZ = families.mean
    absoluteMagnetization = families.covariance(averages.map { abs($0) })
    squaredMagnetization = families.covariance(averages.map { $0 * $0 })
    fieldSquared = families.covariance(squares)
    action = families.covariance(population.energies)
  }

  /// Whether every bias, with its own error added, is at most a third of the statistical error beside
  /// it, so that the total error is hardly more than the statistical one.
  public func isExact(against errors: Errors) -> Bool {
    let pairs = [
      (logZ, errors.logZ), (absoluteMagnetization, errors.absoluteMagnetization),
      (squaredMagnetization, errors.squaredMagnetization), (fieldSquared, errors.fieldSquared),
      (action, errors.action),
    ]
    return pairs.allSatisfy { bias, error in
      guard let error else { return true }
      return abs(bias.value) + bias.error <= error / 3
    }
  }
}

/// Weighted averages of walkers, of which those of one ancestor are not independent.
private struct Families {
  private let shares: [Double]
  private let sums: [Double]
  private let average: Double
  private let ancestors: [Int]

  /// Walkers of weight zero count for nothing, whatever their sums are.
  init(_ population: Population, sums: [Double]) throws {
    let weights = try LogWeights(population.logWeights)
    if weights.areAllZero { throw StatisticsError.allWeightsZero(weights: weights.count) }
    let shares = weights.shares
    self.shares = shares
    self.sums = sums.indices.map { shares[$0] > 0 ? sums[$0] : 0 }
    average = zip(shares, self.sums).reduce(0) { $0 + $1.0 * $1.1 }
    ancestors = population.ancestors
  }

  var mean: Uncertain {
    Uncertain(average, error(sums.indices.map { shares[$0] * (sums[$0] - average) }))
  }

  func covariance(_ values: [Double]) -> Uncertain {
    let values = values.indices.map { shares[$0] > 0 ? values[$0] : 0 }
    let center = zip(shares, values).reduce(0) { $0 + $1.0 * $1.1 }
    let products = values.indices.map { (values[$0] - center) * (sums[$0] - average) }
    let result = zip(shares, products).reduce(0) { $0 + $1.0 * $1.1 }
    return Uncertain(result, error(products.indices.map { shares[$0] * (products[$0] - result) }))
  }

  /// Of a sum of influences, those of one family added up first.
  private func error(_ influences: [Double]) -> Double {
    var totals = [Double](repeating: 0, count: influences.count)
    for (ancestor, influence) in zip(ancestors, influences) { totals[ancestor] += influence }
    return totals.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
