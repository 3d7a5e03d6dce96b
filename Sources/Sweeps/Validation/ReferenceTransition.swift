// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Lattices
import MonteCarlo

/// A transition as a sweep file names it, with a small and a large step size for one theory.
///
/// Weights are exact at any step size, which only a large one tests: at the large ones here adjusted
/// dynamics rejects much, and unadjusted dynamics is far from where a small step would lead it.
public struct ReferenceTransition: Sendable {
  /// Such as `langevin baoab`; with Fourier acceleration `ula+fourier`.
  public let name: String
  public let transition: any Transition<Phi4>
  public let stepSizes: (small: Double, large: Double)

  init(
    _ name: String, _ transition: any Transition<Phi4>, _ small: Double, _ large: Double
  ) {
    self.name = name
    self.transition = transition
    stepSizes = (small, large)
  }

  /// Every transition that a sweep file offers, with and without acceleration, for a theory whose
  /// stiffest mode has the curvature `stiffness`. A harmonic mode of curvature k has weights of finite
  /// variance while ε²k < 2 in unadjusted dynamics.
  public static func all(for theory: Phi4, stiffness: Double) -> [ReferenceTransition] {
    let c = theory.coefficients
    // The mass J (k̂² + M²): that of a free field itself; otherwise not below any curvature.
    let massSquared =
      c.quartic == 0
      ? 2 * (c.quadratic / c.hopping - Double(theory.lattice.dimensions)) : stiffness / c.hopping
    let fourier = KineticEnergy.spectral(
      SpectralMass(accelerating: theory, massSquared: massSquared))
    let unit = 1 / stiffness.squareRoot()
    func langevin(
      _ splitting: LangevinSplitting, _ kinetic: KineticEnergy = .unitMass
    ) -> UnderdampedLangevin<Phi4> {
      UnderdampedLangevin(splitting: splitting, friction: 1, kinetic: kinetic)
    }
    return [
      ReferenceTransition("mala", KernelTransition.mala(), 0.3 * unit, 1.9 * unit),
      ReferenceTransition("mala+fourier", KernelTransition.mala(kinetic: fourier), 0.3, 1.8),
      ReferenceTransition(
        "hmc", KernelTransition.hmc(steps: 3, updates: 2), 0.3 * unit, 1.9 * unit),
      ReferenceTransition(
        "hmc+fourier", KernelTransition.hmc(scheme: .omelyan, steps: 1, kinetic: fourier),
        0.3, 1.8),
      ReferenceTransition(
        "metropolis", KernelTransition.metropolis(at: theory, updates: 2), 0.3 * unit, 4 * unit),
      ReferenceTransition("ula", OverdampedLangevin<Phi4>(), 0.3 * unit, 0.8 * unit),
      ReferenceTransition(
        "ula+fourier", OverdampedLangevin<Phi4>(preconditioner: fourier), 0.2, 0.6),
    ]
      + LangevinSplitting.all.map {
        ReferenceTransition("langevin \($0.name)", langevin($0), 0.3 * unit, 0.8 * unit)
      } + [
        ReferenceTransition("langevin+fourier", langevin(.baoab, fourier), 0.2, 0.6)
      ]
  }
}
