// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles

/// How the layout and the recorded attributes are read back from a file.
extension HDF5Session {
  func readContents(of file: hid_t) throws -> FileContents {
    typealias Structure = StorageLayout.Structure
    let root = try allAttributes(of: "", in: file)
    guard root[StorageLayout.Root.conventions] == .text(StorageLayout.conventions),
      case .integer(let chains) = root[Structure.chains],
      case .texts(let tables) = root[Structure.tables],
      case .texts(let descriptions) = root[Structure.descriptions],
      case .texts(let recordedGroups) = root[Structure.recordedGroups],
      case .text(let word) = root[Structure.role], let role = StorageLayout.Role(rawValue: word)
    else {
      throw StorageError(
        file: self.file, action: "is no ensemble",
        reasons: ["it does not have the root attributes of \(StorageLayout.conventions)"])
    }
    var layout = EnsembleLayout(chains: chains, tables: [])
    var recorded: [String: [String: AttributeValue]] = [:]
    let take = { (group: String, attributes: [String: AttributeValue]) in
      let (given, later) = Self.parts(of: attributes, isRoot: group.isEmpty)
      if !later.isEmpty { recorded[group] = later }
      return given
    }
    layout.attributes = take("", root)
    for group in descriptions {
      layout.descriptions[group] = take(group, try allAttributes(of: group, in: file))
    }
    for group in recordedGroups { _ = take(group, try allAttributes(of: group, in: file)) }
    for group in tables {
      let attributes = try allAttributes(of: group, in: file)
      var table = try readTable(group, attributes, in: file)
      table.attributes = take(group, attributes)
      layout.tables.append(table)
    }
    let segment: Int? =
      if case .integer(let number) = root[Structure.segment] { number } else { nil }
    return FileContents(
      layout: layout, recorded: recorded, rows: try readRows(of: layout.tables, in: file),
      role: role, segment: segment,
      isComplete: root[StorageLayout.Root.complete] == .integer(1))
  }

  /// The row numbers of each table.
  func readRows(of tables: [Table], in file: hid_t) throws -> [String: [Int]] {
    var rows: [String: [Int]] = [:]
    for table in tables {
      rows[table.name] = try readIntegers(table.name + "/" + table.rowName, in: file)
    }
    return rows
  }

  private func allAttributes(
    of group: String, in file: hid_t
  ) throws -> [String: AttributeValue] {
    try scope { session in try session.attributes(of: session.openGroup(group, in: file)) }
  }

  /// Splits the attributes of a group into those of the layout and those recorded later.
  private static func parts(
    of attributes: [String: AttributeValue], isRoot: Bool
  ) -> ([String: AttributeValue], [String: AttributeValue]) {
    typealias Structure = StorageLayout.Structure
    typealias Root = StorageLayout.Root
    var layout: [String: AttributeValue] = [:]
    var recorded: [String: AttributeValue] = [:]
    let names: Set<String> =
      if case .texts(let names) = attributes[Structure.recorded] { Set(names) } else { [] }
    for (name, value) in attributes {
      if name.hasPrefix(Structure.initial) {
        layout[String(name.dropFirst(Structure.initial.count))] = value
      } else if names.contains(name) {
        recorded[name] = value
      } else if !name.hasPrefix(Structure.prefix)
        && !(isRoot && (name == Root.conventions || name == Root.complete))
      {
        layout[name] = value
      }
    }
    return (layout, recorded)
  }

  private func readTable(
    _ name: String, _ attributes: [String: AttributeValue], in file: hid_t
  ) throws -> Table {
    typealias Structure = StorageLayout.Structure
    guard case .text(let row) = attributes[Structure.row],
      case .integer(let perChain) = attributes[Structure.perChain],
      case .texts(let variables) = attributes[Structure.variables]
    else {
      throw StorageError(
        file: self.file, action: "cannot read group /\(name)",
        reasons: ["it does not have the attributes of a table"])
    }
    var table = Table(name: name, rowName: row, isPerChain: perChain == 1, variables: [])
    var axes: [String: Axis] = [:]
    for variable in variables {
      table.variables.append(
        try readVariable(variable, leadingAxes: perChain == 1 ? 2 : 1, of: name, &axes, in: file))
    }
    return table
  }

  private func readVariable(
    _ name: String, leadingAxes: Int, of table: String, _ axes: inout [String: Axis],
    in file: hid_t
  ) throws -> Variable {
    typealias Meaning = StorageLayout.Meaning
    let path = table + "/" + name
    return try scope { session in
      let dataset = try session.openDataset(path, in: file)
      let rank = try session.extents(of: dataset, path).count
      guard rank >= leadingAxes else {
        throw StorageError(file: self.file, action: "/\(path) has too few axes")
      }
      var variable = Variable(
        name: name, type: try session.scalarType(of: dataset, path),
        units: try session.text(Meaning.units, of: dataset),
        longName: try session.text(Meaning.longName, of: dataset),
        definition: try session.text(Meaning.definition, of: dataset))
      variable.flagMeanings = try session.text(Meaning.flagMeanings, of: dataset)
        .split(separator: " ").map(String.init)
      for axis in leadingAxes..<rank {
        let name = try session.scaleName(of: dataset, axis: axis, path)
        let known = try axes[name] ?? session.readAxis(name, of: table, in: file)
        axes[name] = known
        variable.axes.append(known)
      }
      return variable
    }
  }

  private func readAxis(_ name: String, of table: String, in file: hid_t) throws -> Axis {
    typealias Meaning = StorageLayout.Meaning
    let path = table + "/" + name
    return try scope { session in
      let scale = try session.openDataset(path, in: file)
      return Axis(
        name: name, coordinates: try session.readReals(path, in: file),
        type: try session.scalarType(of: scale, path),
        units: try session.text(Meaning.units, of: scale),
        longName: try session.text(Meaning.longName, of: scale))
    }
  }

  /// A text attribute, empty when there is none.
  private func text(_ name: String, of object: hid_t) throws -> String {
    guard try hasAttribute(name, of: object), case .text(let text) = try attribute(name, of: object)
    else { return "" }
    return text
  }
}
