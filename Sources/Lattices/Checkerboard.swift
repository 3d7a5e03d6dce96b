// SPDX-License-Identifier: GPL-3.0-or-later

/// The sites of a lattice in classes without neighbours among themselves, so that the sites of one
/// class can be updated in any order.
///
/// With even extents alone these are the two colours of the checkerboard, Σ x_μ mod 2. A ring of odd
/// length needs three colours: along each axis x mod 2, but 2 at the last site of an odd extent; the
/// colour of a site is the sum over its axes mod 3. A step along one axis changes that sum by the
/// difference of two different colours, never by a multiple of 3.
public struct Checkerboard: Sendable {
  /// The sites of each colour, in increasing order.
  public let colours: [[Int32]]

  public init(_ lattice: Lattice) {
    let count = lattice.extents.allSatisfy { $0 % 2 == 0 } ? 2 : 3
    var colours: [[Int32]] = Array(repeating: [], count: count)
    for site in 0..<lattice.volume {
      var sum = 0
      for axis in 0..<lattice.dimensions {
        let x = lattice.coordinate(of: site, along: axis)
        let isOddEnd = lattice.extents[axis] % 2 == 1 && x == lattice.extents[axis] - 1
        sum += isOddEnd ? 2 : x % 2
      }
      colours[sum % count].append(Int32(site))
    }
    self.colours = colours
  }
}
