// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// How the spectra of kernels are stored.
public enum SpectrumLayout: Sendable, Equatable {
  /// V complex numbers for each kernel.
  case complex
  /// V real numbers for each kernel: for even kernels, K(−z) = K(z), alone.
  case real
  /// The same real numbers in tiles of sixteen momenta, [⌈V/16⌉][kernels][16]: the fastest for dense
  /// convolutions with many kernels, and for these alone.
  case tiled

  /// Numbers in the spectra of some kernels.
  func count(kernels: Int, volume: Int) -> Int {
    switch self {
    case .complex: 2 * kernels * volume
    case .real: kernels * volume
    case .tiled: kernels * ((volume + 15) / 16 * 16)
    }
  }

  /// The place of one mode of one kernel; of its real part.
  func place(_ kernel: Int, _ mode: Int, kernels: Int, volume: Int) -> Int {
    switch self {
    case .complex: 2 * (kernel * volume + mode)
    case .real: kernel * volume + mode
    case .tiled: (mode / 16 * kernels + kernel) * 16 + mode % 16
    }
  }
}

/// The products in momentum space that make a convolution and its cotangents: which kernel leads from which
/// channel to which. Transforms are planes of V complex numbers, spectra the same or, of even kernels, real.
struct SpectralTerms {
  private let pattern: ConvolutionPattern
  private let inputs: Int
  let outputs: Int
  private let pairs: Int
  private let volume: Int
  private let layout: SpectrumLayout

  init(
    _ pattern: ConvolutionPattern, inputs: Int, spectra: Int, pairs: Int, volume: Int,
    layout: SpectrumLayout
  ) {
    self.pattern = pattern
    self.inputs = inputs
    self.pairs = pairs
    self.volume = volume
    self.layout = layout
    let kernels = spectra / layout.count(kernels: 1, volume: volume)
    switch pattern {
    case .depthwise: outputs = kernels
    case .dense: outputs = kernels / inputs
    }
    precondition(
      pattern == .depthwise ? kernels == inputs : outputs * inputs == kernels,
      "one kernel for each channel, or for each channel and result")
    precondition(layout != .tiled || pattern == .dense, "tiles are for dense convolutions")
  }

  private var plane: Int { 2 * volume }
  private var kernelPlane: Int { layout.count(kernels: 1, volume: volume) }

  /// ŷ_f = Σ_c K̂_fc x̂_c.
  func multiply(
    _ spectra: UnsafePointer<Double>, _ x: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>, isConjugate: Bool
  ) {
    if layout == .tiled {
      df_dense_multiply(
        volume, Int32(outputs), Int32(inputs), Int32(pairs), spectra, inputs * 16, 16, x, y)
      return
    }
    for output in 0..<outputs {
      for (position, input) in inputs(of: output).enumerated() {
        for pair in 0..<pairs {
          product(
            spectra + kernel(output, input) * kernelPlane, x + (input * pairs + pair) * plane,
            to: y + (output * pairs + pair) * plane, isConjugate: isConjugate,
            accumulate: position > 0)
        }
      }
    }
  }

  /// x̂_c = Σ_f K̂_fc ŷ_f.
  func multiplyBack(
    _ spectra: UnsafePointer<Double>, _ y: UnsafePointer<Double>,
    into x: UnsafeMutablePointer<Double>, isConjugate: Bool
  ) {
    if layout == .tiled {
      df_dense_multiply(
        volume, Int32(inputs), Int32(outputs), Int32(pairs), spectra, 16, inputs * 16, y, x)
      return
    }
    for output in 0..<outputs {
      for input in inputs(of: output) {
        for pair in 0..<pairs {
          product(
            spectra + kernel(output, input) * kernelPlane, y + (output * pairs + pair) * plane,
            to: x + (input * pairs + pair) * plane, isConjugate: isConjugate,
            accumulate: pattern == .dense && output > 0)
        }
      }
    }
  }

  /// K̂_fc += Σ conj(x̂_c) ĝ_f over all pairs, or with the roles of both exchanged.
  func correlate(
    _ g: UnsafePointer<Double>, _ x: UnsafePointer<Double>,
    addingTo spectra: UnsafeMutablePointer<Double>, isReversed: Bool
  ) {
    if layout == .tiled {
      df_dense_correlate(
        volume, Int32(outputs), Int32(inputs), Int32(pairs), g, x, spectra, inputs * 16, 16)
      return
    }
    for output in 0..<outputs {
      for input in inputs(of: output) {
        for pair in 0..<pairs {
          let left = x + (input * pairs + pair) * plane
          let right = g + (output * pairs + pair) * plane
          let target = spectra + kernel(output, input) * kernelPlane
          if layout == .real {
            df_real_correlate(volume, left, right, target)
          } else {
            df_complex_multiply(
              volume, isReversed ? right : left, isReversed ? left : right, target, 1, 1)
          }
        }
      }
    }
  }

  /// y = k x, or conj(k) x.
  private func product(
    _ k: UnsafePointer<Double>, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>,
    isConjugate: Bool, accumulate: Bool
  ) {
    if layout == .real {
      df_real_multiply(volume, k, x, y, accumulate ? 1 : 0)
    } else {
      df_complex_multiply(volume, k, x, y, isConjugate ? 1 : 0, accumulate ? 1 : 0)
    }
  }

  private func inputs(of output: Int) -> Range<Int> {
    pattern == .depthwise ? output..<output + 1 : 0..<inputs
  }

  private func kernel(_ output: Int, _ input: Int) -> Int {
    pattern == .depthwise ? output : output * inputs + input
  }
}
