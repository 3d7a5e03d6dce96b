// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage

/// A folder that goes away with the test that made it.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/driftfield-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("\(path) stays: \(error)")
    }
  }

  func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// A small ensemble with every scalar type, tables that grow at different rates, one that stays
/// empty, and numbers that follow from row, chain and place alone.
struct SampleEnsemble {
  var chains = 3
  var extent = 4

  var layout: EnsembleLayout {
    let x = axis("x", extent)
    let y = axis("y", extent)
    let distance = axis("distance", 5)
    let momentum = Axis(
      name: "momentum", coordinates: [0, 0.5, 1.25], type: .float64, units: "lattice",
      longName: "Momentum")
    let half = Axis(
      name: "half", coordinates: [0.5, 1.5], type: .float32, units: "", longName: "Half-integers")
    return EnsembleLayout(
      chains: chains,
      attributes: [
        "title": .text("φ⁴ theory"), "empty": .text(""), "seed": .integer(-7),
        "lines": .text(String(repeating: "kappa: 0.1\n", count: 10_000)),
        "real": .real(0.1), "no_number": .real(.nan), "infinite": .real(-.infinity),
        "none": .reals([]), "no_integers": .integers([]), "no_texts": .texts([]),
        "one": .integers([Int.max]), "texts": .texts(["a", "", "ü"]),
        "many": .reals((0..<20_000).map { Double($0) / 7 }),
      ],
      descriptions: [
        "theory": ["c2": .real(0.25), "shape": .integers([extent, extent])], "bare": [:],
        "nested/model": ["layers": .integer(2)],
      ],
      tables: [
        Table(
          name: "observables",
          variables: [
            Variable(name: "m", longName: "Magnetization", definition: "$\\sum_x \\phi_x / V$"),
            Variable(name: "hop", type: .float32, longName: "Hopping"),
            Variable(name: "count", type: .int64, units: "1", longName: "Count"),
            Variable(
              name: "accept", type: .uint8, units: "1", longName: "Decision",
              flagMeanings: ["rejected", "accepted"]),
            Variable(name: "G_t", axes: [distance], units: "", longName: "Correlator"),
            Variable(name: "G_k", axes: [momentum, half], longName: "Correlator"),
          ], attributes: ["interval": .integer(1)]),
        Table(
          name: "annealing", rowName: "stop", isPerChain: false,
          variables: [
            Variable(name: "ess", longName: "Effective sample size"),
            Variable(name: "work", axes: [distance], longName: "Work"),
          ]),
        Table(
          name: "configurations", rowName: "configuration",
          variables: [Variable(name: "phi", axes: [x, y], longName: "Field")]),
        Table(name: "never", variables: [Variable(name: "z", longName: "Nothing")]),
        Table(name: "rows_only", variables: []),
      ])
  }

  private func axis(_ name: String, _ count: Int) -> Axis {
    Axis(name: name, coordinates: (0..<count).map(Double.init), longName: "Number along \(name)")
  }

  /// A number that fills all bits of a double, and now and then a special one.
  static func number(_ row: Int, _ place: Int, _ salt: Int) -> Double {
    var bits = UInt64(truncatingIfNeeded: (row &* 1_000_003 &+ place) &* 31 &+ salt)
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    bits ^= bits >> 31
    switch bits % 41 {
    case 0: return -0.0
    case 1: return .leastNonzeroMagnitude
    case 2: return .greatestFiniteMagnitude
    default: return Double(Int64(bitPattern: bits)) / 9e18
    }
  }

  func append(_ rows: Range<Int>, to writer: any EnsembleWriter) throws {
    let numbers = { (row: Int, count: Int, salt: Int) in
      (0..<count).map { Self.number(row, $0, salt) }
    }
    for row in rows {
      try writer.append(
        row: row, to: "observables",
        [
          numbers(row, chains, 1),
          numbers(row, chains, 2).map { $0.magnitude > 1 ? 1 : Double(Float($0)) },
          (0..<chains).map { Double(row * 100 - $0) }, (0..<chains).map { Double((row + $0) % 2) },
          numbers(row, chains * 5, 3), numbers(row, chains * 6, 4),
        ])
      if row % 3 == 0 { try writer.append(row: row, to: "rows_only", []) }
      if row % 3 == 1 {
        try writer.append(
          row: row, to: "configurations", [numbers(row, chains * extent * extent, 5)])
      }
      if row % 4 == 0 {
        try writer.append(row: row, to: "annealing", [numbers(row, 1, 6), numbers(row, 5, 7)])
      }
    }
  }

  func state(_ row: Int) -> RestartState {
    let sites = extent * extent
    return RestartState(
      fields: Configurations(
        count: chains, dimension: sites,
        values: (0..<chains * sites).map { Self.number(row, $0, 8) }),
      integers: ["trajectory": row, "smallest": Int.min],
      reals: ["step": [0.1, Double(row)], "none": []])
  }

  /// Writes rows 0..<rows with a commit after every `interval`, marked as complete at the end.
  func write(_ rows: Int, every interval: Int, to writer: any EnsembleWriter) throws {
    for begin in stride(from: 0, to: rows, by: interval) {
      let end = min(rows, begin + interval)
      try append(begin..<end, to: writer)
      if end < rows { try writer.commit(state(end)) }
    }
    try writer.finish(state(rows), ["wall_seconds": .real(1.5)])
  }
}

/// Where two ensembles differ, number by number and bit by bit; empty if they are the same.
func differences(
  _ one: any EnsembleReader, _ other: any EnsembleReader, _ layout: EnsembleLayout
) throws -> [String] {
  var found: [String] = []
  for table in layout.tables {
    if try one.rows(of: table.name) != other.rows(of: table.name) {
      found.append("\(table.name): other rows")
    }
    for variable in table.variables {
      let name = variable.name
      let first = try one.values(of: name, in: table.name).map(\.bitPattern)
      if try first != other.values(of: name, in: table.name).map(\.bitPattern) {
        found.append("\(table.name)/\(name): other values")
      }
    }
  }
  if try one.restart() != other.restart() { found.append("another state") }
  if one.isComplete != other.isComplete { found.append("completeness") }
  return found
}
