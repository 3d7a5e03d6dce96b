// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles

/// Couplings to reweight to: new values of some of those that a run was given, all combinations of
/// them, the others as they are.
public struct CouplingTargets: Sendable {
  public typealias Parametrisation = Phi4Couplings.Parametrisation

  /// Each with what sets it apart, such as `lambda=4.5`.
  public let targets: [(label: String, couplings: Parametrisation)]

  /// From the values that are wanted for m², λ and κ; empty where a coupling stays. `sources` are the
  /// theories of the runs, `parametrisation` the word for the form they were all given in. Throws if
  /// that form lacks a coupling, if runs differ in one that stays, or if a value is not legal.
  public init(
    massSquared: [Double], coupling: [Double], kappa: [Double], parametrisation: String,
    sources: [Phi4Couplings.Coefficients], dimensions: Int
  ) throws {
    let given = try sources.map { source -> (first: Double, second: Double) in
      guard let pair = Self.couplings(source, parametrisation, dimensions: dimensions) else {
        throw EnsembleError(
          "the couplings are not those of the form '\(parametrisation)'; only unhalved, hopping and "
            + "continuum couplings can be changed")
      }
      return pair
    }
    let isHopping = parametrisation == "hopping"
    let (first, name) = isHopping ? (kappa, "kappa") : (massSquared, "m2")
    if !(isHopping ? massSquared : kappa).isEmpty {
      throw EnsembleError(
        "\(isHopping ? "m2" : "kappa"): is no coupling of the form '\(parametrisation)', which has "
          + "\(name) and lambda")
    }
    func values(_ wanted: [Double], _ name: String, _ own: [Double]) throws -> [Double] {
      if !wanted.isEmpty { return wanted }
      let distinct = own.reduce(into: [Double]()) { list, value in
        if !list.contains(where: { abs($0 - value) <= 1e-12 * max(1, abs(value)) }) {
          list.append(value)
        }
      }
      if distinct.count > 1 {
        throw EnsembleError(
          "the runs differ in \(name) (\(distinct.map(NumberText.text).joined(separator: ", "))): "
            + "say which value is wanted")
      }
      return distinct
    }
    let firsts = try values(first, name, given.map(\.first))
    let seconds = try values(coupling, "lambda", given.map(\.second))
    var targets: [(label: String, couplings: Parametrisation)] = []
    for a in firsts {
      for b in seconds {
        if !a.isFinite || !b.isFinite || b < 0 || (isHopping && a < 0) {
          throw EnsembleError(
            "\(name)=\(a) lambda=\(b): legal are finite numbers, lambda and kappa not negative")
        }
        var words: [String] = []
        if !first.isEmpty { words.append("\(name)=\(NumberText.text(a))") }
        if !coupling.isEmpty { words.append("lambda=\(NumberText.text(b))") }
        let couplings: Parametrisation =
          switch parametrisation {
          case "hopping": .hopping(kappa: a, coupling: b)
          case "continuum": .continuum(massSquared: a, coupling: b)
          default: .unhalved(massSquared: a, coupling: b)
          }
        let c = Phi4Couplings(couplings, dimensions: dimensions).coefficients
        guard c.quartic > 0 || c.quadratic > Double(dimensions) * abs(c.hopping) else {
          throw EnsembleError(
            "\(name)=\(NumberText.text(a)) lambda=\(NumberText.text(b)): the weight exp(-S) cannot "
              + "be normalised")
        }
        targets.append((words.joined(separator: " "), couplings))
      }
    }
    self.targets = targets
  }

  /// The two couplings of a form from its coefficients; nil if they are not of that form.
  static func couplings(
    _ c: Phi4Couplings.Coefficients, _ parametrisation: String, dimensions: Int
  ) -> (first: Double, second: Double)? {
    let d = Double(dimensions)
    func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1, abs(b)) }
    switch parametrisation {
    case "unhalved" where isNear(c.hopping, 2): return (c.quadratic - 2 * d, c.quartic)
    case "continuum" where isNear(c.hopping, 1):
      return (2 * (c.quadratic - d), 24 * c.quartic)
    case "hopping" where isNear(c.quadratic, 1 - 2 * c.quartic):
      return (c.hopping / 2, c.quartic)
    default: return nil
    }
  }
}
