// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import MonteCarlo
import RandomStreams
import Targets

/// The search for a path of constant susceptibility from a free field to a theory.
///
/// Along a straight line in the couplings the magnetisation changes most, and weights vary most for it.
/// Where χ = V⟨M²⟩ stays what it is at the end, the long waves have their final size from the beginning.
/// It is constant along
///
///     dc2/dc4 = −Cov(M², Σφ⁴) / Cov(M², Σφ²),
///
/// which chains of hybrid Monte Carlo measure on their way from the theory to c4 = 0. c4 grows as t²:
/// the free field with a light zero mode feels a small c4 most. A path has only to be smooth: errors of
/// the slope cost a little variance, and bias nothing.
public struct SusceptibilityPath: Sendable {
  public let theory: Phi4
  public var chains = 128
  /// Values of c4 at which the slope is measured.
  public var points = 12
  /// Trajectories of unit length before the first measurement, and before each.
  public var thermalisation = 200
  public var updates = 20
  public var workers = Workers(1)

  public init(to theory: Phi4) {
    precondition(theory.coefficients.quartic > 0, "a free field needs no path")
    self.theory = theory
  }

  /// The path, a smooth leg; nil where no free field was found at its start, of positive mass.
  public func find(streams: RandomStreams) -> CouplingPath? {
    let end = theory.coefficients
    let (slopes, places) = measure(streams.derived("susceptibility path"))
    // A polynomial in s = c4/c4(end), which smooths, and its integral.
    let degree = min(5, points / 2)
    let polynomial = Self.fit(places, slopes, degree: degree)
    func quadratic(_ s: Double) -> Double {
      var value = end.quadratic
      for (n, a) in polynomial.enumerated() {
        value -= end.quartic * a * (1 - pow(s, Double(n + 1))) / Double(n + 1)
      }
      return value
    }
    let mass = quadratic(0) - end.hopping * Double(theory.lattice.dimensions)
    guard mass > 0 else { return nil }
    let start = Phi4Couplings.Coefficients(
      hopping: end.hopping, quadratic: quadratic(0), quartic: 0)
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

  /// dc2/dc4 at s = 1 … 1/points, and these s.
  private func measure(_ streams: RandomStreams) -> (slopes: [Double], places: [Double]) {
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
    for point in 0..<points {
      let s = Double(points - point) / Double(points)
      let density = Phi4(
        lattice: theory.lattice,
        couplings: .common(
          Phi4Couplings.Coefficients(
            hopping: end.hopping, quadratic: quadratic, quartic: s * end.quartic)))
      var samples: [(m2: Double, phi2: Double, phi4: Double)] = []
      let count = point == 0 ? thermalisation + updates : updates
      for number in 0..<count {
        let kernel = HMC(
          target: density, steps: max(1, Int((1 / stepSize).rounded())), length: 1, jitter: 0.1)
        let info = kernel.update(
          &fields, in: UpdateContext(streams: streams, number: update, workers: workers))
        update += 1
        let acceptance = info.acceptance.reduce(0, +) / Double(chains)
        stepSize = min(1, max(1e-3, stepSize * exp(0.3 * (acceptance - 0.85))))
        if number >= count - updates / 2, number % 2 == 0 { sample(fields, &samples) }
      }
      let slope = Self.slope(samples)
      // Adams and Bashforth's step of order 2.
      quadratic -= (1.5 * slope - 0.5 * (slopes.last ?? slope)) * end.quartic / Double(points)
      slopes.append(slope)
      places.append(s)
    }
    return (slopes, places)
  }

  private func sample(
    _ fields: Configurations, _ samples: inout [(m2: Double, phi2: Double, phi4: Double)]
  ) {
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

  private static func slope(_ samples: [(m2: Double, phi2: Double, phi4: Double)]) -> Double {
    let count = Double(samples.count)
    let mean = samples.reduce(0) { $0 + $1.m2 } / count
    let quartic = samples.reduce(0) { $0 + ($1.m2 - mean) * $1.phi4 }
    let square = samples.reduce(0) { $0 + ($1.m2 - mean) * $1.phi2 }
    return -quartic / square
  }

  /// The polynomial Σ a_n x^n of least squares.
  private static func fit(_ x: [Double], _ y: [Double], degree: Int) -> [Double] {
    let size = degree + 1
    var matrix = (0..<size).map { i in
      (0..<size).map { j in x.reduce(0) { $0 + pow($1, Double(i + j)) } }
        + [zip(x, y).reduce(0) { $0 + pow($1.0, Double(i)) * $1.1 }]
    }
    for column in 0..<size {
      let pivot = (column..<size).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) }
      matrix.swapAt(column, pivot ?? column)
      for row in 0..<size where row != column {
        let factor = matrix[row][column] / matrix[column][column]
        for k in column...size { matrix[row][k] -= factor * matrix[column][k] }
      }
    }
    return (0..<size).map { matrix[$0][size] / matrix[$0][$0] }
  }
}
