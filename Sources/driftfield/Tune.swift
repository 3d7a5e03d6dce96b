// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Sweeps
import Transport

/// `driftfield tune`.
struct Tune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the cheapest refresh and steps for the trained drifts of a sweep.",
    discussion: """
      Trains the drifts that are not trained yet, as 'driftfield train' does, and writes nothing else. \
      Each combination of refresh and steps is tried on pilot walkers of its own, the drift frozen; \
      the one with the most effective walkers for its cost is marked, and its keys for the sweep file \
      are printed. Weights are exact whatever is chosen: log Z must be the same for all.
      """)

  @Argument(help: "The sweep file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: "The output folder, instead of the file's.", completion: .directory)
  var output: String?

  @Option(help: "Pilot walkers for each candidate. (default: 512)")
  var walkers: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Steps along the path. (default: 12 25 50 100)", valueName: "n ..."))
  var pathSteps: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Where they are: equal, or dense where the residual of the training is large. (default: both)",
      valueName: "equal, residual"))
  var placing: [TuningSettings.Placing] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("HMC updates after each step. (default: 1 2 4)", valueName: "n ..."))
  var updates: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Steps of each HMC update. (default: 3 6)", valueName: "n ..."))
  var steps: [Int] = []

  @Option(
    parsing: .unconditional,
    help: "The cost of one evaluation of the drift, in gradients. (default: timed here and now)")
  var driftCost: Double?

  @OptionGroup var parallelism: ThreadOption

  func validate() throws {
    if let walkers, !(16...1_000_000).contains(walkers) {
      throw ValidationError("--walkers must be 16 to 1000000, got \(walkers)")
    }
    for (name, values) in [("path-steps", pathSteps), ("updates", updates), ("steps", steps)] {
      if let wrong = values.first(where: { !(1...100_000).contains($0) }) {
        throw ValidationError("--\(name) must be integers from 1 to 100000, got \(wrong)")
      }
    }
    if let driftCost, !(driftCost > 0 && driftCost.isFinite) {
      throw ValidationError("--drift-cost must be a number > 0, got \(driftCost)")
    }
  }

  func run() throws {
    let definition = try SweepDefinition(readingFile: file)
    let store = HDF5Store()
    try definition.checkDrifts(in: store)
    guard definition.runs.contains(where: { $0.sampler.annealing?.transport != nil }) else {
      throw Failure("\(file): has no drift to tune; a sampler with 'method: nets' has one")
    }
    let folder = try SweepFolder(training: definition, path: output ?? definition.output)
    let again = "'driftfield tune \(file)'" + (output.map { " with --output \($0)" } ?? "")
    try work(folder, parallelism, store: store, again: again) { runner in
      var count = 0
      return try runner.tune(settings) { tuning in
        if count > 0 { print() }
        print(TuneText.report(tuning))
        count += 1
      }
    }
  }

  private var settings: TuningSettings {
    var settings = TuningSettings()
    func distinct<T: Hashable>(_ values: [T], or usual: [T]) -> [T] {
      var seen: Set<T> = []
      return values.isEmpty ? usual : values.filter { seen.insert($0).inserted }
    }
    settings.walkers = walkers ?? settings.walkers
    settings.pathSteps = distinct(pathSteps, or: settings.pathSteps)
    settings.placings = distinct(placing, or: settings.placings)
    settings.updates = distinct(updates, or: settings.updates)
    settings.steps = distinct(steps, or: settings.steps)
    settings.driftCost = driftCost
    return settings
  }
}

extension TuningSettings.Placing: ExpressibleByArgument {}
