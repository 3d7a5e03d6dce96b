// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams

/// A mixture of one standard density f in several places and sizes, normalised (U = −log ρ, log Z = 0),
///
///     ρ(x) = Σ_k w_k ρ_k(x),     ρ_k(x) = s_k^-d f((x − m_k)/s_k).
///
/// With the responsibilities r_k = w_k ρ_k / ρ and U_k = −log ρ_k its gradient is ∇U = Σ_k r_k ∇U_k.
public protocol LocationScaleMixture: PointTarget, SampleableTarget {
  /// m_k, one row for each component.
  var locations: Configurations { get }
  /// s_k.
  var scales: [Double] { get }
  /// w_k; they sum to 1.
  var weights: [Double] { get }

  /// The same standard density in other places, sizes and proportions.
  func with(locations: Configurations, scales: [Double], weights: [Double]) -> Self

  /// log[w_k ρ_k(x)] of every component.
  func logDensities(at position: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>)

  /// Adds `factor` ∇U_k to `gradient`.
  func addGradient(
    of component: Int, times factor: Double, at position: UnsafePointer<Double>,
    to gradient: UnsafeMutablePointer<Double>
  )

  /// Overwrites rows of `dimension` numbers with samples of f, one for each walker.
  func standardSamples(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int)
}

extension LocationScaleMixture {
  public var dimension: Int { locations.dimension }

  public var componentCount: Int { locations.count }

  public var logNormalizer: Double { 0 }

  /// The responsibilities r_k(x) of all components; returns U(x) = −log Σ_k w_k ρ_k(x).
  public func responsibilities(
    at position: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) -> Double {
    logDensities(at: position, into: values)
    var largest = -Double.infinity
    for component in 0..<componentCount { largest = max(largest, values[component]) }
    // Where no component can be told from zero, the energy is infinite and no share is defined.
    if largest == -.infinity { largest = 0 }
    var sum = 0.0
    for component in 0..<componentCount {
      let exponent = values[component] - largest
      // Below e^-60 a share changes no digit of the sum.
      values[component] = exponent > -60 ? exp(exponent) : 0
      sum += values[component]
    }
    for component in 0..<componentCount { values[component] /= sum }
    return -largest - log(sum)
  }

  public func energy(
    of position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: componentCount) { shares in
      let energy = responsibilities(at: position, into: shares.baseAddress!)
      if let gradient {
        gradient.update(repeating: 0, count: dimension)
        for component in 0..<componentCount where shares[component] > negligibleShare {
          addGradient(of: component, times: shares[component], at: position, to: gradient)
        }
      }
      return energy
    }
  }

  /// The component is drawn from streams of its own, derived by name, so that the bits of no other
  /// number are used twice.
  public func sample(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int
  ) {
    precondition(batch.dimension == dimension)
    standardSamples(
      into: &batch, using: streams, purpose: purpose, firstWalker: firstWalker, step: step)
    let choices = streams.derived("mixture component")
    for member in 0..<batch.count {
      var left = choices.uniform(purpose: purpose, walker: firstWalker + member, step: step)
      var component = 0
      while component < componentCount - 1 && left >= weights[component] {
        left -= weights[component]
        component += 1
      }
      for index in 0..<dimension {
        let place = member * dimension + index
        batch.values[place] =
          locations.values[component * dimension + index]
          + scales[component] * batch.values[place]
      }
    }
  }

  /// The component whose location is nearest to a configuration, in units of its scale, and the
  /// distance in these units per root of the dimension.
  public func nearestComponent(
    to position: UnsafePointer<Double>
  ) -> (component: Int, distance: Double) {
    locations.withRows { rows in
      var best = (component: 0, distance: Double.infinity)
      for component in 0..<componentCount {
        let square = squaredDistance(position, rows + component * dimension, count: dimension)
        let distance = (square / Double(dimension)).squareRoot() / scales[component]
        if distance < best.distance { best = (component, distance) }
      }
      return best
    }
  }
}

/// Below this a share changes no digit of a sum of doubles.
public let negligibleShare = 1e-25

/// What the parameters of a mixture must obey.
func checkMixture(locations: Configurations, scales: [Double], weights: [Double]) {
  precondition(locations.count >= 1 && locations.dimension >= 1, "a mixture has a component")
  precondition(scales.count == locations.count && scales.allSatisfy { $0 > 0 })
  precondition(weights.count == locations.count && weights.allSatisfy { $0 >= 0 })
  precondition(abs(weights.reduce(0, +) - 1) < 1e-12, "the weights of a mixture sum to 1")
}
