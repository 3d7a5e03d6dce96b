// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Lattices

/// The kernels that a convolution may have: which displacements, and which of them share one number.
public struct KernelSpace: Sendable, Equatable {
  /// What of the lattice a kernel keeps besides translations.
  public enum Symmetry: Sendable, Equatable, Codable {
    case none
    /// All reflections of axes, and all exchanges of axes of equal extent: the hyperoctahedral group,
    /// or the part of it that a rectangular torus has.
    case hyperoctahedral
  }

  public let lattice: Lattice
  public let symmetry: Symmetry
  public let radius: Double?
  /// For every displacement the orbit it belongs to, numbered by distance, or −1 beyond the radius.
  public let orbits: [Int]
  /// How many numbers make one kernel.
  public let orbitCount: Int
  /// |r|² of each orbit, with |r_μ| ≤ L_μ/2.
  public let squaredDistances: [Int]

  /// Kernels with all displacements |r| ≤ `radius`, or with all there are.
  public init(_ lattice: Lattice, symmetry: Symmetry = .hyperoctahedral, radius: Double? = nil) {
    self.lattice = lattice
    self.symmetry = symmetry
    self.radius = radius
    struct Key: Hashable {
      let distance: Int
      let representative: [Int]
    }
    var members: [Key: [Int]] = [:]
    for site in 0..<lattice.volume {
      let folded = (0..<lattice.dimensions).map { axis in
        let x = lattice.coordinate(of: site, along: axis)
        return min(x, lattice.extents[axis] - x)
      }
      let distance = folded.reduce(0) { $0 + $1 * $1 }
      if let radius, Double(distance) > radius * radius { continue }
      var representative = [site]
      if symmetry == .hyperoctahedral {
        // Coordinates of equal extents are exchanged among each other.
        representative = zip(lattice.extents, folded).map { [$0, $1] }
          .sorted { $0.lexicographicallyPrecedes($1) }.map { $0[1] }
      }
      members[Key(distance: distance, representative: representative), default: []].append(site)
    }
    let keys = members.keys.sorted {
      ($0.distance, members[$0]![0]) < ($1.distance, members[$1]![0])
    }
    var orbits = Array(repeating: -1, count: lattice.volume)
    for (orbit, key) in keys.enumerated() {
      for site in members[key]! { orbits[site] = orbit }
    }
    self.orbits = orbits
    orbitCount = keys.count
    squaredDistances = keys.map(\.distance)
  }

  /// The mean of a kernel over each orbit.
  public func project(_ kernel: [Double]) -> [Double] {
    var sums = Array(repeating: 0.0, count: orbitCount)
    var counts = sums
    for (site, orbit) in orbits.enumerated() where orbit >= 0 {
      sums[orbit] += kernel[site]
      counts[orbit] += 1
    }
    return zip(sums, counts).map { $0 / $1 }
  }
}

extension Tape {
  /// Kernels at all displacements, V numbers each, from their numbers on orbits.
  public func kernels(_ parameters: TapeVariable, in space: KernelSpace) -> TapeVariable {
    let (volume, orbits, orbitCount) = (space.lattice.volume, space.orbits, space.orbitCount)
    let count = parameters.count / orbitCount
    precondition(count * orbitCount == parameters.count, "one number for each orbit of each kernel")
    return result(.vector(count * volume), of: [parameters]) { kernels in
      for kernel in 0..<count {
        for site in 0..<volume {
          let orbit = orbits[site]
          kernels[kernel * volume + site] =
            orbit >= 0 ? parameters.values[kernel * orbitCount + orbit] : 0
        }
      }
    } pullback: { bar, cotangents in
      let parametersBar = cotangents[parameters]
      for kernel in 0..<count {
        for site in 0..<volume where orbits[site] >= 0 {
          parametersBar[kernel * orbitCount + orbits[site]] += bar[kernel * volume + site]
        }
      }
    }
  }
}
