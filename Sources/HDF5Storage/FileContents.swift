// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles

/// What a file says of its ensemble besides the numbers of the variables. Segments, the index and
/// packed files all have these same groups.
struct FileContents {
  var layout: EnsembleLayout
  /// Attributes known only after the layout was fixed, by group.
  var recorded: [String: [String: AttributeValue]]
  /// The row numbers in this file, by table.
  var rows: [String: [Int]]
  var role: StorageLayout.Role
  /// The number of a segment.
  var segment: Int?
  var isComplete: Bool

  /// The attributes of a group as a reader wants them: a recorded value replaces that of the layout.
  func attributes(of group: String) -> [String: AttributeValue] {
    layoutAttributes(of: group).merging(recorded[group] ?? [:]) { $1 }
  }

  func layoutAttributes(of group: String) -> [String: AttributeValue] {
    if group.isEmpty { return layout.attributes }
    return layout.table(group)?.attributes ?? layout.descriptions[group] ?? [:]
  }

  /// Groups that the layout does not name.
  var recordedGroups: [String] {
    recorded.keys
      .filter { !$0.isEmpty && layout.table($0) == nil && layout.descriptions[$0] == nil }
      .sorted()
  }

  /// The extents of a variable in this file: (chain, row, axes...) or (row, axes...).
  func extents(of variable: Variable, in table: Table) -> [Int] {
    (table.isPerChain ? [layout.chains] : []) + [rows[table.name]?.count ?? 0]
      + variable.axes.map(\.coordinates.count)
  }
}

/// A dataset that has just been made, for its numbers to be written.
struct NewDataset {
  var table: Table
  /// The number of the variable in its table.
  var variable: Int
  var path: String
  var extents: [Int]
  var identifier: hid_t
}

extension HDF5Session {
  /// Writes all groups, attributes, dimension scales and empty datasets into a new file, and lets
  /// `fill` write each dataset.
  func write(
    _ contents: FileContents, to file: hid_t,
    storage: (Table, Variable) -> DatasetStorage = { _, _ in .own },
    fill: (HDF5Session, NewDataset) throws -> Void = { _, _ in }
  ) throws {
    typealias Root = StorageLayout.Root
    typealias Structure = StorageLayout.Structure
    let layout = contents.layout
    try scope { session in
      let root = try session.openGroup("", in: file)
      var own: [String: AttributeValue] = [
        Root.conventions: .text(StorageLayout.conventions),
        Root.complete: .integer(contents.isComplete ? 1 : 0),
        Structure.role: .text(contents.role.rawValue),
        Structure.chains: .integer(layout.chains),
        Structure.tables: .texts(layout.tables.map(\.name)),
        Structure.descriptions: .texts(layout.descriptions.keys.sorted()),
        Structure.recordedGroups: .texts(contents.recordedGroups),
      ]
      if let segment = contents.segment { own[Structure.segment] = .integer(segment) }
      try session.write(contents, "", own, to: root)
    }
    for name in layout.descriptions.keys.sorted() + contents.recordedGroups {
      try scope { session in
        let group = try session.group(name, in: file)
        try session.write(contents, name, [:], to: group)
      }
    }
    for table in layout.tables {
      try scope { session in
        let group = try session.group(table.name, in: file)
        try session.write(
          contents, table.name,
          [
            Structure.row: .text(table.rowName),
            Structure.perChain: .integer(table.isPerChain ? 1 : 0),
            Structure.variables: .texts(table.variables.map(\.name)),
          ], to: group)
        try session.write(table, of: contents, to: file, storage, fill)
      }
    }
  }

  /// Makes a group unless a nested one has already made it.
  private func group(_ path: String, in file: hid_t) throws -> hid_t {
    var above = ""
    for part in path.split(separator: "/") {
      above += (above.isEmpty ? "" : "/") + part
      if try require(H5Lexists(file, above, hdf5_default()), "cannot look for /\(above)") == 0 {
        return try makeGroup(path, in: file)
      }
    }
    return try openGroup(path, in: file)
  }

  /// Writes the attributes of one group: its own, those of the layout and those recorded.
  private func write(
    _ contents: FileContents, _ group: String, _ own: [String: AttributeValue], to object: hid_t
  ) throws {
    typealias Structure = StorageLayout.Structure
    var all = contents.attributes(of: group)
    let recorded = contents.recorded[group] ?? [:]
    for (name, value) in contents.layoutAttributes(of: group) where recorded[name] != nil {
      all[Structure.initial + name] = value
    }
    if !recorded.isEmpty { all[Structure.recorded] = .texts(recorded.keys.sorted()) }
    try write(own.merging(all) { $1 }, to: object)
  }

  private func write(
    _ table: Table, of contents: FileContents, to file: hid_t,
    _ storage: (Table, Variable) -> DatasetStorage,
    _ fill: (HDF5Session, NewDataset) throws -> Void
  ) throws {
    typealias Dimension = StorageLayout.Dimension
    typealias Meaning = StorageLayout.Meaning
    var scales: [String: hid_t] = [:]
    let addScale = { (name: String, type: ScalarType, count: Int, units: String, long: String) in
      let path = table.name + "/" + name
      let scale = try self.makeDataset(path, type, extents: [count], storage: .scale, in: file)
      try self.makeScale(scale, named: name)
      try self.write(.text(long), named: Meaning.longName, to: scale)
      if !units.isEmpty { try self.write(.text(units), named: Meaning.units, to: scale) }
      scales[name] = scale
      return scale
    }
    if table.isPerChain {
      let chain = try addScale(
        Dimension.chain, .int64, contents.layout.chains, "1", Dimension.chainLongName)
      try write(Array(0..<contents.layout.chains), to: chain, table.name + "/" + Dimension.chain)
    }
    let numbers = contents.rows[table.name] ?? []
    let row = try addScale(
      table.rowName, .int64, numbers.count, "1", Dimension.rowLongName(table.rowName))
    try write(numbers, to: row, table.name + "/" + table.rowName)
    for axis in table.variables.flatMap(\.axes) where scales[axis.name] == nil {
      let scale = try addScale(
        axis.name, axis.type, axis.coordinates.count, axis.units, axis.longName)
      try write(axis.coordinates, to: scale, table.name + "/" + axis.name)
    }
    for (index, variable) in table.variables.enumerated() {
      let path = table.name + "/" + variable.name
      let extents = contents.extents(of: variable, in: table)
      try scope { session in
        let dataset = try session.makeDataset(
          path, variable.type, extents: extents, storage: storage(table, variable), in: file)
        let names =
          (table.isPerChain ? [Dimension.chain] : []) + [table.rowName]
          + variable.axes.map(\.name)
        try session.attach(names.map { scales[$0]! }, to: dataset, path)
        try session.writeMeaning(of: variable, to: dataset)
        try fill(
          session,
          NewDataset(
            table: table, variable: index, path: path, extents: extents, identifier: dataset))
      }
    }
  }

  private func writeMeaning(of variable: Variable, to dataset: hid_t) throws {
    typealias Meaning = StorageLayout.Meaning
    try write(.text(variable.longName), named: Meaning.longName, to: dataset)
    if !variable.units.isEmpty {
      try write(.text(variable.units), named: Meaning.units, to: dataset)
    }
    if !variable.definition.isEmpty {
      try write(.text(variable.definition), named: Meaning.definition, to: dataset)
    }
    if !variable.flagMeanings.isEmpty {
      try writeFlagValues(
        variable.flagMeanings.count, variable.type, named: Meaning.flagValues, to: dataset)
      try write(
        .text(variable.flagMeanings.joined(separator: " ")), named: Meaning.flagMeanings,
        to: dataset)
    }
  }
}
