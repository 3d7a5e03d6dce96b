// SPDX-License-Identifier: GPL-3.0-or-later
import CFFTW

/// The discrete Fourier transform of complex fields, z̃(p) = Σ_x exp(−i p·x) z(x), by FFTW.
///
/// A complex field carries two real ones, z = φ_1 + i φ_2, and a real kernel acts on both at once. Fields
/// and transforms are 2V numbers, real and imaginary parts interleaved, at addresses that are multiples
/// of 16 bytes. Plans are made with FFTW_ESTIMATE, so the same machine always gets the same bits.
public final class ComplexTransform: @unchecked Sendable {
  // Unchecked: the plans never change after init, and FFTW's execute functions are thread-safe.
  public let lattice: Lattice
  private let forwardPlan: fftw_plan
  private let backwardPlan: fftw_plan

  public init(_ lattice: Lattice) {
    self.lattice = lattice
    let extents = lattice.extents.map { Int32($0) }
    // Planning by estimate neither reads nor writes the buffers.
    let buffers = fftw_alloc_complex(2 * lattice.volume)!
    defer { fftw_free(buffers) }
    FourierTransform.planner.lock()
    defer { FourierTransform.planner.unlock() }
    let plans = [FFTW_FORWARD, FFTW_BACKWARD].map { direction in
      fftw_plan_dft(
        Int32(extents.count), extents, buffers, buffers + lattice.volume, direction, FFTW_ESTIMATE)
    }
    guard let forward = plans[0], let backward = plans[1] else {
      preconditionFailure("FFTW makes a plan for every shape")
    }
    forwardPlan = forward
    backwardPlan = backward
  }

  deinit {
    FourierTransform.planner.lock()
    fftw_destroy_plan(forwardPlan)
    fftw_destroy_plan(backwardPlan)
    FourierTransform.planner.unlock()
  }

  /// From a field to its transform, exp(−i p·x), without a factor; the two do not overlap.
  public func forward(
    _ field: UnsafePointer<Double>, into modes: UnsafeMutablePointer<Double>
  ) {
    execute(forwardPlan, field, modes)
  }

  /// From a transform to the field, exp(+i p·x), without a factor: backward after forward multiplies by
  /// V. The two do not overlap.
  public func backward(
    _ modes: UnsafePointer<Double>, into field: UnsafeMutablePointer<Double>
  ) {
    execute(backwardPlan, modes, field)
  }

  private func execute(
    _ plan: fftw_plan, _ source: UnsafePointer<Double>, _ target: UnsafeMutablePointer<Double>
  ) {
    // Complex transforms out of place keep their source, which a C pointer cannot promise.
    fftw_execute_dft(
      plan, UnsafeMutableRawPointer(mutating: source).assumingMemoryBound(to: fftw_complex.self),
      UnsafeMutableRawPointer(target).assumingMemoryBound(to: fftw_complex.self))
  }
}
