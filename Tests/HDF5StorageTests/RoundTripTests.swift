// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

@Suite struct RoundTripTests {
  @Test(arguments: [(0, 1), (1, 1), (5, 5), (40, 1), (40, 7), (41, 40)])
  func readsWhatWasWritten(rows: Int, interval: Int) throws {
    let sample = SampleEnsemble()
    let scratch = try Scratch()
    let memory = MemoryEnsemble(layout: sample.layout)
    try sample.write(rows, every: interval, to: memory)
    let writer = try HDF5EnsembleWriter(creating: scratch("a/run"), layout: sample.layout)
    try sample.write(rows, every: interval, to: writer)
    #expect(writer.pendingBytes == 0)
    let reader = try HDF5EnsembleReader(scratch("a/run"))
    #expect(try differences(reader, memory, sample.layout).isEmpty)
    #expect(reader.isComplete)
    #expect(try RunFolder(scratch("a/run")).verify().problems.isEmpty)
    #expect(RunFolder.openHandles == 0)
  }

  @Test func specialNumbersKeepTheirBits() throws {
    let numbers: [Double] = [
      .nan, -.nan, Double(bitPattern: 0x7ff8_0000_dead_beef), .infinity, -.infinity, -0.0,
      .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi,
    ]
    let scratch = try Scratch()
    let layout = EnsembleLayout(
      chains: numbers.count,
      tables: [Table(name: "t", variables: [Variable(name: "v", longName: "V")])])
    let writer = try HDF5EnsembleWriter(creating: scratch("run"), layout: layout)
    try writer.append(row: 4, to: "t", [numbers])
    let state = RestartState(
      fields: Configurations(count: 1, dimension: numbers.count, values: numbers), integers: [:])
    try writer.commit(state)
    let reader = try HDF5EnsembleReader(scratch("run"))
    let bits = numbers.map(\.bitPattern)
    #expect(try reader.values(of: "v", in: "t").map(\.bitPattern) == bits)
    #expect(try reader.restart().fields.values.map(\.bitPattern) == bits)
    #expect(!reader.isComplete)
  }

  @Test func readsAnyRangeOfRows() throws {
    let sample = SampleEnsemble()
    let scratch = try Scratch()
    let memory = MemoryEnsemble(layout: sample.layout)
    try sample.write(60, every: 11, to: memory)
    try sample.write(
      60, every: 11, to: HDF5EnsembleWriter(creating: scratch("run"), layout: sample.layout))
    let reader = try HDF5EnsembleReader(scratch("run"))
    for (table, variable) in [("configurations", "phi"), ("annealing", "work")] {
      let count = try memory.rows(of: table).count
      for lower in 0...count {
        for upper in lower...count {
          let one = try reader.values(of: variable, in: table, positions: lower..<upper)
          #expect(try one == memory.values(of: variable, in: table, positions: lower..<upper))
        }
      }
    }
    #expect(throws: EnsembleError.self) {
      try reader.values(of: "phi", in: "configurations", positions: 0..<21)
    }
    #expect(throws: EnsembleError.self) { try reader.rows(of: "nothing") }
    #expect(throws: EnsembleError.self) { try reader.values(of: "nothing", in: "annealing") }
  }

  /// Values larger than a chunk, and blocks of several chunks along each leading axis.
  @Test func cutsLargeValuesIntoChunks() throws {
    let sample = SampleEnsemble(chains: 5, extent: 200)
    let scratch = try Scratch()
    let memory = MemoryEnsemble(layout: sample.layout)
    try sample.write(9, every: 6, to: memory)
    let folder = RunFolder(scratch("run"))
    try sample.write(
      9, every: 6, to: HDF5EnsembleWriter(creating: folder.path, layout: sample.layout))
    try folder.pack(to: scratch("packed.h5"))
    for path in [folder.path, scratch("packed.h5")] {
      #expect(try differences(HDF5EnsembleReader(path), memory, sample.layout).isEmpty)
    }
  }

  @Test func manyChainsAndRowsOfOneNumber() throws {
    let layout = EnsembleLayout(
      chains: 1500,
      tables: [
        Table(name: "t", variables: [Variable(name: "v", type: .int64, longName: "V")])
      ])
    let scratch = try Scratch()
    let memory = MemoryEnsemble(layout: layout)
    let writer = try HDF5EnsembleWriter(creating: scratch("run"), layout: layout)
    for row in 0..<200 {
      let values = (0..<1500).map { Double(row * 10_000 + $0) }
      try writer.append(row: row, to: "t", [values])
      try memory.append(row: row, to: "t", [values])
    }
    let state = RestartState(fields: Configurations(count: 0, dimension: 0), integers: [:])
    try writer.commit(state)
    let reader = try HDF5EnsembleReader(scratch("run"))
    #expect(try reader.values(of: "v", in: "t") == memory.values(of: "v", in: "t"))
    #expect(try reader.restart() == state)
  }

  @Test func aReaderSeesWhatWasCommittedWhenItWasOpened() throws {
    let sample = SampleEnsemble()
    let scratch = try Scratch()
    let writer = try HDF5EnsembleWriter(creating: scratch("run"), layout: sample.layout)
    #expect(throws: StorageError.self) { try HDF5EnsembleReader(scratch("run")) }
    try sample.append(0..<4, to: writer)
    try writer.commit(sample.state(4))
    let early = try HDF5EnsembleReader(scratch("run"))
    try sample.append(4..<9, to: writer)
    #expect(writer.pendingBytes > 0)
    #expect(try HDF5EnsembleReader(scratch("run")).rows(of: "observables") == Array(0..<4))
    try writer.commit(sample.state(9))
    #expect(try early.rows(of: "observables") == Array(0..<4))
    #expect(try early.values(of: "m", in: "observables").count == 12)
    #expect(try HDF5EnsembleReader(scratch("run/run.h5")).rows(of: "observables").count == 9)
    #expect(try HDF5EnsembleReader(scratch("run/seg-000001.h5")).rows(of: "observables").count == 5)
  }
}
