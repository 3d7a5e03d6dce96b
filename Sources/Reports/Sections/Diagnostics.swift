// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Sweeps

/// Whether the samplers worked: what their records say of thermalisation and of weights.
struct Diagnostics {
  let report: Report

  var section: Section? {
    let (weights, runs) = (WeightPictures(report: report), RunPictures(report: report))
    return Section(
      "diagnostics", "Diagnostics",
      [
        chains, runs.histories?.markup, walkers, biases, weights.logWeights?.markup,
        weights.evolution?.markup, weights.works?.markup, runs.trainings?.markup,
      ])
  }

  /// Rows for the members of each point that something is known of.
  private func groups(_ row: (ReportPoint.Member) -> [DataTable.Cell]?) -> [DataTable.Group] {
    report.points.compactMap { point in
      let rows = point.members.compactMap(row)
      return rows.isEmpty ? nil : DataTable.Group(heading: point.theory.title.html, rows: rows)
    }
  }

  private var chains: Markup? {
    let groups = groups { member in
      guard let found = member.result.diagnostics else { return nil }
      let ratios = found.thermalisation.map(\.scaleReduction)
      return [
        .words(member.name), .number(found.acceptance.map { String(format: "%.3f", $0) }),
        .value(found.creutz), .value(found.slowest?.tau),
        .words(found.slowest.map { Notation.observable($0.name).html } ?? "–"),
        .value(member.result.effectiveSize?.samples),
        .number(ratios.max().map { String(format: "%.4f", $0) }),
        .words(found.thermalisationOutcome.rawValue),
        .number(found.signChanges.map(NumberWords.short)),
        .number(found.reversibility.map { NumberWords.typeset(String(format: "%.1e", $0)) }),
      ]
    }
    if groups.isEmpty { return nil }
    return DataTable(
      id: "chain-table",
      caption: [
        "Markov chains. ", Notation("τ_{int}").html,
        " in trajectories, with ½ for independent ones, is that of the observable beside it, the slowest of those watched; ESS is ",
        Notation("N/2τ_{int}").html,
        ". ⟨exp(−ΔH)⟩ is exactly 1 in equilibrium. R̂ is the largest split R-hat; the verdict rests on the means of half-chains and on Geweke’s test. Sign changes of m are per chain and 1000 trajectories. The defect is the largest distance after a trajectory there and back.",
      ],
      head: [
        "sampler", "acceptance", "⟨exp(−ΔH)⟩", Notation("τ_{int}").html, "of", "ESS", "R̂",
        "thermalisation", "sign changes", "defect",
      ], isCompact: true, groups: groups
    ).markup
  }

  private var walkers: Markup? {
    let groups = groups { member in
      guard let weights = member.part.weights else { return nil }
      let size = member.run.populations
      return [
        .words(member.name),
        .number(size.map { "\($0.count) × \($0.walkers)" }),
        .words(size?.isResampled == true ? "populations" : "walkers"),
        .number(member.run.acceptance.map { String(format: "%.3f", $0) }),
        .value(weights.effectiveFraction.uncertain),
        .value(member.result.effectiveSize?.fraction),
        .words(
          member.result.effectiveSize.map { Notation.observable($0.observable).html } ?? "–"),
        .number(weights.paretoShape.map { NumberWords.typeset(String(format: "%.2f", $0)) }),
        .number(weights.largestShare.isFinite ? NumberWords.percent(weights.largestShare) : nil),
        .value(member.result.logNormalizer), .value(member.result.bennett),
        .words(weights.verdict.outcome.rawValue),
      ]
    }
    if groups.isEmpty { return nil }
    return DataTable(
      id: "weight-table",
      caption: [
        "Weighted walkers. Kish: (Σw)²/(NΣw²), what the weights alone are worth. ESS/N: what all walkers are worth for the observable beside it; after resampling only whole populations are independent. ",
        Notation("k").html,
        " is the Pareto shape of the largest weights, which have no variance from ½ on. Share: that of the heaviest walker in the total weight. ",
        Notation("Z_{BAR}").html, " is from works there and back.",
      ],
      head: [
        "sampler", "walkers", "independent", "acceptance", "Kish", "ESS/N", "of",
        Notation("k").html, "share", Notation("log Z").html, Notation("log Z_{BAR}").html,
        "weights",
      ], isCompact: true, groups: groups
    ).markup
  }

  /// What the steps of a transport do.
  private var biases: Markup? {
    let names = report.points.flatMap { point in
      point.members.flatMap { $0.result.biases.map(\.name) }
    }.uniqued()
    if names.isEmpty { return nil }
    let groups = groups { member in
      if member.result.biases.isEmpty { return nil }
      return [.words(member.name)]
        + names.flatMap { name -> [DataTable.Cell] in
          let bias = member.result.biases.first { $0.name == name }
          return [
            .value(bias?.bias, isTrustworthy: bias?.outcome != .notExact),
            .number(bias.map { NumberWords.typeset(String(format: "%.2g", $0.error)) }),
          ]
        }
    }
    return DataTable(
      id: "bias-table",
      caption: [
        "The bias of the steps of a transport, beside the statistical error σ of the same number; it counts from a third of that on, and is then marked."
      ],
      head: ["sampler"]
        + names.flatMap { [Notation.symbol(of: $0).html, "σ"] },
      isCompact: true, groups: groups
    ).markup
  }
}
