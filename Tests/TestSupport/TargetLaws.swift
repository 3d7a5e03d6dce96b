// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import RandomStreams
import Targets

/// The laws that every target obeys.
public enum TargetLaws {
  /// The largest difference between the gradient and the central difference quotient of the energy,
  /// relative to the largest gradient component, over all components of a random batch; also checks
  /// that `gradients` and `energies` report the same energy (then NaN is returned if not).
  ///
  /// With step h the quotient is wrong by h²U'''/6 and by rounding ε|U|/h: about 1e-9 at h = 1e-4.
  public static func gradientError(
    of target: any Target, scale: Double = 1, seed: UInt64 = 1, step: Double = 1e-4
  ) -> Double {
    var batch = Configurations(count: 2, dimension: target.dimension)
    let streams = RandomStreams(seed: seed)
    batch.withMutableRows {
      streams.fillNormals(
        $0, count: 2 * target.dimension, purpose: .initialField, walker: 0, step: 0)
    }
    for index in batch.values.indices { batch.values[index] *= scale }

    var gradients = Configurations(count: 2, dimension: target.dimension)
    var energies = [0.0, 0.0]
    target.gradients(of: batch, into: &gradients, energies: &energies)
    var direct = [0.0, 0.0]
    target.energies(of: batch, into: &direct)
    for (a, b) in zip(energies, direct) where abs(a - b) > 1e-12 * max(1, abs(a)) { return .nan }

    let largest = gradients.values.reduce(0) { max($0, abs($1)) }
    var errors: [Double] = []
    for index in 0..<target.dimension {
      var shifted = batch
      var plus = [0.0, 0.0]
      var minus = [0.0, 0.0]
      for member in 0..<2 { shifted.values[member * target.dimension + index] += step }
      target.energies(of: shifted, into: &plus)
      for member in 0..<2 { shifted.values[member * target.dimension + index] -= 2 * step }
      target.energies(of: shifted, into: &minus)
      for member in 0..<2 {
        let quotient = (plus[member] - minus[member]) / (2 * step)
        errors.append(abs(quotient - gradients.values[member * target.dimension + index]))
      }
    }
    return errors.contains { $0.isNaN } ? .nan : errors.max()! / largest
  }
}
