// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Statistics
import Transport

/// A number with its error beside what it must be.
struct Pull: CustomStringConvertible {
  var what: String
  var value: Double
  var error: Double
  var exact: Double

  func isWithin(_ bound: Double) -> Bool { error > 0 && abs(value - exact) < bound * error }

  var description: String {
    what
      + String(
        format: " | %.6f(%.6f) | %.6f | %+.2f", value, error, exact, (value - exact) / error)
  }

  /// Prints the row if the environment has TRANSPORT_TABLE.
  func record() {
    if ProcessInfo.processInfo.environment["TRANSPORT_TABLE"] != nil { print("| \(self) |") }
  }
}

/// A journey of walkers along a path of φ⁴ theories.
struct Journey {
  var path: CouplingPath
  var transition: any Transition<Phi4>
  var schedule: AnnealingSchedule
  var walkers = 20_000
  var seed: UInt64 = 1
  /// Positions that a way back starts from; forward if there are none.
  var end: Configurations?
  var workers = Workers(2)

  func travel() throws -> Population {
    let sampler = AnnealedSampler(
      path: path, transition: transition, schedule: schedule,
      direction: end == nil ? .forward : .reverse, streams: RandomStreams(seed: seed))
    var population =
      end.map { sampler.start(population: 0, at: $0, workers: workers) }
      ?? sampler.start(population: 0, count: walkers, workers: workers)
    _ = try sampler.advance(&population, through: 0..<schedule.steps, workers: workers)
    return population
  }

  /// E[w] Z_left/Z_reached and the weighted average of φ², against exact values.
  func pulls(_ what: String, logRatio: Double, phi2: Double) throws -> [Pull] {
    let population = try travel()
    let weights = try LogWeights(population.logWeights)
    let positions = population.positions
    let squares = (0..<positions.count).map { member in
      positions[member].reduce(0) { $0 + $1 * $1 } / Double(positions.dimension)
    }
    let average = try WeightedSample(weights: weights, primaries: [squares]).estimate(primary: 0)
    let ratio = exp(weights.logMean.value - logRatio)
    return [
      Pull(what: what + " | E[w]", value: ratio, error: weights.logMean.error * ratio, exact: 1),
      Pull(what: what + " | phi2", value: average.value, error: average.error, exact: phi2),
    ]
  }
}

/// Standard normal numbers.
func normals(_ count: Int, seed: UInt64) -> [Double] {
  var values = [Double](repeating: 0, count: count)
  RandomStreams(seed: seed).fillNormals(
    &values, count: count, purpose: .initialField, walker: 0, step: 0)
  return values
}

/// Configurations of independent normal numbers.
func randomFields(_ count: Int, on lattice: Lattice, scale: Double = 1, seed: UInt64 = 1)
  -> Configurations
{
  Configurations(
    count: count, dimension: lattice.volume,
    values: normals(count * lattice.volume, seed: seed).map { scale * $0 })
}

extension SpectralDrift {
  /// Some features of several kinds.
  static let someFeatures: [SpectralFeature] = [
    .field, .sine(frequency: 2, smoothing: 0.5), .gate(frequency: 2, smoothing: 1, carrier: 0),
    .gate(frequency: 1, smoothing: 0.5, carrier: 3), .mean(frequency: 2), .mean(frequency: 4),
    .mean(frequency: 6), .gatedField(frequency: 2),
  ]

  /// A drift whose weights are random, different for each time: no training could have made it.
  static func random(
    _ path: CouplingPath, features: [SpectralFeature] = someFeatures,
    basis: KernelBasis? = nil, amplitude: Double, seed: UInt64 = 1
  ) -> SpectralDrift {
    let basis = basis ?? KernelBasis(path.lattice, shape: .scales([0, 0.5, 1, 2, 4, 8]))
    let count = weightCount(features, basis)
    let legs = path.corners.count - 1
    let numbers = normals(3 * count * legs, seed: seed).map { amplitude * $0 }
    let coefficients = (0..<legs).map { Array(numbers[3 * count * $0..<3 * count * ($0 + 1)]) }
    return SpectralDrift(
      path: path, features: features, basis: basis,
      weights: ChebyshevCurve(knots: path.corners, count: count, coefficients: coefficients))
  }
}

extension FreeField {
  /// ⟨φ²⟩ = V^-1 Σ_p 1/(2K(p)).
  var phi2: Double { spectrum.reduce(0) { $0 + 0.5 / $1 } / Double(lattice.volume) }

  /// The largest curvature of the action.
  var stiffness: Double { 2 * spectrum.max()! }

  /// Exact samples.
  func samples(_ count: Int, seed: UInt64) -> Configurations {
    var batch = Configurations(count: count, dimension: dimension)
    sample(
      into: &batch, using: RandomStreams(seed: seed), purpose: .initialField, firstWalker: 0,
      step: 0)
    return batch
  }
}

/// A slope of log y over log x of least squares.
func logarithmicSlope(_ points: [(x: Double, y: Double)]) -> Double {
  let logs = points.map { (log($0.x), log(abs($0.y))) }
  let n = Double(points.count)
  let (x, y) = (logs.reduce(0) { $0 + $1.0 } / n, logs.reduce(0) { $0 + $1.1 } / n)
  return logs.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) }
    / logs.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
}
