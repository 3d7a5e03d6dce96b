// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The tensors of blocks of sites that tile a torus: for each width and height that occurs, a tensor
/// with legs left, right, down, up.
///
/// After k halvings of an extent L there are blocks of ⌊L/2^k⌋ and ⌈L/2^k⌉ sites and no others, so
/// that at most four tensors cover any torus, and each is put together of two of the next finer ones.
struct BlockTensors {
  /// A block's extents.
  struct Size: Hashable {
    var width: Int
    var height: Int
  }

  /// A tensor divided by exp(logFactor).
  struct Block {
    var tensor: GradedTensor
    var logFactor: Double
  }

  private(set) var blocks: [Size: Block]
  /// The widths of the columns and the heights of the rows that make the torus.
  private(set) var widths: [Int]
  private(set) var heights: [Int]
  let bondDimension: Int

  init(site: SiteTensor, extents: (width: Int, height: Int), bondDimension: Int) {
    blocks = [Size(width: 1, height: 1): Block(tensor: site.tensor, logFactor: site.logFactor)]
    widths = Array(repeating: 1, count: extents.width)
    heights = Array(repeating: 1, count: extents.height)
    self.bondDimension = bondDimension
  }

  /// `parts` numbers that differ by 1 at most, of the given sum: the halves of the halves.
  static func split(_ extent: Int, into parts: Int) -> [Int] {
    if parts == 1 { return [extent] }
    return split(extent / 2, into: parts / 2) + split(extent - extent / 2, into: parts / 2)
  }

  /// Joins rows until `parts` (a power of two) are left, one halving of that number at a time.
  mutating func joinRows(into parts: Int) throws {
    let total = heights.reduce(0, +)
    let coarse = Self.split(total, into: parts)
    var joined: [Size: Block] = [:]
    for height in Set(coarse).sorted() {
      if height == 1 {
        for width in Set(widths) {
          joined[Size(width: width, height: 1)] = blocks[Size(width: width, height: 1)]
        }
        continue
      }
      let pairs = Set(widths).sorted().map { width in
        (
          width: width, lower: blocks[Size(width: width, height: height / 2)]!,
          upper: blocks[Size(width: width, height: height - height / 2)]!
        )
      }
      let cut = try truncation(pairs)
      for pair in pairs {
        var block = Block(
          tensor: Self.join(pair.lower.tensor, pair.upper.tensor, cut),
          logFactor: pair.lower.logFactor + pair.upper.logFactor)
        let scale = block.tensor.largest
        block.tensor.scale(by: 1 / scale)
        block.logFactor += log(scale)
        joined[Size(width: pair.width, height: height)] = block
      }
    }
    blocks = joined
    heights = coarse
  }

  /// Joins columns, as rows of the torus turned around.
  mutating func joinColumns(into parts: Int) throws {
    turn()
    try joinRows(into: parts)
    turn()
  }

  /// Exchanges the two directions.
  private mutating func turn() {
    var turned: [Size: Block] = [:]
    for (size, block) in blocks {
      turned[Size(width: size.height, height: size.width)] = Block(
        tensor: block.tensor.permuted([2, 3, 0, 1]), logFactor: block.logFactor)
    }
    blocks = turned
    swap(&widths, &heights)
  }

  /// The truncation of the legs between neighbouring stacks of one height, from the stacks of every
  /// width in the proportion in which they occur.
  private func truncation(
    _ pairs: [(width: Int, lower: Block, upper: Block)]
  ) throws -> BondTruncation {
    var rho: [GradedTensor?] = [nil, nil]
    for pair in pairs {
      let share = Double(widths.count { $0 == pair.width }) / Double(widths.count)
      for (side, leg) in [1, 0].enumerated() {
        // Legs other than the one that stays open and the one that joins the two.
        let a = pair.lower.tensor.contracted([1 - leg, 2], with: pair.lower.tensor, [1 - leg, 2])
        let b = pair.upper.tensor.contracted([1 - leg, 3], with: pair.upper.tensor, [1 - leg, 3])
        // a: (open, up, open', up'), b: (open, down, open', down').
        var sum = a.contracted([1, 3], with: b, [1, 3])
        let norm = sum.diagonalSum
        sum.scale(by: share / norm)
        rho[side] = rho[side].map { $0.adding(sum) } ?? sum
      }
    }
    return try BondTruncation(right: rho[0]!, left: rho[1]!, bondDimension: bondDimension)
  }

  /// Entries held at a time in the largest intermediate tensor.
  private static let workingEntries = 3 << 20

  /// T'_{x x' y y'} = Σ F_{x1 x2 x} A_{x1 x1' y i} B_{x2 x2' i y'} E_{x1' x2' x'}, A below B, a few x
  /// at a time (Xie et al., Phys. Rev. B 86 (2012) 045139, eq. (3)). Cost: χ⁷/4 multiplications.
  private static func join(
    _ lower: GradedTensor, _ upper: GradedTensor, _ cut: BondTruncation
  ) -> GradedTensor {
    let new = cut.left.legs[2]
    var result = GradedTensor(
      legs: [new, cut.right.legs[2], lower.legs[2], upper.legs[3]])
    let each =
      lower.legs[1].count * lower.legs[2].count * lower.legs[3].count * upper.legs[0].count / 2
    let step = max(1, workingEntries / max(1, each))
    for parity in 0...1 {
      for start in stride(from: 0, to: new[parity], by: step) {
        let range = start..<min(start + step, new[parity])
        let some = cut.left.slice(leg: 2, parity: parity, range: range)
        let part =
          lower.contracted([0], with: some, [0])  // x1' y i x2 x
          .contracted([3, 2], with: upper, [0, 2])  // x1' y x x2' y'
          .contracted([0, 3], with: cut.right, [0, 1])  // y x y' x'
          .permuted([1, 3, 0, 2])
        result.insert(part, parity: parity, at: start)
      }
    }
    return result
  }
}
