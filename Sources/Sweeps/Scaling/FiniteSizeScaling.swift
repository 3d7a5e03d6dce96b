// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Statistics

/// What the sizes of a scan say together: crossings, the critical coupling, exponents, and collapse.
public struct FiniteSizeScaling: Sendable {
  /// The quantity whose curves cross.
  public let quantity: String
  /// The coupling that varies.
  public let parameter: String
  /// The exponents that the extrapolation takes as known; nil where none are.
  public let exponents: ScalingExponents?
  /// The crossings of neighbouring lattices, from small to large.
  public let crossings: [PairCrossing]
  /// Extrapolations from all pairs, from all but the smallest, and so on.
  public let extrapolations: [CriticalCoupling]
  /// The extrapolation from the largest pairs that leave a degree of freedom, which is the least
  /// precise and the least biased; the largest pair where there is none; nil without crossings.
  public let critical: CriticalCoupling?
  public let collapses: [CollapsedQuantity]
  public let notes: [String]

  /// A known height that is missed by more standard errors is told.
  private static let notable = 2.0
  /// What may cross.
  public static let ratios = ["U4", "V4", "xi2/L"]

  /// The quantities that a scan must have been read with.
  public static func quantities(crossing quantity: String) -> [String] {
    [quantity, "chi2", "abs_m"]
  }

  /// From the lattices of a scan with `smallest` or more sites along their longest extent.
  ///
  /// Throws unless there are two lattices or more, all of one shape, and for quantities that were not
  /// measured.
  public init(
    _ scan: CouplingScan, quantity: String = "U4", exponents given: ScalingExponents? = nil,
    smallest: Int = 2, workers: Workers = Workers(1)
  ) throws {
    let lattices = scan.lattices.filter { $0.lattice.longestExtent >= smallest }
    if lattices.count < 2 {
      throw EnsembleError(
        "finite-size scaling needs two lattices or more; here are "
          + (lattices.isEmpty ? "none" : lattices.map(\.lattice.sizeText).joined(separator: ", "))
          + (smallest > 2 ? " from \(smallest) on" : ""))
    }
    let reference = lattices[0].lattice
    for other in lattices.map(\.lattice) {
      let isSimilar = zip(other.extents, reference.extents).allSatisfy {
        $0 * reference.longestExtent == $1 * other.longestExtent
      }
      if !isSimilar {
        throw EnsembleError(
          "the lattices \(reference.sizeText) and \(other.sizeText) differ in shape: their curves "
            + "do not cross at a critical point")
      }
    }
    var notes: [String] = []
    let pools = IndependentPools(lattices.map(\.interpolation))
    let quantities = try lattices.map { try $0.quantity(quantity) }
    let found = try Self.crossings(
      lattices, quantities, quantity: quantity, pools: pools, workers: workers, notes: &notes)
    let dimensions = reference.dimensions
    let known = given ?? ScalingExponents.ising(dimensions: dimensions)
    var extrapolations: [CriticalCoupling] = []
    // A pair that crosses twice does not say which crossing belongs to the critical point.
    let unique = found.filter { one in
      found.filter { $0.lattices == one.lattices }.count == 1
    }
    if let known, !unique.isEmpty {
      do {
        extrapolations = try CriticalCoupling.extrapolations(
          unique, exponents: known, pools: pools)
      } catch let error as StatisticsError {
        notes.append("extrapolation: \(error)")
      }
    }
    critical =
      extrapolations.last ?? unique.last.map(CriticalCoupling.init(largest:))
    if let critical {
      if let probability = critical.probability, probability < CriticalCoupling.leastProbability {
        notes.append(
          "critical coupling: the extrapolation does not fit (p = "
            + "\(String(format: "%.2g", probability))): "
            + "corrections beyond the leading one are seen, or errors are too small")
      }
      let extents = reference.extents
      if let height = ScalingExponents.ising(dimensions: dimensions)?.ratios[quantity],
        critical.chiSquare != nil,
        extents.allSatisfy({ $0 == extents[0] })
      {
        let distance = abs(critical.value.value - height) / critical.value.error
        if distance > Self.notable {
          notes.append(
            "critical coupling: \(quantity) = \(critical.value) is "
              + "\(String(format: "%.1f", distance)) standard errors from \(height) of the Ising "
              + "class: corrections to scaling are larger than the errors, which do not know them")
        }
      }
      collapses = try CollapsedQuantity.all(
        quantity, on: lattices, dimensions: dimensions, critical: critical.coupling.value,
        inverseNu: known.map { 1 / $0.nu } ?? found.last?.inverseNu?.value ?? 1,
        exponents: known, notes: &notes)
    } else {
      collapses = []
    }
    (self.quantity, parameter, self.exponents) = (quantity, scan.parameter, known)
    (crossings, self.extrapolations) = (found, extrapolations)
    self.notes = notes
  }

  private static func crossings(
    _ lattices: [ScannedLattice], _ quantities: [InterpolatedQuantity], quantity: String,
    pools: IndependentPools, workers: Workers, notes: inout [String]
  ) throws -> [PairCrossing] {
    let pairs = try lattices.indices.dropLast().map { index -> (Int, [Double]) in
      let ranges = [lattices[index], lattices[index + 1]].map(\.interpolation.range)
      let (low, high) = (
        max(ranges[0].lowerBound, ranges[1].lowerBound),
        min(ranges[0].upperBound, ranges[1].upperBound)
      )
      if low >= high {
        throw EnsembleError(
          "the couplings of \(lattices[index].lattice.sizeText) and "
            + "\(lattices[index + 1].lattice.sizeText) have no range in common")
      }
      return (index, InterpolationPlaces.evenly(CrossingSearch.points).couplings(in: low...high))
    }
    // Neighbouring pairs share a lattice and mostly the grid: each point once.
    struct Place: Hashable {
      let lattice: Int
      let coupling: Double
    }
    let places = Array(
      Set(
        pairs.flatMap { index, grid in
          grid.flatMap {
            [Place(lattice: index, coupling: $0), Place(lattice: index + 1, coupling: $0)]
          }
        }))
    let points = try workers.collect(places.count) {
      let quantity = quantities[places[$0].lattice]
      return try InterpolatedCurve.Point(
        quantity, at: quantity.interpolation.point(at: places[$0].coupling))
    }
    let table = Dictionary(uniqueKeysWithValues: zip(places, points))
    let searches = pairs.map { index, grid in
      func curve(_ lattice: Int) -> [InterpolatedCurve.Point] {
        grid.compactMap { table[Place(lattice: lattice, coupling: $0)] }
      }
      let names = [index, index + 1].map { lattices[$0].lattice.sizeText }
      return CrossingSearch(
        curve(index), curve(index + 1), names: names.joined(separator: " and "))
    }
    let tasks = searches.enumerated().flatMap { index, search in
      search.brackets.map { (index, $0, search.remarks) }
    }
    notes += searches.flatMap(\.remarks) + searches.compactMap(\.failure)
    return try workers.collect(tasks.count) { task in
      let (index, bracket, remarks) = tasks[task]
      let crossing = try CurveCrossing(
        [quantities[index], quantities[index + 1]], pools: [index, index + 1], bracket: bracket)
      return try PairCrossing(
        crossing, lattices[index], lattices[index + 1], pools: pools, remarks: remarks)
    }
  }
}
