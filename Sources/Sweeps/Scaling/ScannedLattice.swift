// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import Observables
import Statistics

/// The runs of a scan on one lattice, pooled.
public struct ScannedLattice: Sendable {
  struct Run: Sendable {
    let coupling: Double
    let measurements: Measurements
  }

  public let lattice: Lattice
  /// The runs pooled, as functions of the coupling that varies.
  public let interpolation: CouplingInterpolation
  let runs: [Run]
  private let theory: ScanSelection.Theory

  /// L, the longest extent.
  public var extent: Double { Double(lattice.longestExtent) }

  /// The value of the coupling of each run, increasing.
  public var couplings: [Double] { runs.map(\.coupling) }

  /// The second-moment correlation length in units of the longest extent, which like U4 takes a
  /// universal value at a critical point.
  public static let correlationRatio = "xi2/L"

  /// With dS/dg = dJ/dg (−V Σ_μ hop_μ) + dc2/dg V phi2 + dc4/dg V phi4 of each configuration.
  init(_ lattice: Lattice, runs: [Run], theory: ScanSelection.Theory) throws {
    (self.lattice, self.runs, self.theory) = (lattice, runs, theory)
    let rate = theory.derivative
    interpolation = try CouplingInterpolation(
      couplings: runs.map(\.coupling),
      conjugate: runs.map { run in
        Reweighting.Source(
          theory.coefficients(at: run.coupling), run.measurements, lattice
        ).actions(at: rate)
      })
  }

  /// The quantities that the measured variables of all runs allow, by their names.
  public var names: [String] {
    derived(at: couplings[0]).map(\.name)
  }

  /// All quantities at one value of the coupling. The action and the Schwinger-Dyson quantity know the
  /// coupling; their averages are of variables that do not.
  private func derived(at coupling: Double) -> [DerivedQuantity] {
    let c = theory.coefficients(at: coupling)
    let quantities = ScalarQuantities(
      lattice: lattice, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic)
    var all = quantities.all(for: runs[0].measurements).filter { quantity in
      quantity.primaries.allSatisfy { primary in
        runs.allSatisfy { $0.measurements.contains(primary.variable) }
      }
    }
    if let length = all.first(where: { $0.name == "xi2" }) {
      let extent = extent
      all.append(
        DerivedQuantity(
          name: Self.correlationRatio, longName: "correlation length over extent",
          definition: #"\xi_2 / L"#, primaries: length.primaries
        ) { length.value($0) / extent })
    }
    if let place = all.firstIndex(where: { $0.name == "action" }) {
      let d = Double(lattice.dimensions)
      let directions = Array(0..<lattice.dimensions)
      all[place] = DerivedQuantity(
        name: "action", longName: all[place].longName, definition: all[place].definition,
        primaries: [Primary("hop", directions), Primary("phi2"), Primary("phi4")]
      ) { -c.hopping * d * $0[0] + c.quadratic * $0[1] + c.quartic * $0[2] }
    }
    return all
  }

  private func derived(_ name: String, at coupling: Double) throws -> DerivedQuantity {
    let all = derived(at: coupling)
    guard let quantity = all.first(where: { $0.name == name }) else {
      throw EnsembleError(
        "\(lattice.sizeText) has no quantity '\(name)'; there are "
          + all.map(\.name).joined(separator: ", "))
    }
    return quantity
  }

  /// A quantity as a function of the coupling. Throws if it was not measured.
  public func quantity(_ name: String) throws -> InterpolatedQuantity {
    let quantity = try derived(name, at: couplings[0])
    let series = quantity.primaries.map { primary in
      runs.flatMap { $0.measurements.series(primary).flatMap { $0 } }
    }
    guard name == "action" || name == "SD" else {
      let value = quantity.value
      return InterpolatedQuantity(interpolation, primaries: series) { value($1) }
    }
    let own = self
    return InterpolatedQuantity(interpolation, primaries: series) { coupling, means in
      own.derived(at: coupling).first { $0.name == name }?.value(means) ?? .nan
    }
  }

  /// A quantity of each run by itself, in the order of `couplings`; nil where it is undefined.
  public func measured(_ name: String) throws -> [GammaEstimate?] {
    try runs.map { run in
      do {
        return try derived(name, at: run.coupling).estimate(from: run.measurements)
      } catch is StatisticsError {
        return nil
      }
    }
  }
}
