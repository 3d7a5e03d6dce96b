// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Observables
import Statistics
import Sweeps

/// The beginning of one chain, of the observable that the run knows least of.
struct ChainHistory {
  /// Measurements that a picture shows.
  static let length = 400

  let observable: String
  let tau: Uncertain
  let rows: [Int]
  let values: [Double]
  /// Measurements of the chain, and chains of the run.
  let measurements: Int
  let chains: Int

  /// Nil where nothing was judged, or measured.
  init?(
    _ reader: any EnsembleReader, slowest: (name: String, tau: Uncertain)?
  ) throws {
    guard let slowest, let primary = Self.primary(slowest.name) else { return nil }
    let rows = try reader.rows(of: TableName.observables)
    let count = min(Self.length, rows.count)
    let values = try reader.values(
      of: primary.variable, in: TableName.observables, positions: 0..<count)
    guard count > 1, values.count == reader.layout.chains * count else { return nil }
    var measured = Measurements(chains: reader.layout.chains, count: count)
    measured.insert(primary.variable, size: 1, values)
    (observable, tau) = slowest
    (self.rows, measurements, chains) = (
      Array(rows.prefix(count)), rows.count, reader.layout.chains
    )
    self.values = measured.series(primary)[0]
  }

  /// An observable by the name that diagnostics give it.
  private static func primary(_ name: String) -> Primary? {
    switch name {
    case "m", "phi2", "action": Primary(name)
    case "|m|": Primary("m", [0], .magnitude)
    case "m2": Primary("m", [0], .square)
    default: nil
    }
  }
}
