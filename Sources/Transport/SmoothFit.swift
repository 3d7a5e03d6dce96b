// SPDX-License-Identifier: GPL-3.0-or-later

/// The times of a training, and the legs of the path that they lie on.
struct CoefficientLegs: Sendable, Equatable {
  let knots: [Double]
  let times: [Double]

  /// About `slices` equal steps, with every knot among the times.
  init(_ knots: [Double], slices: Int) {
    self.knots = knots
    var times = [0.0]
    for (left, right) in zip(knots, knots.dropFirst()) {
      let steps = max(1, Int((Double(slices) * (right - left)).rounded()))
      for step in 1...steps {
        times.append(
          step == steps ? right : left + (right - left) * Double(step) / Double(steps))
      }
    }
    self.times = times
  }

  /// Times on the leg that has the fewest, both ends among them.
  var fewestTimes: Int {
    zip(knots, knots.dropFirst()).map { left, right in
      times.count { $0 >= left && $0 <= right }
    }.min() ?? 0
  }

  /// The time with number `step`, as seen from the legs on both sides of it.
  func sides(_ step: Int) -> [Double] {
    let time = times[step]
    return knots.dropFirst().dropLast().contains(time) ? [time.nextDown, time] : [time]
  }

  /// The trapezoidal weight of a side in an integral over time.
  func weight(of step: Int, at side: Double) -> Double {
    var weight = 0.0
    let isCorner = knots.dropFirst().dropLast().contains(times[step])
    if step > 0, !isCorner || side < times[step] { weight += 0.5 * (times[step] - times[step - 1]) }
    if step + 1 < times.count, !isCorner || side == times[step] {
      weight += 0.5 * (times[step + 1] - times[step])
    }
    return weight
  }
}

/// The fit of Chebyshev series in time to the normal equations of many times.
struct SmoothFit: Sendable, Equatable {
  private let legs: CoefficientLegs
  private let count: Int
  private let polynomials: Int
  /// For each leg the normal equations of all its coefficients, the lower triangle of blocks.
  var matrices: [[Double]]
  var vectors: [[Double]]

  init(legs: CoefficientLegs, count: Int, polynomials: Int) {
    self.legs = legs
    self.count = count
    self.polynomials = polynomials
    let size = count * polynomials
    let number = legs.knots.count - 1
    matrices = Array(repeating: Array(repeating: 0, count: size * size), count: number)
    vectors = Array(repeating: Array(repeating: 0, count: size), count: number)
  }

  /// Adds the problem of one time, with a ridge around `center`, or around zero.
  mutating func add(
    _ equations: NormalEquations, at time: Double, weight: Double, ridge: Double,
    around center: [Double]?
  ) {
    let (leg, x) = ChebyshevCurve.place(time, knots: legs.knots)
    let values = ChebyshevCurve.polynomials(x, count: polynomials)
    let size = count * polynomials
    let count = count
    matrices[leg].withUnsafeMutableBufferPointer { matrix in
      equations.matrix.withUnsafeBufferPointer { block in
        for n in 0..<polynomials {
          for m in 0...n {
            let factor = weight * values[n] * values[m]
            for i in 0..<count {
              let row = (n * count + i) * size + m * count
              for j in 0..<count { matrix[row &+ j] += factor * block[i &* count &+ j] }
              matrix[row + i] += factor * ridge * block[i * count + i]
            }
          }
        }
      }
    }
    var right = equations.vector
    if let center {
      for i in 0..<count { right[i] += ridge * equations.matrix[i * count + i] * center[i] }
    }
    for n in 0..<polynomials {
      for i in 0..<count { vectors[leg][n * count + i] += weight * values[n] * right[i] }
    }
  }

  /// The series that fit best.
  func solution() throws -> ChebyshevCurve {
    let size = count * polynomials
    let coefficients = try matrices.indices.map { leg in
      var matrix = matrices[leg]
      for i in 0..<size {
        if matrix[i * size + i] <= 0 { matrix[i * size + i] = 1 }
        matrix[i * size + i] *= 1 + 1e-9
        // The factorisation reads the triangle above the diagonal of its transpose.
        for j in 0..<i { matrix[j * size + i] = matrix[i * size + j] }
      }
      return try NormalEquations.solve(&matrix, vectors[leg])
    }
    return ChebyshevCurve(knots: legs.knots, count: count, coefficients: coefficients)
  }
}
