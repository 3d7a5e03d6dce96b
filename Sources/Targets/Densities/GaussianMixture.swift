// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams

/// A mixture of isotropic normal densities, ρ = Σ_k w_k N(m_k, s_k² 1), normalised: log Z = 0.
public struct GaussianMixture: LocationScaleMixture {
  public let locations: Configurations
  public let scales: [Double]
  public let weights: [Double]
  /// log w_k − d log s_k − (d/2) log 2π.
  private let constants: [Double]

  /// Equal weights, unless given.
  public init(locations: Configurations, scales: [Double], weights: [Double]? = nil) {
    let equal = Array(repeating: 1 / Double(locations.count), count: locations.count)
    let weights = weights ?? equal
    checkMixture(locations: locations, scales: scales, weights: weights)
    self.locations = locations
    self.scales = scales
    self.weights = weights
    let dimension = Double(locations.dimension)
    constants = zip(weights, scales).map {
      log($0) - dimension * log($1) - 0.5 * dimension * log(2 * Double.pi)
    }
  }

  public func with(
    locations: Configurations, scales: [Double], weights: [Double]
  ) -> GaussianMixture {
    GaussianMixture(locations: locations, scales: scales, weights: weights)
  }

  public func logDensities(
    at position: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    let dimension = dimension
    locations.withRows { rows in
      for component in 0..<locations.count {
        let square = squaredDistance(position, rows + component * dimension, count: dimension)
        let scale = scales[component]
        values[component] = constants[component] - 0.5 * square / (scale * scale)
      }
    }
  }

  /// ∇U_k = (x − m_k)/s_k².
  public func addGradient(
    of component: Int, times factor: Double, at position: UnsafePointer<Double>,
    to gradient: UnsafeMutablePointer<Double>
  ) {
    let scaled = factor / (scales[component] * scales[component])
    let dimension = dimension
    locations.withRows { rows in
      let location = rows + component * dimension
      for index in 0..<dimension {
        gradient[index] += scaled * (position[index] - location[index])
      }
    }
  }

  public func standardSamples(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int
  ) {
    let (count, dimension) = (batch.count, batch.dimension)
    batch.withMutableRows { rows in
      for member in 0..<count {
        streams.fillNormals(
          rows + member * dimension, count: dimension, purpose: purpose,
          walker: firstWalker + member, step: step)
      }
    }
  }

  /// Equal components of one standard deviation at places uniform in a box, (−a, a)^d with a =
  /// `halfWidth`; component k draws from walker k of `streams`.
  public static func scattered(
    components: Int, dimension: Int, halfWidth: Double, standardDeviation: Double = 1,
    streams: RandomStreams
  ) -> GaussianMixture {
    GaussianMixture(
      locations: scatteredLocations(
        count: components, dimension: dimension, halfWidth: halfWidth, streams: streams),
      scales: Array(repeating: standardDeviation, count: components))
  }

  /// Mixtures in high dimension: eight equal components of standard deviation 1 at places uniform in
  /// (−10, 10)^d, from our own streams.
  ///
  /// Albergo and Vanden-Eijnden, arXiv:2410.02711, sample mixtures up to d = 200; where their
  /// components lie is not published, so that results on these can be compared in kind only.
  public static func eightModes(dimension: Int) -> GaussianMixture {
    .scattered(
      components: 8, dimension: dimension, halfWidth: 10,
      streams: RandomStreams(seed: 0).derived("eight modes"))
  }
}

/// Places uniform in (−a, a)^d, one row each.
func scatteredLocations(
  count: Int, dimension: Int, halfWidth: Double, streams: RandomStreams
) -> Configurations {
  var locations = Configurations(count: count, dimension: dimension)
  locations.withMutableRows { rows in
    for component in 0..<count {
      streams.fillUniforms(
        rows + component * dimension, count: dimension, purpose: .initialField,
        walker: component, step: 0)
    }
    for index in 0..<count * dimension { rows[index] = halfWidth * (2 * rows[index] - 1) }
  }
  return locations
}
