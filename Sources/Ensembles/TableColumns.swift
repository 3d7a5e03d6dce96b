// SPDX-License-Identifier: GPL-3.0-or-later

/// The rows of one table as they are appended, checked against its layout.
public struct TableColumns: Sendable {
  public let table: Table
  public let chains: Int
  public private(set) var rows: [Int] = []
  /// The largest row number ever appended, also before `removeAll`.
  public private(set) var lastRow: Int?
  private var values: [[Double]]

  public init(table: Table, chains: Int, lastRow: Int? = nil) {
    self.table = table
    self.chains = table.isPerChain ? chains : 1
    self.lastRow = lastRow
    values = Array(repeating: [], count: table.variables.count)
  }

  /// Adds a row; throws if its number does not increase or a shape is wrong, and then adds nothing.
  public mutating func append(row: Int, _ newValues: [[Double]]) throws {
    if let last = lastRow, row <= last {
      throw EnsembleError("table '\(table.name)': row \(row) does not come after row \(last)")
    }
    guard newValues.count == table.variables.count else {
      throw EnsembleError(
        "table '\(table.name)' has \(table.variables.count) variables, got \(newValues.count)")
    }
    for (variable, value) in zip(table.variables, newValues)
    where value.count != chains * variable.size {
      throw EnsembleError(
        "'\(table.name)/\(variable.name)' takes \(chains * variable.size) numbers a row, "
          + "got \(value.count)")
    }
    for index in newValues.indices { values[index].append(contentsOf: newValues[index]) }
    rows.append(row)
    lastRow = row
  }

  /// The values of one variable, reordered from (row, chain, axes...) to (chain, row, axes...).
  public func chainMajor(_ variable: Int, positions: Range<Int>? = nil) -> [Double] {
    let positions = positions ?? 0..<rows.count
    let count = chains * positions.count * table.variables[variable].size
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      if let target = buffer.baseAddress {
        copy(variable, chains: 0..<chains, positions: positions, to: target)
      }
      initialized = count
    }
  }

  /// Copies a block of one variable to where `target` points, in the order (chain, row, axes...).
  public func copy(
    _ variable: Int, chains block: Range<Int>, positions: Range<Int>,
    to target: UnsafeMutablePointer<Double>
  ) {
    precondition(block.lowerBound >= 0 && block.upperBound <= chains, "no such chains")
    precondition(positions.lowerBound >= 0 && positions.upperBound <= rows.count, "no such rows")
    let size = table.variables[variable].size
    values[variable].withUnsafeBufferPointer { source in
      guard let source = source.baseAddress, !block.isEmpty else { return }
      var target = target
      for chain in block {
        for row in positions {
          target.update(from: source + (row &* chains &+ chain) &* size, count: size)
          target += size
        }
      }
    }
  }

  /// Forgets the rows but not the last row number.
  public mutating func removeAll() {
    rows.removeAll(keepingCapacity: true)
    for index in values.indices { values[index].removeAll(keepingCapacity: true) }
  }
}
