// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Reports
import Statistics
import Sweeps

/// A sweep in memory: HMC, a hopelessly short HMC, and annealing with and without a way back, at two
/// couplings on two lattices. A second or two.
enum SampleSweep {
  static let title = "<script>alert('1')</script> & \"φ⁴\""

  static let text = """
    title: "\(title.replacingOccurrences(of: "\"", with: "\\\""))"
    seed: 4
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0}
    lattice: {dimensions: 2}
    samplers:
      - {method: hmc, chains: 4, trajectories: 800, cluster: 1}
      - {method: hmc, name: short, chains: 2, trajectories: 40, thermalisation: 20}
      - {method: ais, transition: mala, path_steps: 60, walkers: 100, populations: 10, pilot: 16, reverse: 5}
      - {method: smc, transition: mala, path_steps: 20, walkers: 30, populations: 40, pilot: 16, stops: [7.0]}
    grid:
      lattice.extent: [4, 6]
      theory.lambda: [5.0, 6.0]
    # </pre></code> ]]> &amp; <!--

    """

  private final class Quiet: SweepObserver {
    var shouldStop: Bool { false }
    func progressed(done: Int, total: Int, isThermalising: Bool) {}
    func progressed(_ place: AnnealingPlace) {}
    func progressed(_ place: TrainingPlace) {}
    func began(_ run: RunSpecification, isResumed: Bool) {}
    func skipped(_ run: RunSpecification) {}
    func finished(_ run: RunSpecification, _ diagnostics: RunDiagnostics) {}
    func finished(_ run: RunSpecification, _ diagnostics: AnnealingDiagnostics) {}
    func beganTraining(_ run: RunSpecification, isResumed: Bool) {}
    func skippedTraining(_ run: RunSpecification) {}
    func trained(_ run: RunSpecification, _ summary: TrainingSummary) {}
  }

  private final class Store: EnsembleStore, @unchecked Sendable {
    // Unchecked: only the thread of the runner opens and creates ensembles.
    var ensembles: [(path: String, ensemble: MemoryEnsemble)] = []

    func exists(at path: String) -> Bool { ensembles.contains { $0.path == path } }
    func create(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
      let ensemble = MemoryEnsemble(layout: layout)
      ensembles.append((path, ensemble))
      return ensemble
    }
    func resume(at path: String, layout: EnsembleLayout) throws -> any EnsembleWriter {
      throw EnsembleError("nothing is resumed here")
    }
    func open(at path: String) throws -> any EnsembleReader {
      guard let found = ensembles.first(where: { $0.path == path }) else {
        throw EnsembleError("nothing is at \(path)")
      }
      return found.ensemble
    }
    func remove(at path: String) throws {}
  }

  /// The runs with their labels, made once.
  static let runs = Result { try made(text) }

  /// Chains on both sides of where the curves of two lattices cross, made once.
  static let crossing = Result {
    try made(
      """
      title: crossing
      seed: 5
      output: out
      theory: {name: phi4, parametrisation: unhalved, m2: -4.0}
      lattice: {dimensions: 2}
      samplers:
        - {method: hmc, chains: 8, trajectories: 2000, cluster: 1}
      grid:
        lattice.extent: [4, 8]
        theory.lambda: [4.0, 4.5, 5.0]

      """)
  }

  private static func made(_ text: String) throws -> [SampleRun] {
    let definition = try SweepDefinition(parsing: text, fileName: "test.yaml")
    let store = Store()
    let runner = SweepRunner(
      definition, folder: "out", store: store, workers: Workers(2),
      software: ["software": .text("driftfield"), "version": .text("<1>")], observer: Quiet())
    _ = try runner.carryOut()
    return zip(store.ensembles, definition.runs).map { entry, run in
      SampleRun(path: entry.path, label: run.label, ensemble: entry.ensemble)
    }
  }

  /// A report about them; `change` may replace what is read.
  static func report(
    _ runs: Result<[SampleRun], any Error> = runs, scaling: ReportedScaling? = nil,
    _ change: (SampleRun) throws -> SampleRun? = { $0 }
  ) throws -> Report {
    let found = try runs.get().compactMap(change)
    return Report(
      runs: try found.map { try ReportedRun($0.ensemble, path: $0.path, label: $0.label) },
      notBegun: ["never <begun>"], scaling: scaling, program: "driftfield 0 & <test>")
  }

  /// The comparison of the same runs.
  static func comparison() throws -> Comparison {
    Comparison(
      try runs.get().flatMap {
        try SamplerResult.all($0.ensemble, path: $0.path, label: $0.label)
      })
  }
}

/// A run of the sweep.
struct SampleRun: @unchecked Sendable {
  // Unchecked: nobody writes to the ensemble once it is made.
  var path: String
  var label: String
  var ensemble: MemoryEnsemble

  /// The same with the first rows of each table alone, as if it went on.
  func cut(to count: Int) throws -> SampleRun {
    let part = MemoryEnsemble(layout: ensemble.layout)
    for table in ensemble.layout.tables {
      let rows = try ensemble.rows(of: table.name)
      let chains = table.isPerChain ? ensemble.layout.chains : 1
      for (position, row) in rows.enumerated().prefix(count) {
        let values = try table.variables.map { variable in
          let all = try ensemble.values(of: variable.name, in: table.name)
          return (0..<chains).flatMap { chain in
            let first = (chain * rows.count + position) * variable.size
            return all[first..<first + variable.size]
          }
        }
        try part.append(row: row, to: table.name, values)
      }
    }
    return SampleRun(path: path, label: label, ensemble: part)
  }
}
