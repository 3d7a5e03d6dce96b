// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import Testing
import Transport

/// Divergence, regressors and symmetries of the spectral drift.
@Suite struct SpectralDriftTests {
  /// Every kind of feature, with every smoothing and carrier at least once zero and once not.
  static let features: [SpectralFeature] = [
    .field, .sine(frequency: 1.3, smoothing: 0), .sine(frequency: 0.8, smoothing: 1.5),
    .gate(frequency: 1, smoothing: 0.5, carrier: 0),
    .gate(frequency: 0.7, smoothing: 0, carrier: 2),
    .gate(frequency: 1.2, smoothing: 1, carrier: 1), .gatedField(frequency: 1.1),
    .gatedField(frequency: 2), .mean(frequency: 1.7), .mean(frequency: 3),
  ]

  static let lattices = [[7], [2], [4, 3], [5, 5], [2, 5], [3, 2, 3], [2, 3, 2, 2]]

  static func bases(_ lattice: Lattice) -> [KernelBasis] {
    [
      KernelBasis(lattice, shape: .scales([0, 1, 3])),
      KernelBasis(lattice, shape: .orbits(radius: nil)),
      KernelBasis(lattice, shape: .orbits(radius: 1.5), symmetry: .inversion),
      KernelBasis(lattice, shape: .momentumSquared(count: 3, scale: 1)),
    ]
  }

  static func path(_ lattice: Lattice) -> CouplingPath {
    CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.7))
  }

  private func velocities(
    _ drift: SpectralDrift, _ batch: Configurations, at time: Double
  ) -> (velocities: Configurations, divergences: [Double]) {
    var result = Configurations(count: batch.count, dimension: batch.dimension)
    var divergences = [Double](repeating: .nan, count: batch.count)
    drift.velocities(of: batch, at: time, into: &result, divergences: &divergences)
    return (result, divergences)
  }

  /// ∂b_x/∂φ_x of every member by the central quotient of order 6.
  private func slopes(
    _ drift: SpectralDrift, _ batch: Configurations, at time: Double, site: Int
  ) -> [Double] {
    let step = 3e-3
    var sums = [Double](repeating: 0, count: batch.count)
    for (place, weight) in [(1.0, 45.0 / 60), (2, -9.0 / 60), (3, 1.0 / 60)] {
      for sign in [1.0, -1] {
        var moved = batch
        for member in 0..<batch.count {
          moved.values[member * batch.dimension + site] += sign * place * step
        }
        let result = velocities(drift, moved, at: time).velocities
        for member in 0..<batch.count {
          sums[member] += sign * weight / step * result.values[member * batch.dimension + site]
        }
      }
    }
    return sums
  }

  /// The divergence is the trace of the Jacobian, for each feature alone and for all together, for any
  /// basis and an odd number of walkers.
  @Test(arguments: lattices) func divergence(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let batch = randomFields(3, on: lattice)
    for basis in Self.bases(lattice) {
      for features in Self.features.map({ [$0] }) + [Self.features] {
        let drift = SpectralDrift.random(
          Self.path(lattice), features: features, basis: basis, amplitude: 0.3)
        let exact = velocities(drift, batch, at: 0.3).divergences
        var traces = [0.0, 0, 0]
        var sizes = [1.0, 1, 1]
        for site in 0..<lattice.volume {
          for (member, slope) in slopes(drift, batch, at: 0.3, site: site).enumerated() {
            traces[member] += slope
            sizes[member] += abs(slope)
          }
        }
        for member in 0..<3 {
          #expect(
            abs(exact[member] - traces[member]) < 1e-9 * sizes[member],
            "\(features) \(basis.shape): \(exact[member]) \(traces[member])")
        }
      }
    }
  }

  /// Rows times weights are ∇·b − ∇U·b of the drift, less that of the reference.
  @Test(arguments: lattices) func regressors(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let path = Self.path(lattice)
    let batch = randomFields(5, on: lattice)
    let time = 0.6
    var gradients = batch
    var energies = [Double](repeating: 0, count: 5)
    path.snapshot(at: time).gradients(of: batch, into: &gradients, energies: &energies)
    func residual(_ drift: SpectralDrift, _ member: Int) -> (value: Double, size: Double) {
      let (b, divergences) = velocities(drift, batch, at: time)
      let terms = zip(b[member], gradients[member]).map { $0 * $1 }
      return (
        divergences[member] - terms.reduce(0, +),
        abs(divergences[member]) + terms.reduce(0) { $0 + abs($1) }
      )
    }
    for basis in Self.bases(lattice) {
      let drift = SpectralDrift.random(
        path, features: Self.features, basis: basis, amplitude: 0.3)
      let rows = drift.regressors(of: batch, gradients: gradients)
      let weights = drift.weights(time)
      #expect(rows.count == 5 * weights.count)
      for member in 0..<5 {
        let row = rows[member * weights.count..<(member + 1) * weights.count]
        let product = zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 }
        let whole = residual(drift, member)
        let reference = residual(.reference(path), member)
        #expect(
          abs(product - (whole.value - reference.value)) < 1e-11 * (whole.size + reference.size),
          "\(basis.shape): \(product) \(whole.value - reference.value)")
      }
      #expect(
        drift.regressors(of: batch, gradients: gradients, workers: .init(2)) == rows)
    }
  }

  /// The largest difference between b of the moved field and the moved b.
  private func violation(
    _ drift: SpectralDrift, _ lattice: Lattice, sign: Double = 1, _ image: (Int) -> Int
  ) -> Double {
    let field = randomFields(1, on: lattice)
    var moved = field
    for site in 0..<lattice.volume { moved.values[image(site)] = sign * field.values[site] }
    let (plain, divergence) = velocities(drift, field, at: 0.7)
    let (other, otherDivergence) = velocities(drift, moved, at: 0.7)
    var largest = abs(divergence[0] - otherDivergence[0]) / Double(lattice.volume)
    for site in 0..<lattice.volume {
      largest = max(largest, abs(other.values[image(site)] - sign * plain.values[site]))
    }
    return largest
  }

  @Test(arguments: lattices) func symmetries(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    for basis in Self.bases(lattice) {
      let drift = SpectralDrift.random(
        Self.path(lattice), features: Self.features, basis: basis, amplitude: 0.3)
      #expect(violation(drift, lattice, sign: -1) { $0 } < 1e-13)
      #expect(violation(drift, lattice) { lattice.opposite($0) } < 1e-12)
      for axis in 0..<lattice.dimensions {
        #expect(violation(drift, lattice) { lattice.forward($0, axis) } < 1e-12)
      }
      guard basis.symmetry == .hyperoctahedral else { continue }
      for axis in 0..<lattice.dimensions {
        #expect(violation(drift, lattice) { lattice.reflected($0, axis) } < 1e-12)
        for other in 0..<axis where extents[axis] == extents[other] {
          #expect(violation(drift, lattice) { lattice.exchanged($0, axis, other) } < 1e-12)
        }
      }
    }
  }

  /// Kernels under inversion alone are more than those under the whole group.
  @Test func inversion() {
    let lattice = Lattice(extents: [5, 5])
    let small = KernelBasis(lattice, shape: .orbits(radius: nil))
    let large = KernelBasis(lattice, shape: .orbits(radius: nil), symmetry: .inversion)
    #expect(small.count == 6)
    #expect(large.count == 13)
    let drift = SpectralDrift.random(
      Self.path(lattice), features: Self.features, basis: large, amplitude: 0.3)
    #expect(violation(drift, lattice) { lattice.reflected($0, 0) } > 1e-3)
    #expect(violation(drift, lattice) { lattice.exchanged($0, 0, 1) } > 1e-3)
  }

  /// Partners in a pair do not mix, and fields without a velocity say so without harm to others.
  @Test func partners() {
    let lattice = Lattice(extents: [4, 3])
    let drift = SpectralDrift.random(
      Self.path(lattice), features: Self.features, amplitude: 0.3)
    let batch = randomFields(4, on: lattice)
    let together = velocities(drift, batch, at: 0.2)
    for member in 0..<4 {
      let alone = velocities(
        drift,
        Configurations(count: 1, dimension: 12, values: Array(batch[member])), at: 0.2)
      for (a, b) in zip(together.velocities[member], alone.velocities.values) {
        #expect(abs(a - b) < 1e-13)
      }
      #expect(abs(together.divergences[member] - alone.divergences[0]) < 1e-12)
    }
    for bad in [Double.nan, .infinity, -1e6] {
      var broken = batch
      broken.values[12 + 5] = bad
      let result = velocities(drift, broken, at: 0.2)
      #expect(result.divergences[1].isNaN)
      #expect(result.velocities[1].allSatisfy { $0.isNaN })
      for member in [0, 2, 3] {
        for (a, b) in zip(together.velocities[member], result.velocities[member]) {
          #expect(abs(a - b) < 1e-13)
        }
      }
    }
  }
}

extension Lattice {
  /// x → −x along one axis.
  func reflected(_ site: Int, _ axis: Int) -> Int {
    let x = coordinate(of: site, along: axis)
    return site + ((extents[axis] - x) % extents[axis] - x) * strides[axis]
  }

  /// The exchange of two axes of equal extent.
  func exchanged(_ site: Int, _ first: Int, _ second: Int) -> Int {
    let (a, b) = (coordinate(of: site, along: first), coordinate(of: site, along: second))
    return site + (b - a) * strides[first] + (a - b) * strides[second]
  }
}
