// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

@Suite struct PackingTests {
  private let sample = SampleEnsemble()

  @Test(arguments: [1, 7, 40]) func holdsTheSameEnsemble(interval: Int) throws {
    let scratch = try Scratch()
    let folder = RunFolder(scratch("run"))
    let packed = scratch("packed.h5")
    let writer = try HDF5EnsembleWriter(creating: folder.path, layout: sample.layout)
    try sample.write(40, every: interval, to: writer)
    try folder.pack(to: packed)
    let one = try HDF5EnsembleReader(folder.path)
    let other = try HDF5EnsembleReader(packed)
    #expect(try differences(other, one, sample.layout).isEmpty)
    #expect(
      other.attributes(of: "").filter { $0.key != "no_number" }
        == one.attributes(of: "").filter { $0.key != "no_number" })
    let report = try verifyPacked(packed)
    #expect(report.problems.isEmpty)
    #expect(report.rows["observables"] == 40)
    #expect(!FileManager.default.fileExists(atPath: packed + ".tmp"))
    // The same run packed twice is the same bytes.
    try folder.pack(to: scratch("again.h5"))
    #expect(FileManager.default.contentsEqual(atPath: packed, andPath: scratch("again.h5")))
    #expect(RunFolder.openHandles == 0)
  }

  @Test func refusesToReplaceAFileUnlessTold() throws {
    let scratch = try Scratch()
    let folder = RunFolder(scratch("run"))
    let packed = scratch("packed.h5")
    try sample.write(
      4, every: 2, to: HDF5EnsembleWriter(creating: folder.path, layout: sample.layout))
    try Data([7]).write(to: URL(fileURLWithPath: packed))
    let error = #expect(throws: StorageError.self) { try folder.pack(to: packed) }
    #expect(error?.description.contains("exists") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: packed)) == Data([7]))
    try folder.pack(to: packed, replacing: true)
    #expect(try HDF5EnsembleReader(packed).rows(of: "observables").count == 4)
  }

  @Test func aDamagedSegmentLeavesNoFile() throws {
    let scratch = try Scratch()
    let folder = RunFolder(scratch("run"))
    try sample.write(
      9, every: 3, to: HDF5EnsembleWriter(creating: folder.path, layout: sample.layout))
    let path = scratch("run/seg-000001.h5")
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    let number = SampleEnsemble.number(4, 1, 5)
    let bytes = withUnsafeBytes(of: number.bitPattern.littleEndian) { Data($0) }
    let range = try #require(data.range(of: bytes))
    data[range.lowerBound] ^= 4
    try data.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: StorageError.self) { try folder.pack(to: scratch("packed.h5")) }
    #expect(error?.file == path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["run"])
    #expect(RunFolder.openHandles == 0)
  }
}
