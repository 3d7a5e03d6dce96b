// SPDX-License-Identifier: GPL-3.0-or-later
import CFFTW
import Foundation

/// The discrete Fourier transform of a lattice, φ̃(p) = Σ_x exp(−i p·x) φ(x), by FFTW.
///
/// Two real fields a, b travel as one complex field a + ib: a real kernel acts on both at once, and a
/// pair costs one complex transform instead of two real ones. Plans are made with FFTW_ESTIMATE, so
/// the same machine always gets the same plan and the same bits.
public final class FourierTransform: @unchecked Sendable {
  // Unchecked: the plans never change after init, and FFTW's execute functions are thread-safe.
  public let lattice: Lattice
  private let forwardPlan: fftw_plan
  private let backwardPlan: fftw_plan

  /// FFTW's planner is not thread-safe.
  private static let planner = NSLock()

  public init(_ lattice: Lattice) {
    self.lattice = lattice
    // Planning by estimate neither reads nor writes the buffer.
    let buffer = TransformBuffer(lattice)
    let extents = lattice.extents.map { Int32($0) }
    Self.planner.lock()
    defer { Self.planner.unlock() }
    guard
      let forward = fftw_plan_dft(
        Int32(extents.count), extents, buffer.pointer, buffer.pointer, FFTW_FORWARD,
        FFTW_ESTIMATE),
      let backward = fftw_plan_dft(
        Int32(extents.count), extents, buffer.pointer, buffer.pointer, FFTW_BACKWARD,
        FFTW_ESTIMATE)
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

  /// In place, exp(−i p·x), without a factor.
  public func forward(_ buffer: TransformBuffer) {
    fftw_execute_dft(forwardPlan, buffer.pointer, buffer.pointer)
  }

  /// In place, exp(+i p·x), without a factor: backward after forward multiplies by V.
  public func backward(_ buffer: TransformBuffer) {
    fftw_execute_dft(backwardPlan, buffer.pointer, buffer.pointer)
  }
}

/// One complex field with the memory alignment that the plans were made for, not set to anything at
/// first. One thread's property.
public final class TransformBuffer {
  let pointer: UnsafeMutablePointer<fftw_complex>
  public let volume: Int

  public init(_ lattice: Lattice) {
    volume = lattice.volume
    pointer = fftw_alloc_complex(lattice.volume)!
  }

  deinit { fftw_free(pointer) }

  /// The real and imaginary parts of all sites or modes, interleaved: 2V numbers.
  public var values: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Double.self)
  }

  /// Packs two real fields as a + ib; without a second field, b = 0.
  public func pack(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>?) {
    let z = values
    if let b {
      for site in 0..<volume {
        z[2 &* site] = a[site]
        z[2 &* site &+ 1] = b[site]
      }
    } else {
      for site in 0..<volume {
        z[2 &* site] = a[site]
        z[2 &* site &+ 1] = 0
      }
    }
  }

  /// The two real fields, times a factor.
  public func unpack(
    _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>?, times factor: Double
  ) {
    let z = values
    for site in 0..<volume { a[site] = factor * z[2 &* site] }
    guard let b else { return }
    for site in 0..<volume { b[site] = factor * z[2 &* site &+ 1] }
  }
}
