// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Sweeps

/// `driftfield plan`.
struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a sweep would run, how long it would take and how much it would write.",
    discussion: """
      Nothing is written. The time is an estimate: a few updates of each kind of run are timed here \
      and now, with the step sizes of the file, before any tuning.
      """)

  @Argument(help: "The sweep file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Flag(help: "Describe every key of a sweep file instead.")
  var keys = false

  @OptionGroup var parallelism: ThreadOption

  @Flag(help: "Do not time anything.")
  var noTiming = false

  func validate() throws {
    if keys == (file != nil) { throw ValidationError("give a sweep file, or --keys alone") }
  }

  func run() throws {
    guard let file else { return print(SweepFileReference.text) }
    let definition = try SweepDefinition(readingFile: file)
    let workers = parallelism.workers(file: definition.threads)
    var rows = [["run", "what", "sites", "chains", "updates", "site updates", "time", "output"]]
    var seconds = 0.0
    var bytes = 0
    var rates: [String: Double] = [:]
    for run in definition.runs {
      let cost = RunCost(run)
      var time = "-"
      if !noTiming {
        // Runs that differ in couplings alone take the same time.
        let kind = "\(run.extents) \(run.sampler)"
        let perUpdate = rates[kind] ?? cost.secondsPerUpdate(workers: workers)
        rates[kind] = perUpdate
        let estimate = perUpdate * Double(cost.updates)
        seconds += estimate
        time = Progress.duration(estimate)
      }
      bytes += cost.bytes
      rows.append([
        run.folderName, run.label, "\(run.lattice.volume)", "\(run.sampler.chains)",
        "\(cost.updates)", String(format: "%.2g", cost.siteUpdates), time, Self.size(cost.bytes),
      ])
    }
    print(TextTable.render(rows))
    let total = noTiming ? "" : ", about \(Progress.duration(seconds)) on \(workers.count) threads"
    print(
      "\n\(definition.runs.count) runs into \(definition.output), "
        + "\(Self.size(bytes)) in all\(total)")
  }

  static func size(_ bytes: Int) -> String {
    var value = Double(bytes)
    for unit in ["B", "kB", "MB", "GB"] {
      if value < 1000 { return String(format: value < 10 ? "%.1f %@" : "%.0f %@", value, unit) }
      value /= 1000
    }
    return String(format: "%.1f TB", value)
  }
}
