// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

@Suite struct VerificationTests {
  private let sample = SampleEnsemble()

  /// A sound run of three segments.
  private func makeRun(_ scratch: Scratch, name: String = "run") throws -> RunFolder {
    let folder = RunFolder(scratch(name))
    try sample.write(
      30, every: 10, to: HDF5EnsembleWriter(creating: folder.path, layout: sample.layout))
    return folder
  }

  private func change(_ path: String, _ body: (inout Data) throws -> Void) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    try body(&data)
    try data.write(to: URL(fileURLWithPath: path))
  }

  @Test func aSoundRunHasNoProblems() throws {
    let scratch = try Scratch()
    let report = try makeRun(scratch).verify()
    #expect(report.problems.isEmpty)
    #expect(report.isSound)
    #expect(report.files == 3)
    #expect(report.rows["observables"] == 30)
    #expect(report.rows["configurations"] == 10)
  }

  @Test(arguments: [0, 1]) func namesAMissingSegment(number: Int) throws {
    let scratch = try Scratch()
    let folder = try makeRun(scratch)
    let path = scratch("run/seg-00000\(number).h5")
    try FileManager.default.removeItem(atPath: path)
    let report = try folder.verify()
    #expect(report.problems.map(\.kind) == [.missingSegment])
    #expect(report.problems[0].file == path)
    #expect(!report.isSound)
    for attempt in [
      { _ = try HDF5EnsembleReader(folder.path) },
      { _ = try HDF5EnsembleWriter(resuming: folder.path, layout: sample.layout) },
      { try folder.pack(to: scratch("packed.h5")) },
    ] {
      let error = #expect(throws: StorageError.self) { try attempt() }
      #expect(error?.file == path)
    }
  }

  /// Through the index, a lost segment is NaN in its own rows alone.
  @Test func theIndexShowsAllSegments() throws {
    let scratch = try Scratch()
    let folder = try makeRun(scratch)
    let memory = MemoryEnsemble(layout: sample.layout)
    try sample.write(30, every: 30, to: memory)
    for table in sample.layout.tables {
      for name in table.variables.map(\.name) {
        #expect(
          try folder.valuesThroughIndex(of: name, in: table.name)
            == memory.values(of: name, in: table.name))
      }
    }
    // The folder can move as a whole.
    let moved = RunFolder(scratch("moved"))
    try FileManager.default.moveItem(atPath: folder.path, toPath: moved.path)
    try FileManager.default.removeItem(atPath: scratch("moved/seg-000001.h5"))
    let found = try moved.valuesThroughIndex(of: "m", in: "observables")
    for (place, value) in try memory.values(of: "m", in: "observables").enumerated() {
      let isLost = (10..<20).contains(place % 30)
      #expect(isLost ? found[place].isNaN : found[place] == value)
    }
    #expect(try moved.valuesThroughIndex(of: "count", in: "observables")[10] == -0x1p63)
    #expect(try moved.valuesThroughIndex(of: "accept", in: "observables")[10] == 255)
  }

  /// The last segment cannot be missed by its number, but the index remembers its rows.
  @Test func theIndexKnowsTheLastSegment() throws {
    let scratch = try Scratch()
    let folder = try makeRun(scratch)
    try FileManager.default.removeItem(atPath: scratch("run/seg-000002.h5"))
    let problems = try folder.verify().problems
    #expect(Set(problems.map(\.kind)) == [.missingSegment, .index])
    let missing = problems.filter { $0.kind == .missingSegment }
    #expect(missing.map(\.file) == [scratch("run/seg-000002.h5")])
    #expect(problems.contains { $0.text.contains("30 rows, the segments have 20") })
  }

  /// One flipped bit in the data of a segment, at each of many places, is found and placed.
  @Test func findsEveryFlippedBitInTheData() throws {
    let scratch = try Scratch()
    let folder = try makeRun(scratch)
    let path = scratch("run/seg-000001.h5")
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for (salt, place) in [(1, "observables/m"), (3, "observables/G_t"), (5, "configurations/phi")] {
      for row in [10, 13, 19] {
        let number = SampleEnsemble.number(row, 1, salt)
        let bytes = withUnsafeBytes(of: number.bitPattern.littleEndian) { Data($0) }
        let range = try #require(whole.range(of: bytes))
        try change(path) { $0[range.lowerBound + row % 8] ^= UInt8(1 << (row % 8)) }
        let problems = try folder.verify().problems
        #expect(problems.map(\.kind) == [.unreadable])
        #expect(problems.first?.path == place)
        #expect(problems.first?.text.contains("Fletcher32") == true)
        let reader = try HDF5EnsembleReader(folder.path)
        let names = place.split(separator: "/").map(String.init)
        #expect(throws: StorageError.self) { try reader.values(of: names[1], in: names[0]) }
        try whole.write(to: URL(fileURLWithPath: path))
      }
    }
    #expect(try folder.verify().isSound)
    #expect(RunFolder.openHandles == 0)
  }

  @Test(arguments: [0, 1, 96, 5000, -1]) func findsATruncatedFile(length: Int) throws {
    let scratch = try Scratch()
    let folder = try makeRun(scratch)
    let path = scratch("run/seg-000002.h5")
    try change(path) { $0 = $0.prefix(length < 0 ? $0.count + length : length) }
    let problems = try folder.verify().problems
    #expect(problems.map(\.kind) == [.unreadable])
    #expect(problems.first?.file == path)
    let error = #expect(throws: StorageError.self) {
      try HDF5EnsembleWriter(resuming: folder.path, layout: sample.layout)
    }
    #expect(error?.file == path)
    #expect(error?.reasons.isEmpty == false)
  }

  @Test func findsRowsOutOfOrder() throws {
    let scratch = try Scratch()
    let folder = try makeRun(scratch)
    let files = FileManager.default
    try files.removeItem(atPath: scratch("run/seg-000002.h5"))
    try files.copyItem(
      atPath: scratch("run/seg-000001.h5"), toPath: scratch("run/seg-000002.h5"))
    let problems = try folder.verify().problems
    #expect(
      problems.contains {
        $0.kind == .rowNumbers && $0.path == "observables/trajectory"
          && $0.text == "row 10 comes after row 19"
      })
    #expect(problems.contains { $0.kind == .layout && $0.text.contains("number is 1") })
  }

  @Test func findsASegmentOfAnotherRun() throws {
    let scratch = try Scratch()
    let folder = try makeRun(scratch)
    var other = sample.layout
    other.tables[0].variables[0].longName = "Something else"
    let writer = try HDF5EnsembleWriter(creating: scratch("other"), layout: other)
    try sample.write(30, every: 10, to: writer)
    let files = FileManager.default
    try files.removeItem(atPath: scratch("run/seg-000001.h5"))
    try files.copyItem(
      atPath: scratch("other/seg-000001.h5"), toPath: scratch("run/seg-000001.h5"))
    let problems = try folder.verify().problems
    #expect(problems.map(\.kind) == [.layout])
    #expect(problems.first?.text.contains("'observables/m'") == true)
  }

  @Test func countsNumbersThatAreNotFinite() throws {
    let scratch = try Scratch()
    let layout = EnsembleLayout(
      chains: 2, tables: [Table(name: "t", variables: [Variable(name: "v", longName: "V")])])
    let writer = try HDF5EnsembleWriter(creating: scratch("run"), layout: layout)
    for row in 0..<6 {
      try writer.append(
        row: row, to: "t", [[row == 4 ? .nan : 1, [2, 5].contains(row) ? .infinity : 0]])
    }
    let fields = Configurations(count: 1, dimension: 2, values: [0, -.infinity])
    try writer.commit(RestartState(fields: fields, integers: [:]))
    let problems = try RunFolder(scratch("run")).verify().problems
    #expect(problems.map(\.kind) == [.nonFinite, .nonFinite])
    #expect(problems.map(\.path) == ["t/v", "restart/fields"])
    #expect(problems[0].text == "1 NaN and 2 infinite of 12 numbers, the first at [0, 4]")
    #expect(problems[1].text == "0 NaN and 1 infinite of 2 numbers, the first at [0, 1]")
  }

  @Test func notesLeftovers() throws {
    let scratch = try Scratch()
    let folder = try makeRun(scratch)
    try Data([1]).write(to: URL(fileURLWithPath: scratch("run/seg-000003.h5.tmp")))
    try Data([1]).write(to: URL(fileURLWithPath: scratch("run/notes.txt.tmp")))
    let report = try folder.verify()
    #expect(report.problems.map(\.kind) == [.leftover])
    #expect(report.isSound)
  }

  @Test func anEmptyFolderIsNotSound() throws {
    let scratch = try Scratch()
    #expect(try RunFolder(scratch.path).verify().problems.map(\.kind) == [.missingSegment])
    #expect(throws: StorageError.self) { try RunFolder(scratch("nowhere")).verify() }
  }
}
