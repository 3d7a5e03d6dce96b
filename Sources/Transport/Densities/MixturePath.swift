// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Foundation
import Targets

/// The path from one broad component to a mixture, on which every component moves and shrinks:
///
///     ρ_t(x) = Σ_k w_k s_k(t)^-d f((x − t m_k)/s_k(t)),     s_k(t) = s_0^(1−t) s_k^t.
///
/// All ρ_t are normalised, so that F_t = 0. Who builds it knows the components of the mixture.
public struct MixturePath<Mixture: LocationScaleMixture>: Path {
  public let end: Mixture
  /// s_0.
  public let startScale: Double
  public let start: Mixture

  public init(to end: Mixture, startScale: Double) {
    precondition(startScale > 0, "a scale is positive")
    self.end = end
    self.startScale = startScale
    start = end.with(
      locations: Configurations(count: 1, dimension: end.dimension), scales: [startScale],
      weights: [1])
  }

  public func snapshot(at time: Double) -> Mixture {
    if time == 1 { return end }
    var locations = end.locations
    for index in locations.values.indices { locations.values[index] *= time }
    return end.with(
      locations: locations,
      scales: end.scales.map { exp((1 - time) * log(startScale) + time * log($0)) },
      weights: end.weights)
  }

  /// The rate ṡ_k/s_k = log(s_k/s_0) of each component.
  public var scaleRates: [Double] { end.scales.map { log($0 / startScale) } }

  /// ∂_tU = Σ_k r_k (d ṡ_k/s_k − ∇U_k·v_k) with v_k = m_k + (ṡ_k/s_k)(x − t m_k), since each
  /// component obeys ∂_tρ_k + ∇·(v_k ρ_k) = 0.
  public func timeDerivatives(
    of batch: Configurations, at time: Double, into derivatives: inout [Double]
  ) {
    let slice = MixtureVelocities(self, at: time)
    batch.withRows { rows in
      for member in derivatives.indices {
        derivatives[member] =
          slice.evaluate(
            at: rows + member * dimension, into: nil
          ).timeDerivative
      }
    }
  }
}

/// The velocities of the components of a mixture on its path, at one time.
struct MixtureVelocities<Mixture: LocationScaleMixture>: Sendable {
  let mixture: Mixture
  /// m_k.
  private let destinations: Configurations
  private let rates: [Double]

  init(_ path: MixturePath<Mixture>, at time: Double) {
    mixture = path.snapshot(at: time)
    destinations = path.end.locations
    rates = path.scaleRates
  }

  /// b = Σ_k r_k v_k and, with ∇r_k = r_k (∇U − ∇U_k), its divergence
  ///
  ///     ∇·b = Σ_k r_k [(∇U − ∇U_k)·v_k + d ṡ_k/s_k] = ∂_tU + ∇U·b.
  func evaluate(
    at position: UnsafePointer<Double>, into velocity: UnsafeMutablePointer<Double>?
  ) -> (divergence: Double, timeDerivative: Double) {
    let (dimension, count) = (mixture.dimension, mixture.componentCount)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: count + 3 * dimension) {
      let shares = $0.baseAddress!
      let (part, flow) = (shares + count, shares + count + dimension)
      let slope = flow + dimension
      _ = mixture.responsibilities(at: position, into: shares)
      flow.update(repeating: 0, count: dimension)
      slope.update(repeating: 0, count: dimension)
      var timeDerivative = 0.0
      destinations.withRows { destinations in
        mixture.locations.withRows { locations in
          for component in 0..<count where shares[component] > negligibleShare {
            part.update(repeating: 0, count: dimension)
            mixture.addGradient(of: component, times: 1, at: position, to: part)
            let (destination, location) = (
              destinations + component * dimension, locations + component * dimension
            )
            let (share, rate) = (shares[component], rates[component])
            var product = 0.0
            for index in 0..<dimension {
              let speed = destination[index] + rate * (position[index] - location[index])
              product += part[index] * speed
              flow[index] += share * speed
              slope[index] += share * part[index]
            }
            timeDerivative += share * (Double(dimension) * rate - product)
          }
        }
      }
      var divergence = timeDerivative
      for index in 0..<dimension {
        divergence += slope[index] * flow[index]
        velocity?[index] = flow[index]
      }
      return (divergence, timeDerivative)
    }
  }
}

/// The exact drift of a mixture's path: the velocities of the components, each with its share,
///
///     b_t(x) = Σ_k r_k(x) v_k(x),     v_k = ṁ_k + (ṡ_k/s_k)(x − m_k).
///
/// Since b_t ρ_t = Σ_k w_k ρ_k v_k and each component moves with its own v_k, it carries ρ_t without
/// any error but that of the integration in time. It knows the components.
public struct MixtureDrift<Mixture: LocationScaleMixture>: DivergenceDrift {
  public let path: MixturePath<Mixture>

  public init(along path: MixturePath<Mixture>) { self.path = path }

  public var dimension: Int { path.dimension }

  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double]
  ) {
    let slice = MixtureVelocities(path, at: time)
    batch.withRows { rows in
      velocities.withMutableRows { velocities in
        for member in 0..<batch.count {
          divergences[member] =
            slice.evaluate(
              at: rows + member * dimension, into: velocities + member * dimension
            ).divergence
        }
      }
    }
  }
}
