// SPDX-License-Identifier: GPL-3.0-or-later
import Lattices

extension SpectralFeature {
  /// Features that serve from small lattices to large ones and in both phases: the field itself, the
  /// field held back by its surroundings at several ranges, and the mean field.
  ///
  /// To first order in the coupling the exact drift is −4 λ ∫ ds e^(−sK) (e^(−sK) φ)³, a smoothed cube of
  /// the smoothed field: φ times an even function of the smoothed field, smoothed again, is its bounded
  /// form.
  public static let standard: [SpectralFeature] = [
    .field,
    .gate(frequency: 1, smoothing: 0.3, carrier: 0),
    .gate(frequency: 2, smoothing: 0.3, carrier: 0),
    .gate(frequency: 2, smoothing: 2, carrier: 0),
    .gate(frequency: 2, smoothing: 1, carrier: 0),
    .gate(frequency: 4, smoothing: 1, carrier: 1),
    .gate(frequency: 2, smoothing: 0.3, carrier: 2),
    .gate(frequency: 4, smoothing: 2, carrier: 2),
    .sine(frequency: 4, smoothing: 0.5),
    .sine(frequency: 4, smoothing: 1),
    .mean(frequency: 2), .mean(frequency: 4), .mean(frequency: 6), .mean(frequency: 8),
  ]
}

extension KernelBasis {
  /// Smooth functions of p̂², from a point to a range of 8 lattice spacings, and the zero mode apart.
  public static func standard(_ lattice: Lattice) -> KernelBasis {
    KernelBasis(lattice, shape: .scales([0, 0.5, 1, 2, 4, 8]))
  }
}
