// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices

/// The momentum-space propagator G(p) = V^-1 |φ̃(p)|², averaged over shells of equal
/// p̂² = Σ_μ 4 sin²(p_μ/2). On a free field in the canonical form ⟨G(p)⟩ = 1/(2(p̂² + m²)).
public struct MomentumPropagator: Observable {
  public let lattice: Lattice
  private let spectrum: PowerSpectrum

  /// Measures the lowest `shells` shells, the zero mode first; all where there are fewer.
  public init(lattice: Lattice, shells: Int) {
    precondition(shells >= 1, "at least one shell")
    self.lattice = lattice
    spectrum = PowerSpectrum(
      FourierTransform(lattice), shells: Array(lattice.momentumShells().prefix(shells)))
  }

  public var variables: [Variable] {
    let shells = Axis(
      name: "khat2", coordinates: spectrum.shells.map(\.momentumSquared), type: .float64,
      units: "lattice", longName: "lattice momentum squared of the shell")
    return [
      Variable(
        name: "G_k", axes: [shells], longName: "momentum-space propagator, shell average",
        definition: #"G(k) = V^{-1} |\tilde\phi(k)|^2"#)
    ]
  }

  public func measure(
    _ rows: UnsafePointer<Double>, count: Int, into outputs: [UnsafeMutablePointer<Double>]
  ) {
    let shells = spectrum.shells.count
    let buffer = TransformBuffer(lattice)
    for member in 0..<count {
      spectrum.measure(
        rows + member * lattice.volume, buffer: buffer, into: outputs[0] + member * shells)
    }
  }
}
