// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

@Suite struct LayoutTests {
  private let sample = SampleEnsemble()

  /// The layout without the attribute that no layout equals, because it is NaN.
  private var layout: EnsembleLayout {
    var layout = sample.layout
    layout.attributes["no_number"] = nil
    return layout
  }

  @Test func comesBackFromEveryKindOfFile() throws {
    let scratch = try Scratch()
    let folder = RunFolder(scratch("run"))
    let writer = try HDF5EnsembleWriter(creating: folder.path, layout: layout)
    try sample.append(0..<5, to: writer)
    try writer.commit(sample.state(5))
    try writer.record(["seed": .integer(8), "later": .texts(["x"])], in: "")
    try writer.record(["interval": .real(2), "rate": .real(0.5)], in: "observables")
    try writer.record(["found": .integer(1)], in: "new/group")
    try writer.finish(sample.state(5), ["end": .text("now")])
    try folder.pack(to: scratch("packed.h5"))
    for path in [folder.path, scratch("run/seg-000000.h5"), scratch("packed.h5")] {
      let reader = try HDF5EnsembleReader(path)
      #expect(reader.layout == layout)
      #expect(reader.layout.tables.map(\.name) == layout.tables.map(\.name))
    }
    for path in [folder.path, scratch("packed.h5")] {
      let reader = try HDF5EnsembleReader(path)
      let root = reader.attributes(of: "")
      #expect(root["seed"] == .integer(8))
      #expect(root["later"] == .texts(["x"]))
      #expect(root["end"] == .text("now"))
      for (name, value) in layout.attributes where name != "seed" { #expect(root[name] == value) }
      for name in ["created", "host", "hdf5_version"] { #expect(root[name] != nil) }
      #expect(
        reader.attributes(of: "observables") == ["interval": .real(2), "rate": .real(0.5)])
      #expect(reader.attributes(of: "new/group") == ["found": .integer(1)])
      #expect(reader.attributes(of: "theory") == layout.descriptions["theory"])
      #expect(reader.attributes(of: "bare").isEmpty)
    }
  }

  @Test func refusesWhatAFileCannotHold() throws {
    let axis = Axis(name: "x", coordinates: [0, 1], longName: "X")
    let other = Axis(name: "x", coordinates: [0, 1, 2], longName: "X")
    func table(_ variables: [Variable], name: String = "t") -> [Table] {
      [Table(name: name, variables: variables)]
    }
    func variable(_ name: String, _ axes: [Axis] = [], flags: [String] = []) -> Variable {
      Variable(name: name, axes: axes, longName: "V", flagMeanings: flags)
    }
    let wrong: [EnsembleLayout] = [
      EnsembleLayout(chains: 0, tables: []),
      EnsembleLayout(chains: 1, attributes: ["Conventions": .text("CF")], tables: []),
      EnsembleLayout(chains: 1, attributes: ["driftfield_role": .text("")], tables: []),
      EnsembleLayout(chains: 1, attributes: ["a": .text("a\0b")], tables: []),
      EnsembleLayout(chains: 1, descriptions: ["restart": [:]], tables: []),
      EnsembleLayout(chains: 1, descriptions: ["": [:]], tables: []),
      EnsembleLayout(chains: 1, descriptions: ["t": [:]], tables: table([])),
      EnsembleLayout(chains: 1, descriptions: ["t/u": [:]], tables: table([])),
      EnsembleLayout(chains: 1, tables: table([], name: "a//b")),
      EnsembleLayout(chains: 1, tables: table([]) + table([])),
      EnsembleLayout(chains: 1, tables: table([variable("v"), variable("v")])),
      EnsembleLayout(chains: 1, tables: table([variable("chain")])),
      EnsembleLayout(chains: 1, tables: table([variable("trajectory")])),
      EnsembleLayout(chains: 1, tables: table([variable("v", [axis, axis])])),
      EnsembleLayout(chains: 1, tables: table([variable("v", [axis]), variable("w", [other])])),
      EnsembleLayout(chains: 1, tables: table([variable("v", [axis]), variable("x")])),
      EnsembleLayout(chains: 1, tables: table([variable("v", flags: ["two words"])])),
      EnsembleLayout(
        chains: 1,
        tables: table([variable("v", [Axis(name: "e", coordinates: [], longName: "E")])])),
      EnsembleLayout(
        chains: 1,
        tables: table([variable("v", [Axis(name: "h", coordinates: [0.5], longName: "H")])])),
    ]
    let scratch = try Scratch()
    for layout in wrong {
      #expect(throws: EnsembleError.self) {
        try HDF5EnsembleWriter(creating: scratch("run"), layout: layout)
      }
    }
    #expect(!FileManager.default.fileExists(atPath: scratch("run")))
  }

  @Test func refusesRowsAndAttributesThatDoNotFit() throws {
    let scratch = try Scratch()
    let layout = EnsembleLayout(
      chains: 2,
      tables: [
        Table(
          name: "t",
          variables: [
            Variable(name: "i", type: .int64, longName: "I"),
            Variable(name: "f", type: .float32, longName: "F"),
            Variable(name: "u", type: .uint8, longName: "U"),
          ])
      ])
    let writer = try HDF5EnsembleWriter(creating: scratch("run"), layout: layout)
    for values: [[Double]] in [
      [[0, 0.5], [0, 0], [0, 0]], [[0, .nan], [0, 0], [0, 0]], [[0, 1e17], [0, 0], [0, 0]],
      [[0, 0], [0, 1e39], [0, 0]], [[0, 0], [0, 0], [0, 256]], [[0, 0], [0, 0], [-1, 0]],
      [[0, 0], [0, 0]], [[0], [0, 0], [0, 0]],
    ] {
      #expect(throws: EnsembleError.self) { try writer.append(row: 1, to: "t", values) }
    }
    #expect(throws: EnsembleError.self) { try writer.append(row: 1, to: "u", []) }
    #expect(writer.pendingBytes == 0)
    try writer.append(row: 1, to: "t", [[-1, 2], [.infinity, .nan], [0, 255]])
    #expect(throws: EnsembleError.self) {
      try writer.append(row: 1, to: "t", [[0, 0], [0, 0], [0, 0]])
    }
    #expect(throws: EnsembleError.self) { try writer.record(["complete": .integer(1)], in: "") }
    #expect(throws: EnsembleError.self) { try writer.record([:], in: "restart") }
    #expect(throws: EnsembleError.self) { try writer.record([:], in: "t/i") }
  }

  @Test func refusesToResumeWithAnotherLayout() throws {
    let scratch = try Scratch()
    do {
      let writer = try HDF5EnsembleWriter(creating: scratch("run"), layout: sample.layout)
      try sample.append(0..<5, to: writer)
      try writer.commit(sample.state(5))
    }
    // With the very same layout it goes on, although it holds a NaN.
    _ = try HDF5EnsembleWriter(resuming: scratch("run"), layout: sample.layout)
    let changes: [(String, (inout EnsembleLayout) -> Void)] = [
      ("chains", { $0.chains = 4 }),
      ("'seed'", { $0.attributes["seed"] = .integer(1) }),
      ("'new'", { $0.attributes["new"] = .integer(1) }),
      ("'c2'", { $0.descriptions["theory"]!["c2"] = .real(0.3) }),
      ("descriptions", { $0.descriptions["bare"] = nil }),
      ("tables", { $0.tables.swapAt(0, 1) }),
      ("'observables'", { $0.tables[0].rowName = "step" }),
      ("'interval'", { $0.tables[0].attributes["interval"] = .integer(2) }),
      ("variables", { $0.tables[0].variables.removeLast() }),
      ("float32", { $0.tables[0].variables[0].type = .float32 }),
      ("'observables/G_t'", { $0.tables[0].variables[4].axes[0].coordinates[1] = 9 }),
      ("meaning", { $0.tables[0].variables[0].longName = "Other" }),
    ]
    for (word, change) in changes {
      var layout = sample.layout
      change(&layout)
      let error = #expect(throws: StorageError.self) {
        try HDF5EnsembleWriter(resuming: scratch("run"), layout: layout)
      }
      #expect(error?.description.contains(word) == true, "\(String(describing: error)) for \(word)")
      #expect(error?.description.contains("seg-000000.h5") == true)
    }
  }
}
