// SPDX-License-Identifier: GPL-3.0-or-later
import Observables
import Statistics
import Sweeps

/// What was found: averages with errors, on each lattice and at each coupling.
struct Averages {
  let report: Report

  var section: Section? {
    let (tables, open) = (tables, open)
    if tables.isEmpty && open == nil { return nil }
    let fields = FieldPictures(report: report)
    return Section(
      "results", "Results",
      [
        .element(
          "p",
          [
            "Values with the standard error of their last digits in brackets: 1.234(56) is 1.234 ± 0.056. Errors of Markov chains are those of the Gamma method over all chains, errors of weighted walkers those over what is independent, walkers or whole populations. ",
            "A mark ",
            .element("abbr", ["class": "doubt", "title": "do not trust this error"], ["?"]),
            " says that the error is not to be trusted: chains too short against their autocorrelation time or in disagreement with each other, weights that have collapsed, or steps of a transport that bias the number; the ",
            .element("a", ["href": "#warnings"], ["warnings"]), " say which.",
          ]),
        meanings,
      ] + tables + [
        open, CouplingPictures(report: report).picture?.markup, fields.magnetizations?.markup,
        fields.correlators?.markup, fields.masses?.markup,
      ])
  }

  /// What the symbols of the tables stand for.
  private var meanings: Markup? {
    let results = report.runs.flatMap(\.results)
    guard let first = results.first else { return nil }
    let c = first.coefficients
    let known = ScalarQuantities(
      lattice: first.lattice, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic)
    let all =
      known.moments + [
        known.schwingerDyson, known.correlationLength, known.renormalisedCoupling,
        known.smallestMomentum, known.meanEffectiveMass,
      ] + known.twoPointFunction + known.connectedTwoPointFunction + known.effectiveMasses
    let words = Self.names(results).compactMap { name in
      all.first { $0.name == name }.map {
        Notation.symbol(of: name).html + .text(" \($0.longName)")
      }
    }
    if words.isEmpty { return nil }
    return .element("p", [words.joined(by: "; "), ". All numbers are in lattice units."])
  }

  private static func names(_ results: [SamplerResult]) -> [String] {
    results.flatMap { $0.quantities.map(\.name) }.uniqued()
  }

  private static func head(_ first: String, _ names: [String], _ hasNormalizer: Bool) -> [Markup] {
    [.text(first)] + names.map { Notation.symbol(of: $0).html }
      + (hasNormalizer ? [Notation("log Z").html] : [])
  }

  private static func row(
    _ title: String, _ result: SamplerResult, _ names: [String], _ hasNormalizer: Bool
  ) -> [DataTable.Cell] {
    [.words(title)] + names.map { .value(result.quantity($0)) }
      + (hasNormalizer ? [.value(result.logNormalizer)] : [])
  }

  /// One table for each lattice.
  private var tables: [Markup] {
    report.points.map(\.theory.size).uniqued().enumerated().map { number, size in
      let points = report.points.filter { $0.theory.size == size }
      let results = points.flatMap { $0.members.map(\.result) }
      let names = Self.names(results)
      let has = results.contains { $0.logNormalizer != nil }
      let groups = points.map { point in
        var rows = point.members.map { Self.row($0.name, $0.result, names, has) }
        if let exact = point.coupling.exactLogNormalizer {
          rows.append(
            [.words("exact")] + names.map { _ in .number("") } + [.value(exact)])
        }
        return DataTable.Group(heading: point.theory.couplingWords.html, rows: rows)
      }
      return DataTable(
        id: "averages-\(number + 1)", caption: ["Averages on ", .text(size), "."],
        head: Self.head("sampler", names, has), isCompact: true, groups: groups
      ).markup
    }
  }

  /// Runs that go on.
  private var open: Markup? {
    let runs = report.runs.filter { !$0.isComplete && !$0.results.isEmpty }
    let results = runs.flatMap(\.results)
    if results.isEmpty { return nil }
    let names = Self.names(results)
    let has = results.contains { $0.logNormalizer != nil }
    let groups = runs.map { run in
      DataTable.Group(
        heading: .text("\(run.label): \(run.progress)"),
        rows: run.results.map { result in
          Self.row(
            result.stop.map { "\(result.name), stop \($0)" } ?? result.name, result, names, has)
        })
    }
    return DataTable(
      id: "averages-open",
      caption: ["Runs that are not complete: what they say so far, which is in no comparison."],
      head: Self.head("sampler", names, has), groups: groups
    ).markup
  }
}
