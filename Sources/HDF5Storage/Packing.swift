// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles
import Foundation

extension RunFolder {
  /// Writes all segments into one plain file with the same groups, for publication.
  ///
  /// The file gets its name only when it is whole and durable. Memory: about 32 MB, or one chunk of
  /// a variable if that is more. Throws if the file exists, unless it may be replaced, if the disk
  /// has no room for it, or if a segment is missing or damaged.
  public func pack(to file: String, replacing: Bool = false) throws {
    let stored = try StoredEnsemble(path)
    if !replacing && FileManager.default.fileExists(atPath: file) {
      throw StorageError(
        file: file, action: "cannot be packed into", reasons: ["it exists already"])
    }
    try requireRoom(for: stored, at: file)
    let temporary = file + StorageLayout.temporarySuffix
    do {
      try HDF5Session.exclusively(temporary) { session in
        let output = try session.create(temporary)
        var contents = stored.contents
        contents.role = .packed
        contents.segment = nil
        try session.write(
          contents, to: output, fill: { try $0.copy($1, from: stored) })
        let last = stored.files.last!.path
        let state = try session.scope(of: last) { try $0.readRestart(from: $0.open(last)) }
        try session.write(state, to: output)
      }
      try DurableFiles.synchronize(temporary)
    } catch {
      unlink(temporary)
      throw error
    }
    try DurableFiles.rename(temporary, to: file)
    try DurableFiles.synchronize(DurableFiles.parent(of: file))
  }

  private func requireRoom(for stored: StoredEnsemble, at file: String) throws {
    var needed = 0
    for segment in stored.files {
      var status = stat()
      if stat(segment.path, &status) != 0 {
        throw StorageError.system(segment.path, "cannot be measured")
      }
      needed += Int(status.st_size)
    }
    let parent = DurableFiles.parent(of: file)
    var system = statvfs()
    if statvfs(parent, &system) != 0 { throw StorageError.system(parent, "cannot be measured") }
    let free = Int(system.f_bavail) * Int(system.f_frsize)
    if free < needed {
      throw StorageError(
        file: file, action: "cannot be packed into",
        reasons: ["it needs about \(needed) bytes, the disk has \(free) left"])
    }
  }
}

extension HDF5Session {
  /// Copies a variable from all files of an ensemble, in blocks of whole chunks of the new dataset.
  fileprivate func copy(_ dataset: NewDataset, from stored: StoredEnsemble) throws {
    let table = dataset.table
    let variable = table.variables[dataset.variable]
    if dataset.extents.contains(0) { return }
    var step = StorageLayout.chunk(of: dataset.extents, bytesPerNumber: variable.type.bytes)
    let leading = table.isPerChain ? 2 : 1
    step.replaceSubrange(leading..., with: dataset.extents[leading...])
    // As many chunks at once as fit into 32 MB: first along the rows, then along the chains.
    for axis in (0..<leading).reversed() {
      let bytes = step.reduce(8, *)
      step[axis] = min(dataset.extents[axis], step[axis] * max(1, (32 << 20) / bytes))
    }
    for block in Block.pieces(of: dataset.extents, by: step) {
      let row = leading - 1
      let chains =
        table.isPerChain ? block.start[0]..<block.start[0] + block.extents[0] : 0..<1
      let values = try stored.values(
        of: variable, in: table, chains: chains,
        positions: block.start[row]..<block.start[row] + block.extents[row], self)
      try write(values, to: block, of: dataset.identifier, dataset.path)
    }
  }
}
