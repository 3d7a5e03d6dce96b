// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import Statistics

/// A quantity on one lattice as a function of the coupling, with what the runs say by themselves.
public struct InterpolatedCurve: Sendable {
  public struct Point: Sendable {
    public var coupling: Double
    /// NaN where the quantity is undefined.
    public var value: Double
    /// The standard error.
    public var error: Double
    /// The derivative by the coupling with its error; nil where it was not asked for.
    public var slope: Uncertain?
    /// How many independent configurations the value is worth, autocorrelation included.
    public var effectiveSamples: Double
    /// Whether the error can be believed.
    public var isTrustworthy: Bool
    /// What speaks against it.
    public var reasons: [String]
  }

  public let quantity: String
  /// The coupling that varies.
  public let parameter: String
  public let lattice: Lattice
  /// The runs one by one, at the couplings that were simulated.
  public let measured: [Point]
  /// The interpolation.
  public let points: [Point]
}

/// Where a curve is interpolated.
public enum InterpolationPlaces: Sendable {
  /// So many places, evenly from the smallest to the largest coupling of each lattice.
  case evenly(Int)
  /// At these couplings, where they are inside of the range of a lattice.
  case at([Double])
}

extension CouplingScan {
  /// The curves of the named quantities on all lattices, lattice after lattice, with their derivatives
  /// if these are asked for, which takes twice the time.
  ///
  /// Nothing is extrapolated: a coupling outside of the range of every lattice is an error, one
  /// outside of the range of some is left out there. Throws if a quantity was not measured.
  public func curves(
    _ names: [String], places: InterpolationPlaces, slopes: Bool = false,
    workers: Workers = Workers(1)
  ) throws -> [InterpolatedCurve] {
    if case .at(let couplings) = places {
      for coupling in couplings
      where !lattices.contains(where: { $0.interpolation.range.contains(coupling) }) {
        let ranges = lattices.map { lattice in
          let range = lattice.interpolation.range
          return "\(lattice.lattice.sizeText): \(NumberText.text(range.lowerBound)) to "
            + NumberText.text(range.upperBound)
        }
        throw EnsembleError(
          "\(parameter)=\(NumberText.text(coupling)): is outside of what was simulated ("
            + ranges.joined(separator: ", ") + "), and nothing is extrapolated")
      }
    }
    let kinds = lattices.indices.flatMap { lattice in names.indices.map { (lattice, $0) } }
    let quantities = try workers.collect(kinds.count) { kind in
      try lattices[kinds[kind].0].quantity(names[kinds[kind].1])
    }
    let tasks = lattices.enumerated().flatMap { index, lattice in
      places.couplings(in: lattice.interpolation.range).map { (index, $0) }
    }
    let points = try workers.collect(tasks.count) { task in
      let (lattice, coupling) = tasks[task]
      let weighted = lattices[lattice].interpolation.point(at: coupling)
      return try names.indices.map { name in
        try InterpolatedCurve.Point(
          quantities[lattice * names.count + name], at: weighted, slope: slopes)
      }
    }
    return try kinds.map { lattice, name in
      let own = lattices[lattice]
      return InterpolatedCurve(
        quantity: names[name], parameter: parameter, lattice: own.lattice,
        measured: zip(own.couplings, try own.measured(names[name])).map {
          InterpolatedCurve.Point(measured: $1, at: $0)
        },
        points: zip(tasks, points).filter { $0.0.0 == lattice }.map { $0.1[name] })
    }
  }
}

extension InterpolationPlaces {
  func couplings(in range: ClosedRange<Double>) -> [Double] {
    switch self {
    case .at(let couplings): return couplings.filter(range.contains)
    case .evenly(let count):
      let (low, high) = (range.lowerBound, range.upperBound)
      return (0..<count).map { step in
        let t = count == 1 ? 0.5 : Double(step) / Double(count - 1)
        return t == 1 ? high : low + t * (high - low)
      }
    }
  }
}

extension InterpolatedCurve.Point {
  init(
    _ quantity: InterpolatedQuantity, at point: InterpolationPoint, slope wantsSlope: Bool = false
  ) throws {
    let coupling = point.coupling
    do {
      let estimate = try point.estimate(
        point.influencedValue(quantity.primaries, of: quantity.function))
      let slope =
        wantsSlope
        ? try point.estimate(point.influencedSlope(quantity.primaries, of: quantity.function))
        : nil
      var reasons = estimate.verdict.reasons
      if !estimate.chainsAreTrustworthy {
        reasons.append("Chains are too short against tau_int, or disagree with each other.")
      }
      self.init(
        coupling: coupling, value: estimate.value, error: estimate.error, slope: slope?.uncertain,
        effectiveSamples: point.effectiveConfigurations / (2 * estimate.tauIntegrated),
        isTrustworthy: reasons.isEmpty, reasons: reasons)
    } catch StatisticsError.derivedQuantityUndefined {
      self.init(measured: nil, at: coupling)
    }
  }

  init(measured estimate: GammaEstimate?, at coupling: Double) {
    self.init(
      coupling: coupling, value: estimate?.value ?? .nan, error: estimate?.error ?? .nan,
      slope: nil, effectiveSamples: estimate?.effectiveSamples ?? 0,
      isTrustworthy: estimate?.isTrustworthy ?? false,
      reasons: estimate == nil
        ? ["It is undefined within the noise."]
        : estimate?.isTrustworthy == true
          ? [] : ["Chains are too short against tau_int, or disagree with each other."])
  }
}
