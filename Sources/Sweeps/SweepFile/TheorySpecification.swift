// SPDX-License-Identifier: GPL-3.0-or-later

/// A lattice theory as the sweep file names it: the model, and its couplings in the parametrisation
/// they were given in. Nothing is converted here.
public struct TheorySpecification: Sendable, Equatable {
  /// Which theory it is.
  public enum Model: String, Sendable, CaseIterable {
    case phi4
    /// The Gaussian theory; its quartic coupling is 0 in each parametrisation.
    case free
  }

  /// The couplings, in one of the forms of the action. Every bond counts once, φ' is the neighbour in
  /// each positive direction.
  public enum Parametrisation: Sendable, Equatable {
    /// S = Σ [ Σ_μ (φ' − φ)² + m² φ² + λ φ⁴ ]
    case unhalved(massSquared: Double, coupling: Double)
    /// S = Σ [ −2κ Σ_μ φ φ' + φ² + λ (φ² − 1)² ]; without the last term if λ = 0.
    case hopping(kappa: Double, coupling: Double)
    /// S = Σ [ ½ Σ_μ (φ' − φ)² + ½ m² φ² + λ/4! φ⁴ ]
    case continuum(massSquared: Double, coupling: Double)
  }

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
    }
  }
}
