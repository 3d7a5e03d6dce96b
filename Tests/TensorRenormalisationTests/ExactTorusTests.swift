// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation
import Lattices
import TensorRenormalisation
import Testing

/// Against results that are exact to rounding, or to the digits quoted.
@Suite struct ExactTorusTests {
  struct Small: Sendable {
    let couplings: Phi4Couplings.Parametrisation
    let extent: Int
    let logZ: Double
    /// Half of the last digit quoted.
    let rounding: Double
  }

  /// From transfer matrices on grids of field values.
  static let smallTori: [Small] = [
    Small(
      couplings: .unhalved(massSquared: -4, coupling: 6.975), extent: 2, logZ: 1.1731847108,
      rounding: 5e-11),
    Small(
      couplings: .unhalved(massSquared: -4, coupling: 6.975), extent: 3, logZ: 1.9698242751,
      rounding: 5e-11),
    Small(
      couplings: .unhalved(massSquared: -4, coupling: 6.975), extent: 4, logZ: 3.218328923,
      rounding: 5e-10),
    Small(
      couplings: .unhalved(massSquared: 1, coupling: 1), extent: 2, logZ: -0.6802300257,
      rounding: 5e-11),
    Small(
      couplings: .unhalved(massSquared: 1, coupling: 1), extent: 3, logZ: -1.9121871526,
      rounding: 5e-11),
    Small(
      couplings: .hopping(kappa: 0.25, coupling: 0.5), extent: 2, logZ: 3.6870227007,
      rounding: 5e-11),
    Small(
      couplings: .hopping(kappa: 0.25, coupling: 0.5), extent: 3, logZ: 7.7148532923,
      rounding: 5e-11),
    Small(
      couplings: .hopping(kappa: 0.25, coupling: 0.5), extent: 4, logZ: 13.495493851,
      rounding: 5e-10),
  ]

  @Test(arguments: smallTori) func exactToTheDigits(_ torus: Small) throws {
    let result = try TensorRenormalisation(
      couplings: torus.couplings, extents: [torus.extent, torus.extent]
    ).logZ(bondDimension: 28)
    #expect(result.truncationError < 1e-9)
    #expect(
      abs(result.logNormalizer - torus.logZ) < torus.rounding + result.truncationError,
      "\(result.logNormalizer)")
  }

  /// Extents, m², and a bound on the estimate of the error with bond dimension 16.
  static let freeTori: [([Int], Double, Double)] = [
    ([2, 2], 1, 1e-9), ([2, 3], 1, 1e-9), ([31, 2], 4, 1e-10), ([3, 3], 1, 1e-5),
    ([4, 4], 1, 1e-5), ([5, 7], 1, 1e-5), ([7, 5], 4, 1e-7), ([3, 16], 1, 1e-5),
    ([13, 9], 4, 1e-7), ([8, 8], 1, 1e-4), ([11, 6], 2, 1e-5), ([32, 32], 4, 1e-6),
    ([32, 32], 1, 1e-3), ([64, 10], 2, 1e-4),
  ]

  @Test(arguments: freeTori) func freeFields(
    _ extents: [Int], _ massSquared: Double, _ largestError: Double
  ) throws {
    let exact = FreeField(Lattice(extents: extents), massSquared: massSquared).logNormalizer
    let result = try TensorRenormalisation(
      couplings: .unhalved(massSquared: massSquared, coupling: 0), extents: extents
    ).logZ(bondDimension: 16)
    #expect(result.truncationError < largestError)
    let deviation = abs(result.logNormalizer - exact)
    #expect(deviation <= result.truncationError, "\(deviation) against \(result)")
  }

  /// A free field near to massless needs many states for each bond; the estimate must say so.
  @Test func lightFreeField() throws {
    let lattice = Lattice(extents: [16, 16])
    let exact = FreeField(lattice, massSquared: 0.25).logNormalizer
    let result = try TensorRenormalisation(
      couplings: .unhalved(massSquared: 0.25, coupling: 0), extents: lattice.extents
    ).logZ(bondDimension: 20)
    #expect(result.truncationError < 3e-3)
    #expect(abs(result.logNormalizer - exact) <= result.truncationError)
  }

  /// Couplings and cutoffs of the field for which the transfer matrix of two rows, on a grid of field values,
  /// gives log Z to rounding.
  static let ladders: [(Phi4Couplings.Coefficients, Double)] = [
    (.init(hopping: 2, quadratic: 0, quartic: 6.975), 1.9),
    (.init(hopping: 0.4, quadratic: 0.956, quartic: 0.022), 6.5),
    (.init(hopping: 0.6, quadratic: 0.956, quartic: 0.022), 7.5),
    (.init(hopping: 0.5, quadratic: -1, quartic: 1), 3.0),
    (.init(hopping: -0.4, quadratic: -0.5, quartic: 0.7), 3.2),
    (.init(hopping: 0, quadratic: -0.5, quartic: 0.7), 3.2),
    (.init(hopping: -0.3, quadratic: 1, quartic: 0), 10),
  ]

  @Test(arguments: ladders) func torusOfTwoRows(
    _ coefficients: Phi4Couplings.Coefficients, _ cutoff: Double
  ) throws {
    for (length, expected) in LadderTransferMatrix(coefficients, cutoff: cutoff).logNormalizers() {
      let result = try TensorRenormalisation(
        coefficients: coefficients, extents: [length, 2]
      ).logZ(bondDimension: 40)
      #expect(result.truncationError < 1e-9)
      #expect(
        abs(result.logNormalizer - expected) < 1e-10 * max(1, abs(expected)),
        "\(length): \(result.logNormalizer), exact \(expected)")
    }
  }

  /// log Z_φ⁴ − V log Z_1 + V log 2 → log Z_Ising with β = 2κ as λ → ∞, with corrections in powers of
  /// 1/λ, the first of which is extrapolated away.
  @Test(arguments: [(8, 0.3, 50.60933050), (8, 0.440686793510, 60.14178079)])
  func isingLimit(_ extent: Int, _ beta: Double, _ exact: Double) throws {
    let volume = Double(extent * extent)
    func difference(_ lambda: Double) throws -> Double {
      let result = try TensorRenormalisation(
        couplings: .hopping(kappa: beta / 2, coupling: lambda), extents: [extent, extent]
      ).logZ(bondDimension: 16)
      // ∫ dφ exp[−(1 − 2λ) φ² − λ φ⁴] by the midpoint rule around the wells at ±1.
      let step = 1e-4
      let site = (0..<30000).reduce(0.0) { sum, index in
        let square = pow((Double(index) + 0.5) * step, 2)
        return sum + 2 * step * exp(-square + lambda * square * (2 - square))
      }
      return result.logNormalizer - volume * log(site) + volume * log(2) - exact
    }
    let (coarse, fine) = (try difference(100), try difference(200))
    #expect(abs(coarse) > 0.01 && abs(coarse / fine - 2) < 0.1, "\(coarse), \(fine)")
    #expect(abs(2 * fine - coarse) < 0.02 * abs(coarse))
  }
}

/// The torus of two rows as a product of matrices on pairs of field values, by the midpoint rule and
/// without any of the code under test.
struct LadderTransferMatrix {
  private let points: Int
  private let column: [Double]
  private let bond: [Double]

  /// C = D (b ⊗ b) D with the bonds b between columns in each row and, in D², the weight of a column,
  /// which holds two bonds between its two sites.
  init(_ c: Phi4Couplings.Coefficients, cutoff: Double, points: Int = 36) {
    self.points = points
    let h = 2 * cutoff / Double(points)
    let x = (0..<points).map { -cutoff + (Double($0) + 0.5) * h }
    func potential(_ x: Double) -> Double { c.quadratic * x * x + c.quartic * x * x * x * x }
    column = x.flatMap { a in
      x.map { b in h * exp(c.hopping * a * b - 0.5 * (potential(a) + potential(b))) }
    }
    bond = x.flatMap { a in x.map { exp(c.hopping * a * $0) } }
  }

  /// log Tr C^n for each length n = 2 and 5.
  func logNormalizers() -> [Int: Double] {
    let size = points * points
    var unity = Array(repeating: 0.0, count: size * size)
    for i in 0..<size { unity[i * size + i] = 1 }
    let first = applied(to: unity)
    let second = applied(to: first)
    let third = applied(to: second)
    // Powers of C are symmetric, so that the trace of a product is a sum of products.
    func logTrace(_ a: [Double], _ b: [Double]) -> Double {
      log(zip(a, b).reduce(0) { $0 + $1.0 * $1.1 })
    }
    return [2: logTrace(first, first), 5: logTrace(second, third)]
  }

  /// Every row of a matrix times C, one row of the torus after the other.
  private func applied(to matrix: [Double]) -> [Double] {
    let size = points * points
    var result = matrix
    var weighted = Array(repeating: 0.0, count: size)
    var half = Array(repeating: 0.0, count: size)
    for row in stride(from: 0, to: matrix.count, by: size) {
      for i in 0..<size { weighted[i] = matrix[row + i] * column[i] }
      multiply(bond, weighted, into: &half)
      // The bond matrix is symmetric.
      multiply(half, bond, into: &weighted)
      for i in 0..<size { result[row + i] = weighted[i] * column[i] }
    }
    return result
  }

  private func multiply(_ a: [Double], _ b: [Double], into c: inout [Double]) {
    for i in 0..<points {
      for j in 0..<points { c[i * points + j] = 0 }
      for k in 0..<points {
        let factor = a[i * points + k]
        for j in 0..<points { c[i &* points &+ j] += factor * b[k &* points &+ j] }
      }
    }
  }
}
