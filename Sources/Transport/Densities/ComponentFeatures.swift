// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Targets

/// Velocity fields of a mixture's path, two for each component with responsibility r_k at time t,
///
///     ψ_k(x) = r_k(x) m_k,     ψ_{K+k}(x) = r_k(x) (x − t m_k):
///
/// each moves a component along its way or widens it. The exact drift is the sum with the weights 1 and
/// ṡ_k/s_k. They know where the components are.
public struct ComponentFeatures<Mixture: LocationScaleMixture>: VelocityFeatures {
  public let path: MixturePath<Mixture>

  public init(along path: MixturePath<Mixture>) { self.path = path }

  public var dimension: Int { path.dimension }

  public var count: Int { 2 * path.end.componentCount }

  public func slice(at time: Double) -> ComponentSlice<Mixture> {
    ComponentSlice(mixture: path.snapshot(at: time), destinations: path.end.locations)
  }
}

/// The velocity fields of a mixture's components at one time.
public struct ComponentSlice<Mixture: LocationScaleMixture>: FeatureSlice {
  let mixture: Mixture
  let destinations: Configurations

  /// With ∇r_k = r_k (∇U − ∇U_k):  ∇·(r_k v) − g·(r_k v) = r_k [(∇U − ∇U_k − g)·v + ∇·v].
  public func regressors(
    at position: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Double>
  ) {
    let (dimension, count) = (mixture.dimension, mixture.componentCount)
    row.update(repeating: 0, count: 2 * count)
    forEachComponent(at: position) { component, share, slope, part, offset, destination in
      var (moving, widening) = (0.0, Double(dimension))
      for index in 0..<dimension {
        let rest = slope[index] - part[index] - gradient[index]
        moving += rest * destination[index]
        widening += rest * offset[index]
      }
      row[component] = share * moving
      row[count + component] = share * widening
    }
  }

  public func velocity(
    at position: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    into velocity: UnsafeMutablePointer<Double>
  ) -> Double {
    let (dimension, count) = (mixture.dimension, mixture.componentCount)
    velocity.update(repeating: 0, count: dimension)
    var divergence = 0.0
    forEachComponent(at: position) { component, share, slope, part, offset, destination in
      let (moving, widening) = (weights[component], weights[count + component])
      var sum = Double(dimension) * widening
      for index in 0..<dimension {
        let speed = moving * destination[index] + widening * offset[index]
        velocity[index] += share * speed
        sum += (slope[index] - part[index]) * speed
      }
      divergence += share * sum
    }
    return divergence
  }

  /// Calls `body` for every component whose share counts, with the share r_k, ∇U, ∇U_k, x − t m_k and
  /// m_k.
  private func forEachComponent(
    at position: UnsafePointer<Double>,
    _ body: (
      Int, Double, UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>,
      UnsafePointer<Double>
    ) -> Void
  ) {
    let (dimension, count) = (mixture.dimension, mixture.componentCount)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count + 3 * dimension) {
      let shares = $0.baseAddress!
      let slope = shares + count
      let (part, offset) = (slope + dimension, slope + 2 * dimension)
      _ = mixture.responsibilities(at: position, into: shares)
      slope.update(repeating: 0, count: dimension)
      for component in 0..<count where shares[component] > negligibleShare {
        mixture.addGradient(of: component, times: shares[component], at: position, to: slope)
      }
      destinations.withRows { destinations in
        mixture.locations.withRows { locations in
          for component in 0..<count where shares[component] > negligibleShare {
            part.update(repeating: 0, count: dimension)
            mixture.addGradient(of: component, times: 1, at: position, to: part)
            for index in 0..<dimension {
              offset[index] = position[index] - locations[component * dimension + index]
            }
            body(
              component, shares[component], slope, part, offset,
              destinations + component * dimension)
          }
        }
      }
    }
  }
}
