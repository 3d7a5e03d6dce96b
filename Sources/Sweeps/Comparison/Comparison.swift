// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation
import Statistics

/// Samplers side by side at every coupling where there are any.
public struct Comparison: Sendable {
  /// What log Z is called in tables.
  public static let logNormalizer = "log_z"
  /// log Z from works there and back.
  public static let bennettLogNormalizer = "log_z Bennett"
  /// Differences beyond so many combined standard errors are told.
  public static let notable = 3.0
  /// The chance of a single difference of that size, and the chance that all comparisons together are
  /// given to disagree by accident: single differences, and again for overall ones.
  public static let falseAlarm = 0.0026997960632601866

  /// In the order in which they were first met.
  public private(set) var couplings: [CouplingComparison] = []
  /// Results of one theory in fields of different scale, which are not compared, in words.
  public private(set) var remarks: [String] = []

  /// Groups results by theory and lattice. The baseline of each group is the first whose name is
  /// `baseline`, or the first HMC run, Fourier-accelerated or not. `exact` gives log Z where it is
  /// known, in the field of the coefficients.
  public init(
    _ results: [SamplerResult], baseline: String? = nil,
    exact: ([Int], Phi4Couplings.Coefficients) -> Uncertain? = { _, _ in nil }
  ) {
    var groups: [[SamplerResult]] = []
    for result in results {
      if let place = groups.firstIndex(where: { $0[0].isOfSameTheory(as: result) }) {
        groups[place].append(result)
      } else {
        groups.append([result])
      }
    }
    for (index, group) in groups.enumerated() {
      let isWanted = group.contains { $0.logNormalizer != nil }
      let known = isWanted ? exact(group[0].lattice.extents, group[0].coefficients) : nil
      couplings.append(CouplingComparison(group, baseline: baseline, exact: known))
      for other in groups[..<index] where other[0].differsInScale(from: group[0]) {
        remarks.append(
          "\(other[0].coupling) and \(group[0].coupling) are one theory in fields that differ by a "
            + "factor: not compared, since most quantities depend on it")
      }
    }
  }

  /// All differences that can be judged.
  public var differences: [QuantityDifference] {
    couplings.flatMap { $0.differences.flatMap(\.judged) }
  }

  /// Of one difference: beyond this probability it is no accident, however many were looked at.
  public var leastProbability: Double { Self.falseAlarm / Double(max(1, differences.count)) }

  /// The same for overall differences.
  public var leastOverallProbability: Double {
    let count = couplings.reduce(0) { $0 + $1.differences.count { $0.overall != nil } }
    return Self.falseAlarm / Double(max(1, count))
  }

  /// `leastProbability` in standard errors, for errors that are known well.
  public var bound: Double { -normalQuantile(leastProbability / 2) }

  /// Whether a sampler disagrees with its reference.
  public func disagrees(_ difference: SamplerDifference) -> Bool {
    difference.judged.contains { $0.probability < leastProbability }
      || (difference.overall.map { $0.probability < leastOverallProbability } ?? false)
  }

  /// Whether no sampler disagrees.
  public var isInAgreement: Bool {
    !couplings.contains { $0.differences.contains(where: disagrees) }
  }
}

/// The samplers at one coupling on one lattice.
public struct CouplingComparison: Sendable {
  /// The baseline first, if there is one.
  public let results: [SamplerResult]
  /// A column head for each result, no two alike.
  public let names: [String]
  public let hasBaseline: Bool
  /// One for each result that is compared with anything.
  public let differences: [SamplerDifference]
  /// log Z where it is known.
  public let exactLogNormalizer: Uncertain?
  /// The result that log Z is compared with where it is not known: of those whose error is to be
  /// trusted the one with the smallest.
  public let logNormalizerReference: Int?

  init(_ group: [SamplerResult], baseline: String?, exact: Uncertain?) {
    let place = group.firstIndex { result in
      if let baseline { return result.name == baseline }
      return result.method == "hmc" || result.method == "fourier-hmc"
    }
    var results = group
    if let place { results.insert(results.remove(at: place), at: 0) }
    var used: [String: Int] = [:]
    names = results.map { result in
      let base = result.stop.map { "\(result.name).\($0)" } ?? result.name
      used[base, default: 0] += 1
      let number = used[base] ?? 1
      return number == 1 ? base : "\(base)#\(number)"
    }
    let weighted = results.indices.filter {
      results[$0].logNormalizer?.error.isFinite == true
    }
    let trusted = weighted.filter { results[$0].logNormalizer?.isTrustworthy == true }
    let reference = (trusted.isEmpty ? weighted : trusted).min {
      (results[$0].logNormalizer?.error ?? .nan) < (results[$1].logNormalizer?.error ?? .nan)
    }
    exactLogNormalizer = exact
    logNormalizerReference = exact == nil ? reference : nil
    hasBaseline = place != nil
    self.results = results
    differences = results.indices.compactMap { index in
      SamplerDifference(
        of: index, in: results, baseline: place == nil || index == 0 ? nil : 0,
        logNormalizer: exact == nil && index != reference ? reference : nil, exact: exact)
    }
  }

  public func difference(of result: Int) -> SamplerDifference? {
    differences.first { $0.result == result }
  }

  /// What the result costs against the baseline for one error of a quantity: the ratios of error² times
  /// seconds, and of error² times evaluations of the gradient. Nil where one of them is unknown.
  public func costAtEqualError(
    of result: Int, _ quantity: String
  ) -> (seconds: Double, gradientEvaluations: Double)? {
    guard hasBaseline, let cost = results[result].cost, let base = results[0].cost,
      let a = results[result].quantity(quantity), let b = results[0].quantity(quantity),
      a.error > 0, b.error > 0
    else { return nil }
    let ratio = (a.error / b.error) * (a.error / b.error)
    return (
      ratio * cost.seconds / base.seconds,
      ratio * cost.gradientEvaluations / base.gradientEvaluations
    )
  }
}

/// One sampler against the baseline, and its log Z against the most precise one.
public struct SamplerDifference: Sendable {
  /// Its place in the results of the coupling.
  public let result: Int
  /// One for each quantity that both have; log Z last, also that from works there and back.
  public let quantities: [QuantityDifference]
  /// All quantities but log Z together; nil where correlations are unknown.
  public let overall: OverallDifference?

  /// Nil if there is nothing to compare with.
  init?(
    of result: Int, in results: [SamplerResult], baseline: Int?, logNormalizer: Int?,
    exact: Uncertain?
  ) {
    self.result = result
    var found: [QuantityDifference] = []
    var overall: OverallDifference?
    let own = results[result]
    if let baseline {
      let base = results[baseline]
      found = own.quantities.compactMap { quantity in
        base.quantity(quantity.name).map { QuantityDifference(quantity, minus: $0) }
      }
      overall = OverallDifference(
        (own.quantities, own.correlations), (base.quantities, base.correlations))
    }
    for value in [own.logNormalizer, own.bennett].compactMap(\.self) {
      if let exact { found.append(QuantityDifference(value, minus: exact)) }
      if let logNormalizer, let reference = results[logNormalizer].logNormalizer {
        found.append(QuantityDifference(value, minus: reference))
      }
    }
    if baseline == nil && found.isEmpty { return nil }
    (quantities, self.overall) = (found, overall)
  }

  public var judged: [QuantityDifference] { quantities.filter(\.isJudged) }

  public func difference(_ name: String) -> QuantityDifference? {
    quantities.first { $0.name == name }
  }
}
