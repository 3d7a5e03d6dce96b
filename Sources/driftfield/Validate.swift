// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Sweeps
import Synchronization

/// `driftfield validate`.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check this program on this machine against exact physics.",
    discussion: """
      Samples free fields, single sites and small tori with every sampler and compares with exact \
      averages; leapfrog trajectories with the closed form of their energy violation; the \
      Schwinger-Dyson identity everywhere. Anneals weighted walkers to free fields, chains and tori \
      with every transition at a small and a large step size, and compares their mean weight with \
      the exact ratio of normalisations. Prints each pull, the difference in standard errors. Exits \
      with 1 if one of them exceeds the bound.
      """)

  @Option(help: "Seed of the random streams.")
  var seed: UInt64 = 1

  @Option(help: "How many times longer than usual (about half a minute).")
  var length = 1.0

  @OptionGroup var parallelism: ThreadOption

  @Flag(help: "Print only what fails, and the summary.")
  var quiet = false

  func validate() throws {
    if !(length > 0 && length <= 1000) {
      throw ValidationError("--length must be above 0 and at most 1000, got \(length)")
    }
  }

  func run() throws {
    var report = ValidationReport()
    let start = Date()
    let checks = Validation.checks(length: length)
    let results = Mutex<[Int: Result<[Pull], any Error>]>([:])
    // Checks share the threads, not chains: their lattices are tiny.
    parallelism.workers().forEach(checks.count) { range in
      for index in range {
        let result = Result { try checks[index].run(seed: seed, workers: Workers(1)) }
        results.withLock { $0[index] = result }
      }
    }
    for index in checks.indices {
      guard let pulls = try results.withLock({ $0[index] })?.get() else { continue }
      report.add(pulls)
      for pull in pulls {
        let isFailed = !pull.isWithin(ValidationReport.bound)
        if isFailed || !quiet { print(Self.line(pull, isFailed: isFailed)) }
      }
    }
    let words = report.summary
    print("\n\(report.weightSummary)")
    print("\(words), \(Progress.duration(Date().timeIntervalSince(start)))")
    if !report.isPassed { throw ExitCode(Software.checkFailed) }
  }

  private static func line(_ pull: Pull, isFailed: Bool) -> String {
    let name = pull.what.padding(toLength: 52, withPad: " ", startingAt: 0)
    let numbers = String(
      format: "%14.8f +- %-11.2g exact %14.8f  pull %6.2f", pull.value, pull.error,
      pull.reference, pull.pull)
    return name + numbers + (isFailed ? "  FAILED" : "")
  }
}
