// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import ArgumentParser

/// A theory on the command line: the form of its action and the couplings of that form.
struct CouplingOptions: ParsableArguments {
  @Option(help: "The form of the action: unhalved, hopping or continuum.")
  var parametrisation: TheoryForm?

  @Option(parsing: .unconditional, help: "m² of the unhalved and the continuum form.")
  var m2: Double?

  @Option(parsing: .unconditional, help: "κ of the hopping form.")
  var kappa: Double?

  @Option(parsing: .unconditional, help: "λ in the same form.")
  var lambda: Double?

  /// Whether any of them was given.
  var isGiven: Bool { parametrisation != nil || [m2, kappa, lambda] != [nil, nil, nil] }

  /// The couplings. Throws if one is missing, does not belong to the form, or is not finite.
  func couplings() throws -> Phi4Couplings.Parametrisation {
    let form = parametrisation ?? .unhalved
    for (name, value) in [("m2", m2), ("kappa", kappa), ("lambda", lambda)] {
      let isUsed = name == "lambda" || (name == "kappa") == (form == .hopping)
      if isUsed && value == nil {
        let couplings = form == .hopping ? "--kappa and --lambda" : "--m2 and --lambda"
        throw ValidationError(
          "--\(name) is missing: the \(form.rawValue) form has \(couplings)")
      }
      if !isUsed && value != nil {
        throw ValidationError("--\(name) is no coupling of the \(form.rawValue) form")
      }
      if let value, !value.isFinite {
        throw ValidationError("--\(name) must be a finite number, got \(value)")
      }
    }
    let mass = (m2 ?? kappa)!
    return switch form {
    case .unhalved: .unhalved(massSquared: mass, coupling: lambda!)
    case .hopping: .hopping(kappa: mass, coupling: lambda!)
    case .continuum: .continuum(massSquared: mass, coupling: lambda!)
    }
  }
}
