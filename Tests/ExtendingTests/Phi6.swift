// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices

/// φ⁶ theory, S = Σ_x [ Σ_μ (φ_{x+μ} − φ_x)² + m² φ_x² + λ φ_x⁴ + g φ_x⁶ ] with g > 0.
///
/// With λ < 0 it can have three wells; a line of first-order transitions ends in a tricritical point.
struct Phi6: Action {
  let lattice: Lattice
  let massSquared: Double
  let quartic: Double
  let sextic: Double
  private let neighbours: [Int32]

  init(lattice: Lattice, massSquared: Double, quartic: Double, sextic: Double) {
    precondition(sextic > 0, "exp(-S) is normalisable")
    self.lattice = lattice
    (self.massSquared, self.quartic, self.sextic) = (massSquared, quartic, sextic)
    neighbours = lattice.neighbourTable()
  }

  func energies(of batch: Configurations, into energies: inout [Double]) {
    var gradients = batch
    self.gradients(of: batch, into: &gradients, energies: &energies)
  }

  func gradients(
    of batch: Configurations, into gradients: inout Configurations, energies: inout [Double]
  ) {
    batch.withRows { fields in
      gradients.withMutableRows { results in
        for member in 0..<batch.count {
          let first = member * dimension
          energies[member] = gradient(of: fields + first, into: results + first)
        }
      }
    }
  }

  /// ∂S/∂φ_x = 2 Σ_{±μ} (φ_x − φ_{x±μ}) + 2 m² φ_x + 4 λ φ_x³ + 6 g φ_x⁵ of one field; returns S.
  private func gradient(
    of field: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>
  ) -> Double {
    let degree = 2 * lattice.dimensions
    return neighbours.withUnsafeBufferPointer { neighbours in
      var action = 0.0
      for site in 0..<dimension {
        let value = field[site]
        let square = value * value
        action += square * (massSquared + square * (quartic + square * sextic))
        var slope = value * (2 * massSquared + square * (4 * quartic + square * 6 * sextic))
        for bond in site * degree..<(site + 1) * degree {
          let difference = value - field[Int(neighbours[bond])]
          action += difference * difference / 2  // Each bond is met at both of its ends.
          slope += 2 * difference
        }
        result[site] = slope
      }
      return action
    }
  }
}
