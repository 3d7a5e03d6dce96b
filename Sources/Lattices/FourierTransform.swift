// SPDX-License-Identifier: GPL-3.0-or-later
import CFFTW
import Foundation

/// The discrete Fourier transform of real fields, φ̃(p) = Σ_x exp(−i p·x) φ(x), by FFTW.
///
/// φ̃(−p) = φ̃(p)*, so only the momenta with 0 ≤ n ≤ L/2 along the last axis are kept: the half modes.
/// Every field is transformed by itself: what one chain does never touches another. Plans are made
/// with FFTW_ESTIMATE, so the same machine always gets the same plan and the same bits.
public final class FourierTransform: @unchecked Sendable {
  // Unchecked: the plans never change after init, and FFTW's execute functions are thread-safe.
  public let lattice: Lattice
  /// For each half mode, the number of its momentum among all V, numbered like the sites.
  public let halfModes: [Int]
  private let forwardPlan: fftw_plan
  private let backwardPlan: fftw_plan

  /// FFTW's planner is not thread-safe.
  static let planner = NSLock()

  public init(_ lattice: Lattice) {
    self.lattice = lattice
    let last = lattice.dimensions - 1
    halfModes = (0..<lattice.volume).filter {
      lattice.coordinate(of: $0, along: last) <= lattice.extents[last] / 2
    }
    // Planning by estimate neither reads nor writes the buffer.
    let buffer = TransformBuffer(lattice)
    let extents = lattice.extents.map { Int32($0) }
    Self.planner.lock()
    defer { Self.planner.unlock() }
    guard
      let forward = fftw_plan_dft_r2c(
        Int32(extents.count), extents, buffer.field, buffer.complexModes, FFTW_ESTIMATE),
      let backward = fftw_plan_dft_c2r(
        Int32(extents.count), extents, buffer.complexModes, buffer.field, FFTW_ESTIMATE)
    else { preconditionFailure("FFTW makes a plan for every shape") }
    forwardPlan = forward
    backwardPlan = backward
  }

  deinit {
    Self.planner.lock()
    fftw_destroy_plan(forwardPlan)
    fftw_destroy_plan(backwardPlan)
    Self.planner.unlock()
  }

  /// How many momenta a half mode stands for: 1 where −p is a half mode as well, else 2.
  public func multiplicity(ofHalfMode index: Int) -> Int {
    let last = lattice.dimensions - 1
    let n = lattice.coordinate(of: halfModes[index], along: last)
    return n == 0 || 2 * n == lattice.extents[last] ? 1 : 2
  }

  /// From the field to its half modes, exp(−i p·x), without a factor.
  public func forward(_ buffer: TransformBuffer) {
    fftw_execute_dft_r2c(forwardPlan, buffer.field, buffer.complexModes)
  }

  /// From half modes to the field, exp(+i p·x), without a factor: backward after forward multiplies
  /// by V. Overwrites the modes.
  public func backward(_ buffer: TransformBuffer) {
    fftw_execute_dft_c2r(backwardPlan, buffer.complexModes, buffer.field)
  }
}

/// One real field and its half modes, with the memory alignment that the plans were made for, not set
/// to anything at first. One thread's property.
public final class TransformBuffer {
  /// φ(x), V numbers.
  public let field: UnsafeMutablePointer<Double>
  let complexModes: UnsafeMutablePointer<fftw_complex>

  public init(_ lattice: Lattice) {
    let last = lattice.extents[lattice.dimensions - 1]
    field = fftw_alloc_real(lattice.volume)!
    complexModes = fftw_alloc_complex(lattice.volume / last * (last / 2 + 1))!
  }

  deinit {
    fftw_free(field)
    fftw_free(complexModes)
  }

  /// The real and imaginary parts of all half modes, interleaved.
  public var modes: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(complexModes).assumingMemoryBound(to: Double.self)
  }
}
