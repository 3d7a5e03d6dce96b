// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Lattices

/// The drift that is linear in its weights: features of the field, convolved with kernels by FFT,
///
///     b_x = Σ_f Σ_y W_f(x − y; t) h_f(φ)_y + Σ_y R(x − y; t) φ_y,
///
/// where R is the drift of the Gaussian reference, exact without interaction. It commutes with
/// translations and with the lattice symmetry of its kernels, and is odd under φ → −φ. With G_s the
/// smoothing of a feature, M the mean field and Ŵ the kernel in momentum space, the divergence is
///
///     field          Σ_p Ŵ(p)
///     sine           (V^-1 Σ_p Ŵ(p) G_s(p)) Σ_x ω cos(ω (G_s φ)_x)
///     gated field    cos(ω M) Σ_p Ŵ(p) − ω sin(ω M) M Ŵ(0)
///     mean           w ω cos(ω M)
///
/// A field with a number beyond 10⁵, or one that is not finite, has no velocity: what is returned for it
/// is not a number.
public struct SpectralDrift: DivergenceDrift {
  public let path: CouplingPath
  public let features: [SpectralFeature]
  public let basis: KernelBasis
  /// The weights in time: for each feature in turn one number for each function of the basis, or the
  /// one of a feature of the mean field.
  public let weights: ChebyshevCurve
  let plan: SpectralPlan
  private let reference: GaussianReference
  private let cache: SpectralKernelCache

  /// Throws nothing; the number of weights must be `weightCount(features, basis)`.
  public init(
    path: CouplingPath, features: [SpectralFeature], basis: KernelBasis, weights: ChebyshevCurve
  ) {
    self.init(
      path: path, features: features, basis: basis, weights: weights,
      plan: SpectralPlan(path.lattice, features: features))
  }

  init(
    path: CouplingPath, features: [SpectralFeature], basis: KernelBasis, weights: ChebyshevCurve,
    plan: SpectralPlan
  ) {
    precondition(basis.lattice == path.lattice, "a basis belongs to a lattice")
    precondition(weights.count == Self.weightCount(features, basis), "weights for each feature")
    self.path = path
    self.features = features
    self.basis = basis
    self.weights = weights
    self.plan = plan
    reference = GaussianReference(path)
    cache = SpectralKernelCache(size: (features.count + 1) * path.lattice.volume)
  }

  /// The drift of the Gaussian reference alone.
  public static func reference(_ path: CouplingPath) -> SpectralDrift {
    SpectralDrift(
      path: path, features: [],
      basis: KernelBasis(path.lattice, shape: .momentumSquared(count: 1, scale: 1)),
      weights: ChebyshevCurve(constant: []))
  }

  /// The same features with other weights.
  public func with(weights: ChebyshevCurve) -> SpectralDrift {
    SpectralDrift(path: path, features: features, basis: basis, weights: weights, plan: plan)
  }

  /// The number of weights at one time.
  public static func weightCount(_ features: [SpectralFeature], _ basis: KernelBasis) -> Int {
    features.reduce(0) { $0 + ($1.hasKernel ? basis.count : 1) }
  }

  public var lattice: Lattice { path.lattice }

  public var dimension: Int { lattice.volume }

  /// Transforms of two walkers that one evaluation takes.
  public var transforms: Int { plan.transforms }

  /// The kernels at one time, as they are applied.
  func kernels(at time: Double) -> SpectralKernels {
    cache.value(at: time) {
      SpectralKernels(
        features: features, basis: basis, weights: weights(time), plan: plan,
        reference: reference.kernel(at: time))
    }
  }

  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double]
  ) {
    let kernels = kernels(at: time)
    let (count, volume) = (batch.count, dimension)
    plan.withWorker { worker in
      batch.withRows { rows in
        velocities.withMutableRows { results in
          for first in stride(from: 0, to: count, by: 2) {
            let second = first + 1 < count ? first + 1 : nil
            let answer = worker.velocities(
              kernels, rows + first * volume, second.map { rows + $0 * volume },
              results + first * volume, second.map { results + $0 * volume })
            divergences[first] = answer.0
            if let second { divergences[second] = answer.1 }
          }
        }
      }
    }
  }
}
