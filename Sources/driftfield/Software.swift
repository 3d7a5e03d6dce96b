// SPDX-License-Identifier: GPL-3.0-or-later
import CBuild
import CKernels
import Ensembles
import Foundation

/// What this program says of itself, and how it speaks to the user.
enum Software {
  static let version = "0.1.0"
  static let badInput: Int32 = 2
  static let checkFailed: Int32 = 1
  /// As a shell reports a command that ended by Ctrl-C.
  static let stopped: Int32 = 130

  static var commit: String { String(cString: df_build_commit()) }

  static var versionLine: String { "driftfield \(version) (commit \(commit))" }

  /// The root attributes that say what wrote a file.
  static func attributes(threads: Int) -> [String: AttributeValue] {
    [
      "software": .text("driftfield"),
      "version": .text(version),
      "commit": .text(commit),
      "compiler": .text(String(cString: df_build_compiler())),
      "kernel_level": .text(String(cString: df_kernel_level_name(df_kernel_level()))),
      "precision": .text("float64"),
      "threads": .integer(threads),
    ]
  }

  /// One or more lines on standard error.
  static func complain(_ text: String) { say(text + "\n") }

  /// Text on standard error as it is. Where nobody can hear it, the program goes on.
  static func say(_ text: String) {
    do {
      try FileHandle.standardError.write(contentsOf: Data(text.utf8))
    } catch {}
  }
}
