// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

/// Checks one file of an ensemble after the other, and the index at the end, into a report.
struct FileCheck {
  var report = VerificationReport()
  private var first: (file: String, layout: EnsembleLayout)?
  private var last: FileContents?
  private var rows: [String: [Int]] = [:]
  /// Whether the row numbers of every file so far are known.
  private var knowsAllRows = true

  init(report: VerificationReport) { self.report = report }

  /// Reads every number of a file; `number` is that of a segment.
  mutating func check(_ file: String, number: Int?) {
    let contents: FileContents
    do {
      contents = try StoredEnsemble.contents(of: file)
    } catch {
      knowsAllRows = false
      report.note(.unreadable, Self.storageError(error, file))
      return
    }
    last = contents
    checkLayout(of: file, contents, number)
    checkRows(of: file, contents)
    do {
      for table in contents.layout.tables {
        for variable in table.variables { try check(variable, of: table, in: file, contents) }
      }
      let state = try HDF5Session.exclusively(file) { session in
        try session.readRestart(from: session.open(file))
      }
      var bad = NonFinite()
      bad.count(
        state.fields.values,
        in: Block(start: [0, 0], extents: [state.fields.count, state.fields.dimension]))
      note(bad, file, StorageLayout.Restart.group + "/" + StorageLayout.Restart.fields)
      report.files += 1
    } catch {
      report.note(.unreadable, Self.storageError(error, file))
    }
  }

  private static func storageError(_ error: any Error, _ file: String) -> StorageError {
    error as? StorageError ?? StorageError(file: file, action: "\(error)")
  }

  private mutating func checkLayout(of file: String, _ contents: FileContents, _ number: Int?) {
    if contents.segment != number {
      let said = contents.segment.map(String.init) ?? "none"
      report.note(.layout, file, text: "it says that its number is \(said)")
    }
    guard let first else {
      first = (file, contents.layout)
      return
    }
    if let difference = LayoutDifference.between(contents.layout, first.layout) {
      report.note(.layout, file, text: "its layout is not that of \(first.file): \(difference)")
    }
  }

  private mutating func checkRows(of file: String, _ contents: FileContents) {
    for table in contents.layout.tables {
      var previous = rows[table.name]?.last
      for row in contents.rows[table.name] ?? [] {
        if let before = previous, row <= before {
          report.note(
            .rowNumbers, file, table.name + "/" + table.rowName,
            text: "row \(row) comes after row \(before)")
          break
        }
        previous = row
      }
      rows[table.name, default: []] += contents.rows[table.name] ?? []
      report.rows[table.name] = rows[table.name]!.count
    }
  }

  /// Reads a variable chunk by chunk, so that damage can be placed.
  private mutating func check(
    _ variable: Variable, of table: Table, in file: String, _ contents: FileContents
  ) throws {
    let path = table.name + "/" + variable.name
    let extents = contents.extents(of: variable, in: table)
    let found = try HDF5Session.exclusively(file) { session in
      try session.extents(of: session.openDataset(path, in: session.open(file)), path)
    }
    if found != extents {
      report.note(.layout, file, path, text: "its extents are \(found), not \(extents)")
      return
    }
    let chunk = StorageLayout.chunk(of: extents, bytesPerNumber: variable.type.bytes)
    var bad = NonFinite()
    for block in Block.pieces(of: extents, by: chunk) {
      do {
        let values = try HDF5Session.exclusively(file) { session in
          try session.values(of: block, path, in: session.open(file))
        }
        bad.count(values, in: block)
      } catch let error as StorageError {
        report.note(
          .unreadable, file, path,
          text: "the block \(block.extents) from \(block.start) cannot be read: "
            + error.reasons.joined(separator: "; "))
      }
    }
    note(bad, file, path)
  }

  private mutating func note(_ bad: NonFinite, _ file: String, _ path: String) {
    guard let place = bad.firstPlace else { return }
    report.note(
      .nonFinite, file, path,
      text: "\(bad.notANumber) NaN and \(bad.infinite) infinite of \(bad.total) numbers, "
        + "the first at \(place)")
  }

  /// Compares the index with the segments that were checked.
  mutating func checkIndex(of folder: RunFolder, isWhole: Bool) {
    let index = folder.index
    guard FileManager.default.fileExists(atPath: index) else {
      report.note(.index, index, text: "the file is missing")
      return
    }
    let contents: FileContents
    do {
      contents = try StoredEnsemble.contents(of: index)
    } catch {
      report.note(.index, Self.storageError(error, index))
      return
    }
    if let first, let difference = LayoutDifference.between(contents.layout, first.layout) {
      report.note(.index, index, text: "its layout is not that of \(first.file): \(difference)")
    }
    // Rows of segments that are lost or unreadable cannot be compared.
    guard isWhole, knowsAllRows else { return }
    // A segment is durable before the index shows it, so an index that is ahead has lost one.
    let isAhead =
      contents.isComplete && last?.isComplete == false
      || contents.layout.tables.contains {
        contents.rows[$0.name, default: []].count > rows[$0.name, default: []].count
      }
    if isAhead, let number = last?.segment {
      report.note(
        .missingSegment, folder.segment(number + 1),
        text: "the file is missing: the index goes on after segment \(number)")
    }
    for table in contents.layout.tables {
      let expected = rows[table.name] ?? []
      let found = contents.rows[table.name] ?? []
      if expected != found {
        report.note(
          .index, index, table.name,
          text: found.count == expected.count
            ? "it has other row numbers than the segments"
            : "it has \(found.count) rows, the segments have \(expected.count)")
      }
    }
    if let last,
      last.isComplete != contents.isComplete
        || !LayoutDifference.isSame(last.recorded, contents.recorded)
    {
      report.note(.index, index, text: "its attributes are not those of the last segment")
    }
  }
}

/// Numbers that are not finite, and where the first of them is.
private struct NonFinite {
  private(set) var notANumber = 0
  private(set) var infinite = 0
  private(set) var total = 0
  private(set) var firstPlace: [Int]?

  mutating func count(_ values: [Double], in block: Block) {
    total += values.count
    for (position, value) in values.enumerated() where !value.isFinite {
      if value.isNaN { notANumber += 1 } else { infinite += 1 }
      if firstPlace == nil { firstPlace = block.place(of: position) }
    }
  }
}
