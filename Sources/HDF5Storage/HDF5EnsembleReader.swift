// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles

/// Reads an ensemble from a run folder, through its segments, or from one packed file.
///
/// It shows what was committed when it was opened, also while the run goes on. No file stays open
/// between two calls, and only the files and rows that are asked for are read.
public final class HDF5EnsembleReader: EnsembleReader {
  private let stored: StoredEnsemble

  /// Opens a run folder, its `run.h5`, one segment, or a packed file.
  /// Throws `StorageError` if there is nothing to read or a segment is missing.
  public init(_ path: String) throws { stored = try StoredEnsemble(path) }

  public var layout: EnsembleLayout { stored.layout }
  public var isComplete: Bool { stored.contents.isComplete }

  public func rows(of table: String) throws -> [Int] {
    guard let rows = stored.contents.rows[table] else {
      throw EnsembleError("no table named '\(table)'")
    }
    return rows
  }

  public func values(of variable: String, in table: String) throws -> [Double] {
    try values(of: variable, in: table, positions: 0..<rows(of: table).count)
  }

  public func values(
    of variable: String, in table: String, positions: Range<Int>
  ) throws -> [Double] {
    let (table, variable) = try stored.variable(variable, in: table)
    let count = try rows(of: table.name).count
    guard positions.lowerBound >= 0, positions.upperBound <= count else {
      throw EnsembleError("table '\(table.name)' has rows at 0..<\(count), not at \(positions)")
    }
    return try HDF5Session.exclusively(stored.files[0].path) { session in
      try stored.values(
        of: variable, in: table, chains: 0..<layout.chains, positions: positions, session)
    }
  }

  public func attributes(of group: String) -> [String: AttributeValue] {
    stored.contents.attributes(of: group)
  }

  public func restart() throws -> RestartState {
    let path = stored.files.last!.path
    return try HDF5Session.exclusively(path) { session in
      try session.readRestart(from: session.open(path))
    }
  }
}
