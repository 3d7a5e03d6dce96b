// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Foundation
import Networks
import Testing

@Suite(.serialized) struct ActivationTests {
  /// Antiderivative, value, slope and curvature by the C library.
  static func exact(_ kind: Activation, _ u: Double) -> [Double] {
    switch kind {
    case .tanh:
      let y = tanh(u)
      let d = 1 / (cosh(u) * cosh(u))
      return [abs(u) + log1p(exp(-2 * abs(u))) - log(2), y, d, -2 * y * d]
    case .sine: return [1 - cos(u), sin(u), cos(u), -sin(u)]
    case .silu:
      let on = 1 / (1 + exp(-u))
      let off = 1 / (1 + exp(u))
      return [.nan, u * on, on * (1 + u * off), on * off * (2 + u * (off - on))]
    case .identity: return [u * u / 2, u, 1, 0]
    }
  }

  static func all(_ kind: Activation, _ u: [Double]) -> [[Double]] {
    var results = Array(repeating: Array(repeating: 0.0, count: u.count), count: 4)
    for order in 0..<4 {
      var pointers: [UnsafeMutablePointer<Double>?] = [nil, nil, nil, nil]
      results[order].withUnsafeMutableBufferPointer {
        pointers[order] = $0.baseAddress
        df_activation(kind.rawValue, u.count, u, pointers[0], pointers[1], pointers[2], pointers[3])
      }
    }
    return results
  }

  static let arguments =
    stride(from: -9.0, through: 9, by: 0.00731).map { $0 }
    + [0, -0.0, 1e-300, 1e-9, -1e-9, 1e-4, 25, -25, 300, -300]

  @Test(arguments: Activation.allCases) func areThoseOfTheLibrary(kind: Activation) {
    let results = Self.all(kind, Self.arguments)
    for (index, u) in Self.arguments.enumerated() {
      for (order, value) in Self.exact(kind, u).enumerated() where !value.isNaN {
        let error = abs(results[order][index] - value) / max(1, abs(value))
        #expect(error < 2e-15, "order \(order) at \(u)")
      }
    }
  }

  @Test func smallArgumentsKeepTheirDigits() {
    for u in [1e-12, 1e-7, 1e-3, 0.01, 0.3] {
      #expect(abs(Self.all(.tanh, [u])[1][0] / tanh(u) - 1) < 1e-15)
      #expect(abs(Self.all(.sine, [u])[1][0] / sin(u) - 1) < 1e-15)
    }
  }

  @Test(arguments: Activation.allCases.filter { $0.isOdd })
  func oddOnesAreOddToTheBit(kind: Activation) {
    let plus = Self.all(kind, Self.arguments)[1]
    let minus = Self.all(kind, Self.arguments.map { -$0 })[1]
    #expect(zip(plus, minus).allSatisfy { $0 == -$1 })
  }

  @Test func whatIsNoNumberStaysNone() {
    for kind in Activation.allCases { #expect(Self.all(kind, [.nan])[1][0].isNaN) }
    #expect(Self.all(.tanh, [.infinity, -.infinity])[1] == [1, -1])
    #expect(Self.all(.sine, [.infinity])[1][0].isNaN)
  }

  @Test func everyLevelGivesTheSameBits() {
    defer { df_kernel_force_level(-1) }
    let other = Self.arguments.map { cos(3 * $0) + 0.1 }
    let count = Self.arguments.count / 2
    func everything() -> [Double] {
      var results = Activation.allCases.filter { $0 != .silu }.flatMap {
        Self.all($0, Self.arguments).flatMap { $0 }
      }
      results += Self.all(.silu, Self.arguments)[1...].flatMap { $0 }
      var y = other
      df_scale(y.count, 0.7, Self.arguments, &y, 1)
      df_multiply(y.count, Self.arguments, other, &y, 1)
      df_multiply_three(y.count, Self.arguments, other, other, &y)
      df_pair_affine(count, [0.3, -0.2], other, [1, 2], &y, 1)
      df_complex_multiply(count, other, Self.arguments, &y, 0, 1)
      df_complex_multiply(count - 1, other, Self.arguments, &y, 1, 1)
      var tangent = other
      df_activation_pullback(y.count, other, y, other, other, Self.arguments, &y, &tangent, 3)
      for pairs in [1, 2, 3] {
        // 37 complex numbers: whole blocks, whole vectors and a rest.
        df_dense_multiply(37, 2, 3, Int32(pairs), other, 48, 16, Self.arguments, &y)
        df_dense_correlate(37, 2, 3, Int32(pairs), other, Self.arguments, &tangent, 48, 16)
      }
      df_real_multiply(count - 1, other, Self.arguments, &y, 1)
      df_real_correlate(count - 1, other, Self.arguments, &tangent)
      var sums = [0.0, 0.0]
      df_pair_sum(count, y, &sums)
      df_pair_dot(count, y, other, &sums)
      return results + y + tangent + sums
    }
    df_kernel_force_level(0)
    let baseline = everything()
    for level in 1...2 {
      df_kernel_force_level(Int32(level))
      #expect(everything().map(\.bitPattern) == baseline.map(\.bitPattern))
    }
  }
}
