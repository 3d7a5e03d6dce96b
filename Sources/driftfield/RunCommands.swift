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

  @Option(help: "Threads that share the chains (default: the file's, or all cores).")
  var threads: Int?

  @Flag(help: "Remove an earlier sweep in the output folder first.")
  var force = false

  func validate() throws { try checkThreads(threads) }

  func run() throws {
    let definition = try SweepDefinition(readingFile: file)
    let store = HDF5Store()
    let folder = try SweepFolder(
      creating: definition, path: output ?? definition.output, force: force, store: store)
    try carryOut(folder, threads: threads, store: store)
  }
}

/// `driftfield resume`.
struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with a sweep that was stopped or killed.",
    discussion: "Each run goes on from its last checkpoint, to the same bits as without the stop.")

  @Argument(help: "The output folder of the sweep.", completion: .directory)
  var folder: String

  @Option(help: "Threads that share the chains (default: the file's, or all cores).")
  var threads: Int?

  func validate() throws { try checkThreads(threads) }

  func run() throws {
    try carryOut(SweepFolder(opening: folder), threads: threads, store: HDF5Store())
  }
}

private func checkThreads(_ threads: Int?) throws {
  if let threads, !(1...1024).contains(threads) {
    throw ValidationError("--threads must be 1 to 1024, got \(threads)")
  }
}

/// Runs what is not complete, and says how to go on where it is stopped.
private func carryOut(_ folder: SweepFolder, threads: Int?, store: HDF5Store) throws {
  let lock = try SweepLock(folder.path)
  defer { withExtendedLifetime(lock) {} }
  let workers = Software.workers(option: threads, definition: folder.definition.threads)
  let progress = Progress(runs: folder.definition.runs.count, interruption: Interruption())
  let runner = SweepRunner(
    folder.definition, folder: folder.path, store: store, workers: workers,
    software: Software.attributes(threads: workers.count), observer: progress)
  do {
    if case .stopped = try runner.carryOut() {
      Software.complain("stopped; 'driftfield resume \(folder.path)' goes on")
      throw ExitCode(Software.stopped)
    }
  } catch let error as ExitCode {
    throw error
  } catch {
    Software.complain(
      "\(error)\nwhat was committed before is safe; 'driftfield resume \(folder.path)' goes on")
    throw ExitCode(Software.badInput)
  }
}
