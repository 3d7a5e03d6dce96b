// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

/// The search for the modes of a target of which nothing but U and ∇U is known, by descent of its energy
/// from many places. What no start leads to is not found: in many dimensions wide modes take the starts
/// of narrow ones.
public enum ModeSearch {
  /// The places where descents end, those of lowest energy first, each once.
  ///
  /// Steepest descent with a step of its own for every start: halved where the energy does not fall by a
  /// tenth of what the gradient promises, else lengthened. Two ends are one mode where they are closer
  /// than a tenth of the width of either, √d s with 1/s² = ΔU/d.
  public static func modes(
    of target: some Target, from starts: Configurations, iterations: Int = 400
  ) -> [Mode] {
    var (places, slopes) = (starts, starts)
    var energies = [Double](repeating: 0, count: starts.count)
    target.gradients(of: places, into: &slopes, energies: &energies)
    var steps = [Double](repeating: 1, count: starts.count)
    let dimension = starts.dimension
    for _ in 0..<iterations {
      var (trials, trialSlopes, trialEnergies) = (places, slopes, energies)
      for member in 0..<starts.count {
        for index in member * dimension..<(member + 1) * dimension {
          trials.values[index] -= steps[member] * slopes.values[index]
        }
      }
      target.gradients(of: trials, into: &trialSlopes, energies: &trialEnergies)
      for member in 0..<starts.count {
        let square = slopes[member].reduce(0) { $0 + $1 * $1 }
        if trialEnergies[member] <= energies[member] - 0.1 * steps[member] * square {
          places[member] = trials[member]
          slopes[member] = trialSlopes[member]
          energies[member] = trialEnergies[member]
          steps[member] *= 1.5
        } else {
          steps[member] *= 0.5
        }
      }
    }
    var modes: [Mode] = []
    for member in energies.indices.sorted(by: { energies[$0] < energies[$1] }) {
      let place = Array(places[member])
      let isKnown = modes.contains { mode in
        let square = squaredDistance(mode.place, place, count: dimension)
        return square < 0.01 * Double(dimension) * mode.scale * mode.scale
      }
      guard !isKnown, energies[member].isFinite else { continue }
      if let scale = scale(of: target, at: place) {
        modes.append(Mode(place: place, energy: energies[member], scale: scale))
      }
    }
    return modes
  }

  /// A place where the energy is least.
  public struct Mode: Sendable, Equatable {
    public var place: [Double]
    public var energy: Double
    /// s = (d/ΔU)^½: the standard deviation of an isotropic normal density of the same mean curvature.
    public var scale: Double
  }

  /// (d/ΔU)^½ by difference quotients of the gradient; nil where the mean curvature is not positive.
  private static func scale(of target: some Target, at place: [Double]) -> Double? {
    let dimension = place.count
    let step = 1e-4
    var batch = Configurations(count: 2 * dimension, dimension: dimension)
    for axis in 0..<dimension {
      batch[2 * axis] = place[...]
      batch[2 * axis + 1] = place[...]
      batch.values[2 * axis * dimension + axis] += step
      batch.values[(2 * axis + 1) * dimension + axis] -= step
    }
    var slopes = batch
    var energies = [Double](repeating: 0, count: batch.count)
    target.gradients(of: batch, into: &slopes, energies: &energies)
    let laplacian = (0..<dimension).reduce(0.0) {
      $0
        + (slopes.values[2 * $1 * dimension + $1] - slopes.values[(2 * $1 + 1) * dimension + $1])
        / (2 * step)
    }
    return laplacian > 0 ? (Double(dimension) / laplacian).squareRoot() : nil
  }
}
