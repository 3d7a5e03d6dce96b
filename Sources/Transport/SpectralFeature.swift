// SPDX-License-Identifier: GPL-3.0-or-later

/// A field h(φ) that a drift is made of, odd under φ → −φ and covariant under the symmetries of the
/// lattice.
public enum SpectralFeature: Sendable, Hashable {
  /// h_x = φ_x.
  case field
  /// h_x = sin(ω (G_s φ)_x), with the smoothing G_s(p) = 1/(1 + s² p̂²).
  case sine(frequency: Double, smoothing: Double)
  /// h_x = (G_c φ)_x / (1 + ω² (G_s φ)_x²): a field that is held back where its surroundings are large;
  /// s is the smoothing, c that of the carrier.
  case gate(frequency: Double, smoothing: Double, carrier: Double)
  /// h_x = cos(ω M) φ_x, M = V^-1 Σ_x φ_x: lets every mode move as the mean field asks for.
  case gatedField(frequency: Double)
  /// h_x = sin(ω M): the mean field alone, which needs no kernel but at p = 0.
  case mean(frequency: Double)

  /// Whether the feature has a kernel of its own, or the one number at p = 0.
  public var hasKernel: Bool {
    if case .mean = self { return false }
    return true
  }
}
