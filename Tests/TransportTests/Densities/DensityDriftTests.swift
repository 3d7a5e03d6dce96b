// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import MonteCarlo
import RandomStreams
import Statistics
import Targets
import Testing
import Transport

private let unequal = GaussianMixture(
  locations: Configurations(count: 3, dimension: 2, values: [-2, 1, 1.5, 0, 3, -3]),
  scales: [0.7, 1, 1.6], weights: [0.2, 0.5, 0.3])
private let student = StudentMixture(
  locations: Configurations(count: 2, dimension: 3, values: [-2, 1, 1.5, 0, 3, -3]),
  scales: [0.7, 1.4], weights: [0.4, 0.6], degreesOfFreedom: 3)
private let gaussianPath = MixturePath(to: unequal, startScale: 4)
private let studentPath = MixturePath(to: student, startScale: 5)
private let radial = RadialFeatures.grids([(2, 4), (5, 10)])
private let along = GradientFeatures(
  of: unequal, centres: RadialFeatures.grids([(3, 3)]).centres, width: 3)
private let guidedPath = GuidedPath(
  to: student, by: GaussianMixture(locations: student.locations, scales: [1, 1.2]), startScale: 5)

/// Points spread like normals of this width.
private func points(_ count: Int, dimension: Int, width: Double, seed: UInt64) -> Configurations {
  var batch = Configurations(count: count, dimension: dimension)
  GaussianDensity(dimension: dimension, standardDeviation: width).sample(
    into: &batch, using: RandomStreams(seed: seed), purpose: .initialField, firstWalker: 0, step: 0)
  return batch
}

/// Features with weights drawn at random at two knots.
private func random<F: VelocityFeatures>(_ features: F) -> LinearDrift<F> {
  if features.count == 0 { return LinearDrift(features: features, knots: [0, 1]) }
  let weights = (0..<2).map { knot in
    points(1, dimension: features.count, width: 0.3, seed: UInt64(50 + knot)).values
  }
  return LinearDrift(features: features, knots: [0, 1], weights: weights)
}

@Suite struct DensityDriftTests {
  static let drifts: [(name: String, drift: any DivergenceDrift)] = [
    ("mixture", MixtureDrift(along: gaussianPath)),
    ("Student mixture", MixtureDrift(along: studentPath)),
    ("components", random(ComponentFeatures(along: gaussianPath))),
    ("components of a Student mixture", random(ComponentFeatures(along: studentPath))),
    ("coordinates", random(CoordinateFeatures(dimension: 3, bumps: 5, reach: 3))),
    ("quadratic", random(QuadraticFeatures(dimension: 3, scale: 1.7))),
    ("radial", random(radial)),
    ("along a gradient", random(along)),
    ("joined", random(JoinedFeatures(along, radial))),
    ("guided", GuidedDrift(along: guidedPath)),
    ("none", random(NoFeatures(dimension: 2))),
  ]

  @Test(arguments: drifts.indices) func divergencesAreTracesOfDifferenceQuotients(index: Int) {
    let (name, drift) = Self.drifts[index]
    let dimension = drift.dimension
    let batch = points(20, dimension: dimension, width: 2, seed: 3)
    let step = 1e-4
    for time in [0, 0.37, 1] {
      var velocities = batch
      var divergences = [Double](repeating: 0, count: 20)
      drift.velocities(of: batch, at: time, into: &velocities, divergences: &divergences)
      var traces = [Double](repeating: 0, count: 20)
      for axis in 0..<dimension {
        for sign in [1.0, -1] {
          var shifted = batch
          for member in 0..<20 { shifted.values[member * dimension + axis] += sign * step }
          var moved = batch
          drift.velocities(of: shifted, at: time, into: &moved)
          for member in 0..<20 {
            traces[member] += sign * moved.values[member * dimension + axis] / (2 * step)
          }
        }
      }
      for (divergence, trace) in zip(divergences, traces) {
        #expect(abs(divergence - trace) < 1e-6 * (1 + abs(trace)), "\(name) at \(time)")
      }
    }
  }

  /// A_j = ∇·ψ_j − g·ψ_j, with ψ_j as the drift of a single weight.
  @Test func regressorsBelongToTheVelocities() {
    func check<F: VelocityFeatures>(_ name: String, _ features: F) {
      let dimension = features.dimension
      let (position, gradient) = (
        points(1, dimension: dimension, width: 1.5, seed: 4).values,
        points(1, dimension: dimension, width: 1.5, seed: 5).values
      )
      let slice = features.slice(at: 0.6)
      var row = [Double](repeating: .nan, count: features.count)
      slice.regressors(at: position, gradient: gradient, into: &row)
      for feature in 0..<features.count {
        var weights = [Double](repeating: 0, count: features.count)
        weights[feature] = 1
        var velocity = [Double](repeating: .nan, count: dimension)
        let divergence = slice.velocity(at: position, weights: weights, into: &velocity)
        let expected = divergence - zip(gradient, velocity).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(row[feature] - expected) < 1e-12 * (1 + abs(expected)), "\(name) \(feature)")
      }
    }
    check("components", ComponentFeatures(along: gaussianPath))
    check("components of a Student mixture", ComponentFeatures(along: studentPath))
    check("coordinates", CoordinateFeatures(dimension: 3, bumps: 5, reach: 3))
    check("quadratic", QuadraticFeatures(dimension: 3, scale: 1.7))
    check("radial", radial)
    check("along a gradient", along)
    check("joined", JoinedFeatures(along, radial))
  }

  /// A path begins at its start, ends at its end, and changes as it says.
  @Test func pathsOfDensities() {
    func check(_ path: some Path, to end: some Target) {
      let batch = points(20, dimension: path.dimension, width: 3, seed: 6)
      func energies(_ density: some Target) -> [Double] {
        var energies = [Double](repeating: 0, count: 20)
        density.energies(of: batch, into: &energies)
        return energies
      }
      for (a, b) in zip(energies(path.snapshot(at: 0)), energies(path.start)) {
        #expect(abs(a - b) < 1e-12 * (1 + abs(b)))
      }
      #expect(energies(path.snapshot(at: 1)) == energies(end))
      for time in [0.2, 0.8] {
        var derivatives = [Double](repeating: 0, count: 20)
        path.timeDerivatives(of: batch, at: time, into: &derivatives)
        let later = energies(path.snapshot(at: time + 1e-4))
        let earlier = energies(path.snapshot(at: time - 1e-4))
        for (member, derivative) in derivatives.enumerated() {
          let quotient = (later[member] - earlier[member]) / 2e-4
          #expect(abs(derivative - quotient) < 1e-5 * (1 + abs(quotient)))
        }
      }
    }
    check(gaussianPath, to: unequal)
    check(studentPath, to: student)
    check(guidedPath, to: student)
    let funnel = Funnel(dimension: 3, standardDeviation: 1.1)
    check(FunnelPath(to: funnel), to: funnel)
  }

  /// ∇·b − ∇U·b − ∂_tU = 0 everywhere, since all densities of the path are normalised.
  @Test func theMixtureDriftSolvesTheTransportEquation() {
    func check<M: LocationScaleMixture>(_ path: MixturePath<M>) {
      let batch = points(50, dimension: path.dimension, width: 3, seed: 7)
      for time in [0, 0.3, 1] {
        var (velocities, gradients) = (batch, batch)
        var divergences = [Double](repeating: 0, count: 50)
        var (derivatives, energies) = (divergences, divergences)
        MixtureDrift(along: path).velocities(
          of: batch, at: time, into: &velocities, divergences: &divergences)
        path.snapshot(at: time).gradients(of: batch, into: &gradients, energies: &energies)
        path.timeDerivatives(of: batch, at: time, into: &derivatives)
        for member in 0..<50 {
          let work = zip(gradients[member], velocities[member]).reduce(0) { $0 + $1.0 * $1.1 }
          let residual = divergences[member] - work - derivatives[member]
          #expect(abs(residual) < 1e-10 * (1 + abs(work) + abs(divergences[member])))
        }
      }
    }
    check(gaussianPath)
    check(studentPath)
  }
}
