// SPDX-License-Identifier: GPL-3.0-or-later
import CFFTW
import Foundation

/// The discrete Fourier transform of two real fields at once, as the real and imaginary part of one
/// complex field, by FFTW.
///
/// Kernels that are real and even in momentum space act on both fields without mixing them, which
/// takes half the time of two real transforms. The rounding errors of both are those of the larger,
/// and what is not a number in one is not a number in the other, so that a user keeps such fields out.
/// All V modes are kept, numbered like the sites. Plans are made with FFTW_ESTIMATE, so the same machine
/// always gets the same plan and the same bits.
public final class PairTransform: @unchecked Sendable {
  // Unchecked: the plans never change after init, and FFTW's execute functions are thread-safe.
  public let lattice: Lattice
  private let forwardPlan: fftw_plan
  private let backwardPlan: fftw_plan
  private let copyingPlan: fftw_plan

  public init(_ lattice: Lattice) {
    self.lattice = lattice
    let buffer = PairBuffer(lattice)
    let other = PairBuffer(lattice)
    let extents = lattice.extents.map { Int32($0) }
    FourierTransform.planner.lock()
    defer { FourierTransform.planner.unlock() }
    guard
      let forward = fftw_plan_dft(
        Int32(extents.count), extents, buffer.complex, buffer.complex, FFTW_FORWARD, FFTW_ESTIMATE),
      let backward = fftw_plan_dft(
        Int32(extents.count), extents, buffer.complex, buffer.complex, FFTW_BACKWARD,
        FFTW_ESTIMATE),
      let copying = fftw_plan_dft(
        Int32(extents.count), extents, buffer.complex, other.complex, FFTW_FORWARD,
        UInt32(FFTW_ESTIMATE) | UInt32(FFTW_PRESERVE_INPUT))
    else { preconditionFailure("FFTW makes a plan for every shape") }
    forwardPlan = forward
    backwardPlan = backward
    copyingPlan = copying
  }

  deinit {
    FourierTransform.planner.lock()
    fftw_destroy_plan(forwardPlan)
    fftw_destroy_plan(backwardPlan)
    fftw_destroy_plan(copyingPlan)
    FourierTransform.planner.unlock()
  }

  /// In place from the fields to their modes, exp(−i p·x), without a factor.
  public func forward(_ buffer: PairBuffer) {
    fftw_execute_dft(forwardPlan, buffer.complex, buffer.complex)
  }

  /// From the fields, which are kept, to their modes in another buffer.
  public func forward(_ fields: PairBuffer, to modes: PairBuffer) {
    fftw_execute_dft(copyingPlan, fields.complex, modes.complex)
  }

  /// In place from the modes to the fields, exp(+i p·x), without a factor: backward after forward
  /// multiplies by V.
  public func backward(_ buffer: PairBuffer) {
    fftw_execute_dft(backwardPlan, buffer.complex, buffer.complex)
  }
}

/// Two real fields or their modes, with the memory alignment that the plans were made for, not set to
/// anything at first. One thread's property.
public final class PairBuffer {
  let complex: UnsafeMutablePointer<fftw_complex>

  public init(_ lattice: Lattice) { complex = fftw_alloc_complex(lattice.volume)! }

  deinit { fftw_free(complex) }

  /// 2V numbers: both fields, or the real and imaginary parts of the modes, interleaved.
  public var numbers: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(complex).assumingMemoryBound(to: Double.self)
  }
}
