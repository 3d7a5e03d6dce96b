// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Sweeps

/// `driftfield run`.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Carry out a sweep and write its ensembles to HDF5.")

  @Argument(help: "The sweep file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: "Write here instead of the file's output folder.", completion: .directory)
  var output: String?

  @OptionGroup var parallelism: ThreadOption

  @Flag(help: "Remove an earlier sweep in the output folder first.")
  var force = false

  func run() throws {
    let definition = try SweepDefinition(readingFile: file)
    let store = HDF5Store()
    try definition.checkDrifts(in: store)
    let folder = try SweepFolder(
      creating: definition, path: output ?? definition.output, force: force, store: store)
    try carryOut(folder, parallelism, store: store)
  }
}

/// `driftfield train`.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train the drifts of a sweep's nets samplers, without running anything.",
    discussion: """
      Each drift is kept in a folder drift-... of the sweep's output folder. 'driftfield run' with the \
      same file goes on from there; without it, it trains the drifts itself. The key 'drift' of \
      another sweep file can name such a folder. A training that was stopped or killed goes on when \
      the command is repeated.
      """)

  @Argument(help: "The sweep file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: "Write here instead of the file's output folder.", completion: .directory)
  var output: String?

  @OptionGroup var parallelism: ThreadOption

  func run() throws {
    let definition = try SweepDefinition(readingFile: file)
    let store = HDF5Store()
    try definition.checkDrifts(in: store)
    let count = definition.trainings.count
    guard count > 0 else {
      throw Failure(
        "\(file): has nothing to train; a sampler with 'method: nets' and no 'drift' would")
    }
    let folder = try SweepFolder(training: definition, path: output ?? definition.output)
    let again = "'driftfield train \(file)'" + (output.map { " with --output \($0)" } ?? "")
    try work(folder, parallelism, store: store, again: again) { try $0.train() }
  }
}

/// `driftfield resume`.
struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a sweep that was stopped or killed.",
    discussion: "Each run goes on from its last checkpoint, to the same bits as without the stop.")

  @Argument(help: "The output folder of the sweep.", completion: .directory)
  var folder: String

  @OptionGroup var parallelism: ThreadOption

  func run() throws {
    let store = HDF5Store()
    let folder = try SweepFolder(resuming: folder)
    try folder.definition.checkDrifts(in: store)
    for run in folder.definition.runs {
      let path = folder.path(of: run)
      guard let reader = try store.reader(at: path) else { continue }
      guard reader.attributes(of: "")["sweep"] == .text(folder.definition.text) else {
        throw Failure(
          "\(folder.path)/\(SweepFolder.sweepFile): is not the file that \(path) was made from; "
            + "'driftfield inspect --sweep \(path)' prints that one, and a changed one needs a "
            + "folder of its own")
      }
      try store.mendIndex(at: path, reader)
    }
    try carryOut(folder, parallelism, store: store)
  }
}

/// Runs what is not complete, and says how to go on where it is stopped.
private func carryOut(
  _ folder: SweepFolder, _ parallelism: ThreadOption, store: HDF5Store
) throws {
  try work(folder, parallelism, store: store, again: "'driftfield resume \(folder.path)'") {
    try $0.carryOut()
  }
}

/// Does a part of a sweep; `again` is the command that goes on with it.
func work(
  _ folder: SweepFolder, _ parallelism: ThreadOption, store: HDF5Store, again: String,
  _ body: (SweepRunner) throws -> RunOutcome
) throws {
  defer { withExtendedLifetime(folder) {} }
  let workers = parallelism.workers(file: folder.definition.threads)
  let progress = Progress(runs: folder.definition.runs.count, interruption: Interruption())
  let runner = SweepRunner(
    folder.definition, folder: folder.path, store: store, workers: workers,
    software: Software.attributes(threads: workers.count), observer: progress)
  do {
    if case .stopped = try body(runner) {
      Software.complain("stopped; \(again) goes on")
      throw ExitCode(Software.stopped)
    }
  } catch let error as ExitCode {
    throw error
  } catch let error as CollapsedRun {
    progress.clear()
    throw Failure(
      "\(error)\nall other runs of the sweep are done; this repeats itself, so change the sampler in "
        + "a new sweep file")
  } catch {
    progress.clear()
    throw Failure(
      "\(error)\nwhat was committed before is left as it is: 'driftfield verify \(folder.path)' "
        + "checks it, and once the cause is gone \(again) goes on")
  }
}
