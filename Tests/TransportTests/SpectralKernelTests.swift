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

  /// Of arguments that are rounded twice, and within the rounding of the comparison.
  @Test(arguments: [1, 7, 1000, 20_001]) func sines(n: Int) {
    let x = Self.arguments(n)
    var y = x
    var sums = [0.0, 0]
    df_pair_sines(x, 1, &y, n, &sums)
    for (x, y) in zip(x, y) {
      #expect(abs(y - sin(x)) < 3.4e-16 + 2 * abs(x) * 1.2e-16, "\(x): \(y - sin(x))")
    }
    for field in 0..<2 {
      var (exact, tolerance) = (0.0, 1e-14 * Double(n))
      for site in 0..<n {
        exact += cos(x[2 * site + field])
        tolerance += 2 * abs(x[2 * site + field]) * 1.2e-16
      }
      #expect(abs(sums[field] - exact) < tolerance)
    }
  }

  @Test func sinesOfMultiples() {
    let x = normals(2000, seed: 3)
    var y = x
    var sums = [0.0, 0]
    df_pair_sines(x, 3.7, &y, 1000, &sums)
    #expect(zip(x, y).allSatisfy { abs($1 - sin(3.7 * $0)) < 3.4e-16 + 8 * abs($0) * 1.2e-16 })
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

  /// A field with a number beyond the bound, or one that is none, is replaced by zeros and reported.
  @Test(arguments: [1, 5, 16, 33]) func join(n: Int) {
    let good = normals(n, seed: 1).map { max(-2, min(2, $0)) }
    for bad in [Double.nan, .infinity, -.infinity, 3.1, -3.1] {
      for site in [0, n / 2, n - 1] {
        var broken = good
        broken[site] = bad
        for (first, second, expected) in [
          (good, good, 0), (broken, good, 1), (good, broken, 2), (broken, broken, 3),
        ] {
          var out = [Double](repeating: 7, count: 2 * n)
          #expect(df_pair_join(first, second, &out, n, 3) == Int32(expected))
          for x in 0..<n {
            #expect(out[2 * x] == (expected & 1 == 0 ? first[x] : 0))
            #expect(out[2 * x + 1] == (expected & 2 == 0 ? second[x] : 0))
          }
        }
      }
    }
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
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        kernel.withUnsafeBufferPointer { kernel in
          other.withUnsafeBufferPointer { other in
            df_pair_combine(
              [a.baseAddress, b.baseAddress, a.baseAddress],
              [kernel.baseAddress, other.baseAddress, other.baseAddress], 3, &out, n)
          }
        }
      }
    }
    results += out
    df_field_move(a, 0.37, b, &out, 2 * n)
    results += out
    df_pair_accumulate_each(a, kernel, other, opposite, &out, n)
    results += out
    var first = [Double](repeating: 0, count: n)
    var second = first
    df_pair_cross_spectra(a, b, opposite, orbit, n, &first, &second)
    results += first + second
    results += [Double(df_pair_join(first, second, &out, n, 1.5))] + out
    results += [Double(df_pair_join(first, second, &out, n, 1e9))] + out
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
