// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation

/// The command-line tool.
@main
struct Driftfield: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "driftfield",
    abstract: "Lattice field theory: sweeps of φ⁴ theory from a file to HDF5.",
    discussion: """
      A sweep file names a theory, lattices, couplings and samplers; 'driftfield run' carries it \
      out. Exit codes: 0 done, 1 a check failed or the data are not sound, 2 bad input or output \
      that cannot be written, 130 stopped by the user after a checkpoint.
      """,
    version: Software.versionLine,
    subcommands: [
      Run.self, Resume.self, Train.self, Tune.self, Plan.self, Inspect.self, Verify.self,
      Pack.self, Measure.self, Import.self, Export.self,
      ShowTable.self, Compare.self, WriteReport.self, Reweight.self, Interpolate.self,
      Scaling.self, Unweight.self, Validate.self, LogZ.self, Cite.self,
    ])

  static func main() {
    // A limit on the size of files is an error of the write like a full disk, and no end without a word.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot(
        NegativeNumbers.attached(Array(CommandLine.arguments.dropFirst())))
      try command.run()
      flush()
    } catch let error as ExitCode {
      Foundation.exit(error.rawValue)
    } catch {
      let code = exitCode(for: error)
      if code == .success || code == .validationFailure {
        let text = fullMessage(for: error)
        if code != .success {
          Software.complain(text)
          Foundation.exit(Software.badInput)
        }
        print(text)
        flush()
        Foundation.exit(0)
      }
      Software.complain("\(error)")
      Foundation.exit(Software.badInput)
    }
  }

  /// Sees to it that what was printed is written.
  private static func flush() {
    if fflush(nil) == 0 { return }
    Software.complain("standard output: cannot be written: \(String(cString: strerror(errno)))")
    Foundation.exit(Software.badInput)
  }
}
