// SPDX-License-Identifier: GPL-3.0-or-later
import CHDF5
import Ensembles
import Foundation

extension RunFolder {
  /// Writes all segments into one plain file with the same groups, for publication.
  ///
  /// The file gets its name only when it is whole and durable. Memory: about 32 MB, or one value of
  /// a variable if that is more. Throws if the file exists, unless it may be replaced, if the disk
  /// has no room for it, or if a segment is missing or damaged.
  public func pack(to file: String, replacing: Bool = false) throws {
    let stored = try StoredEnsemble(path)
    if !replacing && FileManager.default.fileExists(atPath: file) {
      throw StorageError(
        file: file, action: "cannot be packed into", reasons: ["it exists already"])
    }
    let last = stored.files.last!.path
    let state = try HDF5Session.exclusively(last) { try $0.readRestart(from: $0.open(last)) }
    var contents = stored.contents
    contents.role = .packed
    contents.segment = nil
    // All but the chunks is put together in memory. The library then writes into room that the
    // disk has already given, because it could not let go of a file that it cannot write.
    let temporary = file + StorageLayout.temporarySuffix
    try HDF5Session.image(of: temporary) { session, output in
      try session.write(contents, to: output)
      try session.write(state, to: output)
    } _: { bytes in
      try DurableFiles.write(
        bytes, toTemporary: temporary, growingBy: Self.bytesOfChunks(of: contents))
    }
    do {
      try HDF5Session.exclusively(temporary) { session in
        let output = try session.open(temporary, toWrite: true)
        for table in contents.layout.tables {
          for variable in table.variables {
            try session.copy(variable, of: table, from: stored, to: output)
          }
        }
      }
      try DurableFiles.synchronize(temporary)
    } catch {
      unlink(temporary)
      throw error
    }
    try DurableFiles.rename(temporary, to: file)
    try DurableFiles.synchronize(DurableFiles.parent(of: file))
  }

  /// No less than what the chunks of all variables will take, with their checksums and the tree
  /// that finds them: 256 bytes a chunk is twice what a half-filled tree of rank 5 needs.
  private static func bytesOfChunks(of contents: FileContents) -> Int {
    var bytes = 1 << 16
    for table in contents.layout.tables {
      for variable in table.variables {
        let extents = contents.extents(of: variable, in: table)
        let chunk = StorageLayout.chunk(of: extents, bytesPerNumber: variable.type.bytes)
        let count = zip(extents, chunk).reduce(1) { $0 * (($1.0 + $1.1 - 1) / $1.1) }
        bytes += count * (chunk.reduce(variable.type.bytes, *) + 256) + 4096
      }
    }
    return bytes
  }
}

extension HDF5Session {
  /// Copies a variable from all files of an ensemble, in blocks of whole chunks of the new dataset.
  fileprivate func copy(
    _ variable: Variable, of table: Table, from stored: StoredEnsemble, to output: hid_t
  ) throws {
    let path = table.name + "/" + variable.name
    let extents = stored.contents.extents(of: variable, in: table)
    var step = StorageLayout.chunk(of: extents, bytesPerNumber: variable.type.bytes)
    let leading = table.isPerChain ? 2 : 1
    step.replaceSubrange(leading..., with: extents[leading...])
    // As many chunks at once as fit into 32 MB: first along the rows, then along the chains.
    for axis in (0..<leading).reversed() {
      let bytes = step.reduce(8, *)
      step[axis] = max(1, min(extents[axis], step[axis] * max(1, (32 << 20) / bytes)))
    }
    let row = leading - 1
    try scope { session in
      let dataset = try session.openDataset(path, in: output)
      for block in Block.pieces(of: extents, by: step) {
        let chains =
          table.isPerChain ? block.start[0]..<block.start[0] + block.extents[0] : 0..<1
        let values = try stored.values(
          of: variable, in: table, chains: chains,
          positions: block.start[row]..<block.start[row] + block.extents[row], session)
        try session.write(values, to: block, of: dataset, path)
      }
    }
  }
}
