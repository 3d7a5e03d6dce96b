// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Citations
import Statistics
import Sweeps

/// A report about runs: what they are, what they found, whether it can be trusted, and where it comes
/// from, as a page that stands alone.
///
/// The same runs give the same page: nothing is in it but what files say, and the program's version.
public struct Report {
  /// Complete or not.
  let runs: [ReportedRun]
  let drifts: [TrainedDrift]
  /// Labels of runs that have not begun.
  let notBegun: [String]
  /// Of the complete runs, as `compare` makes it.
  let comparison: Comparison
  /// Nil where sizes or couplings are too few.
  let scaling: ReportedScaling?
  /// What is to be cited for the numbers.
  let citations: [Citation]
  /// Name, version and commit of the program that makes the page.
  let program: String
  /// The points of the comparison, in its order.
  let points: [ReportPoint]
  let samplers: SamplerStyles

  public init(
    runs: [ReportedRun], drifts: [TrainedDrift] = [], notBegun: [String] = [],
    baseline: String? = nil, scaling: ReportedScaling? = nil, citations: [Citation] = [],
    program: String,
    exact: ExactLogNormalizer = { _, _ in nil }
  ) {
    (self.runs, self.drifts, self.notBegun) = (runs, drifts, notBegun)
    (self.scaling, self.citations, self.program) = (scaling, citations, program)
    comparison = Comparison(
      runs.filter(\.isComplete).flatMap(\.results), baseline: baseline, exact: exact)
    points = comparison.couplings.map { ReportPoint($0, runs: runs) }
    samplers = SamplerStyles(points)
  }

  /// The quantities that samplers were compared in, in the order of the tables, log Z last.
  var comparedNames: [String] {
    let compared = Set(
      points.flatMap { $0.coupling.differences.flatMap { $0.quantities.map(\.name) } })
    let known = points.flatMap { $0.coupling.results.flatMap { $0.quantities.map(\.name) } }
    return (known + [Comparison.logNormalizer, Comparison.bennettLogNormalizer]).uniqued()
      .filter { compared.contains($0) }
  }

  /// Samplers that were compared, by their names.
  public var samplerNames: Set<String> {
    Set(runs.filter(\.isComplete).flatMap(\.results).map(\.name))
  }
}
