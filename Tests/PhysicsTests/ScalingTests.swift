// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import Statistics
import Sweeps
import TestSupport
import Testing

/// Curves and crossings of 2x2 and 3x3 tori at m² = −4, against exact sums.
@Suite(.serialized) struct ScalingTests {
  static let couplings = [4.0, 5.2, 6.6]

  static func exact(_ length: Int, _ coupling: Double) -> Double {
    let moments = ExactPhi4.torusMoments(
      length: length, hopping: 2, quadratic: 0, quartic: coupling)
    return 1 - moments.fourth / (3 * moments.second * moments.second)
  }

  static func runs(seed: UInt64, trajectories: Int = 2000) throws -> [(
    reader: any EnsembleReader, label: String
  )] {
    try [2, 3].flatMap { length in
      try couplings.map { coupling in
        let action = Phi4(
          lattice: Lattice(extents: [length, length]), massSquared: -4, coupling: coupling)
        let name = "\(length) \(coupling)"
        return (
          try StoredRuns.chains(
            action, chains: 8, trajectories: trajectories,
            seed: seed &* 1000 &+ UInt64(100 * length) &+ UInt64(10 * coupling), name: name), name
        )
      }
    }
  }

  @Test func exactSums() {
    for (length, ratio) in [(2, 1.8133064), (3, 1.9506722)] {
      let moments = ExactPhi4.torusMoments(
        length: length, hopping: 2, quadratic: 0, quartic: 6.975)
      #expect(abs(moments.fourth / (moments.second * moments.second) / ratio - 1) < 2e-5)
    }
  }

  /// U4 at couplings that were not simulated, its slope, and the crossing, over several seeds.
  @Test func exactCurvesAndCrossing() throws {
    let places = [4.0, 4.6, 5.9, 6.6]
    // The crossing by secants, where 2x2 has come from below.
    func difference(_ coupling: Double) -> Double {
      Self.exact(2, coupling) - Self.exact(3, coupling)
    }
    var (a, b) = (5.24, 5.26)
    var (fa, fb) = (difference(a), difference(b))
    for _ in 0..<2 {
      (a, b, fa) = (b, b - fb * (b - a) / (fb - fa), fb)
      fb = difference(b)
    }
    let (crossing, height) = (b, Self.exact(2, b))
    let exact = Dictionary(
      uniqueKeysWithValues: [2, 3].map { length in
        (length, places.map { Self.exact(length, $0) })
      })
    var pulls: [String: [Double]] = [:]
    for seed in 1...6 {
      let scan = try CouplingScan(try Self.runs(seed: UInt64(seed)), workers: Workers(2))
      #expect(scan.parameter == "lambda" && scan.held == "m2=-4" && scan.notes.isEmpty)
      let curves = try scan.curves(["U4", "SD"], places: .at(places), workers: Workers(2))
      for curve in curves {
        #expect(curve.points.map(\.coupling) == places && curve.points.allSatisfy(\.isTrustworthy))
        #expect(curve.measured.map(\.coupling) == Self.couplings)
        for (index, point) in curve.points.enumerated() {
          let value =
            curve.quantity == "SD"
            ? 1 : try #require(exact[curve.lattice.longestExtent])[index]
          pulls["\(curve.quantity) \(curve.lattice.sizeText)", default: []]
            .append((point.value - value) / point.error)
        }
      }
      // At a coupling that was simulated the pool knows more than the run alone.
      let own = try #require(curves.first).measured[0]
      let pooled = try #require(curves.first).points[0]
      #expect(pooled.error < own.error)
      let result = try FiniteSizeScaling(scan, workers: Workers(2))
      let pair = try #require(result.crossings.first)
      #expect(result.crossings.count == 1 && pair.isTrustworthy)
      pulls["place", default: []].append((pair.coupling.value - crossing) / pair.coupling.error)
      pulls["height", default: []].append((pair.value.value - height) / pair.value.error)
      let critical = try #require(result.critical)
      #expect(critical.coupling == pair.coupling.uncertain && critical.drift == nil)
      #expect(critical.method.contains("NOT in the error"))
    }
    for (name, pulls) in pulls {
      let n = Double(pulls.count)
      let square = pulls.reduce(0) { $0 + $1 * $1 } / n
      // Neighbouring points of one curve share their noise: as many pulls are worth a quarter.
      let independent = n > 6 ? n / 4 : n
      #expect(square < 1 + 4.5 * (2 / independent).squareRoot(), "\(name): \(square), \(pulls)")
      #expect(abs(pulls.reduce(0, +) / n) < 4.5 / independent.squareRoot(), "\(name): \(pulls)")
    }
  }

  /// Curves f* + a t L^(1/ν) + c L^-ω meet where the extrapolation says, at the height it says.
  @Test func shiftsOfCrossings() throws {
    let exponents = ScalingExponents(nu: 0.63, omega: 0.83, source: "test")
    let (limit, a, c, place) = (0.61, -0.4, 0.3, 4.2)
    for (first, second) in [(8.0, 16.0), (12, 16), (16, 40)] {
      func curve(_ coupling: Double, _ extent: Double) -> Double {
        limit + a * (coupling - place) * pow(extent, 1 / exponents.nu)
          + c * pow(extent, -exponents.omega)
      }
      let crossing = place + c / a * exponents.shift(first, second)
      let height = limit + c * exponents.valueShift(first, second)
      #expect(abs(curve(crossing, first) - height) < 1e-13)
      #expect(abs(curve(crossing, second) - height) < 1e-13)
    }
    // At a fixed ratio of sizes it is the power −(ω + 1/ν).
    let ratio = exponents.shift(20, 40) / exponents.shift(10, 20)
    #expect(abs(ratio - pow(2, -0.83 - 1 / 0.63)) < 1e-13)
    #expect(ScalingExponents.ising(dimensions: 4) == nil)
  }

  /// Outside of what was simulated, and where nothing varies or too much, there is an error that says
  /// what to do.
  @Test func whatCannotBeDone() throws {
    let runs = try Self.runs(seed: 77, trajectories: 60)
    let scan = try CouplingScan(runs)
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
      } catch {
        return "\(error)"
      }
      return "no error"
    }
    #expect(
      message { _ = try scan.curves(["U4"], places: .at([6.75])) }
        .contains("lambda=6.75: is outside of what was simulated (2x2: 4 to 6.6"))
    #expect(
      message { _ = try scan.curves(["U5"], places: .evenly(3)) }.contains("no quantity 'U5'"))
    #expect(message { _ = try CouplingScan([runs[0], runs[3]]) }.contains("nothing can be"))
    #expect(message { _ = try CouplingScan([runs[0], runs[0]]) }.contains("nothing can be"))
    #expect(
      message { _ = try CouplingScan([runs[0], runs[0], runs[1]]) }.contains("same random numbers"))
    #expect(
      message { _ = try FiniteSizeScaling(CouplingScan(Array(runs[..<3]))) }
        .contains("two lattices or more; here are 2x2"))
    let other = try StoredRuns.chains(
      Phi4(lattice: Lattice(extents: [2, 2]), massSquared: -3, coupling: 5), chains: 4,
      trajectories: 60, seed: 5)
    let mixed = runs + [(other, "m2=-3")]
    #expect(message { _ = try CouplingScan(mixed) }.contains("as in --at m2=-4"))
    #expect(try CouplingScan(mixed, held: ["m2": -4]).lattices.count == 2)
    #expect(
      message { _ = try CouplingScan(mixed, held: ["m2": -7]) }.contains("no run is at m2=-7"))
    #expect(message { _ = try CouplingScan(mixed, held: ["kappa": 1]) }.contains("is no coupling"))
    let oblong = try Self.couplings.map { coupling in
      (
        reader: try StoredRuns.chains(
          Phi4(lattice: Lattice(extents: [2, 4]), massSquared: -4, coupling: coupling), chains: 2,
          trajectories: 60, seed: UInt64(100 * coupling)) as any EnsembleReader, label: "2x4"
      )
    }
    #expect(
      message { _ = try FiniteSizeScaling(CouplingScan(runs + oblong)) }.contains("differ in shape")
    )
  }
}
