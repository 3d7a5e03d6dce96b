// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Sweeps

/// What a search for the use of a drift has found, as a table and as keys of a sweep file.
enum TuneText {
  static func report(_ tuning: DriftTuning) -> String {
    let settings = tuning.settings
    let cost = String(format: "%.3g", tuning.driftCost)
    let source = settings.driftCost == nil ? " (timed)" : ""
    let head =
      "\(tuning.run.label): \(tuning.drift), \(settings.walkers) walkers for each candidate, one "
      + "evaluation of the drift costs \(cost) gradients\(source)"
    return [head, "", table(tuning), agreement(tuning), edge(tuning), "", keys(tuning)]
      .compactMap { $0 }.joined(separator: "\n")
  }

  private static func table(_ tuning: DriftTuning) -> String {
    var rows = [
      [
        "", "path_steps", "placing", "updates", "steps", "diffusivity", "drifts", "ESS/N", "log_z",
        "gradients", "ESS/1000 gradients",
      ]
    ]
    for (number, candidate) in tuning.candidates.enumerated() {
      var row = [
        number == tuning.choice ? "*" : "", "\(candidate.pathSteps)", candidate.placing.rawValue,
        "\(candidate.refresh.updates)", "\(candidate.refresh.steps)",
      ]
      if let result = candidate.result {
        row += [
          String(format: "%.3g", result.diffusivity), "\(result.driftEvaluations)",
          "\(result.effectiveFraction)", "\(result.logZ)", String(format: "%.0f", result.cost),
          String(format: "%.3g", 1000 * result.effectiveFraction.value / result.cost),
        ]
      } else {
        row += ["-", "-", "0", "-", "-", "0"]
      }
      rows.append(row)
    }
    return TextTable.render(rows)
      + "\ndrifts, gradients: cost of one walker, evaluations of the drift counted as gradients"
      + "\n* the most effective walkers for the cost"
  }

  /// That more candidates would be worth a trial, where the best has the fewest or the most steps.
  private static func edge(_ tuning: DriftTuning) -> String? {
    let counts = tuning.candidates.map(\.pathSteps)
    guard let least = counts.min(), let most = counts.max(), least < most,
      tuning.best.pathSteps == least || tuning.best.pathSteps == most
    else { return nil }
    let words = tuning.best.pathSteps == least ? "fewest" : "most"
    return "the best has the \(words) steps that were tried: --path-steps may find a better one"
  }

  private static func agreement(_ tuning: DriftTuning) -> String {
    guard let agreement = tuning.agreement else {
      return "log Z: too few candidates have enough effective walkers to be compared"
    }
    let probability = ChiSquare.probability(
      exceeding: agreement.chiSquare, degreesOfFreedom: agreement.count - 1)
    let verdict =
      probability < 1e-4
      ? "; they DISAGREE: with few steps the integrator may bias them, as 'run' tells" : ""
    return "log Z of \(agreement.count) candidates: mean \(agreement.mean), chi2 = "
      + String(
        format: "%.1f for %d, p = %.2g", agreement.chiSquare, agreement.count - 1, probability)
      + verdict
  }

  /// The keys as they stand in a sweep file, long lists on several lines.
  private static func keys(_ tuning: DriftTuning) -> String {
    let name = tuning.run.sampler.name
    let lines = tuning.keys.flatMap(wrapped)
    return (["keys for the sampler '\(name)':"] + lines.map { "    \($0)" }).joined(separator: "\n")
  }

  private static func wrapped(_ line: String) -> [String] {
    var lines: [String] = []
    var current = ""
    for word in line.split(separator: " ") {
      if !current.isEmpty, current.count + word.count > 90 {
        lines.append(current)
        current = "  " + word
      } else {
        current += (current.isEmpty ? "" : " ") + word
      }
    }
    return lines + [current]
  }
}
