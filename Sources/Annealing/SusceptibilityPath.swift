// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import MonteCarlo
import RandomStreams
import Targets

/// The search for a path of constant susceptibility from a free field to a theory.
///
/// Along a straight line in the couplings the magnetization changes most, and weights vary most for it.
/// Where χ = V⟨M²⟩ stays what it is at the end, the long waves have their final size from the beginning.
/// It is constant along
///
///     dc2/dc4 = −Cov(M², Σφ⁴) / Cov(M², Σφ²),
///
/// which chains of hybrid Monte Carlo measure on their way from the theory to c4 = 0. Where they shall
/// arrive is known from χ, which they measure first: the free field has χ = 1/(2 (c2 − J D)). The slope
/// is fitted under this condition, without which its errors would add up to several times its mass.
/// c4 grows as t²: the free field with a light zero mode feels a small c4 most. A path has only to be
/// smooth: errors of the slope cost a little variance, and bias nothing.
public struct SusceptibilityPath: Sendable {
  public let theory: Phi4
  public var chains = 256
  /// Values of c4 at which the slope is measured.
  public var points = 16
  /// Trajectories of unit length before the first measurement, which takes ten times the updates of
  /// each of the others.
  public var thermalisation = 200
  public var updates = 30
  public var workers = Workers(1)

  public init(to theory: Phi4) {
    precondition(theory.coefficients.quartic > 0, "a free field needs no path")
    self.theory = theory
  }

  /// The path, a smooth leg; nil where no free field was found at its start, of positive mass.
  public func find(streams: RandomStreams) -> CouplingPath? {
    let end = theory.coefficients
    let (slopes, places, susceptibility) = measure(streams.derived("susceptibility path"))
    // A polynomial in s = c4/c4(end), which smooths, with the integral that leads to the same χ.
    let mass = 0.5 / susceptibility
    guard mass > 0, mass.isFinite else { return nil }
    let first = end.hopping * Double(theory.lattice.dimensions) + mass
    let polynomial = Self.fit(
      places, slopes, degree: min(5, points / 2), integral: (end.quadratic - first) / end.quartic)
    func quadratic(_ s: Double) -> Double {
      var value = first
      for (n, a) in polynomial.enumerated() {
        value += end.quartic * a * pow(s, Double(n + 1)) / Double(n + 1)
      }
      return value
    }
    let start = Phi4Couplings.Coefficients(
      hopping: end.hopping, quadratic: first, quartic: 0)
    let count = 16
    let knots = (1...count).map { number in
      let time = Double(number) / Double(count)
      let s = time * time
      return CouplingPath.Knot(
        time: time,
        coefficients: number == count
          ? end
          : Phi4Couplings.Coefficients(
            hopping: end.hopping, quadratic: quadratic(s), quartic: s * end.quartic))
    }
    return CouplingPath(
      from: .free(FreeField(lattice: theory.lattice, couplings: .common(start))), legs: [knots])
  }

  /// dc2/dc4 at s = 1 … 1/points, these s, and χ at s = 1.
  private func measure(
    _ streams: RandomStreams
  ) -> (slopes: [Double], places: [Double], susceptibility: Double) {
    let end = theory.coefficients
    let volume = theory.lattice.volume
    var fields = Configurations(count: chains, dimension: volume)
    fields.withMutableRows { rows in
      for chain in 0..<chains {
        streams.fillNormals(
          rows + chain * volume, count: volume, purpose: .initialField, walker: chain, step: 0)
        for x in 0..<volume { rows[chain * volume + x] *= 0.3 }
      }
    }
    var quadratic = end.quadratic
    var stepSize = 0.15
    var update = 0
    var slopes: [Double] = []
    var places: [Double] = []
    var susceptibility = 0.0
    for point in 0..<points {
      let s = Double(points - point) / Double(points)
      let density = Phi4(
        lattice: theory.lattice,
        couplings: .common(
          Phi4Couplings.Coefficients(
            hopping: end.hopping, quadratic: quadratic, quartic: s * end.quartic)))
      var samples: [Sample] = []
      let measured = point == 0 ? 10 * updates : updates / 2
      let count = point == 0 ? thermalisation + measured : updates
      for number in 0..<count {
        let kernel = HMC(
          target: density, steps: max(1, Int((1 / stepSize).rounded())), length: 1, jitter: 0.1)
        let info = kernel.update(
          &fields, in: UpdateContext(streams: streams, number: update, workers: workers))
        update += 1
        let acceptance = info.acceptance.reduce(0, +) / Double(chains)
        stepSize = min(1, max(1e-3, stepSize * exp(0.3 * (acceptance - 0.85))))
        if number >= count - measured, number % 2 == 0 { sample(fields, &samples) }
      }
      let (slope, square, covariance) = Self.slope(samples)
      if point == 0 { susceptibility = square / Double(volume) }
      // Adams and Bashforth's step of order 2, and half of Newton's step back to χ.
      quadratic -= (1.5 * slope - 0.5 * (slopes.last ?? slope)) * end.quartic / Double(points)
      quadratic += 0.5 * (square - susceptibility * Double(volume)) / covariance
      slopes.append(slope)
      places.append(s)
    }
    return (slopes, places, susceptibility)
  }

  /// M², Σφ² and Σφ⁴ of a chain.
  private typealias Sample = (m2: Double, phi2: Double, phi4: Double)

  private func sample(_ fields: Configurations, _ samples: inout [Sample]) {
    for chain in 0..<fields.count {
      var (sum, squares, quartics) = (0.0, 0.0, 0.0)
      for value in fields[chain] {
        sum += value
        squares += value * value
        quartics += value * value * value * value
      }
      samples.append((sum * sum, squares, quartics))
    }
  }

  /// dc2/dc4, ⟨M²⟩ and Cov(M², Σφ²).
  private static func slope(
    _ samples: [Sample]
  ) -> (slope: Double, square: Double, covariance: Double) {
    let count = Double(samples.count)
    let mean = samples.reduce(0) { $0 + $1.m2 } / count
    let quartic = samples.reduce(0) { $0 + ($1.m2 - mean) * $1.phi4 }
    let square = samples.reduce(0) { $0 + ($1.m2 - mean) * $1.phi2 }
    return (-quartic / square, mean, square / count)
  }

  /// The polynomial Σ a_n x^n of least squares with the given integral from 0 to 1.
  private static func fit(
    _ x: [Double], _ y: [Double], degree: Int, integral: Double
  ) -> [Double] {
    // Lagrange's multiplier is the last unknown.
    let size = degree + 2
    var matrix = (0..<size).map { i in
      (0..<size).map { j in
        switch (i < size - 1, j < size - 1) {
        case (true, true): x.reduce(0) { $0 + pow($1, Double(i + j)) }
        case (false, false): 0
        default: 1 / Double(min(i, j) + 1)
        }
      }
        + [
          i < size - 1 ? zip(x, y).reduce(0) { $0 + pow($1.0, Double(i)) * $1.1 } : integral
        ]
    }
    for column in 0..<size {
      let pivot = (column..<size).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) }
      matrix.swapAt(column, pivot ?? column)
      for row in 0..<size where row != column {
        let factor = matrix[row][column] / matrix[column][column]
        for k in column...size { matrix[row][k] -= factor * matrix[column][k] }
      }
    }
    return (0...degree).map { matrix[$0][size] / matrix[$0][$0] }
  }
}
