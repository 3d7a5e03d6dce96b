// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import NumPyFiles

/// The tables of one ensemble as arrays of a NumPy archive.
struct ExportedArrays {
  private let reader: any EnsembleReader
  private let tables: [Table]

  /// Numbers that are read at once.
  private static let blockSize = 1 << 23

  init(_ reader: any EnsembleReader, tables: [String]) {
    self.reader = reader
    self.tables = reader.layout.tables.filter { tables.contains($0.name) }
  }

  /// Writes all arrays to a new file: TABLE/VARIABLE of shape (chain, row, axes...), TABLE/ROW with the row
  /// numbers, TABLE/AXIS with coordinates, and the text `attributes`.
  func write(to path: String) throws {
    let archive = try ArrayArchive(creating: path)
    try archive.add("attributes", text: attributes())
    for table in tables {
      let rows = try reader.rows(of: table.name)
      try archive.add(
        "\(table.name)/\(table.rowName)", ArrayHeader(type: .int64, shape: [rows.count])
      ) { try $0(rows.map(Double.init)) }
      var axes: Set<String> = []
      for axis in table.variables.flatMap(\.axes) where axes.insert(axis.name).inserted {
        try archive.add(
          "\(table.name)/\(axis.name)",
          ArrayHeader(type: Self.type(axis.type), shape: [axis.coordinates.count])
        ) { try $0(axis.coordinates) }
      }
      for variable in table.variables {
        try write(variable, of: table, rows: rows.count, to: archive)
      }
    }
    try archive.finish()
  }

  private func write(
    _ variable: Variable, of table: Table, rows: Int, to archive: ArrayArchive
  ) throws {
    let chains = table.isPerChain ? reader.layout.chains : 1
    let shape =
      (table.isPerChain ? [chains] : []) + [rows] + variable.axes.map(\.coordinates.count)
    let header = ArrayHeader(type: Self.type(variable.type), shape: shape)
    // Blocks hold all chains; the archive wants one chain after the other.
    let block = max(1, Self.blockSize / max(1, chains * variable.size))
    try archive.add("\(table.name)/\(variable.name)", header) { append in
      if rows <= block {
        try append(reader.values(of: variable.name, in: table.name))
        return
      }
      for chain in 0..<chains {
        for start in stride(from: 0, to: rows, by: block) {
          let positions = start..<min(start + block, rows)
          let values = try reader.values(
            of: variable.name, in: table.name, positions: positions)
          let length = positions.count * variable.size
          try append(Array(values[chain * length..<(chain + 1) * length]))
        }
      }
    }
  }

  private static func type(_ type: ScalarType) -> ElementType {
    switch type {
    case .float64: .float64
    case .float32: .float32
    case .int64: .int64
    case .uint8: .uint8
    }
  }

  /// All attributes as JSON: the root's at the top, those of groups below their names.
  private func attributes() throws -> String {
    var result: [String: Any] = [:]
    for (key, value) in try reader.attributes(of: "") { result[key] = Self.json(value) }
    for group in reader.layout.descriptions.keys {
      result[group] = try reader.attributes(of: group).mapValues(Self.json)
    }
    let data = try JSONSerialization.data(
      withJSONObject: result, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data, as: UTF8.self)
  }

  /// A number that JSON cannot hold is null.
  private static func json(_ value: AttributeValue) -> Any {
    func real(_ number: Double) -> Any { number.isFinite ? number : NSNull() }
    switch value {
    case .text(let text): return text
    case .real(let number): return real(number)
    case .integer(let number): return number
    case .reals(let numbers): return numbers.map(real)
    case .integers(let numbers): return numbers
    case .texts(let texts): return texts
    }
  }
}
