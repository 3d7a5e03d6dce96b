// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// What a kill can leave behind, made by hand: each state must open, hold a prefix of the run, and
/// go on to the same ensemble as a run that was never interrupted.
@Suite struct InterruptionTests {
  private static let files = FileManager.default
  private let sample = SampleEnsemble()

  enum Moment: String, CaseIterable {
    case segmentBegun, segmentNamed, indexBegun, indexMissing, indexEmpty, allDone
  }

  @Test(arguments: Moment.allCases)
  func resumesFrom(_ moment: Moment) throws {
    let scratch = try Scratch()
    let folder = RunFolder(scratch("run"))
    let files = Self.files
    let index = scratch("run/run.h5")
    do {
      let writer = try HDF5EnsembleWriter(creating: folder.path, layout: sample.layout)
      try sample.append(0..<8, to: writer)
      try writer.commit(sample.state(8))
      try files.copyItem(atPath: index, toPath: scratch("old-index"))
      try sample.append(8..<13, to: writer)
      try writer.commit(sample.state(13))
    }
    var committed = 13
    var kinds: [VerificationReport.Problem.Kind] = []
    switch moment {
    case .segmentBegun:
      let half = try Data(contentsOf: URL(fileURLWithPath: scratch("run/seg-000001.h5")))
      try files.removeItem(atPath: scratch("run/seg-000001.h5"))
      try files.removeItem(atPath: index)
      try files.moveItem(atPath: scratch("old-index"), toPath: index)
      try half.prefix(half.count / 2).write(
        to: URL(fileURLWithPath: scratch("run/seg-000001.h5.tmp")))
      committed = 8
      kinds = [.leftover]
    case .segmentNamed:
      try files.removeItem(atPath: index)
      try files.moveItem(atPath: scratch("old-index"), toPath: index)
      kinds = [.index]
    case .indexBegun:
      let whole = try Data(contentsOf: URL(fileURLWithPath: index))
      try whole.prefix(100).write(to: URL(fileURLWithPath: index + ".tmp"))
      try files.removeItem(atPath: index)
      try files.moveItem(atPath: scratch("old-index"), toPath: index)
      kinds = [.leftover, .index]
    case .indexMissing:
      try files.removeItem(atPath: index)
      kinds = [.index]
    case .indexEmpty:
      try Data().write(to: URL(fileURLWithPath: index))
      kinds = [.index]
    case .allDone: break
    }
    let before = try HDF5EnsembleReader(folder.path)
    #expect(try before.rows(of: "observables") == Array(0..<committed))
    #expect(try before.restart() == sample.state(committed))
    #expect(Set(try folder.verify().problems.map(\.kind)) == Set(kinds))

    let writer = try HDF5EnsembleWriter(resuming: folder.path, layout: sample.layout)
    #expect(try folder.verify().problems.isEmpty)
    #expect(throws: EnsembleError.self) {
      try sample.append(committed - 1..<committed, to: writer)
    }
    try sample.append(committed..<20, to: writer)
    try writer.finish(sample.state(20), [:])
    let memory = MemoryEnsemble(layout: sample.layout)
    try sample.write(20, every: 20, to: memory)
    let after = try HDF5EnsembleReader(folder.path)
    #expect(try differences(after, memory, sample.layout).isEmpty)
    #expect(after.attributes(of: "")["created"] == before.attributes(of: "")["created"])
    #expect(try folder.verify().problems.isEmpty)
    #expect(RunFolder.openHandles == 0)
  }

  @Test func beginsAnewWhereNothingWasCommitted() throws {
    let scratch = try Scratch()
    let folder = RunFolder(scratch("run"))
    _ = try HDF5EnsembleWriter(creating: folder.path, layout: sample.layout)
    try Data([1]).write(to: URL(fileURLWithPath: scratch("run/seg-000000.h5.tmp")))
    let writer = try HDF5EnsembleWriter(resuming: folder.path, layout: sample.layout)
    try sample.append(0..<3, to: writer)
    try writer.commit(sample.state(3))
    #expect(try folder.verify().problems.isEmpty)
  }

  /// A commit without rows still keeps the state, and a complete run can be prolonged.
  @Test func keepsTheStateOfAnEmptyCommit() throws {
    let scratch = try Scratch()
    var writer: HDF5EnsembleWriter? = try HDF5EnsembleWriter(
      creating: scratch("run"), layout: sample.layout)
    try writer!.finish(sample.state(1), [:])
    writer = nil
    writer = try HDF5EnsembleWriter(resuming: scratch("run"), layout: sample.layout)
    #expect(writer!.isComplete)
    try writer!.commit(sample.state(2))
    let reader = try HDF5EnsembleReader(scratch("run"))
    #expect(try reader.restart() == sample.state(2))
    #expect(!reader.isComplete)
    #expect(try RunFolder(scratch("run")).verify().problems.isEmpty)
  }

  @Test func oneWriterAtATime() throws {
    let scratch = try Scratch()
    let first = try HDF5EnsembleWriter(creating: scratch("run"), layout: sample.layout)
    let error = #expect(throws: StorageError.self) {
      try HDF5EnsembleWriter(resuming: scratch("run"), layout: sample.layout)
    }
    #expect(error?.description.contains("another writer") == true)
    try first.commit(sample.state(0))
  }

  /// A device that is always full stands where the temporary file goes.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskLosesNothing() throws {
    let scratch = try Scratch()
    let folder = RunFolder(scratch("run"))
    let files = Self.files
    let writer = try HDF5EnsembleWriter(creating: folder.path, layout: sample.layout)
    try sample.append(0..<8, to: writer)
    try writer.commit(sample.state(8))

    // No room for the segment: its rows stay pending.
    try sample.append(8..<13, to: writer)
    let pending = writer.pendingBytes
    let temporary = scratch("run/seg-000001.h5.tmp")
    try files.createSymbolicLink(atPath: temporary, withDestinationPath: "/dev/full")
    let error = #expect(throws: StorageError.self) { try writer.commit(sample.state(13)) }
    #expect(error?.description.contains("No space left on device") == true)
    #expect(error?.file == temporary)
    #expect(writer.pendingBytes == pending)
    #expect(try folder.verify().problems.isEmpty)
    #expect(try HDF5EnsembleReader(folder.path).restart() == sample.state(8))

    // No room for the index: the segment is there all the same.
    try files.createSymbolicLink(
      atPath: scratch("run/run.h5.tmp"), withDestinationPath: "/dev/full")
    #expect(throws: StorageError.self) { try writer.commit(sample.state(13)) }
    #expect(writer.pendingBytes == 0)
    #expect(try folder.verify().problems.map(\.kind) == [.index, .index, .index, .index])
    #expect(try HDF5EnsembleReader(folder.path).restart() == sample.state(13))

    try sample.append(13..<20, to: writer)
    try writer.finish(sample.state(20), [:])
    let memory = MemoryEnsemble(layout: sample.layout)
    try sample.write(20, every: 20, to: memory)
    #expect(try differences(HDF5EnsembleReader(folder.path), memory, sample.layout).isEmpty)
    #expect(try folder.verify().problems.isEmpty)

    try files.createSymbolicLink(atPath: scratch("p.h5.tmp"), withDestinationPath: "/dev/full")
    #expect(throws: StorageError.self) { try folder.pack(to: scratch("p.h5")) }
    #expect(!files.fileExists(atPath: scratch("p.h5")))
    #expect(RunFolder.openHandles == 0)
  }
}
