// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation

/// The option `--threads`, checked.
struct ThreadOption: ParsableArguments {
  @Option(help: "Threads that share the work (default: the sweep file's, or all cores).")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be 1 to 1024, got \(threads)")
    }
  }

  /// All cores, unless the command line or the sweep file says otherwise.
  func workers(file: Int? = nil) -> Workers {
    Workers(threads ?? file ?? ProcessInfo.processInfo.activeProcessorCount)
  }
}
