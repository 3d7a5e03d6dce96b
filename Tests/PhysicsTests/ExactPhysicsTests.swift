// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import Sweeps
import TestSupport
import Testing

@Suite(.serialized) struct ExactPhysicsTests {
  /// Every exactly known point with every kernel. The bound of 4.5 standard errors is passed by
  /// about 1 in 150 new seeds (some 1000 pulls).
  @Test(
    arguments: ReferencePoint.freeFields + ReferencePoint.singleSites + ReferencePoint.smallTori)
  func everyKernel(point: ReferencePoint) throws {
    for (name, kernel) in Validation.kernels(point.action) {
      let pulls = try point.pulls(
        kernel: kernel, stream: name, chains: 8, trajectories: 8000, thermalisation: 500, seed: 7,
        workers: Workers(2))
      #expect(pulls.count == point.values.count + 1)
      for pull in pulls {
        #expect(
          pull.isWithin(4.5),
          "\(name) \(pull.what): \(pull.value) +- \(pull.error), exact \(pull.reference)")
      }
    }
  }

  /// The tabulated values of the reference points themselves, against a transfer matrix written
  /// without any of this code.
  @Test func transferMatrix() throws {
    for (length, name) in [(4, "1D 4"), (8, "1D 8")] {
      let exact = ExactPhi4.chain(
        length: length, hopping: 2, quadratic: -2, quartic: 6.975, cutoff: 2.4)
      let point = try #require(ReferencePoint.smallTori.first { $0.name == name })
      #expect(abs(exact.phi2 - point.values["phi2"]!.value) < 1e-8)
      #expect(abs(exact.phi4 - point.values["phi4"]!.value) < 1e-8)
      #expect(abs(exact.neighbours - point.values["energy"]!.value) < 1e-8)
      #expect(abs(exact.susceptibility - point.values["chi2"]!.value) < 1e-8)
    }
  }

  /// The free-field rows against numbers computed elsewhere.
  @Test func freeFieldTable() {
    let rows: [([Int], Double, Double, Double)] = [
      ([8], 1, 0.447619047619, 0.171428571429), ([4, 4], 1, 0.263492063492, 0.079365079365),
      ([8, 8, 8], 0.5, 0.194145634900, 0.043657771142),
      ([4, 4, 4, 4], 1, 0.128442799031, 0.019498148910),
    ]
    for (extents, massSquared, phi2, neighbours) in rows {
      let point = ReferencePoint.freeField(extents, massSquared: massSquared)
      #expect(abs(point.values["phi2"]!.value - phi2) < 1e-11)
      #expect(abs(point.values["energy"]!.value - neighbours) < 1e-11)
    }
    // The two-point function of the un-halved action is half of it.
    let point = ReferencePoint.freeField([8, 8], massSquared: 1)
    let exact = [0.223809523810, 0.085714285714, 0.033333333333, 0.014285714286, 0.009523809524]
    for (t, value) in exact.enumerated() {
      #expect(abs(point.values["G(\(t))"]!.value / 2 - value) < 1e-11)
    }
  }

  /// ⟨ΔH⟩ of leapfrog in closed form against the tabulated numbers, and sampled; ⟨exp(−ΔH)⟩ = 1.
  @Test func leapfrogViolation() {
    let table = [0.00215498, 0.03441894, 0.36856660, 0.24248676]
    for (violation, change) in zip(LeapfrogViolation.cases, table) {
      #expect(abs(violation.exactChange - change) < 1e-8)
      for pull in violation.pulls(count: 200_000, seed: 3, workers: Workers(2)) {
        #expect(pull.isWithin(4), "\(pull.what): pull \(pull.pull)")
      }
    }
  }

  /// Reversibility and conserved volume make p(−ΔH) = exp(−ΔH) p(ΔH), so that the acceptance is
  /// exactly ⟨min(1, exp(−ΔH))⟩ = 2 P(ΔH < 0), whatever the distribution; with 64 modes and more it
  /// is erfc(½ √⟨ΔH⟩) to 1 %.
  @Test func acceptance() {
    for violation in LeapfrogViolation.cases {
      let changes = violation.changes(count: 200_000, seed: 4, workers: Workers(2))
      let count = Double(changes.count)
      let differences = changes.map { min(1, exp(-$0)) - ($0 < 0 ? 2 : 0) }
      let mean = differences.reduce(0, +) / count
      let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      #expect(abs(mean) < 4 * (variance / count).squareRoot())
      let acceptance = changes.reduce(0) { $0 + min(1, exp(-$1)) } / count
      #expect(abs(acceptance / violation.asymptoticAcceptance - 1) < 0.01)
    }
  }
}
