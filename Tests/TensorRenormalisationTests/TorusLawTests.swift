// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation
import TensorRenormalisation
import Testing

/// What holds for every torus, and published sizes.
@Suite struct TorusLawTests {
  struct Torus: Sendable {
    let massSquared: Double
    let lambda: Double
    let extent: Int
    let logZ: Double
    let uncertainty: Double
    /// What the estimate of the error must stay below with bond dimension 20.
    let largestError: Double
  }

  /// From another program for tensor renormalisation.
  static let tori: [Torus] = [
    Torus(
      massSquared: -4, lambda: 6.975, extent: 6, logZ: 6.984947872, uncertainty: 1e-9,
      largestError: 3e-6),
    Torus(
      massSquared: -4, lambda: 6.008, extent: 8, logZ: 15.986501, uncertainty: 1e-6,
      largestError: 1e-5),
    Torus(
      massSquared: -4, lambda: 5.550, extent: 10, logZ: 28.19725, uncertainty: 2e-5,
      largestError: 1e-4),
    Torus(
      massSquared: -4, lambda: 5.276, extent: 12, logZ: 43.7460, uncertainty: 1e-4,
      largestError: 2e-4),
    Torus(
      massSquared: -4, lambda: 5.113, extent: 14, logZ: 62.3093, uncertainty: 2e-4,
      largestError: 3e-4),
    Torus(
      massSquared: -4.75, lambda: 5.1, extent: 14, logZ: 101.6611, uncertainty: 4e-4,
      largestError: 3e-4),
    Torus(
      massSquared: -4, lambda: 4.807, extent: 20, logZ: 138.9530, uncertainty: 1e-4,
      largestError: 1e-3),
    Torus(
      massSquared: -4, lambda: 4.572, extent: 32, logZ: 382.3787, uncertainty: 2e-4,
      largestError: 2e-3),
    Torus(
      massSquared: -1, lambda: 0.8, extent: 8, logZ: 7.4917, uncertainty: 1e-4,
      largestError: 6e-4),
    Torus(
      massSquared: -1, lambda: 0.8, extent: 16, logZ: 28.2363, uncertainty: 1e-4,
      largestError: 2e-3),
    Torus(
      massSquared: -1, lambda: 0.9, extent: 20, logZ: 36.4419, uncertainty: 1e-4,
      largestError: 2e-3),
  ]

  @Test(arguments: tori) func agreesWithAnotherProgram(_ torus: Torus) throws {
    let result = try TensorRenormalisation(
      couplings: .unhalved(massSquared: torus.massSquared, coupling: torus.lambda),
      extents: [torus.extent, torus.extent]
    ).logZ(bondDimension: 20)
    #expect(result.truncationError < torus.largestError)
    #expect(
      abs(result.logNormalizer - torus.logZ) <= torus.uncertainty + result.truncationError,
      "\(result.logNormalizer)")
  }

  @Test func directionsAreAlike() throws {
    let couplings = Phi4Couplings.Parametrisation.unhalved(massSquared: -1, coupling: 2)
    let results = try [[6, 5], [5, 6]].map {
      try TensorRenormalisation(couplings: couplings, extents: $0).logZ(bondDimension: 12)
    }
    #expect(results[0] == results[1])
  }

  /// log Z_continuum = log Z_hopping + (V/2) log 2κ = log Z_unhalved + (V/2) log 2.
  @Test func parametrisationsAgree() throws {
    let extents = [6, 7]
    let halfVolume = 21.0
    let unhalved = Phi4Couplings(.unhalved(massSquared: -2, coupling: 3), dimensions: 2)
    let hopping = try #require(unhalved.hopping)
    guard case .hopping(let kappa, _) = hopping.given else {
      Issue.record("not the hopping form")
      return
    }
    let forms = [unhalved, hopping, unhalved.continuum]
    let results = try forms.map {
      try TensorRenormalisation(couplings: $0.given, extents: extents).logZ(bondDimension: 16)
    }
    let continuum = results[2].logNormalizer
    #expect(abs(results[0].logNormalizer + halfVolume * log(2) - continuum) < 1e-9)
    #expect(abs(results[1].logNormalizer + halfVolume * log(2 * kappa) - continuum) < 1e-9)
  }

  /// J → s J, c2 → s c2, c4 → s² c4 only changes the field by s^−½:
  /// log Z(s) = log Z(1) − (V/2) log s, here in the broken phase.
  @Test func scalingOfTheField() throws {
    func logZ(_ s: Double) throws -> Double {
      try TensorRenormalisation(
        coefficients: .init(hopping: 0.6 * s, quadratic: 0.956 * s, quartic: 0.022 * s * s),
        extents: [8, 5]
      ).logZ(bondDimension: 16).logNormalizer
    }
    #expect(abs(try logZ(3) - logZ(1) + 20 * log(3)) < 1e-9)
  }

  /// On even extents J → −J is φ → −φ on every second site; on odd ones it is not.
  @Test func signOfTheHopping() throws {
    func logZ(_ hopping: Double, _ extents: [Int]) throws -> TorusPartition {
      try TensorRenormalisation(
        coefficients: .init(hopping: hopping, quadratic: 1, quartic: 0.5), extents: extents
      ).logZ(bondDimension: 16)
    }
    let even = try (logZ(0.6, [6, 4]), logZ(-0.6, [6, 4]))
    #expect(abs(even.0.logNormalizer - even.1.logNormalizer) < even.0.truncationError + 1e-11)
    let odd = try (logZ(0.6, [3, 3]), logZ(-0.6, [3, 3]))
    #expect(odd.0.logNormalizer > odd.1.logNormalizer + 0.01)
  }

  @Test func repeatsToTheBit() throws {
    let torus = try TensorRenormalisation(
      couplings: .unhalved(massSquared: -4, coupling: 5), extents: [7, 9])
    #expect(try torus.logZ(bondDimension: 14) == torus.logZ(bondDimension: 14))
  }

  @Test func growsToATolerance() throws {
    let torus = try TensorRenormalisation(
      couplings: .unhalved(massSquared: -4, coupling: 6.975), extents: [6, 6])
    let result = try torus.logZ(tolerance: 1e-5, largestBondDimension: 64)
    #expect(result.truncationError <= 1e-5)
    #expect(result.bondDimension < 30)
    #expect(try result == torus.logZ(bondDimension: result.bondDimension))
    let limited = try torus.logZ(tolerance: 1e-12, largestBondDimension: 13)
    #expect(limited.bondDimension == 13 && limited.truncationError > 1e-12)
    #expect(try limited == torus.logZ(bondDimension: 13))
  }

  @Test(arguments: [[8], [4, 4, 4], [1, 8], [8, 0], []]) func wrongExtents(_ extents: [Int]) {
    #expect(throws: TensorRenormalisationError.notTwoDimensional(extents: extents)) {
      try TensorRenormalisation(
        couplings: .unhalved(massSquared: 1, coupling: 1), extents: extents)
    }
  }

  @Test(arguments: [
    (2.0, 1.0, -0.1), (2, 4, 0), (-2, 4, 0), (2, 3.9, 0), (.nan, 1, 1), (1, .infinity, 1),
  ])
  func notNormalisable(_ hopping: Double, _ quadratic: Double, _ quartic: Double) throws {
    let coefficients = Phi4Couplings.Coefficients(
      hopping: hopping, quadratic: quadratic, quartic: quartic)
    let error = #expect(throws: TensorRenormalisationError.self) {
      try TensorRenormalisation(coefficients: coefficients, extents: [4, 4])
    }
    guard case .notNormalisable = try #require(error) else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func wrongBondDimensionAndTolerance() throws {
    let torus = try TensorRenormalisation(
      couplings: .unhalved(massSquared: 1, coupling: 1), extents: [4, 4])
    #expect(throws: TensorRenormalisationError.bondDimensionTooSmall(3)) {
      try torus.logZ(bondDimension: 3)
    }
    #expect(throws: TensorRenormalisationError.bondDimensionTooSmall(2)) {
      try torus.logZ(tolerance: 1e-3, largestBondDimension: 2)
    }
    #expect(throws: TensorRenormalisationError.toleranceNotPositive(0)) {
      try torus.logZ(tolerance: 0, largestBondDimension: 12)
    }
  }
}
