// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Statistics
import Sweeps

/// The runs that a scan in one coupling is made of, as named on the command line.
struct ScanOptions: ParsableArguments {
  @Argument(
    help: "Runs of Markov chains, a coupling varied: sweep folders, run folders, packed files.",
    completion: .file())
  var paths: [String]

  @Option(
    parsing: .upToNextOption,
    help: "Keep the runs at this value of a coupling, as in m2=-4, where more than one varies.")
  var at: [String] = []

  @OptionGroup var threads: ThreadOption

  var place: String { paths.joined(separator: " ") }

  private func held() throws -> [String: Double] {
    var values: [String: Double] = [:]
    for text in at {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
        throw ValidationError("--at \(text): must be NAME=VALUE, as in m2=-4")
      }
      if values.updateValue(value, forKey: parts[0]) != nil {
        throw ValidationError("--at: \(parts[0]) is named twice")
      }
    }
    return values
  }

  func validate() throws { _ = try held() }

  /// Reads the scan and hands it to a closure; what is wrong with the data becomes a message.
  func withScan(
    quantities: [String], _ body: (CouplingScan, Workers) throws -> Void
  ) throws {
    let store = HDF5Store()
    let ensembles = try NamedEnsemble.all(at: paths, store: store)
    let workers = threads.workers()
    do {
      let runs = try ensembles.map { (reader: try store.open(at: $0.path), label: $0.path) }
      try body(
        try CouplingScan(runs, held: try held(), quantities: quantities, workers: workers),
        workers)
    } catch let error as EnsembleError {
      throw Failure("\(place): \(error)")
    } catch let error as StatisticsError {
      throw Failure("\(place): \(error)")
    }
  }
}
