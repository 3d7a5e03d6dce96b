// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Sweeps
import Testing

/// Stops a run after a number of updates.
private final class StopAfter: RunObserver {
  private var left: Int
  init(_ updates: Int) { left = updates }
  var shouldStop: Bool { left == 0 }
  func progressed(done: Int, total: Int, isThermalising: Bool) { left -= 1 }
}

@Suite struct MarkovChainRunnerTests {
  static let samplers = [
    "method: hmc, cluster: 1, jitter: 0.1", "method: fourier-hmc, mass2: 0.5, scheme: leapfrog",
    "method: mala, start: cold", "method: metropolis, cluster: 2", "method: hmc, tune: false",
  ]

  static func specification(_ sampler: String) throws -> RunSpecification {
    let text = """
      seed: 5
      output: nowhere
      theory: {name: phi4, parametrisation: unhalved, m2: -1, lambda: 0.8}
      lattice: {extents: [5, 4]}
      samplers: [{\(sampler), chains: 3, trajectories: 30, thermalisation: 20}]
      configurations: {every: 7, precision: single}
      measure: {every: 2, observables: [moments, correlator, propagator]}
      monitor: {reversibility: 10}
      """
    return try SweepDefinition(parsing: text, fileName: "test.yaml").runs[0]
  }

  /// Every number of an ensemble but the times.
  static func data(_ ensemble: MemoryEnsemble) throws -> [String: [Double]] {
    var result: [String: [Double]] = [:]
    for table in ensemble.layout.tables where table.name != TableName.timing {
      result[table.name] = try ensemble.rows(of: table.name).map { Double($0) }
      for variable in table.variables {
        result["\(table.name)/\(variable.name)"] = try ensemble.values(
          of: variable.name, in: table.name)
      }
    }
    return result
  }

  /// A run that is stopped and resumed, in thermalisation and in production, several times and with
  /// other numbers of threads, gives the bits of one that was never stopped.
  @Test(arguments: samplers) func resumedRunHasTheSameBits(sampler: String) throws {
    let specification = try Self.specification(sampler)
    let layout = specification.layout(title: "", sweepText: "")
    let whole = MemoryEnsemble(layout: layout)
    let runner = try MarkovChainRunner(
      #require(specification.chainRun), writer: whole, from: nil, workers: Workers(1))
    #expect(try runner.carryOut() == .complete)

    let pieces = MemoryEnsemble(layout: layout)
    var state: RestartState?
    var threads = 1
    for updates in [1, 6, 13, 5, 11, 100] {
      let runner = try MarkovChainRunner(
        #require(specification.chainRun), writer: pieces, from: state, workers: Workers(threads),
        observer: StopAfter(updates))
      let outcome = try runner.carryOut()
      #expect((outcome == .complete) == (updates == 100))
      state = try pieces.restart()
      threads = threads % 3 + 1
    }
    #expect(try Self.data(pieces) == Self.data(whole))
    #expect(try pieces.restart() == whole.restart())
  }

  @Test(arguments: samplers) func tablesHoldWhatTheSweepAsksFor(sampler: String) throws {
    let specification = try Self.specification(sampler)
    let ensemble = MemoryEnsemble(layout: specification.layout(title: "", sweepText: ""))
    _ = try MarkovChainRunner(
      #require(specification.chainRun), writer: ensemble, from: nil, workers: Workers(2)
    ).carryOut()
    #expect(try ensemble.rows(of: "thermalisation") == Array(0..<20))
    #expect(try ensemble.rows(of: "observables") == Array(stride(from: 2, through: 30, by: 2)))
    #expect(try ensemble.rows(of: "configurations") == [7, 14, 21, 28])
    #expect(try ensemble.rows(of: "timing") == Array(1...30))
    if ensemble.layout.table("reversibility") != nil {
      #expect(try ensemble.rows(of: "reversibility") == [10, 20, 30])
      #expect(try ensemble.values(of: "defect", in: "reversibility").allSatisfy { $0 < 1e-12 })
    }
  }

  /// The step size is tuned while thermalising and never afterwards; without tuning, never.
  @Test func stepSizeIsFrozenAfterThermalisation() throws {
    for (sampler, isTuned) in [
      ("method: mala, step: 2", true), ("method: mala, tune: false", false),
    ] {
      let specification = try Self.specification(sampler)
      let ensemble = MemoryEnsemble(layout: specification.layout(title: "", sweepText: ""))
      _ = try MarkovChainRunner(
        #require(specification.chainRun), writer: ensemble, from: nil, workers: Workers(1)
      ).carryOut()
      let early = Set(try ensemble.values(of: "step_size", in: "thermalisation"))
      let late = Set(try ensemble.values(of: "step_size", in: "hmc"))
      #expect(late.count == 1)
      #expect((early.count > 1) == isTuned)
    }
  }

  /// Stored configurations, measured anew, give what was measured in line; in single precision
  /// to its rounding.
  @Test func measurementOfStoredConfigurations() throws {
    var specification = try Self.specification("method: hmc")
    specification.measurement.every = 7
    for precision in ConfigurationSpecification.Precision.allCases {
      specification.configurations?.precision = precision
      let ensemble = MemoryEnsemble(layout: specification.layout(title: "", sweepText: ""))
      _ = try MarkovChainRunner(
        #require(specification.chainRun), writer: ensemble, from: nil, workers: Workers(1)
      ).carryOut()
      let measurement = try ConfigurationMeasurement(
        ensemble, observables: MeasurementSpecification.Observable.allCases, shells: 16)
      let again = MemoryEnsemble(layout: try measurement.layout(source: "here"))
      try measurement.carryOut(into: again, workers: Workers(2))
      #expect(try again.rows(of: "observables") == [7, 14, 21, 28])
      for variable in again.layout.tables[0].variables {
        let a = try again.values(of: variable.name, in: "observables")
        let b = try ensemble.values(of: variable.name, in: "observables")
        if precision == .double {
          #expect(a == b)
        } else {
          #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 })
        }
      }
    }
  }

  @Test func refusesAForeignState() throws {
    let specification = try Self.specification("method: hmc")
    let ensemble = MemoryEnsemble(layout: specification.layout(title: "", sweepText: ""))
    let state = RestartState(
      fields: Configurations(count: 3, dimension: 9), integers: ["update": 3],
      reals: ["step_size": [0.1], "tuner": [0, 0, 0]])
    #expect(throws: EnsembleError.self) {
      _ = try MarkovChainRunner(
        #require(specification.chainRun), writer: ensemble, from: state, workers: Workers(1))
    }
  }
}
