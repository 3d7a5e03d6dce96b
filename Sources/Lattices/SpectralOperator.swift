// SPDX-License-Identifier: GPL-3.0-or-later

/// A translation-invariant real operator, diagonal in momentum space:
/// (Kφ)(x) = V^-1 Σ_p exp(i p·x) K(p) φ̃(p), with K(p) = K(−p) real.
public struct SpectralOperator: Sendable {
  public let transform: FourierTransform
  /// K(p)/V for every half mode.
  private let kernel: [Double]

  /// `kernel` holds K(p) for every momentum, numbered like the sites; it must be even.
  public init(_ transform: FourierTransform, kernel: [Double]) {
    let lattice = transform.lattice
    precondition(kernel.count == lattice.volume, "one kernel value for each momentum")
    precondition(
      kernel.indices.allSatisfy {
        abs(kernel[$0] - kernel[lattice.opposite($0)]) <= 1e-9 * abs(kernel[$0])
      }, "a kernel of a real operator is even")
    self.transform = transform
    self.kernel = transform.halfModes.map { kernel[$0] / Double(lattice.volume) }
  }

  /// Applies K in place to one field.
  public func apply(_ field: UnsafeMutablePointer<Double>, buffer: TransformBuffer) {
    let volume = transform.lattice.volume
    buffer.field.update(from: field, count: volume)
    transform.forward(buffer)
    let z = buffer.modes
    kernel.withUnsafeBufferPointer { kernel in
      let k = kernel.baseAddress!
      for mode in 0..<kernel.count {
        z[2 &* mode] *= k[mode]
        z[2 &* mode &+ 1] *= k[mode]
      }
    }
    transform.backward(buffer)
    field.update(from: buffer.field, count: volume)
  }
}
