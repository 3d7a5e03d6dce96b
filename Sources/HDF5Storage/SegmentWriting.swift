// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles

/// How one segment and the index are written into a run folder.
extension RunFolder {
  /// Writes a segment; when this returns, it has its name.
  func writeSegment(
    _ contents: FileContents, _ columns: [String: TableColumns], _ restart: RestartState
  ) throws {
    let path = segment(contents.segment!)
    try HDF5Session.image(of: path) { session, file in
      try session.write(
        contents, to: file,
        fill: { session, dataset in
          try session.fill(dataset, from: columns[dataset.table.name]!)
        })
      try session.write(restart, to: file)
    } _: { bytes in
      try DurableFiles.write(bytes, to: path)
    }
  }

  /// Writes the index over segments that hold `counts` rows of each table. The row numbers lie in
  /// the index itself, so that a lost segment shows as NaN at known rows.
  func writeIndex(_ contents: FileContents, over counts: [[String: Int]]) throws {
    var contents = contents
    contents.role = .index
    contents.segment = nil
    try HDF5Session.image(of: index, upTo: H5F_LIBVER_V110) { session, file in
      try session.write(
        contents, to: file,
        storage: { table, variable in
          .virtual(
            Self.sources(of: variable, in: table, counts: counts, chains: contents.layout.chains))
        })
    } _: { bytes in
      try DurableFiles.write(bytes, to: index)
    }
    try DurableFiles.synchronize(path)
  }

  private static func sources(
    of variable: Variable, in table: Table, counts: [[String: Int]], chains: Int
  ) -> [(file: String, block: Block)] {
    let leading = table.isPerChain ? [chains] : []
    let trailing = variable.axes.map(\.coordinates.count)
    var begin = 0
    var sources: [(file: String, block: Block)] = []
    for (number, counts) in counts.enumerated() {
      let count = counts[table.name] ?? 0
      if count == 0 { continue }
      sources.append(
        (
          StorageLayout.segmentFile(number),
          Block(
            start: leading.map { _ in 0 } + [begin] + trailing.map { _ in 0 },
            extents: leading + [count] + trailing)
        ))
      begin += count
    }
    return sources
  }
}

extension HDF5Session {
  /// Writes pending rows whole chunks at a time, so that no more than a chunk is copied at once.
  fileprivate func fill(_ dataset: NewDataset, from columns: TableColumns) throws {
    if dataset.extents.contains(0) { return }
    let table = dataset.table
    let variable = table.variables[dataset.variable]
    let chunk = StorageLayout.chunk(of: dataset.extents, bytesPerNumber: variable.type.bytes)
    let chainStep = table.isPerChain ? chunk[0] : 1
    let rowStep = table.isPerChain ? chunk[1] : chunk[0]
    let trailing = variable.axes.map(\.coordinates.count)
    var buffer = [Double](repeating: 0, count: chainStep * rowStep * variable.size)
    for firstChain in stride(from: 0, to: columns.chains, by: chainStep) {
      let chains = firstChain..<min(firstChain + chainStep, columns.chains)
      for firstRow in stride(from: 0, to: columns.rows.count, by: rowStep) {
        let rows = firstRow..<min(firstRow + rowStep, columns.rows.count)
        try buffer.withUnsafeMutableBufferPointer { buffer in
          let target = buffer.baseAddress!
          columns.copy(dataset.variable, chains: chains, positions: rows, to: target)
          try write(
            target,
            to: Block(
              start: (table.isPerChain ? [firstChain] : []) + [firstRow] + trailing.map { _ in 0 },
              extents: (table.isPerChain ? [chains.count] : []) + [rows.count] + trailing),
            of: dataset.identifier, dataset.path)
        }
      }
    }
  }
}
