// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams

/// A mixture of products of Student's t densities with ν degrees of freedom, normalised: log Z = 0.
///
///     ρ_k(x) = Π_i s_k^-1 t_ν((x_i − m_ki)/s_k),
///     t_ν(z) = Γ((ν+1)/2)/(Γ(ν/2) √(νπ)) (1 + z²/ν)^−(ν+1)/2.
///
/// The components of a configuration are independent given k: it is not the multivariate t density.
/// At ν = 2 the variance is infinite.
public struct StudentMixture: LocationScaleMixture {
  public let locations: Configurations
  public let scales: [Double]
  public let weights: [Double]
  /// ν.
  public let degreesOfFreedom: Int
  /// log w_k + d log[Γ((ν+1)/2)/(Γ(ν/2) √(νπ) s_k)].
  private let constants: [Double]

  /// Equal weights, unless given.
  public init(
    locations: Configurations, scales: [Double], weights: [Double]? = nil, degreesOfFreedom: Int
  ) {
    let equal = Array(repeating: 1 / Double(locations.count), count: locations.count)
    let weights = weights ?? equal
    checkMixture(locations: locations, scales: scales, weights: weights)
    precondition(degreesOfFreedom >= 1, "a t density has at least one degree of freedom")
    self.locations = locations
    self.scales = scales
    self.weights = weights
    self.degreesOfFreedom = degreesOfFreedom
    let freedom = Double(degreesOfFreedom)
    let logPeak =
      lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - 0.5 * log(freedom * Double.pi)
    let dimension = Double(locations.dimension)
    constants = zip(weights, scales).map { log($0) + dimension * (logPeak - log($1)) }
  }

  /// Ten equal components of scale 1 with two degrees of freedom, at places uniform in (−10, 10)^d.
  ///
  /// It follows the definition of Blessing et al., arXiv:2406.07423, but for the places, which theirs
  /// draws with a generator of its own and ours from our own streams.
  public static func tenModes(dimension: Int = 50) -> StudentMixture {
    StudentMixture(
      locations: scatteredLocations(
        count: 10, dimension: dimension, halfWidth: 10,
        streams: RandomStreams(seed: 0).derived("ten modes")),
      scales: Array(repeating: 1, count: 10), degreesOfFreedom: 2)
  }

  public func with(
    locations: Configurations, scales: [Double], weights: [Double]
  ) -> StudentMixture {
    StudentMixture(
      locations: locations, scales: scales, weights: weights, degreesOfFreedom: degreesOfFreedom)
  }

  public func logDensities(
    at position: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    let dimension = dimension
    let freedom = Double(degreesOfFreedom)
    locations.withRows { rows in
      for component in 0..<locations.count {
        let location = rows + component * dimension
        let scaling = 1 / (freedom * scales[component] * scales[component])
        // One logarithm for eight factors, of which each is below 10^38 for every |z| < 10^19.
        var logarithm = 0.0
        var product = 1.0
        for index in 0..<dimension {
          let distance = position[index] - location[index]
          product *= 1 + scaling * distance * distance
          if index & 7 == 7 {
            logarithm += log(product)
            product = 1
          }
        }
        logarithm += log(product)
        values[component] = constants[component] - 0.5 * (freedom + 1) * logarithm
      }
    }
  }

  /// ∂_i U_k = (ν + 1) (x_i − m_ki)/(ν s_k² + (x_i − m_ki)²).
  public func addGradient(
    of component: Int, times factor: Double, at position: UnsafePointer<Double>,
    to gradient: UnsafeMutablePointer<Double>
  ) {
    let freedom = Double(degreesOfFreedom)
    let width = freedom * scales[component] * scales[component]
    let scaled = factor * (freedom + 1)
    let dimension = dimension
    locations.withRows { rows in
      let location = rows + component * dimension
      for index in 0..<dimension {
        let distance = position[index] - location[index]
        gradient[index] += scaled * distance / (width + distance * distance)
      }
    }
  }

  /// t = η_0/√((η_1² + … + η_ν²)/ν) with standard normals η.
  public func standardSamples(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int
  ) {
    let freedom = degreesOfFreedom
    var normals = [Double](repeating: 0, count: dimension * (freedom + 1))
    for member in 0..<batch.count {
      normals.withUnsafeMutableBufferPointer {
        streams.fillNormals(
          $0.baseAddress!, count: $0.count, purpose: purpose, walker: firstWalker + member,
          step: step)
      }
      for index in 0..<dimension {
        let first = index * (freedom + 1)
        var square = 0.0
        for normal in normals[first + 1...first + freedom] { square += normal * normal }
        batch.values[member * dimension + index] =
          normals[first] / (square / Double(freedom)).squareRoot()
      }
    }
  }
}
