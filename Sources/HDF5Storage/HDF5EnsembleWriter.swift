// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

/// Writes an ensemble into a run folder, one immutable segment for each commit.
///
/// A segment holds the rows since the last commit and the state to go on from. It is put together
/// in memory, written under a temporary name, made durable and only then given its name; then the
/// index `run.h5` is replaced in the same way. So a kill at any moment costs what was not yet
/// committed and nothing else, and a commit that fails can be tried again.
///
/// Memory during a commit: twice the pending rows and the fields of the state.
public final class HDF5EnsembleWriter: EnsembleWriter {
  public let layout: EnsembleLayout
  public let folder: RunFolder
  public private(set) var pendingBytes = 0
  /// Whether the last segment marks the ensemble as complete; a run may still be prolonged.
  public private(set) var isComplete = false

  private let lock: FolderLock
  private var columns: [String: TableColumns] = [:]
  private var recorded: [String: [String: AttributeValue]] = [:]
  /// Row numbers of all segments, and how many of them each segment holds.
  private var committedRows: [String: [Int]] = [:]
  private var segmentRows: [[String: Int]] = []

  /// Begins a run in a new folder, which is made; throws if it has content or cannot be made.
  public init(creating folder: String, layout: EnsembleLayout) throws {
    try LayoutRules.check(layout)
    self.layout = layout
    self.folder = RunFolder(folder)
    try self.folder.create()
    lock = try FolderLock(folder)
    try begin()
  }

  /// Goes on after the last segment of a folder, and removes files left unfinished by a kill.
  /// Throws if the folder is not there, a segment is missing or cannot be read, the layout of the
  /// first or last segment is not the given one, or another writer has the folder open.
  public init(resuming folder: String, layout: EnsembleLayout) throws {
    try LayoutRules.check(layout)
    self.layout = layout
    self.folder = RunFolder(folder)
    lock = try FolderLock(folder)
    let count = try self.folder.segmentCount()
    if count > 0 {
      let stored = try StoredEnsemble(folder)
      try self.folder.requireSame(stored.layout, layout, count - 1)
      if count > 1 {
        try self.folder.requireSame(
          StoredEnsemble.contents(of: stored.files[0].path).layout, layout, 0)
      }
      recorded = stored.contents.recorded
      isComplete = stored.contents.isComplete
      committedRows = stored.contents.rows
      segmentRows = stored.files.map { $0.rows.mapValues(\.count) }
    }
    for name in try self.folder.temporaries() {
      let path = self.folder.file(name)
      if unlink(path) != 0 { throw StorageError.system(path, "cannot be removed") }
    }
    try begin()
    if count > 0 { try writeIndex() }
  }

  public func append(row: Int, to table: String, _ values: [[Double]]) throws {
    guard let variables = columns[table]?.table.variables else {
      throw EnsembleError("no table named '\(table)'")
    }
    for (variable, values) in zip(variables, values) where variable.type != .float64 {
      if let wrong = values.first(where: { !variable.type.holds($0) }) {
        throw EnsembleError(
          "'\(table)/\(variable.name)' at row \(row): \(wrong) is no \(variable.type.rawValue)")
      }
    }
    try columns[table]!.append(row: row, values)
    pendingBytes += values.reduce(0) { $0 + $1.count * 8 }
  }

  public func record(_ attributes: [String: AttributeValue], in group: String) throws {
    if !group.isEmpty {
      try LayoutRules.checkGroup(group)
      try LayoutRules.checkPlace(of: group, in: layout)
    }
    try LayoutRules.check(attributes, of: group)
    recorded[group, default: [:]].merge(attributes) { $1 }
  }

  public func commit(_ restart: RestartState) throws { try commit(restart, complete: false) }

  public func finish(_ restart: RestartState, _ provenance: [String: AttributeValue]) throws {
    try record(provenance, in: "")
    try commit(restart, complete: true)
  }

  private func commit(_ restart: RestartState, complete: Bool) throws {
    let contents = FileContents(
      layout: layout, recorded: recorded, rows: columns.mapValues(\.rows), role: .segment,
      segment: segmentRows.count, isComplete: complete)
    try folder.writeSegment(contents, columns, restart)
    // The segment is there: from here on its rows are not pending, whatever happens to the index.
    for (table, rows) in contents.rows {
      committedRows[table, default: []] += rows
      columns[table]!.removeAll()
    }
    segmentRows.append(contents.rows.mapValues(\.count))
    pendingBytes = 0
    isComplete = complete
    try DurableFiles.synchronize(folder.path)
    try writeIndex()
  }

  private func writeIndex() throws {
    try folder.writeIndex(
      FileContents(
        layout: layout, recorded: recorded, rows: committedRows, role: .index, segment: nil,
        isComplete: isComplete), over: segmentRows)
  }

  /// Sets up the columns, and what every file says of its making.
  private func begin() throws {
    typealias Root = StorageLayout.Root
    for table in layout.tables {
      columns[table.name] = TableColumns(
        table: table, chains: layout.chains, lastRow: committedRows[table.name]?.last)
    }
    let given: [String: AttributeValue] = [
      Root.created: .text(ISO8601DateFormatter().string(from: Date())),
      Root.host: .text(ProcessInfo.processInfo.hostName),
      Root.hdf5Version: .text(try HDF5Session.libraryVersion()),
    ]
    for (name, value) in given
    where layout.attributes[name] == nil && recorded[""]?[name] == nil {
      recorded["", default: [:]][name] = value
    }
  }
}

extension RunFolder {
  /// Throws unless the layout of a segment is the given one.
  fileprivate func requireSame(
    _ stored: EnsembleLayout, _ given: EnsembleLayout, _ number: Int
  ) throws {
    if let difference = LayoutDifference.between(stored, given) {
      throw StorageError(
        file: segment(number), action: "has another layout than the run to resume",
        reasons: [difference])
    }
  }
}
