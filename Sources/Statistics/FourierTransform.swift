// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The radix-2 complex Fourier transform of a power-of-two length, X_k = sum_j x_j exp(-2 pi i
/// jk/n).
///
/// It serves the autocovariance of long series only; field transforms live with the lattices.
struct FourierTransform {
  let count: Int
  private let cosines: [Double]
  private let sines: [Double]

  init(count: Int) {
    precondition(count > 0 && count & (count - 1) == 0, "the length must be a power of two")
    self.count = count
    let angles = (0..<count / 2).map { 2 * Double.pi * Double($0) / Double(count) }
    cosines = angles.map { cos($0) }
    sines = angles.map { -sin($0) }
  }

  /// Replaces (real, imaginary) by its transform: bit reversal, then Cooley and Tukey's butterflies
  /// (Math. Comput. 19 (1965) 297).
  func transform(real: inout [Double], imaginary: inout [Double]) {
    precondition(real.count == count && imaginary.count == count)
    real.withUnsafeMutableBufferPointer { re in
      imaginary.withUnsafeMutableBufferPointer { im in
        var reversed = 0
        for index in 1..<Swift.max(count, 1) {
          var bit = count >> 1
          while reversed & bit != 0 {
            reversed ^= bit
            bit >>= 1
          }
          reversed |= bit
          if index < reversed {
            re.swapAt(index, reversed)
            im.swapAt(index, reversed)
          }
        }
        var half = 1
        while half < count {
          let stride = count / (2 * half)
          for block in Swift.stride(from: 0, to: count, by: 2 * half) {
            for offset in 0..<half {
              let (c, s) = (cosines[offset &* stride], sines[offset &* stride])
              let (low, high) = (block &+ offset, block &+ offset &+ half)
              let (x, y) = (re[high] * c - im[high] * s, re[high] * s + im[high] * c)
              (re[high], im[high]) = (re[low] - x, im[low] - y)
              (re[low], im[low]) = (re[low] + x, im[low] + y)
            }
          }
          half *= 2
        }
      }
    }
  }
}
