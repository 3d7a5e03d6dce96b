// SPDX-License-Identifier: GPL-3.0-or-later

/// A periodic hypercubic lattice with one to four extents, each at least 2; lattice spacing 1.
///
/// Sites are numbered with the last axis fastest: x = ((x_0 L_1 + x_1) L_2 + x_2) ... An extent of 2
/// is legal: x+μ and x−μ are then the same site, and the bond between them counts twice.
public struct Lattice: Sendable, Hashable {
  public let extents: [Int]
  /// Site-number distance of one step along each axis.
  public let strides: [Int]
  /// The number of sites V = Π L_μ.
  public let volume: Int

  public init(extents: [Int]) {
    precondition((1...4).contains(extents.count), "a lattice has one to four extents")
    precondition(extents.allSatisfy { $0 >= 2 }, "every extent is at least 2")
    self.extents = extents
    var strides = Array(repeating: 1, count: extents.count)
    for axis in stride(from: extents.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    self.strides = strides
    volume = extents.reduce(1, *)
  }

  /// D, the number of axes.
  public var dimensions: Int { extents.count }

  /// The names of the axes, in order.
  public var axisNames: [String] { Array(["x", "y", "z", "t"].prefix(dimensions)) }

  /// The coordinate of a site along one axis, 0 ..< L_μ.
  public func coordinate(of site: Int, along axis: Int) -> Int {
    site / strides[axis] % extents[axis]
  }

  /// The neighbour at x + μ, with periodic wrap.
  public func forward(_ site: Int, _ axis: Int) -> Int {
    let x = coordinate(of: site, along: axis)
    return x + 1 < extents[axis] ? site + strides[axis] : site - x * strides[axis]
  }

  /// The neighbour at x − μ, with periodic wrap.
  public func backward(_ site: Int, _ axis: Int) -> Int {
    let x = coordinate(of: site, along: axis)
    return x > 0 ? site - strides[axis] : site + (extents[axis] - 1) * strides[axis]
  }

  /// For every site its 2D neighbours (+0, −0, +1, −1, ...), site after site.
  public func neighbourTable() -> [Int32] {
    var table: [Int32] = []
    table.reserveCapacity(2 * dimensions * volume)
    for site in 0..<volume {
      for axis in 0..<dimensions {
        table.append(Int32(forward(site, axis)))
        table.append(Int32(backward(site, axis)))
      }
    }
    return table
  }
}
