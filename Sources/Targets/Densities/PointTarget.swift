// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A target that is given one configuration at a time; its batches are loops over their members.
public protocol PointTarget: Target {
  /// U(φ) of one configuration of `dimension` numbers, and ∇U(φ) unless `gradient` is nil.
  func energy(
    of position: UnsafePointer<Double>, gradient: UnsafeMutablePointer<Double>?
  ) -> Double
}

extension PointTarget {
  public func energies(of batch: Configurations, into energies: inout [Double]) {
    precondition(batch.dimension == dimension && energies.count == batch.count)
    batch.withRows { rows in
      for member in energies.indices {
        energies[member] = energy(of: rows + member * dimension, gradient: nil)
      }
    }
  }

  public func gradients(
    of batch: Configurations, into gradients: inout Configurations, energies: inout [Double]
  ) {
    precondition(batch.dimension == dimension && energies.count == batch.count)
    precondition(gradients.count == batch.count && gradients.dimension == dimension)
    batch.withRows { rows in
      gradients.withMutableRows { gradients in
        for member in energies.indices {
          energies[member] = energy(
            of: rows + member * dimension, gradient: gradients + member * dimension)
        }
      }
    }
  }
}

/// Σ_x (a_x − b_x)². Eight sums run side by side, in an order that never changes.
func squaredDistance(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, count: Int
) -> Double {
  var sums = SIMD8<Double>()
  var index = 0
  while index &+ 8 <= count {
    let difference =
      UnsafeRawPointer(a + index).loadUnaligned(as: SIMD8<Double>.self)
      - UnsafeRawPointer(b + index).loadUnaligned(as: SIMD8<Double>.self)
    sums += difference * difference
    index &+= 8
  }
  var sum = sums.sum()
  while index < count {
    let difference = a[index] - b[index]
    sum += difference * difference
    index &+= 1
  }
  return sum
}
