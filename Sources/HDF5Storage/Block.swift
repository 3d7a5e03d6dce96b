// SPDX-License-Identifier: GPL-3.0-or-later

/// A block of a dataset: where it begins and how far it reaches along each axis.
struct Block: Equatable {
  var start: [Int]
  var extents: [Int]

  /// The indices, in the whole array, of one of the numbers of the block.
  func place(of position: Int) -> [Int] {
    var rest = position
    var place = start
    for axis in extents.indices.reversed() {
      place[axis] += rest % extents[axis]
      rest /= extents[axis]
    }
    return place
  }

  /// The pieces of an array of some extents, cut by a grid that begins at the origin.
  static func pieces(of extents: [Int], by step: [Int]) -> [Block] {
    var blocks = [Block(start: [], extents: [])]
    for (extent, step) in zip(extents, step) {
      blocks = blocks.flatMap { block in
        stride(from: 0, to: extent, by: step).map {
          Block(start: block.start + [$0], extents: block.extents + [min(step, extent - $0)])
        }
      }
    }
    return blocks
  }
}
