// SPDX-License-Identifier: GPL-3.0-or-later

/// The power of each momentum shell of one configuration, averaged over the shell:
/// G(p) = V^-1 |φ̃(p)|².
public struct PowerSpectrum: Sendable {
  public let transform: FourierTransform
  public let shells: [MomentumShell]
  /// For each shell, its modes p with −p, so that the partner need not be searched.
  private let modes: [[(mode: Int32, opposite: Int32)]]

  public init(_ transform: FourierTransform, shells: [MomentumShell]) {
    self.transform = transform
    self.shells = shells
    modes = shells.map { shell in
      shell.modes.map { (Int32($0), Int32(transform.lattice.opposite($0))) }
    }
  }

  /// Fills `first` and `second` (one number a shell) from two fields a and b. From Z = F[a + ib]:
  /// ã(p) = [Z(p) + Z(−p)*]/2 and b̃(p) = [Z(p) − Z(−p)*]/2i.
  public func measure(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>?, buffer: TransformBuffer,
    into first: UnsafeMutablePointer<Double>, _ second: UnsafeMutablePointer<Double>?
  ) {
    buffer.pack(a, b)
    transform.forward(buffer)
    let z = buffer.values
    let quarter = 0.25 / Double(transform.lattice.volume)
    for shell in modes.indices {
      var sumA = 0.0
      var sumB = 0.0
      for (mode, opposite) in modes[shell] {
        let p = 2 &* Int(mode)
        let q = 2 &* Int(opposite)
        let plusReal = z[p] + z[q]
        let plusImaginary = z[p &+ 1] - z[q &+ 1]
        let minusReal = z[p] - z[q]
        let minusImaginary = z[p &+ 1] + z[q &+ 1]
        sumA += plusReal * plusReal + plusImaginary * plusImaginary
        sumB += minusReal * minusReal + minusImaginary * minusImaginary
      }
      let factor = quarter / Double(modes[shell].count)
      first[shell] = factor * sumA
      second?[shell] = factor * sumB
    }
  }
}
