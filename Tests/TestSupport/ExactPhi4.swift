// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// One-dimensional integrals and transfer matrices for φ⁴ theory, written without any of the code
/// under test.
public enum ExactPhi4 {
  /// The averages of a chain of `length` sites with periodic ends,
  /// S = Σ_x [ −J φ_x φ_{x+1} + c2 φ_x² + c4 φ_x⁴ ], from its transfer matrix on a grid of midpoints.
  public struct Chain: Sendable {
    public let logNormalizer: Double
    public let phi2: Double
    public let phi4: Double
    /// ⟨φ_x φ_{x+1}⟩.
    public let neighbours: Double
    /// Σ_x ⟨φ_0 φ_x⟩.
    public let susceptibility: Double
  }

  /// The midpoint rule converges exponentially for these smooth, decaying integrands.
  public static func chain(
    length: Int, hopping: Double, quadratic: Double, quartic: Double, cutoff: Double,
    points: Int = 160
  ) -> Chain {
    let h = 2 * cutoff / Double(points)
    let x = (0..<points).map { -cutoff + (Double($0) + 0.5) * h }
    let potential = x.map { quadratic * $0 * $0 + quartic * $0 * $0 * $0 * $0 }
    var transfer = Array(repeating: Array(repeating: 0.0, count: points), count: points)
    for i in 0..<points {
      for j in 0..<points {
        transfer[i][j] = h * exp(hopping * x[i] * x[j] - 0.5 * (potential[i] + potential[j]))
      }
    }
    func multiply(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
      a.map { row in
        var result = Array(repeating: 0.0, count: points)
        for k in 0..<points where row[k] != 0 {
          for j in 0..<points { result[j] += row[k] * b[k][j] }
        }
        return result
      }
    }
    var powers = [transfer]  // T^1 ... T^length
    for _ in 1..<length { powers.append(multiply(powers.last!, transfer)) }
    let z = (0..<points).reduce(0) { $0 + powers[length - 1][$1][$1] }
    func average(_ f: (Double) -> Double) -> Double {
      (0..<points).reduce(0) { $0 + f(x[$1]) * powers[length - 1][$1][$1] } / z
    }
    /// ⟨φ_0 φ_r⟩ = Tr[x T^r x T^(N−r)]/Z.
    func correlation(_ r: Int) -> Double {
      var sum = 0.0
      for i in 0..<points {
        for j in 0..<points {
          sum += x[i] * powers[r - 1][i][j] * x[j] * powers[length - r - 1][j][i]
        }
      }
      return sum / z
    }
    let phi2 = average { $0 * $0 }
    let correlations = (1..<length).map(correlation)
    return Chain(
      logNormalizer: log(z), phi2: phi2, phi4: average { $0 * $0 * $0 * $0 },
      neighbours: correlations[0], susceptibility: phi2 + correlations.reduce(0, +))
  }
}
