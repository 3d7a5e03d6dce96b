// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation

/// Which coupling varies between runs, and which runs belong to the scan.
struct ScanSelection {
  /// A theory as a function of the coupling that varies.
  struct Theory: Sendable {
    let form: String
    let isFirst: Bool
    /// The coupling that does not vary.
    let other: Double
    let dimensions: Int

    /// The couplings of the form with this value of the one that varies.
    func coefficients(at value: Double) -> Phi4Couplings.Coefficients {
      let (a, b) = isFirst ? (value, other) : (other, value)
      let couplings: Phi4Couplings.Parametrisation =
        switch form {
        case "hopping": .hopping(kappa: a, coupling: b)
        case "continuum": .continuum(massSquared: a, coupling: b)
        default: .unhalved(massSquared: a, coupling: b)
        }
      return Phi4Couplings(couplings, dimensions: dimensions).coefficients
    }

    /// dJ, dc2 and dc4 by the coupling; all forms are linear in each of their couplings.
    var derivative: Phi4Couplings.Coefficients {
      let (a, b) = (coefficients(at: 1), coefficients(at: 0))
      return Phi4Couplings.Coefficients(
        hopping: a.hopping - b.hopping, quadratic: a.quadratic - b.quadratic,
        quartic: a.quartic - b.quartic)
    }
  }

  let parameter: String
  let held: String
  /// The places of the runs that are kept.
  private(set) var members: [Int] = []
  /// The value of the coupling of every run.
  private(set) var values: [Double] = []
  let theory: Theory

  init(_ readers: [any EnsembleReader], held wanted: [String: Double]) throws {
    let forms = Set(try readers.map { try $0.attributes(of: "theory").text("parametrisation") })
    guard forms.count == 1, let first = forms.first, let form = first else {
      throw EnsembleError("the runs were not all given in one form of the couplings")
    }
    let theories = try readers.map { try StoredTheory($0) }
    guard let dimensions = theories.first?.lattice.dimensions,
      theories.allSatisfy({ $0.lattice.dimensions == dimensions })
    else { throw EnsembleError("the lattices differ in their number of dimensions") }
    let names = [form == "hopping" ? "kappa" : "m2", "lambda"]
    if let bad = wanted.keys.sorted().first(where: { !names.contains($0) }) {
      throw EnsembleError(
        "\(bad): is no coupling of the form '\(form)', which has \(names[0]) and lambda")
    }
    let pairs = try theories.map { theory -> [Double] in
      guard
        let pair = CouplingTargets.couplings(
          theory.coefficients, form, dimensions: theory.lattice.dimensions)
      else {
        throw EnsembleError(
          "the couplings are not those of the form '\(form)'; only unhalved, hopping and continuum "
            + "couplings can be interpolated")
      }
      return [pair.first, pair.second].map(Self.rounded)
    }
    members = pairs.indices.filter { run in
      names.indices.allSatisfy { index in
        wanted[names[index]].map { Self.isNear($0, pairs[run][index]) } ?? true
      }
    }
    let kept = members
    let distinct = names.indices.map { index in Set(kept.map { pairs[$0][index] }).sorted() }
    func list(_ index: Int) -> String {
      distinct[index].map(NumberText.text).joined(separator: ", ")
    }
    if members.isEmpty {
      let words = wanted.sorted { $0.key < $1.key }.map { "\($0.key)=\(NumberText.text($0.value))" }
      throw EnsembleError("no run is at \(words.joined(separator: ", "))")
    }
    switch (distinct[0].count > 1, distinct[1].count > 1) {
    case (true, true):
      throw EnsembleError(
        "the runs differ in \(names[0]) (\(list(0))) and in lambda (\(list(1))): keep one value of "
          + "one of them, as in --at \(names[0])=\(NumberText.text(distinct[0][0]))")
    case (false, false):
      throw EnsembleError(
        "all runs are at \(names[0])=\(list(0)), lambda=\(list(1)): nothing can be interpolated")
    default: break
    }
    let index = distinct[0].count > 1 ? 0 : 1
    parameter = names[index]
    held = "\(names[1 - index])=\(list(1 - index))"
    values = pairs.map { $0[index] }
    theory = Theory(
      form: form, isFirst: index == 0, other: distinct[1 - index][0], dimensions: dimensions)
  }

  /// Without what the way to coefficients and back has cost in the last digits.
  private static func rounded(_ value: Double) -> Double {
    Double(String(format: "%.12g", value)) ?? value
  }

  private static func isNear(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= 1e-10 * max(1, abs(b))
  }
}
