// SPDX-License-Identifier: GPL-3.0-or-later

/// The symmetries of a periodic lattice that keep the origin in place.
public enum PointGroup: String, Sendable, CaseIterable {
  /// Reflections of every axis and exchanges of axes of equal extent.
  case hyperoctahedral
  /// x → −x alone, which every real function with a real transform has.
  case inversion
}

/// Sites, or momenta, in classes that a point group makes of them.
public struct Orbits: Sendable, Equatable {
  /// For every site the number of its orbit; orbits are numbered by their first site.
  public let orbit: [Int]
  /// How many sites each has.
  public let sizes: [Int]
  /// The first site of each.
  public let representatives: [Int]

  public var count: Int { sizes.count }

  public init(_ lattice: Lattice, under group: PointGroup) {
    var numbers: [[Int]: Int] = [:]
    var orbit: [Int] = []
    var sizes: [Int] = []
    var representatives: [Int] = []
    for site in 0..<lattice.volume {
      let key: [Int]
      switch group {
      case .inversion: key = [min(site, lattice.opposite(site))]
      case .hyperoctahedral:
        // Distances to the origin, sorted among axes of equal extent.
        let folded = (0..<lattice.dimensions).map { axis in
          let x = lattice.coordinate(of: site, along: axis)
          return [lattice.extents[axis], min(x, lattice.extents[axis] - x)]
        }
        key = folded.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 }
      }
      if let number = numbers[key] {
        orbit.append(number)
        sizes[number] += 1
      } else {
        numbers[key] = sizes.count
        orbit.append(sizes.count)
        sizes.append(1)
        representatives.append(site)
      }
    }
    self.orbit = orbit
    self.sizes = sizes
    self.representatives = representatives
  }
}
