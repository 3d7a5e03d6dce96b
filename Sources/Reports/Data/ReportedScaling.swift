// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Statistics
import Sweeps

/// What the Markov chains on lattices of several sizes say together: the curve of the Binder cumulant
/// between the couplings, crossings and the critical coupling. Or why they say nothing.
public struct ReportedScaling {
  /// The coupling that varies, and the others with their values.
  let parameter: String
  let held: String
  let curves: [InterpolatedCurve]
  let result: FiniteSizeScaling?
  /// What was left out, or is not to be trusted.
  let notes: [String]

  static let quantity = "U4"
  private static let points = 49

  /// From complete runs with their labels. Nil unless two lattices have Markov chains at two couplings or
  /// more each. Throws what the readers throw.
  public init?(
    _ runs: [(reader: any EnsembleReader, label: String)], workers: Workers = Workers(1)
  ) throws {
    let chains = try runs.filter { try !StoredAnnealing.describes($0.reader) }
    let theories = try chains.map { try StoredTheory($0.reader) }
    let sizes = Dictionary(grouping: theories, by: { $0.lattice.extents })
    if sizes.values.count(where: { Set($0.map(\.coefficients)).count > 1 }) < 2 { return nil }
    let failure: String
    do {
      self = try ReportedScaling(scanning: chains, workers: workers)
      return
    } catch let error as EnsembleError {
      failure = error.description
    } catch let error as StatisticsError {
      failure = "\(error)"
    }
    (parameter, held, curves, result, notes) = ("", "", [], nil, [failure])
  }

  private init(
    scanning chains: [(reader: any EnsembleReader, label: String)], workers: Workers
  ) throws {
    let scan = try CouplingScan(
      chains, quantities: FiniteSizeScaling.quantities(crossing: Self.quantity), workers: workers)
    (parameter, held) = (scan.parameter, scan.held)
    curves = try scan.curves([Self.quantity], places: .evenly(Self.points), workers: workers)
    let result = try FiniteSizeScaling(scan, quantity: Self.quantity, workers: workers)
    (self.result, notes) = (result, scan.notes + result.notes)
  }
}
