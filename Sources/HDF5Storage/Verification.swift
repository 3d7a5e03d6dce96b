// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// What was found when every number of a run folder or a packed file was read.
public struct VerificationReport: Sendable, Equatable {
  /// One thing that is not as it should be.
  public struct Problem: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
      /// A segment is not there; in the index its rows read as NaN.
      case missingSegment
      /// A file, or a part of it, cannot be read or fails its checksum.
      case unreadable
      /// Row numbers are not unique and increasing.
      case rowNumbers
      /// The groups or attributes are not those of the first segment.
      case layout
      /// The index is missing or not up to date. Resuming the run writes it anew.
      case index
      /// Data hold NaN or infinity.
      case nonFinite
      /// A killed writer left a file behind, or one is at work. Resuming removes it.
      case leftover
    }
    public let kind: Kind
    public let file: String
    /// The path inside the file, or empty.
    public let path: String
    public let text: String

    public var description: String {
      file + ": " + (path.isEmpty ? "" : "/\(path): ") + text
    }
  }

  public internal(set) var problems: [Problem] = []
  /// The number of files whose every number was read.
  public internal(set) var files = 0
  /// The rows in each table.
  public internal(set) var rows: [String: Int] = [:]

  /// Whether all data are there and as they were written, and the index shows them. A leftover
  /// temporary file does no harm.
  public var isSound: Bool { problems.allSatisfy { $0.kind == .leftover } }

  /// Drops what its reader knows to be as it should be.
  public mutating func passOver(_ isHarmless: (Problem) -> Bool) {
    problems.removeAll(where: isHarmless)
  }

  mutating func note(_ kind: Problem.Kind, _ file: String, _ path: String = "", text: String) {
    problems.append(Problem(kind: kind, file: file, path: path, text: text))
  }

  mutating func note(_ kind: Problem.Kind, _ error: StorageError) {
    note(kind, error.file, text: ([error.action] + error.reasons).joined(separator: ": "))
  }
}

extension RunFolder {
  /// Reads every number of every segment and compares the index with them. Changes nothing.
  /// Throws only if the folder itself cannot be listed.
  public func verify() throws -> VerificationReport {
    var report = VerificationReport()
    let numbers = try segmentNumbers()
    if numbers.isEmpty { report.note(.missingSegment, path, text: "no segment is there") }
    for number in 0..<((numbers.last ?? -1) + 1) where !numbers.contains(number) {
      report.note(.missingSegment, segment(number), text: "the file is missing")
    }
    for name in try temporaries() {
      report.note(.leftover, file(name), text: "left unfinished by a writer, or being written")
    }
    var check = FileCheck(report: report)
    for number in numbers { check.check(segment(number), number: number) }
    if !numbers.isEmpty { check.checkIndex(of: self, isWhole: numbers.count == numbers.last! + 1) }
    return check.report
  }
}

/// Reads every number of one packed file. Throws if it is no ensemble at all.
public func verifyPacked(_ file: String) throws -> VerificationReport {
  _ = try StoredEnsemble.contents(of: file)
  var check = FileCheck(report: VerificationReport())
  check.check(file, number: nil)
  return check.report
}
