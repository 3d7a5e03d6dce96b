// SPDX-License-Identifier: GPL-3.0-or-later

/// A translation-invariant real operator, diagonal in momentum space:
/// (Kφ)(x) = V^-1 Σ_p exp(i p·x) K(p) φ̃(p), with K(p) = K(−p) real.
public struct SpectralOperator: Sendable {
  public let transform: FourierTransform
  /// K(p)/V for every momentum, numbered like the sites.
  private let kernel: [Double]

  /// `kernel` holds K(p) for every momentum, numbered like the sites; it must be even.
  public init(_ transform: FourierTransform, kernel: [Double]) {
    precondition(kernel.count == transform.lattice.volume, "one kernel value for each momentum")
    self.transform = transform
    self.kernel = kernel.map { $0 / Double(transform.lattice.volume) }
  }

  /// Applies K in place to `count` fields, one contiguous row each, two at a time.
  ///
  /// The bits of a row depend on which row it is paired with: callers that split a batch over threads
  /// split it at even rows.
  public func apply(_ rows: UnsafeMutablePointer<Double>, count: Int, buffer: TransformBuffer) {
    let volume = transform.lattice.volume
    for first in stride(from: 0, to: count, by: 2) {
      let a = rows + first * volume
      let b = first + 1 < count ? a + volume : nil
      buffer.pack(a, b.map { UnsafePointer($0) })
      transform.forward(buffer)
      multiply(buffer.values)
      transform.backward(buffer)
      buffer.unpack(a, b, times: 1)
    }
  }

  private func multiply(_ z: UnsafeMutablePointer<Double>) {
    kernel.withUnsafeBufferPointer { kernel in
      let k = kernel.baseAddress!
      for mode in 0..<kernel.count {
        z[2 &* mode] *= k[mode]
        z[2 &* mode &+ 1] *= k[mode]
      }
    }
  }
}
