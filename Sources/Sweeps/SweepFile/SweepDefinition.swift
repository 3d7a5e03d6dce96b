// SPDX-License-Identifier: GPL-3.0-or-later

/// A whole sweep file as typed values: what concerns the sweep, and its runs in order.
///
/// Runs are ordered like nested loops over the keys of `grid`, the first one outermost, with the
/// samplers innermost. A key of one sampler multiplies only the runs of that sampler.
public struct SweepDefinition: Sendable, Equatable {
  public var title: String
  /// Relative to the current folder unless it begins with `/`.
  public var output: String
  /// Nil for all cores.
  public var threads: Int?
  public var checkpoint: CheckpointSpecification
  public var runs: [RunSpecification]
  /// The text of the file, verbatim.
  public var text: String
  /// The name of the file as the user wrote it.
  public var fileName: String

  /// More runs than this are refused.
  public static let largestRunCount = 100_000

  /// Reads the text of a sweep file. `fileName` only names it in messages.
  ///
  /// - Throws: `SweepFileError` with every problem found.
  public init(parsing text: String, fileName: String) throws {
    let problems = ProblemCollector()
    let definition = SweepFileReader(problems: problems).read(text, fileName: fileName)
    guard let definition, problems.isEmpty else { throw problems.error(fileName: fileName) }
    self = definition
  }

  /// Reads a sweep file.
  ///
  /// - Throws: `SweepFileError` with every problem found, also if the file cannot be read, is larger
  ///   than a megabyte or is not UTF-8.
  public init(readingFile fileName: String) throws {
    try self.init(parsing: SweepFileText.read(fileName), fileName: fileName)
  }

  init(
    title: String, output: String, threads: Int?, checkpoint: CheckpointSpecification,
    runs: [RunSpecification], text: String, fileName: String
  ) {
    self.title = title
    self.output = output
    self.threads = threads
    self.checkpoint = checkpoint
    self.runs = runs
    self.text = text
    self.fileName = fileName
  }
}
