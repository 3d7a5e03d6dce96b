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
  /// u_k(n) up to a constant for each n, at [n K + k].
  let potentials: [Double]
  /// That constant.
  private let common: [Double]
  private var states: Int { counts.count }

  /// From u_k(n) at [n K + k].
  init(counts: [Int], potentials: [Double]) {
    // A common potential drops out of p and would only cost digits.
    let states = counts.count
    var (relative, common) = (potentials, [Double](repeating: .infinity, count: 0))
    common.reserveCapacity(potentials.count / states)
    for first in stride(from: 0, to: potentials.count, by: states) {
      var least = Double.infinity
      for index in first..<first + states { least = min(least, potentials[index]) }
      for index in first..<first + states { relative[index] -= least }
      common.append(least)
    }
    (self.counts, self.potentials, self.common) = (counts, relative, common)
  }

  struct Solution {
    let freeEnergies: [Double]
    let logDenominators: [Double]
    /// p_k(n) at [n K + k].
    let probabilities: [Double]
    let hessian: [[Double]]
  }

  private struct Evaluation {
    /// log sum_k N_k exp(f_k - u_kn) of every configuration.
    var logarithms: [Double]
    /// p_k(n) at [n K + k].
    var probabilities: [Double]
    /// sum_n p_k(n).
    var sums: [Double]
  }

  private func evaluate(_ f: [Double]) -> Evaluation {
    let offsets = zip(f, counts).map { $0 + log(Double($1)) }
    var sums = [Double](repeating: 0, count: states)
    var logarithms = [Double](repeating: 0, count: common.count)
    var terms = potentials
    terms.withUnsafeMutableBufferPointer { terms in
      for n in logarithms.indices {
        let first = n * states
        var (largest, sum) = (-Double.infinity, 0.0)
        for k in 0..<states {
          terms[first + k] = offsets[k] - terms[first + k]
          largest = max(largest, terms[first + k])
        }
        for k in 0..<states {
          terms[first + k] = exp(terms[first + k] - largest)
          sum += terms[first + k]
        }
        for k in 0..<states {
          terms[first + k] /= sum
          sums[k] += terms[first + k]
        }
        logarithms[n] = largest + log(sum)
      }
    }
    return Evaluation(logarithms: logarithms, probabilities: terms, sums: sums)
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
    var current = evaluate(f)
    var change = residual(current.sums)
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
      let gradient = zip(current.sums, counts).map { $0 - Double($1) }
      if let step = solveFixingFirst(hessian(current.probabilities), gradient) {
        let newton = zip(f, step).map { $0 - $1 }
        let trial = evaluate(newton)
        let trialChange = residual(trial.sums)
        if size(trialChange, newton) < size(change, f) {
          (f, current, change) = (newton, trial, trialChange)
          continue
        }
      }
      f = zip(f, change).map { $0 + $1 }
      current = evaluate(f)
      change = residual(current.sums)
    }
    return Solution(
      freeEnergies: f, logDenominators: zip(current.logarithms, common).map { $0 - $1 },
      probabilities: current.probabilities, hessian: hessian(current.probabilities))
  }

  /// f_k = -log of the mean of exp(-u_k) over exp(-u_0), from the configurations of the ensemble
  /// before, a chain of one-sided estimates: the Bennett ratio between neighbours.
  private var start: [Double] {
    var (f, first) = ([0.0], 0)
    for k in 1..<max(1, counts.count) {
      let before = first..<first + counts[k - 1]
      first += counts[k - 1]
      let own = first..<first + counts[k]
      func difference(_ rows: Range<Int>) -> [Double] {
        rows.map { potentials[$0 * states + k] - potentials[$0 * states + k - 1] }
          .filter { !$0.isNaN }
      }
      let balance = FermiBalance(forward: difference(before), reverse: difference(own))
      let root = balance.root(startingAt: nil) + balance.logRatio
      f.append(f[k - 1] + (root.isFinite ? root : 0))
    }
    return f
  }

  private func hessian(_ p: [Double]) -> [[Double]] {
    var matrix = [Double](repeating: 0, count: states * states)
    p.withUnsafeBufferPointer { p in
      for first in stride(from: 0, to: p.count, by: states) {
        for i in 1..<max(1, states) {
          for j in 0..<i { matrix[i * states + j] -= p[first + i] * p[first + j] }
        }
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
  /// H^-1 with f_0 held fixed: row and column 0 vanish. Throws if H is singular: then some ensembles
  /// are not joined to the others at all.
  func inverseHessian() throws(StatisticsError) -> [[Double]] {
    var inverse: [[Double]] = []
    for column in hessian.indices {
      guard let solved = solveFixingFirst(hessian, hessian.indices.map { $0 == column ? 1 : 0 })
      else {
        throw .undetermined(
          quantity: "free energies of \(hessian.count) ensembles",
          reason: "some ensembles share no configurations with the others")
      }
      inverse.append(solved)
    }
    return inverse
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
