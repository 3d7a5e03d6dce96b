// SPDX-License-Identifier: GPL-3.0-or-later
import COpenBLAS

/// A real matrix, row after row.
struct DenseMatrix {
  let rows: Int
  let columns: Int
  var entries: [Double]

  /// Zero.
  init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, entries: Array(repeating: 0, count: rows * columns))
  }

  init(rows: Int, columns: Int, entries: [Double]) {
    self.rows = rows
    self.columns = columns
    self.entries = entries
  }

  subscript(row: Int, column: Int) -> Double {
    get { entries[row * columns + column] }
    set { entries[row * columns + column] = newValue }
  }

  var transposed: DenseMatrix {
    DenseMatrix(
      rows: columns, columns: rows,
      entries: Permutation.apply(entries, shape: [columns, rows], strides: [1, columns]))
  }

  var trace: Double { (0..<min(rows, columns)).reduce(0) { $0 + self[$1, $1] } }

  static func * (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
    precondition(a.columns == b.rows)
    var result = DenseMatrix(rows: a.rows, columns: b.columns)
    addProduct(a.entries, b.entries, inner: a.columns, to: &result.entries)
    return result
  }

  /// Adds the product of an m × k and a k × n matrix to an m × n one.
  static func addProduct(
    _ a: [Double], _ b: [Double], inner k: Int, to c: inout [Double]
  ) {
    if a.isEmpty || b.isEmpty { return }
    let (m, n) = (Int32(a.count / k), Int32(b.count / k))
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, Int32(k), 1, a, Int32(k), b, n, 1, &c, n)
  }

  /// The matrix with row r multiplied by `factors[r]`; rows beyond are left out.
  func scalingRows(by factors: [Double]) -> DenseMatrix {
    var result = DenseMatrix(
      rows: factors.count, columns: columns, entries: Array(entries[..<(factors.count * columns)]))
    for (row, factor) in factors.enumerated() {
      for column in 0..<columns { result[row, column] *= factor }
    }
    return result
  }

  /// Eigenvalues of a symmetric matrix, largest first, and its eigenvectors as rows.
  func symmetricEigensystem() throws -> (values: [Double], vectors: DenseMatrix) {
    precondition(rows == columns)
    if rows == 0 { return ([], self) }
    var a = entries
    var values = Array(repeating: 0.0, count: rows)
    try LinearAlgebraFailure.check("dsyevd") { work, workLength, integers, integerLength in
      let size = [Int32(rows)]
      var information: Int32 = 0
      dsyevd_(
        "V", "U", size, &a, size, &values, &work, &workLength, &integers, &integerLength,
        &information)
      return information
    }
    // Column k of LAPACK's result is row k here; ascending there, descending here.
    var vectors = DenseMatrix(rows: rows, columns: rows)
    for row in 0..<rows {
      let source = (rows - 1 - row) * rows
      vectors.entries.replaceSubrange(
        row * rows..<(row + 1) * rows, with: a[source..<source + rows])
    }
    return (values.reversed(), vectors)
  }

  /// The singular value decomposition A = Σ_k s_k l_k r_kᵀ, largest first: the vectors as rows.
  func singularValues() throws -> (left: DenseMatrix, values: [Double], right: DenseMatrix) {
    let count = min(rows, columns)
    if count == 0 {
      return (
        DenseMatrix(rows: 0, columns: rows), [], DenseMatrix(rows: 0, columns: columns)
      )
    }
    // LAPACK reads columns, so it decomposes the transpose.
    var a = entries
    var values = Array(repeating: 0.0, count: count)
    var u = Array(repeating: 0.0, count: columns * count)
    var vt = Array(repeating: 0.0, count: count * rows)
    var integers = Array(repeating: Int32(0), count: 8 * count)
    try LinearAlgebraFailure.check("dgesdd") { work, workLength, _, integerLength in
      let m = [Int32(columns)]
      let n = [Int32(rows)]
      let k = [Int32(count)]
      var information: Int32 = 0
      dgesdd_(
        "S", m, n, &a, m, &values, &u, m, &vt, k, &work, &workLength, &integers, &information)
      integerLength = 1
      return information
    }
    let left = DenseMatrix(rows: rows, columns: count, entries: vt).transposed
    let right = DenseMatrix(rows: count, columns: columns, entries: u)
    return (left, values, right)
  }
}

/// A LAPACK routine that did not converge.
struct LinearAlgebraFailure: Error, CustomStringConvertible {
  let routine: String
  let information: Int32
  var description: String { "LAPACK's \(routine) failed with code \(information)" }

  /// Calls a routine twice, first with lengths −1 to learn how much work space it wants.
  static func check(
    _ routine: String,
    _ call: (inout [Double], inout Int32, inout [Int32], inout Int32) -> Int32
  ) throws {
    var work = [0.0]
    var integers: [Int32] = [0]
    var workLength: Int32 = -1
    var integerLength: Int32 = -1
    var information = call(&work, &workLength, &integers, &integerLength)
    if information == 0 {
      workLength = Int32(work[0])
      integerLength = max(1, integers[0])
      work = Array(repeating: 0, count: Int(workLength))
      integers = Array(repeating: 0, count: Int(integerLength))
      information = call(&work, &workLength, &integers, &integerLength)
    }
    if information != 0 {
      throw LinearAlgebraFailure(routine: routine, information: information)
    }
  }
}
