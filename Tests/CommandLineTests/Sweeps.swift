// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// The sweep files of these tests, all with the output folder `out`.
enum SweepText {
  /// Four runs on 4x4 that take a fraction of a second.
  static let tiny = """
    # A comment that must survive, φ⁴ included.
    title: tiny
    seed: 7
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0}
    lattice: {extents: [4, 4]}
    samplers:
      - method: hmc
        chains: 4
        trajectories: 300
        cluster: 1
      - method: metropolis
        chains: 4
        trajectories: 300
    configurations: {every: 50}
    grid:
      theory.lambda: [4.0, 6.0]

    """

  /// Two runs that take some seconds and checkpoint all the time.
  static let long = """
    title: long
    seed: 11
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0, lambda: 4.0}
    lattice: {extents: [8, 10]}
    samplers:
      - method: hmc
        chains: 7
        trajectories: \(longTrajectories)
        thermalisation: 1500
        jitter: 0.1
        cluster: 1
      - method: metropolis
        chains: 7
        trajectories: \(longTrajectories)
        thermalisation: 1500
    configurations: {every: 40, precision: single}
    checkpoint: {seconds: 0.05}

    """
  static let longTrajectories = 6000

  /// Annealing without and with resampling, which checkpoints inside every population.
  static let annealing = """
    title: annealing
    seed: 12
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0, lambda: 5.0}
    lattice: {extents: [8, 10]}
    samplers:
      - method: ais
        transition: hmc
        walkers: 90
        populations: 2
        pilot: 4
        path_steps: 900
        stops: [7.0]
        reverse: 5
      - method: smc
        transition: langevin
        walkers: 110
        populations: 3
        pilot: 4
        path_steps: 2400
        threshold: 0.9
        stops: [7.0]
    configurations: {every: 2, precision: single}
    checkpoint: {seconds: 0.05}

    """
}

/// All numbers of a run but the times it took: every table, bit for bit, and the last state.
struct RunBits: Equatable {
  var columns: [String: [UInt64]] = [:]
  var fields: [UInt64]
  var integers: [String: Int]
  var reals: [String: [UInt64]]

  init(_ path: String) throws {
    let reader = try HDF5EnsembleReader(path)
    #expect(reader.isComplete, "\(path) is not complete")
    for table in reader.layout.tables where table.name != "timing" {
      columns[table.name] = try reader.rows(of: table.name).map(UInt64.init)
      for variable in table.variables {
        columns["\(table.name)/\(variable.name)"] =
          try reader.values(of: variable.name, in: table.name).map(\.bitPattern)
      }
    }
    let state = try reader.restart()
    fields = state.fields.values.map(\.bitPattern)
    integers = state.integers
    reals = state.reals.mapValues { $0.map(\.bitPattern) }
  }

  /// The runs of `SweepText.long` in a folder.
  static func long(_ folder: String) throws -> [RunBits] {
    try ["run-000-hmc", "run-001-metropolis"].map { try RunBits("\(folder)/\($0)") }
  }

  /// The runs of `SweepText.annealing` in a folder.
  static func annealing(_ folder: String) throws -> [RunBits] {
    try ["run-000-ais", "run-001-smc"].map { try RunBits("\(folder)/\($0)") }
  }
}

/// What `SweepText.long` gives without interruption, on one thread.
struct Uninterrupted {
  let runs: [RunBits]
  let seconds: Double

  static let shared = Result { try Uninterrupted(threads: 1) }

  init(threads: Int) throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.long, to: "long.yaml")
    let start = Date()
    let result = try Tool.run(["run", "long.yaml", "--threads", "\(threads)"], in: scratch)
    seconds = Date().timeIntervalSince(start)
    #expect(result.code == 0, "\(result.errors)")
    runs = try RunBits.long(scratch("out"))
  }
}
