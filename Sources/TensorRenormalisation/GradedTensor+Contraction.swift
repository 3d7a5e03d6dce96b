// SPDX-License-Identifier: GPL-3.0-or-later

extension GradedTensor {
  /// The sum over pairs of legs, (`own[k]`, `others[k]`) being equal in every term. Legs of the
  /// result: the free ones of this tensor in their order, then those of the other.
  ///
  /// Every block is a sum of matrix products of blocks, over the parities of the summed legs.
  func contracted(_ own: [Int], with other: GradedTensor, _ others: [Int]) -> GradedTensor {
    precondition(zip(own, others).allSatisfy { legs[$0] == other.legs[$1] }, "legs differ")
    let rows = legs.indices.filter { !own.contains($0) }
    let columns = other.legs.indices.filter { !others.contains($0) }
    var result = GradedTensor(
      legs: rows.map { legs[$0] } + columns.map { other.legs[$0] })
    let left = matrices(rows + own)
    let right = other.matrices(others + columns)
    for pattern in result.blocks.indices where Parity.isEven(pattern) {
      let rowPattern = pattern & (1 << rows.count - 1)
      let columnPattern = pattern >> rows.count
      for summed in 0..<1 << own.count
      where Parity.isEven(rowPattern) == Parity.isEven(summed) {
        let leftPattern = rowPattern | summed << rows.count
        let rightPattern = summed | columnPattern << others.count
        let inner = own.indices.reduce(1) { $0 * legs[own[$1]][summed >> $1 & 1] }
        DenseMatrix.addProduct(
          left[leftPattern], right[rightPattern], inner: inner, to: &result.blocks[pattern])
      }
    }
    return result
  }

  /// The blocks with legs in the given order, by the pattern of that order.
  private func matrices(_ order: [Int]) -> [[Double]] {
    (0..<blocks.count).map { pattern in
      Parity.isEven(pattern) ? permutedBlock(Parity.spread(pattern, order), order) : []
    }
  }

  /// The tensor as a matrix: the rows are the states of the pair of legs 0 and 1 of one total parity,
  /// the columns those of legs 2 and 3.
  func fusedMatrix(parity: Int) -> DenseMatrix {
    let rows = Self.fused(legs[0], legs[1], parity: parity)
    let columns = Self.fused(legs[2], legs[3], parity: parity)
    var matrix = DenseMatrix(rows: rows.count, columns: columns.count)
    for row in rows.sectors {
      for column in columns.sectors {
        let block = blocks[row.pattern | column.pattern << 2]
        for r in 0..<row.count {
          let start = (row.start + r) * matrix.columns + column.start
          matrix.entries.replaceSubrange(
            start..<start + column.count,
            with: block[r * column.count..<(r + 1) * column.count])
        }
      }
    }
    return matrix
  }

  /// The tensor of legs (first, second, new) whose columns are given for each parity: the inverse of
  /// `fusedMatrix` in the pair of legs 0 and 1.
  static func unfused(_ first: Leg, _ second: Leg, columns: [DenseMatrix]) -> GradedTensor {
    let leg = Leg(even: columns[0].columns, odd: columns[1].columns)
    var result = GradedTensor(legs: [first, second, leg])
    for parity in 0...1 {
      for sector in fused(first, second, parity: parity).sectors {
        let width = columns[parity].columns
        result.blocks[sector.pattern | parity << 2] = Array(
          columns[parity].entries[
            sector.start * width..<(sector.start + sector.count) * width])
      }
    }
    return result
  }

  /// Where the states of a pair of legs stand in the joint leg of one parity.
  private static func fused(
    _ first: Leg, _ second: Leg, parity: Int
  ) -> (count: Int, sectors: [(pattern: Int, start: Int, count: Int)]) {
    let even = first.even * second[parity]
    let odd = first.odd * second[1 - parity]
    return (
      even + odd, [(parity << 1, 0, even), (1 | (1 - parity) << 1, even, odd)]
    )
  }
}
