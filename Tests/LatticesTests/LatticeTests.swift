// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Testing

/// Even, odd and rectangular lattices of every dimension.
let shapes = [[8], [5], [2], [4, 6], [3, 5], [2, 7], [3, 4, 5], [2, 2, 2], [2, 3, 2, 4]]

@Suite struct LatticeTests {
  @Test(arguments: shapes) func neighboursAreInverse(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    #expect(lattice.volume == extents.reduce(1, *))
    for site in 0..<lattice.volume {
      for axis in 0..<lattice.dimensions {
        let next = lattice.forward(site, axis)
        #expect(lattice.backward(next, axis) == site)
        let step = (lattice.coordinate(of: site, along: axis) + 1) % extents[axis]
        #expect(lattice.coordinate(of: next, along: axis) == step)
      }
    }
  }

  @Test(arguments: shapes) func coloursHaveNoNeighbours(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let colours = Checkerboard(lattice).colours
    #expect(colours.count == (extents.allSatisfy { $0 % 2 == 0 } ? 2 : 3))
    #expect(colours.joined().sorted() == (0..<Int32(lattice.volume)).map { $0 })
    let neighbours = lattice.neighbourTable()
    let degree = 2 * lattice.dimensions
    for sites in colours {
      let members = Set(sites)
      for site in sites {
        let first = Int(site) * degree
        #expect(neighbours[first..<first + degree].allSatisfy { !members.contains($0) })
      }
    }
  }

  @Test(arguments: shapes) func momentumShells(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let shells = lattice.momentumShells()
    #expect(shells.map(\.modes).joined().sorted() == Array(0..<lattice.volume))
    #expect(shells[0].momentumSquared == 0 && shells[0].modes == [0])
    // Σ_p p̂² = 2DV, since Σ_n 4 sin²(πn/L) = 2L for L ≥ 2.
    let sum = shells.reduce(0) { $0 + $1.momentumSquared * Double($1.modes.count) }
    #expect(abs(sum - Double(2 * lattice.dimensions * lattice.volume)) < 1e-9 * sum)
    let squares = lattice.momentaSquared()
    for mode in 0..<lattice.volume {
      #expect(lattice.opposite(lattice.opposite(mode)) == mode)
      #expect(abs(squares[lattice.opposite(mode)] - squares[mode]) < 1e-12)
    }
  }
}
