// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Statistics
import Sweeps

/// A report about runs: what they are, what they found, whether it can be trusted, and where it comes
/// from, as a page that stands alone.
///
/// The same runs give the same page: nothing is in it but what files say, and the program's version.
public struct Report {
  /// Something to be cited.
  public struct Reference: Sendable, Equatable {
    /// As it stands in a list of references.
    public var text: String
    /// An address, with `https:`.
    public var link: String?
    public var bibTeX: String

    public init(text: String, link: String?, bibTeX: String) {
      (self.text, self.link, self.bibTeX) = (text, link, bibTeX)
    }
  }

  /// Complete or not.
  let runs: [ReportedRun]
  let drifts: [TrainedDrift]
  /// Labels of runs that have not begun.
  let notBegun: [String]
  /// Of the complete runs, as `compare` makes it.
  let comparison: Comparison
  let references: [Reference]
  /// Name, version and commit of the program that makes the page.
  let program: String
  /// The points of the comparison, in its order.
  let points: [ReportPoint]
  let samplers: SamplerStyles

  public init(
    runs: [ReportedRun], drifts: [TrainedDrift] = [], notBegun: [String] = [],
    baseline: String? = nil, references: [Reference] = [], program: String,
    exact: ExactLogNormalizer = { _, _ in nil }
  ) {
    (self.runs, self.drifts, self.notBegun) = (runs, drifts, notBegun)
    (self.references, self.program) = (references, program)
    comparison = Comparison(
      runs.filter(\.isComplete).flatMap(\.results), baseline: baseline, exact: exact)
    points = comparison.couplings.map { ReportPoint($0, runs: runs) }
    samplers = SamplerStyles(points)
  }

  /// Samplers that were compared, by their names.
  public var samplerNames: Set<String> {
    Set(runs.filter(\.isComplete).flatMap(\.results).map(\.name))
  }
}
