// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Foundation
import Testing

/// The kernels on pairs of fields.
@Suite(.serialized) struct SpectralKernelTests {
  /// Numbers up to 10⁶ in size of both signs, small and special ones among them, 2n in all.
  private static func arguments(_ n: Int) -> [Double] {
    let random = normals(2 * n, seed: 9)
    return random.enumerated().map { index, value in
      switch index % 5 {
      case 0: value
      case 1: max(-1e6, min(1e6, 3e5 * value))
      case 2: (value * 1e5).rounded() * Double.pi / 2
      case 3: value * 1e-8
      default: 100 * value
      }
    }
  }

  /// Within the advertised 2e-16, and the rounding of the comparison, of the sine.
  @Test(arguments: [1, 7, 1000, 20_001]) func sines(n: Int) {
    let x = Self.arguments(n)
    var y = x
    var sums = [0.0, 0]
    df_pair_sines(x, 1, &y, n, &sums)
    let worst = zip(x, y).map { abs($1 - sin($0)) }.max()!
    #expect(worst < 3.4e-16, "\(worst)")
    for field in 0..<2 {
      let exact = (0..<n).reduce(0.0) { $0 + cos(x[2 * $1 + field]) }
      #expect(abs(sums[field] - exact) < 3e-16 * Double(n) + 1e-14 * abs(exact))
    }
  }

  @Test func sinesOfMultiples() {
    let x = normals(2000, seed: 3)
    var y = x
    var sums = [0.0, 0]
    df_pair_sines(x, 3.7, &y, 1000, &sums)
    #expect(zip(x, y).allSatisfy { abs($1 - sin(3.7 * $0)) < 3.4e-16 })
  }

  @Test func gates() {
    let n = 501
    let (c, u) = (normals(2 * n, seed: 1), normals(2 * n, seed: 2))
    let omega = 1.7
    var y = c
    var sums = [0.0, 0, 0, 0]
    df_pair_gates(c, u, omega, &y, n, &sums)
    var exact = [0.0, 0, 0, 0]
    for index in 0..<2 * n {
      let gate = 1 / (1 + omega * omega * u[index] * u[index])
      #expect(abs(y[index] - c[index] * gate) < 4e-16 * abs(c[index]))
      exact[index % 2] += gate
      exact[2 + index % 2] -= 2 * omega * omega * c[index] * u[index] * gate * gate
    }
    for (sum, value) in zip(sums, exact) { #expect(abs(sum - value) < 1e-12) }
  }

  /// Everything that the kernels do, in one list of numbers.
  private func everything(_ n: Int) -> [UInt64] {
    let x = Self.arguments(n)
    let (a, b) = (normals(2 * n, seed: 1), normals(2 * n, seed: 2))
    let kernel = normals(n, seed: 4)
    let other = normals(n, seed: 5)
    let opposite = (0..<n).map { Int32(($0 == 0 ? 0 : n - $0)) }
    let orbit = (0..<n).map { Int32(min($0, n - $0)) }
    var results: [Double] = []
    var out = b
    var sums = [0.0, 0, 0, 0]
    df_pair_sines(x, 1.3, &out, n, &sums)
    results += out + sums
    df_pair_gates(a, b, 0.9, &out, n, &sums)
    results += out + sums
    df_pair_scale(a, kernel, &out, n)
    results += out
    df_pair_accumulate(b, kernel, &out, n)
    results += out
    df_pair_accumulate_each(a, kernel, other, opposite, &out, n)
    results += out
    var first = [Double](repeating: 0, count: n)
    var second = first
    df_pair_cross_spectra(a, b, opposite, orbit, n, &first, &second)
    results += first + second
    df_pair_join(first, second, &out, n)
    results += out
    df_pair_split(a, &first, &second, n)
    return (results + first + second).map(\.bitPattern)
  }

  /// The same bits at every level of instructions.
  @Test(arguments: [1, 2, 3, 5, 8, 17, 64, 1001]) func levels(n: Int) {
    defer { df_kernel_force_level(-1) }
    df_kernel_force_level(0)
    let baseline = everything(n)
    for level in 0...df_kernel_best_level() {
      df_kernel_force_level(level)
      #expect(everything(n) == baseline, "\(String(cString: df_kernel_level_name(level)))")
    }
  }
}
