// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Statistics
import Sweeps

/// log Z of a theory where it is known, from its lattice and its coefficients.
public typealias ExactLogNormalizer = ([Int], Phi4Couplings.Coefficients) -> Uncertain?

/// One theory on one lattice, with all samplers that were there.
struct ReportPoint {
  /// One sampler at the point.
  struct Member {
    /// The head of its column, which no other has.
    let name: String
    /// The same at all points.
    let key: String
    let run: ReportedRun
    let part: ReportedRun.Part
    var result: SamplerResult { part.result }
  }

  let coupling: CouplingComparison
  let theory: TheoryPoint
  /// In the order of the results of the comparison.
  let members: [Member]

  init(_ coupling: CouplingComparison, runs: [ReportedRun]) {
    self.coupling = coupling
    var seen: [String: Int] = [:]
    members = zip(coupling.names, coupling.results).compactMap { name, result in
      for run in runs where run.path == result.path {
        for part in run.parts where part.result.stop == result.stop {
          seen[result.name, default: 0] += 1
          let number = seen[result.name] ?? 1
          let key = number == 1 ? result.name : "\(result.name)#\(number)"
          return Member(name: name, key: key, run: run, part: part)
        }
      }
      return nil
    }
    let first = coupling.results[0]
    theory = TheoryPoint(
      extents: first.lattice.extents, coefficients: first.coefficients,
      parametrisation: members.first?.run.theory.text("parametrisation") ?? "common")
  }

  /// Pairs of a member and its place in the comparison.
  var indexed: [(index: Int, member: Member)] {
    members.enumerated().map { ($0.offset, $0.element) }
  }
}

/// The look of each sampler, the same in all pictures.
struct SamplerStyles {
  /// In the order in which they were first met.
  let keys: [String]

  init(_ points: [ReportPoint]) {
    var keys: [String] = []
    for member in points.flatMap(\.members) where !keys.contains(member.key) {
      keys.append(member.key)
    }
    self.keys = keys
  }

  func number(_ key: String) -> Int { keys.firstIndex(of: key) ?? 0 }

  func style(_ key: String) -> Style { Style(number: number(key)) }

  /// Entries for those of some points.
  func legend(_ points: [ReportPoint], _ sign: LegendEntry.Sign = .mark) -> [LegendEntry] {
    let present = Set(points.flatMap(\.members).map(\.key))
    return keys.filter { present.contains($0) }.map {
      LegendEntry(.words($0), style($0), sign)
    }
  }

  /// How far the marks of a sampler are moved, so that those of several do not hide each other.
  func shift(_ key: String) -> Double {
    // The first stays where it is, the others go to its right and to its left in turn.
    let number = number(key)
    return (number % 2 == 1 ? 5.5 : -5.5) * Double((number + 1) / 2)
  }
}
