// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Synchronization
import Testing

@Suite struct MemoryEnsembleTests {
  static let layout = EnsembleLayout(
    chains: 2,
    tables: [
      Table(
        name: "observables",
        variables: [
          Variable(name: "m", longName: "magnetization"),
          Variable(
            name: "G", axes: [Axis(name: "t", coordinates: [0, 1, 2], longName: "distance")],
            longName: "correlator"),
        ]),
      Table(
        name: "timing", isPerChain: false,
        variables: [Variable(name: "s", units: "s", longName: "time")]),
    ])

  @Test func valuesComeBackChainByChain() throws {
    let ensemble = MemoryEnsemble(layout: Self.layout)
    for row in [3, 5] {
      let x = Double(row)
      try ensemble.append(
        row: row, to: "observables",
        [[x, x + 0.5], [10 * x, 10 * x + 1, 10 * x + 2, 20 * x, 20 * x + 1, 20 * x + 2]])
    }
    #expect(try ensemble.rows(of: "observables") == [3, 5])
    #expect(try ensemble.values(of: "m", in: "observables") == [3, 5, 3.5, 5.5])
    #expect(
      try ensemble.values(of: "G", in: "observables")
        == [30, 31, 32, 50, 51, 52, 60, 61, 62, 100, 101, 102])
    #expect(
      try ensemble.values(of: "G", in: "observables", positions: 1..<2)
        == [50, 51, 52, 100, 101, 102])
  }

  @Test func refusesWhatDoesNotFit() throws {
    let ensemble = MemoryEnsemble(layout: Self.layout)
    try ensemble.append(row: 7, to: "timing", [[1]])
    #expect(throws: EnsembleError("table 'timing': row 7 does not come after row 7")) {
      try ensemble.append(row: 7, to: "timing", [[1]])
    }
    #expect(throws: EnsembleError("'timing/s' takes 1 numbers a row, got 2")) {
      try ensemble.append(row: 8, to: "timing", [[1, 2]])
    }
    #expect(throws: EnsembleError("no table named 'nothing'")) {
      try ensemble.append(row: 8, to: "nothing", [[1, 2]])
    }
    #expect(try ensemble.rows(of: "timing") == [7])
  }

  @Test(arguments: [1, 2, 3, 7, 16]) func workersCoverEveryMemberOnce(threads: Int) {
    for (total, grain) in [(0, 1), (1, 2), (5, 2), (7, 2), (16, 1), (33, 4)] {
      let counts = Mutex(Array(repeating: 0, count: total))
      Workers(threads).forEach(total, grain: grain) { range in
        #expect(range.lowerBound % grain == 0)
        #expect(range.upperBound % grain == 0 || range.upperBound == total)
        counts.withLock { for member in range { $0[member] += 1 } }
      }
      #expect(counts.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }
}
