// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The equations of multistate reweighting and their solution.
///
/// The free energies minimise the convex function sum_n log sum_k N_k exp(f_k - u_kn) - sum_k N_k
/// f_k, whose gradient is g_k = sum_n p_k(n) - N_k with p_k(n) = N_k exp(f_k - u_kn) / sum_j N_j
/// exp(f_j - u_jn) and whose Hessian is H_ij = sum_n (delta_ij p_i - p_i p_j): Shirts and Chodera
/// (2008), appendix C. f_0 = 0 is held fixed.
struct MultistateEquations {
  let counts: [Int]
  /// u_k(n) up to a constant for each n, indexed [n][k].
  let potentials: [[Double]]

  init(counts: [Int], potentials: [[Double]]) {
    // A common potential drops out of p and would only cost digits.
    let smallest = potentials.map { $0.reduce(.infinity, min) }
    (self.counts, common) = (counts, smallest)
    self.potentials = zip(potentials, smallest).map { row, least in row.map { $0 - least } }
  }

  private let common: [Double]

  struct Solution {
    let freeEnergies: [Double]
    let logDenominators: [Double]
    let probabilities: [[Double]]
    let hessian: [[Double]]
  }

  /// log sum_k N_k exp(f_k - u_kn) and p_k(n) of every configuration.
  private func evaluate(_ f: [Double]) -> (logarithms: [Double], probabilities: [[Double]]) {
    let offsets = zip(f, counts).map { $0 + log(Double($1)) }
    var (logarithms, probabilities): ([Double], [[Double]]) = ([], [])
    logarithms.reserveCapacity(potentials.count)
    probabilities.reserveCapacity(potentials.count)
    for row in potentials {
      var (terms, largest, sum) = (row, -Double.infinity, 0.0)
      for k in terms.indices {
        terms[k] = offsets[k] - row[k]
        largest = max(largest, terms[k])
      }
      for k in terms.indices {
        terms[k] = exp(terms[k] - largest)
        sum += terms[k]
      }
      for k in terms.indices { terms[k] /= sum }
      logarithms.append(largest + log(sum))
      probabilities.append(terms)
    }
    return (logarithms, probabilities)
  }

  /// The change of f by one self-consistent iteration, -log(sum_n p_k / N_k) - (the same for 0).
  private func residual(_ sums: [Double]) -> [Double] {
    let changes = zip(sums, counts).map { -log($0 / Double($1)) }
    return changes.map { $0 - changes[0] }
  }

  /// Newton steps where they lower the largest residual, self-consistent iterations elsewhere, until
  /// one iteration changes no f_k by more than `tolerance` (1 + |f_k|).
  func solve(
    tolerance: Double, maximumIterations: Int
  ) throws(StatisticsError) -> Solution {
    var f = start
    var (logarithms, p) = evaluate(f)
    var change = residual(columnSums(p))
    func size(_ change: [Double], _ f: [Double]) -> Double {
      let worst = zip(change, f).map { abs($0) / (1 + abs($1)) }
      return worst.contains(where: \.isNaN) ? .infinity : worst.reduce(0, max)
    }
    var iteration = 0
    while size(change, f) > tolerance {
      if iteration == maximumIterations {
        throw .notConverged(
          method: "multistate reweighting", iterations: iteration, residual: size(change, f),
          tolerance: tolerance)
      }
      iteration += 1
      var next = zip(f, change).map { $0 + $1 }
      let gradient = zip(columnSums(p), counts).map { $0 - Double($1) }
      if let step = solveFixingFirst(hessian(p), gradient) {
        let newton = zip(f, step).map { $0 - $1 }
        let trial = residual(columnSums(evaluate(newton).probabilities))
        if size(trial, newton) < size(change, f) { next = newton }
      }
      f = next
      (logarithms, p) = evaluate(f)
      change = residual(columnSums(p))
    }
    return Solution(
      freeEnergies: f, logDenominators: zip(logarithms, common).map { $0 - $1 },
      probabilities: p, hessian: hessian(p))
  }

  /// f_k = -log of the mean of exp(-u_k) over exp(-u_0), from the configurations of the ensemble
  /// before, a chain of one-sided estimates: the Bennett ratio between neighbours.
  private var start: [Double] {
    var (f, first) = ([0.0], 0)
    for k in 1..<max(1, counts.count) {
      let before = potentials[first..<first + counts[k - 1]]
      first += counts[k - 1]
      let own = potentials[first..<first + counts[k]]
      func difference(_ rows: ArraySlice<[Double]>) -> [Double] {
        rows.map { $0[k] - $0[k - 1] }.filter { !$0.isNaN }
      }
      let balance = FermiBalance(forward: difference(before), reverse: difference(own))
      let root = balance.root(startingAt: nil) + balance.logRatio
      f.append(f[k - 1] + (root.isFinite ? root : 0))
    }
    return f
  }

  private func columnSums(_ p: [[Double]]) -> [Double] {
    var sums = [Double](repeating: 0, count: counts.count)
    for row in p { for k in sums.indices { sums[k] += row[k] } }
    return sums
  }

  private func hessian(_ p: [[Double]]) -> [[Double]] {
    let states = counts.count
    var matrix = [Double](repeating: 0, count: states * states)
    for row in p {
      for i in 0..<states {
        for j in 0..<i { matrix[i * states + j] -= row[i] * row[j] }
      }
    }
    var full = (0..<states).map { i in
      (0..<states).map { j in matrix[max(i, j) * states + min(i, j)] }
    }
    // Each row adds to zero, since sum_j p_j = 1: p_i (1 - p_i) without cancellation.
    for i in 0..<states { full[i][i] = -full[i].reduce(0, +) }
    return full
  }
}

extension MultistateEquations.Solution {
  /// -H^-1 (p(n) - <p> over the ensemble of n), with f_0 held fixed: how configuration n changes f.
  /// Throws if H is singular: then some ensembles are not joined to the others at all.
  func influences(ensembles: [Int]) throws(StatisticsError) -> [[Double]] {
    let states = ensembles.count
    if states == 1 { return probabilities.map { _ in [0] } }
    let unit = (0..<states).map { i in (0..<states).map { $0 == i ? 1.0 : 0 } }
    var inverse: [[Double]] = []
    for column in unit {
      guard let solved = solveFixingFirst(hessian, column) else {
        throw .undetermined(
          quantity: "free energies of \(states) ensembles",
          reason: "some ensembles share no configurations with the others")
      }
      inverse.append(solved)
    }
    var (result, start): ([[Double]], Int) = ([], 0)
    for count in ensembles {
      let rows = probabilities[start..<start + count]
      start += count
      let mean = (0..<states).map { k in rows.reduce(0) { $0 + $1[k] } / Double(count) }
      for row in rows {
        let deviation = zip(row, mean).map { $0 - $1 }
        // H^-1 is symmetric: its columns are its rows.
        result.append(inverse.map { -dot($0, deviation) })
      }
    }
    return result
  }
}

/// The solution x of H x = b with x_0 = 0, by Cholesky's factorisation of the rest of the symmetric
/// matrix; nil unless that is positive definite to rounding.
func solveFixingFirst(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
  let size = right.count
  var factor = matrix
  for i in 1..<max(1, size) {
    for j in 1...i {
      var sum = matrix[i][j]
      for k in 1..<j { sum -= factor[i][k] * factor[j][k] }
      if i == j {
        if !(sum > 1e-13 * matrix[i][i] && matrix[i][i] > 0) { return nil }
        factor[i][i] = sum.squareRoot()
      } else {
        factor[i][j] = sum / factor[j][j]
      }
    }
  }
  var x = right
  x[0] = 0
  for i in 1..<max(1, size) {
    for k in 1..<i { x[i] -= factor[i][k] * x[k] }
    x[i] /= factor[i][i]
  }
  for i in stride(from: size - 1, to: 0, by: -1) {
    for k in i + 1..<size { x[i] -= factor[k][i] * x[k] }
    x[i] /= factor[i][i]
  }
  return x
}
