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

/// The laws of works along paths and of paths that stay where they are.
@Suite(.serialized) struct WorkLawsTests {
  private static let lattice = Lattice(extents: [3, 4])
  private static let start = FreeField(lattice, massSquared: 1)
  private static let end = FreeField(lattice, massSquared: 1.6)

  private func works<P: Path<Phi4>>(
    _ path: P, _ transition: any Transition<Phi4>, _ schedule: AnnealingSchedule, count: Int,
    seed: UInt64, from end: Configurations? = nil
  ) throws -> [Double] {
    let sampler = AnnealedSampler(
      path: path, transition: transition, schedule: schedule,
      direction: end == nil ? .forward : .reverse, streams: RandomStreams(seed: seed))
    let workers = Workers(2)
    var population: Population
    if let end {
      population = sampler.start(population: 0, at: end, workers: workers)
    } else {
      population = sampler.start(population: 0, count: count, workers: workers)
    }
    _ = try sampler.advance(&population, through: 0..<schedule.steps, workers: workers)
    #expect(population.works == population.logWeights.map { -$0 })
    return population.works
  }

  /// Crooks: p(W)/p̃(−W) = exp(W − ΔF), so that of equally many works of both ways a W comes from the
  /// way there with probability 1/(1 + exp(−s(W − ΔF))), s = 1. Both score equations of the logistic
  /// regression hold at the exact ΔF and s = 1, the first of which is Bennett's; and the fitted slope
  /// is 1. A schedule that is not its own mirror image.
  @Test(
    arguments: NamedTransition.all(end.phi4, stiffness: end.stiffness, massSquared: 1.3)
      .enumerated()
      .map { (UInt64($0.offset), $0.element) })
  func crooks(number: UInt64, named: NamedTransition) throws {
    let path = CouplingPath(from: Self.start, to: Self.end.phi4)
    let size = named.stepSizes[1]
    let schedule = AnnealingSchedule(
      times: [0, 0.15, 0.6, 1], stepSizes: [size, 0.6 * size, 0.8 * size])
    let count = 20_000
    let there = try works(path, named.transition, schedule, count: count, seed: 100 + number)
    let back = try works(
      path, named.transition, schedule, count: count, seed: 200 + number,
      from: Self.end.samples(count, seed: 300 + number))
    let freeEnergy = Self.start.logNormalizer - Self.end.logNormalizer
    let points = there.map { ($0 - freeEnergy, 1.0) } + back.map { (-$0 - freeEnergy, 0.0) }
    func pull(_ terms: [Double], _ what: String) -> Pull {
      let mean = terms.reduce(0, +) / Double(terms.count)
      let square = terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return Pull(
        what: named.name + " | " + what, value: mean,
        error: square.squareRoot() / Double(terms.count), exact: 0)
    }
    // The errors are those of both halves apart.
    let scores = points.map { $0.1 - 1 / (1 + exp(-$0.0)) }
    for terms in [scores, zip(scores, points).map { $0 * $1.0 }] {
      let halves = [pull(Array(terms[..<count]), ""), pull(Array(terms[count...]), "")]
      let score = Pull(
        what: named.name + " | Crooks score", value: 0.5 * (halves[0].value + halves[1].value),
        error: 0.5
          * (halves[0].error * halves[0].error + halves[1].error * halves[1].error).squareRoot(),
        exact: 0)
      #expect(score.isWithin(4.5), "\(score)")
    }
    let (slope, error) = logisticSlope(points)
    let fit = Pull(what: named.name + " | Crooks slope", value: slope, error: error, exact: 1)
    fit.record()
    #expect(fit.isWithin(4.5), "\(fit)")
    #expect(error < 0.05)
  }

  /// The slope of a logistic regression with an intercept, by Newton's method.
  private func logisticSlope(_ points: [(Double, Double)]) -> (Double, Double) {
    var (a, s) = (0.0, 1.0)
    var variance = 0.0
    for _ in 0..<30 {
      var (g0, g1, h00, h01, h11) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (w, y) in points {
        let p = 1 / (1 + exp(-(a + s * w)))
        g0 += y - p
        g1 += (y - p) * w
        h00 += p * (1 - p)
        h01 += p * (1 - p) * w
        h11 += p * (1 - p) * w * w
      }
      let determinant = h00 * h11 - h01 * h01
      a += (h11 * g0 - h01 * g1) / determinant
      s += (h00 * g1 - h01 * g0) / determinant
      variance = h00 / determinant
    }
    return (s, variance.squareRoot())
  }

  /// Where nothing changes, exactly invariant updates do no work.
  @Test(arguments: [false, true]) func constantPath(isReverse: Bool) throws {
    let theory = Phi4(lattice: Self.lattice, massSquared: 0.5, coupling: 0.7)
    let sites = IndependentSites(lattice: Self.lattice, quadratic: 0.5, quartic: 0.7)
    let path = CouplingPath(from: .independent(sites), through: [sites.phi4])
    for named in NamedTransition.all(theory, stiffness: 22, massSquared: 2)
    where named.transition is KernelTransition<Phi4> {
      let works = try works(
        path, named.transition, .uniform(20, stepSize: named.stepSizes[1]), count: 50, seed: 4,
        from: isReverse ? Self.start.samples(50, seed: 3) : nil)
      #expect(works.allSatisfy { abs($0) < 1e-11 }, "\(named)")
    }
  }

  /// For a quadratic action ULA obeys detailed balance with the density exp(−U + ⅛ε²|∇U|²), so that
  /// where the density stays the works are exactly −⅛ε² (|∇U(x_0)|² − |∇U(x_K)|²), however large ε.
  @Test(arguments: [0.05, 0.3, 1.1]) func shadowWork(epsilon: Double) throws {
    let path = CouplingPath(from: Self.start, to: Self.start.phi4)
    let sampler = AnnealedSampler(
      path: path, transition: OverdampedLangevin<Phi4>(),
      schedule: .uniform(5, stepSize: epsilon), streams: RandomStreams(seed: 5))
    var population = sampler.start(population: 0, count: 40)
    func squares() throws -> [Double] {
      meanSquares(try #require(population.gradients)).map { 12 * $0 }
    }
    let before = try squares()
    _ = try sampler.advance(&population, through: 0..<5)
    for (work, (a, b)) in zip(population.works, zip(before, try squares())) {
      let exact = -0.125 * epsilon * epsilon * (a - b)
      #expect(abs(work - exact) < 1e-11 * max(1, a, b))
    }
  }

  /// In an interacting theory the works of ULA at a constant density and fixed duration ε²K vanish
  /// like ε², and those of underdamped dynamics at fixed εK too: their variance like ε⁴, up to
  /// higher orders.
  @Test func shadowWorkOrder() throws {
    let sites = IndependentSites(lattice: Self.lattice, quadratic: 1, quartic: 0.7)
    let path = CouplingPath(from: .independent(sites), through: [sites.phi4])
    func variance(_ transition: any Transition<Phi4>, _ steps: Int, _ epsilon: Double) throws
      -> Double
    {
      let works = try works(
        path, transition, .uniform(steps, stepSize: epsilon), count: 20_000, seed: UInt64(steps))
      let mean = works.reduce(0, +) / Double(works.count)
      return works.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(works.count)
    }
    let overdamped = OverdampedLangevin<Phi4>()
    let first = try variance(overdamped, 25, 0.1) / variance(overdamped, 100, 0.05)
    #expect(abs(log2(first) - 4) < 0.25, "\(log2(first))")
    for splitting in LangevinSplitting.all {
      let transition = UnderdampedLangevin<Phi4>(splitting: splitting, friction: 1)
      let ratio = try variance(transition, 10, 0.2) / variance(transition, 20, 0.1)
      #expect(abs(log2(ratio) - 4) < 0.4, "\(splitting.name) \(log2(ratio))")
    }
  }

  /// With updates that forget, the variance of the works is that of K independent increments,
  /// Var W = K^-2 Σ_k f(t_k), f = Var ∂_t U = Σ_p (∂_t K)²/(2K²), which is K^-1 ∫ f dt for many steps:
  /// trajectories of a quarter period that is the same for all modes.
  @Test func slowerSchedules() throws {
    let kinetic = KineticEnergy.spectral(
      SpectralMass(accelerating: Self.end.phi4, massSquared: 1.3))
    let transition = KernelTransition<Phi4>.hmc(scheme: .omelyan, steps: 4, kinetic: kinetic)
    let path = CouplingPath(from: Self.start, to: Self.end.phi4)
    let count = 8000
    var points: [(Double, Double)] = []
    for steps in [8, 16, 32, 64] {
      let works = try works(
        path, transition, .uniform(steps, stepSize: 0.125 * Double.pi), count: count,
        seed: UInt64(steps))
      let mean = works.reduce(0, +) / Double(count)
      let variance = works.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
      let mass = Self.end.spectrum[0] - Self.start.spectrum[0]
      let fluctuation = (0..<steps).reduce(0.0) { sum, step in
        Self.start.spectrum.reduce(sum) {
          let stiffness = $1 + mass * Double(step) / Double(steps)
          return $0 + mass * mass / (2 * stiffness * stiffness) / Double(steps)
        }
      }
      points.append((log(Double(steps)), log(variance / fluctuation)))
      // But for what the trajectories remember.
      #expect(abs(Double(steps) * variance / fluctuation - 1) < 0.12)
    }
    let x = points.reduce(0) { $0 + $1.0 } / 4
    let spread = points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
    let slope = points.reduce(0) { $0 + ($1.0 - x) * $1.1 } / spread
    // A variance of nearly normal works has the relative error √(2/N).
    let error = (2 / Double(count) / spread).squareRoot()
    let pull = Pull(what: "Var W ~ K^a | a", value: slope, error: error, exact: -1)
    pull.record()
    #expect(pull.isWithin(4.5), "\(pull)")
    #expect(error < 0.02)
  }
}
