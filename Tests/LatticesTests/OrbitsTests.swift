// SPDX-License-Identifier: GPL-3.0-or-later
import Lattices
import Testing

/// Orbits against the group itself, applied until nothing new is reached.
@Suite struct OrbitsTests {
  private static let shapes = [
    [2], [7], [8], [4, 4], [5, 5], [4, 6], [3, 5], [2, 2], [3, 3, 3], [4, 2, 4], [3, 4, 5],
    [2, 3, 2, 3], [3, 3, 3, 3],
  ]

  /// The images of a site under generators of the group.
  private func images(_ site: Int, _ lattice: Lattice, _ group: PointGroup) -> [Int] {
    let x = (0..<lattice.dimensions).map { lattice.coordinate(of: site, along: $0) }
    func number(_ x: [Int]) -> Int { zip(x, lattice.strides).reduce(0) { $0 + $1.0 * $1.1 } }
    func mirrored(_ x: [Int], _ axes: [Int]) -> [Int] {
      var x = x
      for axis in axes { x[axis] = (lattice.extents[axis] - x[axis]) % lattice.extents[axis] }
      return x
    }
    let all = Array(0..<lattice.dimensions)
    if group == .inversion { return [number(mirrored(x, all))] }
    var result = all.map { number(mirrored(x, [$0])) }
    for a in all {
      for b in 0..<a where lattice.extents[a] == lattice.extents[b] {
        var y = x
        y.swapAt(a, b)
        result.append(number(y))
      }
    }
    return result
  }

  @Test(arguments: shapes, PointGroup.allCases) func agreeWithTheGroup(
    extents: [Int], group: PointGroup
  ) {
    let lattice = Lattice(extents: extents)
    let orbits = Orbits(lattice, under: group)
    var seen = Set<Int>()
    var number = 0
    for site in 0..<lattice.volume where !seen.contains(site) {
      var members: Set = [site]
      var front = [site]
      while let next = front.popLast() {
        for image in images(next, lattice, group) where members.insert(image).inserted {
          front.append(image)
        }
      }
      #expect(members.allSatisfy { orbits.orbit[$0] == number })
      #expect(orbits.sizes[number] == members.count)
      #expect(orbits.representatives[number] == site)
      seen.formUnion(members)
      number += 1
    }
    #expect(orbits.count == number)
    #expect(orbits.orbit.count == lattice.volume)
  }
}
