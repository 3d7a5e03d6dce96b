// SPDX-License-Identifier: GPL-3.0-or-later

/// Everything that is wrong with a sweep file, one line for each problem, in line order:
/// `transition.yaml:4:15: 'theory.kappa[1]' must be a number > 0, got 'oops'`.
public struct SweepFileError: Error, Equatable, CustomStringConvertible {
  /// One problem. Line and column count from 1, columns in Unicode scalars; a problem of the file as
  /// a whole (it cannot be read, say) has line 0.
  public struct Problem: Sendable, Equatable {
    public let line: Int
    public let column: Int
    /// What is wrong, with the key, the value and what would be legal.
    public let message: String
  }

  /// The name of the file as the user wrote it.
  public let fileName: String
  public let problems: [Problem]

  public var description: String {
    problems.map { problem in
      let place = problem.line > 0 ? "\(fileName):\(problem.line):\(problem.column)" : fileName
      return "\(place): \(problem.message)"
    }.joined(separator: "\n")
  }
}

/// A place in the text of a sweep file; line and column count from 1.
struct SourceMark: Hashable, Comparable {
  var line: Int
  var column: Int

  static let wholeFile = SourceMark(line: 0, column: 0)
  static let start = SourceMark(line: 1, column: 1)

  static func < (left: SourceMark, right: SourceMark) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// Gathers problems while a sweep file is read, so that all of them are told at once.
final class ProblemCollector {
  private struct Entry: Hashable {
    var mark: SourceMark
    var message: String
  }
  private struct Occurrences {
    var firstPoint: String
    var count: Int
  }
  private var occurrences: [Entry: Occurrences] = [:]

  var isEmpty: Bool { occurrences.isEmpty }

  /// Notes a problem. One that depends on the grid point names it; the same problem at several grid
  /// points is told once, with the first of them.
  func report(_ message: String, at mark: SourceMark, gridPoint: String = "") {
    let entry = Entry(mark: mark, message: message)
    occurrences[entry, default: Occurrences(firstPoint: gridPoint, count: 0)].count += 1
  }

  func error(fileName: String) -> SweepFileError {
    let ordered = occurrences.sorted { left, right in
      (left.key.mark, left.key.message) < (right.key.mark, right.key.message)
    }
    let problems = ordered.map { entry, occurrences in
      var message = entry.message
      if !occurrences.firstPoint.isEmpty {
        message = "at \(occurrences.firstPoint): \(message)"
        let others = occurrences.count - 1
        if others > 0 { message += " (and at \(others) more grid point\(others == 1 ? "" : "s"))" }
      }
      return SweepFileError.Problem(
        line: entry.mark.line, column: entry.mark.column, message: message)
    }
    return SweepFileError(fileName: fileName, problems: problems)
  }
}
