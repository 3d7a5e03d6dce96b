// SPDX-License-Identifier: GPL-3.0-or-later

/// The power of each momentum shell of one configuration, averaged over the shell:
/// G(p) = V^-1 |φ̃(p)|².
public struct PowerSpectrum: Sendable {
  public let transform: FourierTransform
  public let shells: [MomentumShell]
  /// For each shell its half modes, with the weight of each in V^-1 times the average.
  private let terms: [[(mode: Int32, weight: Double)]]

  public init(_ transform: FourierTransform, shells: [MomentumShell]) {
    self.transform = transform
    self.shells = shells
    let positions = Dictionary(
      uniqueKeysWithValues: transform.halfModes.enumerated().map { ($1, $0) })
    let volume = Double(transform.lattice.volume)
    terms = shells.map { shell in
      shell.modes.compactMap { mode in
        guard let position = positions[mode] else { return nil }
        let count = Double(transform.multiplicity(ofHalfMode: position))
        return (Int32(position), count / (volume * Double(shell.modes.count)))
      }
    }
  }

  /// Fills `power`, one number a shell.
  public func measure(
    _ field: UnsafePointer<Double>, buffer: TransformBuffer,
    into power: UnsafeMutablePointer<Double>
  ) {
    buffer.field.update(from: field, count: transform.lattice.volume)
    transform.forward(buffer)
    let z = buffer.modes
    for shell in terms.indices {
      var sum = 0.0
      for (mode, weight) in terms[shell] {
        let real = z[2 &* Int(mode)]
        let imaginary = z[2 &* Int(mode) &+ 1]
        sum += weight * (real * real + imaginary * imaginary)
      }
      power[shell] = sum
    }
  }
}
