// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles
import Foundation

/// One file of an ensemble and what it holds.
struct StoredFile {
  var path: String
  var rows: [String: [Int]]
}

/// An ensemble as it lies on the disk: the segments of a run folder, or one packed file.
struct StoredEnsemble {
  var files: [StoredFile]
  /// What the last file says; its rows are those of all files.
  var contents: FileContents

  var layout: EnsembleLayout { contents.layout }

  /// Opens a run folder or a file. For an index, its folder is opened instead.
  init(_ path: String) throws {
    var status = stat()
    if stat(path, &status) != 0 { throw StorageError.system(path, "cannot be opened") }
    if status.st_mode & S_IFMT == S_IFDIR {
      self = try StoredEnsemble(folder: RunFolder(path))
      return
    }
    let contents = try StoredEnsemble.contents(of: path)
    if contents.role == .index {
      self = try StoredEnsemble(folder: RunFolder(DurableFiles.parent(of: path)))
    } else {
      files = [StoredFile(path: path, rows: contents.rows)]
      self.contents = contents
    }
  }

  private init(folder: RunFolder) throws {
    let count = try folder.segmentCount()
    if count == 0 {
      throw StorageError(file: folder.path, action: "holds no segment: nothing was committed yet")
    }
    contents = try StoredEnsemble.contents(of: folder.segment(count - 1))
    files = []
    let tables = contents.layout.tables
    var all: [String: [Int]] = [:]
    for number in 0..<count {
      let path = folder.segment(number)
      let rows =
        number == count - 1
        ? contents.rows
        : try HDF5Session.exclusively(path) { session in
          try session.readRows(of: tables, in: session.open(path))
        }
      for (table, rows) in rows { all[table, default: []] += rows }
      files.append(StoredFile(path: path, rows: rows))
    }
    contents.rows = all
  }

  /// What one file says.
  static func contents(of path: String) throws -> FileContents {
    try HDF5Session.exclusively(path) { session in
      try session.readContents(of: session.open(path))
    }
  }

  /// The table and variable of two names.
  func variable(_ name: String, in table: String) throws -> (Table, Variable) {
    guard let table = layout.table(table) else { throw EnsembleError("no table named '\(table)'") }
    guard let variable = table.variables.first(where: { $0.name == name }) else {
      throw EnsembleError("no variable named '\(name)' in table '\(table.name)'")
    }
    return (table, variable)
  }

  /// Reads rows of one variable in the order (chain, row, axes...), opening only the files that hold
  /// them. `chains` is ignored where the table is not per chain.
  func values(
    of variable: Variable, in table: Table, chains: Range<Int>, positions: Range<Int>,
    _ session: HDF5Session
  ) throws -> [Double] {
    let leading = table.isPerChain ? [chains.count] : []
    let first = table.isPerChain ? [chains.lowerBound] : []
    let trailing = variable.axes.map(\.coordinates.count)
    let extents = leading + [positions.count] + trailing
    let origin = trailing.map { _ in 0 }
    let path = table.name + "/" + variable.name
    let count = extents.reduce(1, *)
    return try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let target = buffer.baseAddress, count > 0 else { return }
      var begin = 0
      for file in files {
        let rows = begin..<begin + (file.rows[table.name]?.count ?? 0)
        begin = rows.upperBound
        let wanted = rows.clamped(to: positions)
        if wanted.isEmpty { continue }
        let size = leading + [wanted.count] + trailing
        try session.scope(of: file.path) { session in
          let dataset = try session.openDataset(path, in: session.open(file.path))
          try session.read(
            Block(start: first + [wanted.lowerBound - rows.lowerBound] + origin, extents: size),
            of: dataset, path, into: target, extents: extents,
            target: Block(
              start: leading.map { _ in 0 } + [wanted.lowerBound - positions.lowerBound] + origin,
              extents: size))
        }
      }
      initialized = count
    }
  }
}
