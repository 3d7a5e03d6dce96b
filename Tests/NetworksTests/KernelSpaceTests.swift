// SPDX-License-Identifier: GPL-3.0-or-later
import Lattices
import Networks
import Testing

@Suite struct KernelSpaceTests {
  /// Orbits by applying the generators until nothing new comes.
  static func orbits(_ lattice: Lattice) -> Set<Set<Int>> {
    func site(_ x: [Int]) -> Int {
      zip(zip(x, lattice.extents), lattice.strides).reduce(0) {
        $0 + ($1.0.0 + $1.0.1) % $1.0.1 * $1.1
      }
    }
    func images(_ index: Int) -> [Int] {
      let x = (0..<lattice.dimensions).map { lattice.coordinate(of: index, along: $0) }
      var images: [Int] = []
      for axis in 0..<lattice.dimensions {
        var y = x
        y[axis] = -y[axis]
        images.append(site(y))
        for other in 0..<axis where lattice.extents[axis] == lattice.extents[other] {
          var y = x
          y.swapAt(axis, other)
          images.append(site(y))
        }
      }
      return images
    }
    return Set(
      (0..<lattice.volume).map { start in
        var orbit: Set<Int> = [start]
        var front = [start]
        while let next = front.popLast() {
          for image in images(next) where orbit.insert(image).inserted { front.append(image) }
        }
        return orbit
      })
  }

  @Test(arguments: [[6], [5], [4, 4], [5, 5], [4, 6], [3, 3, 3], [4, 3, 4], [3, 2, 3, 2]])
  func orbitsAreThoseOfTheGroup(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let space = KernelSpace(lattice)
    var members: [Int: Set<Int>] = [:]
    for (site, orbit) in space.orbits.enumerated() { members[orbit, default: []].insert(site) }
    #expect(Set(members.values) == Self.orbits(lattice))
    #expect(space.orbitCount == members.count)
    #expect(KernelSpace(lattice, symmetry: .none).orbitCount == lattice.volume)
  }

  @Test func aRadiusCutsOff() {
    let space = KernelSpace(Lattice(extents: [8, 8]), radius: 1.5)
    #expect(space.orbitCount == 3)
    #expect(space.orbits.filter { $0 >= 0 }.count == 9)
    #expect(space.squaredDistances == [0, 1, 2])
    let kernel = (0..<64).map { Double(space.orbits[$0]) }
    #expect(space.project(kernel) == [0, 1, 2])
  }
}
