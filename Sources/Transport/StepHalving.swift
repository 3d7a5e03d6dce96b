// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import RandomStreams
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
/// ℓ comes from going there in one step and back in four: R = T̄∘T, with T̄ the same rule from t' to t in
/// steps halved twice, is the identity up to the order of the rule, ε = R − 1 = O(h^(p+1)), so that
/// log|det DR| = ∇·ε + O(h^(2p+2)) needs only a probe, and its integrated divergence Λ = L + L̄ has the
/// errors of both. One step has ℓ = c h^(p+1) + d h^(p+2); the way back has 4 c (−h/4)^(p+1) and
/// 4 d (h/4)^(p+2), p being even. So
///
///     Λ − ∇·ε = (1 − 4^(−p)) ℓ,    ∇·ε = E[v·(ε(x + a v) − ε(x))/a],   E[v v^T] = 1,
///
/// up to 8 % of d for order 2 and 0.5 % for order 4: it holds where the leading order is not the whole,
/// with one probe v for each walker and step, whose error averages out over them. To compare
/// U' − L of one step with that of two halves from the same point is not enough: the two end at different
/// points, which gives each its own correct weight and cancels on average only where everything that
/// follows, observables included, has forgotten the difference.
///
/// A refresh must leave its density invariant, or have exact weights of its own. Cost: ten steps for each
/// step of the walkers, on a population of a few hundred.
public struct StepHalving<P: Path>: Sendable {
  private let sampler: AnnealedSampler<P>
  private let map: TransportMap
  private let workers: Workers
  private let probe: DivergenceProbe
  public let walkers: Int

  /// a, against fields of order 1.
  private static var probeLength: Double { 1e-4 }

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
    probe = DivergenceProbe(lattice: (path.snapshot(at: 0) as? any Action)?.lattice)
    self.walkers = walkers
    self.workers = workers
  }

  /// What the whole schedule biases. Throws if all weights become zero.
  public func measure() throws -> StepBias { try measure(after: [sampler.steps])[0] }

  /// Sends the population along the schedule; what each of these numbers of steps, in increasing order,
  /// biases in the density that is reached by then. Throws if all weights become zero.
  public func measure(after stops: [Int]) throws -> [StepBias] {
    var biases: [StepBias] = []
    var population = sampler.start(population: 0, count: walkers, workers: workers)
    var sums = [Double](repeating: 0, count: walkers)
    for step in 0..<sampler.steps {
      let excess = excess(population, step)
      for walker in sums.indices { sums[walker] += excess[walker] }
      let record = try sampler.advance(&population, through: step..<step + 1, workers: workers)
      for event in record.resamplings { sums = event.parents.map { sums[$0] } }
      if stops.contains(step + 1) { biases.append(try StepBias(population, sums: sums)) }
    }
    return biases
  }

  /// ℓ of every walker in one step.
  private func excess(_ population: Population, _ step: Int) -> [Double] {
    let times = (sampler.time(after: step), sampler.time(after: step + 1))
    let positions = population.positions
    let dimension = positions.dimension
    let factor = 1 / (1 - pow(0.25, Double(map.integrator.order)))
    let streams = sampler.streams.derived("probe")
    var result = [Double](repeating: 0, count: walkers)
    result.withUnsafeMutableBufferPointer { result in
      let shared = SharedRows(result.baseAddress!)
      workers.forEach(walkers, grain: 2) { range in
        let values = positions.values[range.lowerBound * dimension..<range.upperBound * dimension]
        let points = Configurations(
          count: range.count, dimension: dimension, values: Array(values))
        var probes = points
        probe.fill(&probes, streams: streams, firstWalker: range.lowerBound, step: step)
        let here = thereAndBack(points, times)
        var moved = points
        moved.move(Self.probeLength, along: probes)
        let there = thereAndBack(moved, times)
        for member in 0..<range.count {
          var divergence = 0.0
          for x in member * dimension..<(member + 1) * dimension {
            divergence += probes.values[x] * (there.gap.values[x] - here.gap.values[x])
          }
          shared.pointer[range.lowerBound + member] =
            factor * (here.logs[member] - divergence / Self.probeLength)
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
    let quarters = TransportMap(
      drift: map.drift, integrator: map.integrator, substeps: 4 * map.substeps)
    let back = quarters.move(&gap, from: times.1, to: times.0)
    gap.move(-1, along: points)
    return (gap, zip(there, back).map { $0 + $1 })
  }
}
