// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import RandomStreams
import Testing

/// The numbers follow the distributions they should. Bounds: five standard errors where the statistic is
/// a mean of many, and a probability of at most 10⁻⁶ a side where it is not.
@Suite struct DistributionTests {
  private let streams = RandomStreams(seed: 1_618_033)

  /// ⟨z^k⟩ = (k − 1)!! for even k, else 0; the variance of the mean of n is (⟨z^2k⟩ − ⟨z^k⟩²)/n.
  /// Numbers beyond 3, 4, 5: erfc(a/√2) n of them, as a Poisson variable.
  @Test func momentsAndTailsOfNormals() {
    let rows = 1024
    let length = 1 << 15
    var sums = [Double](repeating: 0, count: 9)
    var beyond = [(-5.0), -4, -3, 3, 4, 5].map { (limit: $0, count: 0) }
    for walker in 0..<rows {
      let row = streams.normals(length, .momentum, walker: walker, step: 0)
      var p1 = SIMD8<Double>.zero
      var (p2, p3, p4, p5, p6, p7, p8) = (p1, p1, p1, p1, p1, p1, p1)
      row.withUnsafeBytes { bytes in
        for offset in stride(from: 0, to: bytes.count, by: 64) {
          let z = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self)
          let (z2, z3) = (z * z, z * z * z)
          p1 += z
          p2 += z2
          p3 += z3
          p4 += z2 * z2
          p5 += z2 * z3
          p6 += z3 * z3
          p7 += z2 * z2 * z3
          p8 += z2 * z2 * z2 * z2
        }
      }
      for (k, sum) in [p1, p2, p3, p4, p5, p6, p7, p8].enumerated() {
        sums[k + 1] += sum.sum()
      }
      for i in beyond.indices {
        let limit = beyond[i].limit
        beyond[i].count += row.reduce(0) { $0 + ((limit < 0 ? $1 < limit : $1 > limit) ? 1 : 0) }
      }
    }
    let n = Double(rows * length)
    func moment(_ k: Int) -> Double {
      k % 2 == 1 ? 0 : stride(from: 1, to: k, by: 2).reduce(1.0) { $0 * Double($1) }
    }
    for k in 1...8 {
      let error = ((moment(2 * k) - moment(k) * moment(k)) / n).squareRoot()
      #expect(abs(sums[k] / n - moment(k)) < 5 * error, "moment \(k)")
    }
    for (limit, count) in beyond {
      let mean = n * erfc(abs(limit) / 2.0.squareRoot()) / 2
      #expect(poissonTail(count, mean: mean) > 1e-6, "\(count) beyond \(limit), not \(mean)")
    }
  }

  /// The probability of a Poisson count at least as far on its side of the mean.
  private func poissonTail(_ count: Int, mean: Double) -> Double {
    func probability(_ k: Int) -> Double {
      exp(Double(k) * log(mean) - mean - lgamma(Double(k) + 1))
    }
    let width = Int(12 * mean.squareRoot()) + 30
    return Double(count) < mean
      ? (max(0, count - width)...count).reduce(0) { $0 + probability($1) }
      : (count...count + width).reduce(0) { $0 + probability($1) }
  }

  /// √n sup |F_n − F| of a continuous F.
  private func kolmogorovDistance(_ sample: [Double], _ cumulative: (Double) -> Double) -> Double {
    let n = Double(sample.count)
    var distance = 0.0
    for (i, x) in sample.sorted().enumerated() {
      let f = cumulative(x)
      distance = max(distance, f - Double(i) / n, Double(i + 1) / n - f)
    }
    return distance * n.squareRoot()
  }

  /// Kolmogorov's limit: P(K > 2.7) = 2 exp(−2 · 2.7²) = 9·10⁻⁷, P(K < 0.28) = 1·10⁻⁶.
  private let kolmogorovRange = 0.28..<2.7

  /// Both places of a block, over 64 rows each.
  @Test func normalsFollowTheErrorFunction() {
    var cosines: [Double] = []
    var sines: [Double] = []
    for walker in 0..<64 {
      let row = streams.normals(1 << 14, .initialField, walker: walker, step: 3)
      for group in stride(from: 0, to: row.count, by: 16) {
        cosines += row[group..<group + 8]
        sines += row[group + 8..<group + 16]
      }
    }
    let cumulative = { (z: Double) in erfc(-z / 2.0.squareRoot()) / 2 }
    #expect(kolmogorovRange.contains(kolmogorovDistance(cosines, cumulative)))
    #expect(kolmogorovRange.contains(kolmogorovDistance(sines, cumulative)))
    let radii = zip(cosines, sines).map { $0 * $0 + $1 * $1 }
    #expect(kolmogorovRange.contains(kolmogorovDistance(radii) { -expm1(-$0 / 2) }))
    let angles = zip(cosines, sines).map { atan2($1, $0) / (2 * .pi) + 0.5 }
    #expect(kolmogorovRange.contains(kolmogorovDistance(angles) { $0 }))
  }

  @Test func uniformsAreUniform() {
    let row = streams.uniforms(1 << 20, .acceptance, walker: 0, step: 0)
    #expect(kolmogorovRange.contains(kolmogorovDistance(row) { $0 }))
    // The next 20 bits of each number, after the first 20, are uniform too.
    let inner = row.map { $0 * 0x1p20 - ($0 * 0x1p20).rounded(.down) }
    #expect(kolmogorovRange.contains(kolmogorovDistance(inner) { $0 }))
    // First of many short rows, as acceptance decisions use them.
    let firsts = (0..<1 << 18).map { streams.uniform(purpose: .acceptance, walker: 0, step: $0) }
    #expect(kolmogorovRange.contains(kolmogorovDistance(firsts) { $0 }))
  }
}
