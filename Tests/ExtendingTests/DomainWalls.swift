// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices
import Observables

/// The density of domain walls in each direction, w_μ = V^-1 Σ_x θ(−φ_x φ_{x+μ}): the fraction of bonds
/// whose ends have opposite signs.
struct DomainWalls: Observable {
  let lattice: Lattice

  var variables: [Variable] {
    [
      Variable(
        name: "walls", axes: [lattice.directionAxis], units: "1",
        longName: "density of domain walls",
        definition: #"w_\mu = V^{-1} \sum_x \theta(-\phi_x \phi_{x+\mu})"#)
    ]
  }

  func measure(
    _ rows: UnsafePointer<Double>, count: Int, into outputs: [UnsafeMutablePointer<Double>]
  ) {
    let (volume, directions) = (lattice.volume, lattice.dimensions)
    for member in 0..<count {
      let field = rows + member * volume
      for axis in 0..<directions {
        let walls = (0..<volume).count { field[$0] * field[lattice.forward($0, axis)] < 0 }
        outputs[0][member * directions + axis] = Double(walls) / Double(volume)
      }
    }
  }

  /// w, the mean over the directions.
  var density: DerivedQuantity {
    .mean(
      "walls", "density of domain walls", #"D^{-1} \sum_\mu \langle w_\mu \rangle"#,
      of: Primary("walls", Array(0..<lattice.dimensions)))
  }
}
