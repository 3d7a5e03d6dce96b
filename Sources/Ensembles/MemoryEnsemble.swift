// SPDX-License-Identifier: GPL-3.0-or-later

/// An ensemble kept in memory: the writer of tests, of self-checks and of short library use.
public final class MemoryEnsemble: EnsembleWriter, EnsembleReader {
  public private(set) var layout: EnsembleLayout
  public private(set) var isComplete = false
  public private(set) var pendingBytes = 0

  private var columns: [String: TableColumns] = [:]
  private var attributes: [String: [String: AttributeValue]]
  private var state: RestartState?

  public init(layout: EnsembleLayout) {
    self.layout = layout
    attributes = layout.descriptions
    attributes["", default: [:]].merge(layout.attributes) { $1 }
    for table in layout.tables {
      columns[table.name] = TableColumns(table: table, chains: layout.chains)
      attributes[table.name, default: [:]].merge(table.attributes) { $1 }
    }
  }

  public func append(row: Int, to table: String, _ values: [[Double]]) throws {
    guard columns[table] != nil else { throw EnsembleError("no table named '\(table)'") }
    try columns[table]!.append(row: row, values)
    pendingBytes += values.reduce(0) { $0 + $1.count * 8 }
  }

  public func record(_ attributes: [String: AttributeValue], in group: String) {
    self.attributes[group, default: [:]].merge(attributes) { $1 }
  }

  public func commit(_ restart: RestartState) {
    state = restart
    pendingBytes = 0
  }

  public func finish(_ restart: RestartState, _ provenance: [String: AttributeValue]) {
    commit(restart)
    record(provenance, in: "")
    isComplete = true
  }

  public func rows(of table: String) throws -> [Int] {
    guard let columns = columns[table] else { throw EnsembleError("no table named '\(table)'") }
    return columns.rows
  }

  public func values(of variable: String, in table: String) throws -> [Double] {
    try values(of: variable, in: table, positions: 0..<rows(of: table).count)
  }

  public func values(
    of variable: String, in table: String, positions: Range<Int>
  ) throws -> [Double] {
    guard let columns = columns[table] else { throw EnsembleError("no table named '\(table)'") }
    guard let index = columns.table.variables.firstIndex(where: { $0.name == variable }) else {
      throw EnsembleError("no variable named '\(variable)' in table '\(table)'")
    }
    return columns.chainMajor(index, positions: positions)
  }

  public func attributes(of group: String) -> [String: AttributeValue] { attributes[group] ?? [:] }

  public func restart() throws -> RestartState {
    guard let state else { throw EnsembleError("nothing was committed yet") }
    return state
  }
}
