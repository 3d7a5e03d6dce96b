// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Sweeps

/// `driftfield measure`.
struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure observables anew on stored configurations.",
    discussion: """
      Writes a new result with the table 'observables' alone, one row for each stored configuration; \
      'driftfield table' reads it like any other.
      """)

  @Argument(help: "A run folder or a packed file with configurations.", completion: .file())
  var path: String

  @Option(help: "The folder to write.", completion: .directory)
  var output: String

  @Option(
    parsing: .upToNextOption, help: "What to measure: moments, correlator, propagator.")
  var observables: [MeasurementSpecification.Observable] =
    MeasurementSpecification.Observable.allCases

  @Option(help: "Momentum shells of the propagator.")
  var shells = 16

  @OptionGroup var parallelism: ThreadOption

  func validate() throws {
    if shells < 1 { throw ValidationError("--shells must be at least 1, got \(shells)") }
  }

  func run() throws {
    let store = HDF5Store()
    try RunPath.require(path, store: store)
    guard try RunPath.isFree(output) else {
      throw Failure("\(output): is there already; --output must name a new or an empty folder")
    }
    do {
      let measurement = try ConfigurationMeasurement(
        store.open(at: path), observables: observables, shells: shells)
      let writer = try store.create(at: output, layout: measurement.layout(source: path))
      try measurement.carryOut(
        into: writer, workers: parallelism.workers())
    } catch let error as EnsembleError {
      throw Failure("\(path): \(error)")
    }
  }
}

extension MeasurementSpecification.Observable: ExpressibleByArgument {}
