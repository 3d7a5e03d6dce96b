// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import Testing
import Transport

/// The drift by sums over sites and momenta, one term after the other.
private struct DirectSum {
  let drift: SpectralDrift
  let time: Double

  private var lattice: Lattice { drift.lattice }
  private var sites: Range<Int> { 0..<lattice.volume }

  private func phase(_ mode: Int, _ site: Int) -> Double {
    (0..<lattice.dimensions).reduce(0) { sum, axis in
      sum + 2 * Double.pi * Double(lattice.coordinate(of: mode, along: axis))
        * Double(lattice.coordinate(of: site, along: axis)) / Double(lattice.extents[axis])
    }
  }

  /// K(x, y) = V^-1 Σ_p cos(p·(x − y)) K̂(p), row after row.
  private func matrix(_ kernel: [Double]) -> [[Double]] {
    sites.map { x in
      sites.map { y in
        sites.reduce(0) { $0 + kernel[$1] * cos(phase($1, x) - phase($1, y)) }
          / Double(lattice.volume)
      }
    }
  }

  private func applied(_ matrix: [[Double]], _ field: [Double]) -> [Double] {
    matrix.map { row in zip(row, field).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  private func smoothing(_ s: Double) -> [[Double]] {
    matrix(lattice.momentaSquared().map { 1 / (1 + s * s * $0) })
  }

  /// h and ∂h_y/∂φ_x, `slopes[y][x]`.
  private func feature(
    _ feature: SpectralFeature, _ field: [Double]
  ) -> (values: [Double], slopes: [[Double]]) {
    let volume = Double(lattice.volume)
    let mean = field.reduce(0, +) / volume
    let unit = sites.map { x in sites.map { $0 == x ? 1.0 : 0.0 } }
    switch feature {
    case .field: return (field, unit)
    case .sine(let frequency, let s):
      let smooth = smoothing(s)
      let inner = applied(smooth, field)
      return (
        inner.map { sin(frequency * $0) },
        sites.map { y in smooth[y].map { frequency * cos(frequency * inner[y]) * $0 } }
      )
    case .gate(let frequency, let s, let c):
      let (smooth, carry) = (smoothing(s), smoothing(c))
      let (inner, carrier) = (applied(smooth, field), applied(carry, field))
      let gates = inner.map { 1 / (1 + frequency * frequency * $0 * $0) }
      return (
        sites.map { carrier[$0] * gates[$0] },
        sites.map { y in
          sites.map { x in
            carry[y][x] * gates[y] - 2 * frequency * frequency * carrier[y] * inner[y]
              * gates[y] * gates[y] * smooth[y][x]
          }
        }
      )
    case .gatedField(let frequency):
      return (
        field.map { cos(frequency * mean) * $0 },
        sites.map { y in
          sites.map { x in
            cos(frequency * mean) * unit[y][x] - frequency * sin(frequency * mean) * field[y]
              / volume
          }
        }
      )
    case .mean(let frequency):
      return (
        sites.map { _ in sin(frequency * mean) },
        sites.map { _ in sites.map { _ in frequency * cos(frequency * mean) / volume } }
      )
    }
  }

  /// b and ∇·b.
  func velocity(_ field: [Double]) -> (velocity: [Double], divergence: Double) {
    let weights = drift.weights(time)
    let reference = matrix(GaussianReference(drift.path).kernel(at: time))
    var velocity = applied(reference, field)
    var divergence = sites.reduce(0) { $0 + reference[$1][$1] }
    var next = 0
    for feature in drift.features {
      let count = feature.hasKernel ? drift.basis.count : 1
      let own = weights[next..<next + count]
      next += count
      let kernel =
        feature.hasKernel
        ? matrix(drift.basis.kernel(own))
        : sites.map { x in sites.map { x == $0 ? own.first! : 0 } }
      let (values, slopes) = self.feature(feature, field)
      for (x, change) in applied(kernel, values).enumerated() { velocity[x] += change }
      for x in sites {
        for y in sites { divergence += kernel[x][y] * slopes[y][x] }
      }
    }
    return (velocity, divergence)
  }
}

@Suite struct DirectSumTests {
  /// Volumes that the kernels' vectors do not divide, and one that they do.
  @Test(arguments: [[4, 3], [5, 3], [4, 4], [7]])
  func driftIsTheSumOverSitesAndMomenta(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.5))
    let features: [SpectralFeature] = [
      .field, .sine(frequency: 1.3, smoothing: 0), .sine(frequency: 0.7, smoothing: 1),
      .gate(frequency: 1.1, smoothing: 0, carrier: 1),
      .gate(frequency: 2, smoothing: 0.5, carrier: 0), .mean(frequency: 2),
      .gatedField(frequency: 1.7), .mean(frequency: 3),
    ]
    let basis = KernelBasis(lattice, shape: .scales([0, 1, 2]))
    for features in [features, features.filter { $0 != .gatedField(frequency: 1.7) }, [.field]] {
      let count = SpectralDrift.weightCount(features, basis)
      let drift = SpectralDrift(
        path: path, features: features, basis: basis,
        weights: ChebyshevCurve(constant: (0..<count).map { cos(Double($0 * $0)) }))
      var batch = Configurations(
        count: 3, dimension: lattice.volume,
        values: (0..<3 * lattice.volume).map { 2 * sin(1 + Double($0 * $0)) })
      var velocities = Configurations(count: 3, dimension: lattice.volume)
      var divergences = [0.0, 0, 0]
      drift.velocities(of: batch, at: 0.4, into: &velocities, divergences: &divergences)
      for member in 0..<3 {
        let direct = DirectSum(drift: drift, time: 0.4).velocity(Array(batch[member]))
        for (found, expected) in zip(velocities[member], direct.velocity) {
          #expect(abs(found - expected) < 1e-13 * Double(count))
        }
        #expect(
          abs(divergences[member] - direct.divergence) < 1e-13 * Double(count * lattice.volume))
      }
      // What is not a number stays with its walker.
      let before = velocities
      batch.values[2] = .nan
      batch.values[lattice.volume * 2 + 1] = 2e5
      drift.velocities(of: batch, at: 0.4, into: &velocities, divergences: &divergences)
      #expect(velocities[0].allSatisfy(\.isNaN) && divergences[0].isNaN)
      #expect(velocities[2].allSatisfy(\.isNaN) && divergences[2].isNaN)
      for (found, expected) in zip(velocities[1], before[1]) {
        #expect(abs(found - expected) < 1e-13 * Double(count))
      }
    }
  }
}
