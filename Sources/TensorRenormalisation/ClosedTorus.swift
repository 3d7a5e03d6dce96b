// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

extension BlockTensors {
  /// ln Z of the torus of two rows of blocks, without any further truncation: with the transfer
  /// matrices of its columns
  ///
  ///     C_{(x1 x2), (x1' x2')} = Σ_{y i} A_{x1 x1' y i} B_{x2 x2' i y},      Z = Tr Π C.
  func closed() -> Double {
    precondition(heights.count == 2)
    var logNormalizer = 0.0
    var transfer: [Int: [DenseMatrix]] = [:]
    for width in Set(widths).sorted() {
      let lower = blocks[Size(width: width, height: heights[0])]!
      let upper = blocks[Size(width: width, height: heights[1])]!
      let count = Double(widths.count { $0 == width })
      logNormalizer += count * (lower.logFactor + upper.logFactor)
      let column = lower.tensor.contracted([2, 3], with: upper.tensor, [3, 2])
        .permuted([0, 2, 1, 3])
      transfer[width] = (0...1).map { column.fusedMatrix(parity: $0) }
    }
    var traces: [(log: Double, value: Double)] = []
    for parity in 0...1 {
      let product = Self.product(widths.map { transfer[$0]![parity] }, widths)
      traces.append((product.log, product.matrix.trace))
    }
    let base = traces.map(\.log).max()!
    return logNormalizer + base
      + log(traces.reduce(0) { $0 + $1.value * exp($1.log - base) })
  }

  /// The product of matrices in order, scaled; equal halves are computed once.
  private static func product(
    _ factors: [DenseMatrix], _ widths: [Int]
  ) -> (matrix: DenseMatrix, log: Double) {
    if factors.count == 1 { return scaled(factors[0], log: 0) }
    let half = factors.count / 2
    let first = product(Array(factors[..<half]), Array(widths[..<half]))
    let second =
      Array(widths[..<half]) == Array(widths[half...])
      ? first : product(Array(factors[half...]), Array(widths[half...]))
    return scaled(first.matrix * second.matrix, log: first.log + second.log)
  }

  private static func scaled(_ matrix: DenseMatrix, log base: Double) -> (DenseMatrix, Double) {
    let scale = matrix.entries.reduce(0) { max($0, abs($1)) }
    if scale == 0 { return (matrix, base) }
    return (
      DenseMatrix(
        rows: matrix.rows, columns: matrix.columns, entries: matrix.entries.map { $0 / scale }),
      base + log(scale)
    )
  }
}
