// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import NumPyFiles
import Testing

/// `driftfield import` and `driftfield export`: configurations from and arrays for other programs.
@Suite struct NumPyTests {
  private static let couplings = ["--m2", "-4", "--lambda", "4"]

  private func write(_ values: [Double], shape: [Int], to name: String, in scratch: Scratch) throws
  {
    let header = ArrayHeader(type: .float64, shape: shape)
    try Data(header.bytes + header.type.bytes(of: values)).write(
      to: URL(fileURLWithPath: scratch(name)))
  }

  /// Configurations of a run, taken over in each of the ways, give the run's own observables to the bit.
  @Test func importedConfigurationsAreThoseOfTheRun() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "sweep.yaml")
    #expect(try Tool.run(["run", "sweep.yaml"], in: scratch).code == 0)
    let run = try HDF5EnsembleReader(scratch("out/run-000-hmc"))
    let fields = try run.values(of: "phi", in: "configurations")
    let rows = try run.rows(of: "configurations")
    #expect(fields.count == 4 * rows.count * 16)
    try write(fields, shape: [4, rows.count, 4, 4], to: "all.npy", in: scratch)
    for chain in 0..<4 {
      let length = rows.count * 16
      try write(
        Array(fields[chain * length..<(chain + 1) * length]), shape: [rows.count, 4, 4],
        to: "chain\(chain).npy", in: scratch)
    }
    let several = (0..<4).map { "chain\($0).npy" }
    let ways: [(String, [String])] = [
      ("one", ["all.npy"] + Self.couplings), ("four.h5", several + Self.couplings),
      ("common", ["all.npy", "--coefficients", "2", "0", "4"]),
    ]
    let measured = try run.rows(of: "observables")
    let places = rows.map { measured.firstIndex(of: $0)! }
    for (output, arguments) in ways {
      let result = try Tool.run(
        ["import"] + arguments + ["--extents", "4x4", "--every", "50", "--output", output],
        in: scratch)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.errors.contains("\(output): 4 chains of \(rows.count) configurations on 4x4"))
      #expect(try Tool.run(["verify", output], in: scratch).code == 0)
      #expect(try Tool.run(["table", output, "-q", "SD"], in: scratch).code == 0)
      let copy = try HDF5EnsembleReader(scratch(output))
      #expect(copy.isComplete && copy.layout.chains == 4)
      #expect(try copy.rows(of: "observables") == rows)
      #expect(try copy.values(of: "phi", in: "configurations") == fields)
      for name in ["m", "phi2", "phi4", "action"] {
        let all = try run.values(of: name, in: "observables")
        let own = (0..<4).flatMap { chain in places.map { all[chain * measured.count + $0] } }
        #expect(try copy.values(of: name, in: "observables") == own, "\(name)")
      }
    }
    #expect(!scratch.exists("four.h5.parts"))
    // The same configurations under other couplings: 1 is far away.
    let wrong = try Tool.run(
      ["import", "all.npy", "--extents", "4x4", "--m2", "4", "--lambda", "4", "--output", "wrong"],
      in: scratch)
    #expect(wrong.code == 0 && wrong.errors.contains("the Schwinger-Dyson identity is "))
    #expect(try Tool.run(["table", "wrong"], in: scratch).output.contains("not 1: these are not"))
    #expect(try Tool.run(["report", "wrong", "--output", "w.html"], in: scratch).code == 0)
    let page = try String(contentsOfFile: scratch("w.html"), encoding: .utf8)
    #expect(page.contains("not 1: these are not") && !page.contains("Nothing speaks against"))
    #expect(
      try Tool.run(["reweight", "one", "four.h5", "--lambda", "4.1"], in: scratch).errors
        .contains("same random numbers"))
  }

  @Test func badArraysAreRefusedAndLeaveNothing() throws {
    let scratch = try Scratch()
    var values = (0..<64).map { Double($0 % 7) - 3 }
    try write(values, shape: [4, 4, 4], to: "good.npy", in: scratch)
    try write(Array(values.prefix(32)), shape: [2, 4, 4], to: "short.npy", in: scratch)
    try write(
      Array(values.prefix(16)).map { $0 * 1e200 }, shape: [1, 4, 4], to: "huge.npy", in: scratch)
    values[50] = .infinity
    try write(values, shape: [4, 4, 4], to: "infinite.npy", in: scratch)
    try scratch.write("text", to: "text.npy")
    let cases: [([String], String)] = [
      (["infinite.npy"], "configuration 3 of chain 0 has inf at site 2"),
      (["text.npy"], "text.npy: is no .npy file of NumPy"),
      (["none.npy"], "none.npy: cannot be opened"),
      (["good.npy", "short.npy"], "short.npy: has the shape (2, 4, 4), good.npy has (4, 4, 4)"),
      (
        ["good.npy", "--extents", "4x2"],
        "good.npy: has the shape (4, 4, 4), which does not end in the lattice (4, 2)"
      ),
      (["good.npy", "good.npy"], "good.npy and good.npy are the same chain"),
      (["huge.npy"], "configuration 0 of a chain has observables that are not finite"),
      (
        ["good.npy", "--every", "9000000000000000000"],
        "a distance of 9000000000000000000 between 4 configurations"
      ),
      (["good.npy", "--extents", "4x4x4"], "it must be (n, 4, 4, 4), a chain a file"),
    ]
    let before = try scratch.snapshot()
    for (arguments, message) in cases {
      let extents = arguments.contains("--extents") ? [] : ["--extents", "4x4"]
      for output in ["new", "new.h5"] {
        let result = try Tool.run(
          ["import"] + arguments + extents + Self.couplings + ["--output", output], in: scratch)
        #expect(result.code == 2)
        #expect(result.errors.contains(message), "said: \(result.errors)")
        #expect(try scratch.snapshot() == before)
      }
    }
    let free = try Tool.run(
      ["import", "good.npy", "--extents", "4x4", "--m2", "-1", "--lambda", "0", "--output", "new"],
      in: scratch)
    #expect(free.code == 2 && free.errors.contains("cannot be normalised"))
    #expect(try scratch.snapshot() == before)
  }

  @Test func exportsRunsOfASweep() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "sweep.yaml")
    #expect(try Tool.run(["run", "sweep.yaml"], in: scratch).code == 0)
    let all = try Tool.run(["export", "out", "--output", "arrays"], in: scratch)
    #expect(all.code == 0)
    #expect(
      all.output.split(separator: "\n") == [
        "arrays/run-000-hmc.npz", "arrays/run-001-metropolis.npz", "arrays/run-002-hmc.npz",
        "arrays/run-003-metropolis.npz",
      ])
    let one = try Tool.run(
      ["export", "out/run-000-hmc", "--output", "one.npz", "--table", "observables"], in: scratch)
    #expect(one.code == 0)
    // The numbers stand in the file as they are, in the order (chain, trajectory).
    let file = try Data(contentsOf: URL(fileURLWithPath: scratch("one.npz")))
    let m = try HDF5EnsembleReader(scratch("out/run-000-hmc")).values(of: "m", in: "observables")
    let header = ArrayHeader(type: .float64, shape: [4, 300])
    #expect(file.range(of: Data(header.bytes + header.type.bytes(of: m))) != nil)
    #expect(file.range(of: Data("configurations/phi.npy".utf8)) == nil)
    // A file that may not grow: an error in words, and nothing is left.
    let before = try scratch.snapshot()
    for command in ["export out/run-000-hmc --output full.npz", "report out --output full.html"] {
      let full = try Tool.shell("ulimit -f 4; exec \"$0\" \(command)", in: scratch)
      #expect(full.code == 2, "\(command): \(full.code)")
      #expect(full.errors.contains("cannot be written: File too large"), "said: \(full.errors)")
      #expect(try scratch.snapshot() == before)
    }
    for (arguments, message) in [
      (["out", "--output", "two.npz"], "two.npz is one file for 4 runs"),
      (["out", "--output", "arrays"], "arrays: is there already"),
      (["out", "--output", "new", "--table", "spins"], "has no table 'spins'; there are"),
      (["nothing", "--output", "new"], "nothing: is neither a sweep, nor a run"),
    ] {
      let result = try Tool.run(["export"] + arguments, in: scratch)
      #expect(result.code == 2)
      #expect(result.errors.contains(message), "said: \(result.errors)")
      #expect(try scratch.snapshot() == before)
    }
  }
}
