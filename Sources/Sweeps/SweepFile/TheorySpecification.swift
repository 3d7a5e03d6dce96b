// SPDX-License-Identifier: GPL-3.0-or-later
import Actions

/// A lattice theory as the sweep file names it: the model, and its couplings in the parametrisation
/// they were given in. Nothing is converted here.
public struct TheorySpecification: Sendable, Equatable {
  /// Which theory it is.
  public enum Model: String, Sendable, CaseIterable {
    case phi4
    /// The Gaussian theory; its quartic coupling is 0 in each parametrisation.
    case free
  }

  public typealias Parametrisation = Phi4Couplings.Parametrisation

  public var model: Model
  public var parametrisation: Parametrisation

  public init(model: Model, parametrisation: Parametrisation) {
    self.model = model
    self.parametrisation = parametrisation
  }

  /// The theory in one line of fixed form.
  var identity: String {
    switch parametrisation {
    case .unhalved(let massSquared, let coupling):
      "\(model.rawValue) unhalved m2=\(NumberText.text(massSquared))"
        + " lambda=\(NumberText.text(coupling))"
    case .hopping(let kappa, let coupling):
      "\(model.rawValue) hopping kappa=\(NumberText.text(kappa))"
        + " lambda=\(NumberText.text(coupling))"
    case .continuum(let massSquared, let coupling):
      "\(model.rawValue) continuum m2=\(NumberText.text(massSquared))"
        + " lambda=\(NumberText.text(coupling))"
    case .common(let coefficients):
      "\(model.rawValue) common J=\(NumberText.text(coefficients.hopping))"
        + " c2=\(NumberText.text(coefficients.quadratic))"
        + " c4=\(NumberText.text(coefficients.quartic))"
    }
  }
}
