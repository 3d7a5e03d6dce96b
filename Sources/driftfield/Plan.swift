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
    try definition.checkDrifts(in: HDF5Store())
    let workers = parallelism.workers(file: definition.threads)
    var rows = [["run", "what", "sites", "members", "updates", "site updates", "time", "output"]]
    var timing = PlanTiming(workers: noTiming ? nil : workers)
    var bytes = 0
    for run in definition.runs {
      let cost = RunCost(run)
      bytes += cost.bytes
      rows.append(
        [run.folderName, run.label, "\(run.lattice.volume)"] + (try timing.columns(run, cost))
          + [Self.size(cost.bytes)])
    }
    print(TextTable.render(rows))
    let total =
      noTiming ? "" : ", about \(Progress.duration(timing.seconds)) on \(workers.count) threads"
    print(
      "\n\(definition.runs.count) runs into \(definition.output), "
        + "\(Self.size(bytes)) in all\(total)")
    for note in timing.notes { print(note) }
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
