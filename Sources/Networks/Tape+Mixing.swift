// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import COpenBLAS

extension Tape {
  /// y_f = Σ_c M_fc x_c at every site of every sample: a convolution of size 1, or a dense layer where
  /// sites is 1. `matrix` holds M row after row, as many rows as there are results.
  ///
  /// The products are OpenBLAS's on the thread that calls; one row or one column is a loop.
  public func mix(_ x: TapeVariable, _ matrix: TapeVariable) -> TapeVariable {
    let (inputs, length) = (x.shape.channels, 2 * x.shape.pairs * x.shape.sites)
    let outputs = matrix.count / inputs
    precondition(outputs * inputs == matrix.count, "a matrix has a column for each channel")
    let shape = Shape.batch(channels: outputs, pairs: x.shape.pairs, sites: x.shape.sites)
    return result(shape, of: [x, matrix]) { y in
      Self.product(matrix.values, x.values, into: y, outputs, inputs, length, isTransposed: false)
    } pullback: { bar, cotangents in
      if x.isActive {
        Self.product(
          matrix.values, bar, into: cotangents[x], inputs, outputs, length, isTransposed: true)
      }
      if matrix.isActive {
        Self.addOuter(bar, x.values, to: cotangents[matrix], outputs, inputs, length)
      }
    }
  }

  /// Y = M X, or Y += Mᵀ X.
  private static func product(
    _ matrix: UnsafePointer<Double>, _ x: UnsafePointer<Double>,
    into y: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int, _ length: Int,
    isTransposed: Bool
  ) {
    if rows == 1 || columns == 1 {
      for row in 0..<rows {
        for column in 0..<columns {
          df_scale(
            length, matrix[row * columns + column], x + column * length, y + row * length,
            isTransposed || column > 0 ? 1 : 0)
        }
      }
      return
    }
    cblas_dgemm(
      CblasRowMajor, isTransposed ? CblasTrans : CblasNoTrans, CblasNoTrans, Int32(rows),
      Int32(length), Int32(columns), 1, matrix, Int32(isTransposed ? rows : columns), x,
      Int32(length), isTransposed ? 1 : 0, y, Int32(length))
  }

  /// M_fc += Σ_x g_f(x) x_c(x).
  private static func addOuter(
    _ g: UnsafePointer<Double>, _ x: UnsafePointer<Double>,
    to matrix: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int, _ length: Int
  ) {
    if rows == 1 || columns == 1 {
      for row in 0..<rows {
        for column in 0..<columns {
          var sums = [0.0, 0.0]
          df_pair_dot(length / 2, g + row * length, x + column * length, &sums)
          matrix[row * columns + column] += sums[0] + sums[1]
        }
      }
      return
    }
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(length), 1, g,
      Int32(length), x, Int32(length), 1, matrix, Int32(columns))
  }
}

extension Tape {
  /// Mᵀ of a matrix with as many columns, row after row.
  public func transpose(_ matrix: TapeVariable, columns: Int) -> TapeVariable {
    let rows = matrix.count / columns
    return result(.vector(matrix.count), of: [matrix]) { transposed in
      for row in 0..<rows {
        for column in 0..<columns {
          transposed[column * rows + row] = matrix.values[row * columns + column]
        }
      }
    } pullback: { bar, cotangents in
      let matrixBar = cotangents[matrix]
      for row in 0..<rows {
        for column in 0..<columns {
          matrixBar[row * columns + column] += bar[column * rows + row]
        }
      }
    }
  }

  /// Σ_c M_fc of every row of a matrix.
  public func rowSums(_ matrix: TapeVariable, columns: Int) -> TapeVariable {
    linearSums(matrix, results: matrix.count / columns) { (position: Int) in position / columns }
  }

  /// Σ_c Q_cc of every one of some square matrices, one after the other.
  public func traces(_ matrices: TapeVariable, dimension: Int) -> TapeVariable {
    let size = dimension * dimension
    return linearSums(matrices, results: matrices.count / size) { position in
      position % size % (dimension + 1) == 0 ? position / size : nil
    }
  }

  /// Sums of the numbers of a vector; `place` tells into which result each goes.
  private func linearSums(
    _ x: TapeVariable, results: Int, _ place: @escaping (Int) -> Int?
  ) -> TapeVariable {
    result(.vector(results), of: [x]) { sums in
      sums.update(repeating: 0, count: results)
      for position in 0..<x.count {
        if let result = place(position) { sums[result] += x.values[position] }
      }
    } pullback: { bar, cotangents in
      for position in 0..<x.count {
        if let result = place(position) { cotangents[x][position] += bar[result] }
      }
    }
  }
}
