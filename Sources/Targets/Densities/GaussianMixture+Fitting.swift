// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

extension GaussianMixture {
  /// A normal density for each mode, with its scale and the mass that goes with it,
  /// w_k ∝ exp(−U(m_k)) s_k^d: Laplace's approximation with isotropic curvature.
  public init(laplace modes: [ModeSearch.Mode]) {
    precondition(!modes.isEmpty, "a mixture has a component")
    let dimension = modes[0].place.count
    let logs = modes.map { -$0.energy + Double(dimension) * log($0.scale) }
    let largest = logs.reduce(-Double.infinity, max)
    let masses = logs.map { exp($0 - largest) }
    let total = masses.reduce(0, +)
    self.init(
      locations: Configurations(
        count: modes.count, dimension: dimension, values: modes.flatMap(\.place)),
      scales: modes.map(\.scale), weights: masses.map { $0 / total })
  }

  /// The mixture after so many steps of expectation maximisation on weighted samples, which raise its
  /// likelihood.
  ///
  /// Locations move by no more than the samples tell: a shift δ of the mean of N_k samples of scale s is
  /// taken with the factor max(0, 1 − d s²/(N_k |δ|²)) of James and Stein (1961), which is 0 where it
  /// may be nothing but noise. Dempster, Laird, Rubin, J. R. Stat. Soc. B 39 (1977) 1.
  public func fitted(
    to samples: Configurations, weights sampleWeights: [Double], iterations: Int = 10
  ) -> GaussianMixture {
    precondition(samples.dimension == dimension && sampleWeights.count == samples.count)
    var mixture = self
    for _ in 0..<iterations { mixture = mixture.fittedOnce(to: samples, weights: sampleWeights) }
    return mixture
  }

  private func fittedOnce(
    to samples: Configurations, weights sampleWeights: [Double]
  ) -> GaussianMixture {
    let (count, dimension) = (componentCount, dimension)
    var masses = [Double](repeating: 0, count: count)
    // Σ (w r)², for the number of samples that a mean is worth.
    var squares = masses
    var sums = [Double](repeating: 0, count: count * dimension)
    var spreads = masses
    var shares = masses
    samples.withRows { rows in
      locations.withRows { places in
        for member in 0..<samples.count where sampleWeights[member] > 0 {
          let row = rows + member * dimension
          _ = responsibilities(at: row, into: &shares)
          for component in 0..<count where shares[component] > negligibleShare {
            let weight = sampleWeights[member] * shares[component]
            masses[component] += weight
            squares[component] += weight * weight
            for axis in 0..<dimension {
              let offset = row[axis] - places[component * dimension + axis]
              sums[component * dimension + axis] += weight * offset
              spreads[component] += weight * offset * offset
            }
          }
        }
      }
    }
    let total = masses.reduce(0, +)
    var (places, widths, kept) = (locations, scales, weights)
    for component in 0..<count {
      let mass = masses[component]
      // A tenth of what it had is left to a component that lost its samples.
      kept[component] = max(mass / total, 0.1 * weights[component])
      let worth = squares[component] > 0 ? mass * mass / squares[component] : 0
      guard worth > 2 else { continue }
      let shift = (0..<dimension).map { sums[component * dimension + $0] / mass }
      let length = shift.reduce(0) { $0 + $1 * $1 }
      let noise = Double(dimension) * scales[component] * scales[component] / worth
      let factor = length > noise ? 1 - noise / length : 0
      for axis in 0..<dimension {
        places.values[component * dimension + axis] += factor * shift[axis]
      }
      let spread = spreads[component] / mass - factor * (2 - factor) * length
      widths[component] = (spread / Double(dimension)).squareRoot()
    }
    let sum = kept.reduce(0, +)
    return GaussianMixture(locations: places, scales: widths, weights: kept.map { $0 / sum })
  }
}
