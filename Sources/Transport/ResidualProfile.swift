// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// How the residual of a trained drift varies along a path, and the times of steps that suit it.
///
/// With a refresh after each step, the variances of the steps' weights add up: Var A ≈ Σ_k τ_k² r(t_k),
/// r the variance of the residual over walkers. For a given number of steps that is least where all
/// τ √r are equal: equal parts of ∫ √r dt.
public struct ResidualProfile: Sendable, Equatable {
  /// The corners of the path, which are among the times of every schedule.
  public let corners: [Double]
  /// Times in increasing order and √r there; at an inner corner two values are legal, of both sides.
  public let times: [Double]
  public let roots: [Double]

  /// Equal steps on every leg.
  public init(corners: [Double]) {
    self.init(corners: corners, times: [0, 1], roots: [1, 1])
  }

  init(corners: [Double], times: [Double], roots: [Double]) {
    self.corners = corners
    self.times = times
    self.roots = roots
  }

  /// From the variance of the residual at several times. No time gets less than a fifth of the average
  /// density: what training did not see there is not known to be nothing.
  public init(corners: [Double], times: [Double], variances: [Double]) {
    precondition(times.count >= 2 && variances.count == times.count, "a profile has two ends")
    let roots = variances.map { max(0, $0).squareRoot() }
    let mean = roots.reduce(0, +) / Double(roots.count)
    self.init(
      corners: corners, times: times,
      roots: mean > 0 ? roots.map { max($0, 0.2 * mean) } : roots.map { _ in 1 })
  }

  /// From the last sweep of a training.
  public init(corners: [Double], _ slices: [ClosedFormTraining.Slice]) {
    let last = slices.map(\.sweep).max() ?? 0
    let chosen = slices.filter { $0.sweep == last }
    self.init(corners: corners, times: chosen.map(\.time), variances: chosen.map(\.fitted))
  }

  /// √r at a time, by linear interpolation.
  private func root(_ time: Double) -> Double {
    guard let right = times.firstIndex(where: { $0 > time }) else { return roots[roots.count - 1] }
    guard right > 0 else { return roots[0] }
    let share = (time - times[right - 1]) / (times[right] - times[right - 1])
    return roots[right - 1] + share * (roots[right] - roots[right - 1])
  }

  /// About `steps` steps from 0 to 1, on each leg in equal parts of ∫ √r dt, and at least one on each.
  public func times(steps: Int) -> [Double] {
    precondition(steps >= 1, "at least one step")
    let legs = zip(corners, corners.dropFirst()).map { Leg($0, $1, root) }
    let total = legs.reduce(0) { $0 + $1.total }
    var result = [0.0]
    for leg in legs {
      let count = max(1, Int((Double(steps) * leg.total / total).rounded()))
      for number in 1..<count { result.append(leg.time(at: Double(number) / Double(count))) }
      result.append(leg.end)
    }
    return result
  }

  /// ∫ √r dt along a leg, by the trapezoidal rule on a fine grid.
  private struct Leg {
    let start: Double
    let end: Double
    private let sums: [Double]
    private static let cells = 1000

    init(_ start: Double, _ end: Double, _ root: (Double) -> Double) {
      self.start = start
      self.end = end
      let step = (end - start) / Double(Self.cells)
      var sums = [0.0]
      var left = root(start)
      for cell in 1...Self.cells {
        let right = root(cell == Self.cells ? end.nextDown : start + step * Double(cell))
        sums.append(sums[cell - 1] + 0.5 * step * (left + right))
        left = right
      }
      self.sums = sums
    }

    var total: Double { sums[Self.cells] }

    /// Where this share of the integral is reached.
    func time(at share: Double) -> Double {
      let wanted = share * total
      let cell = max(1, sums.firstIndex { $0 >= wanted } ?? Self.cells)
      let part = (wanted - sums[cell - 1]) / (sums[cell] - sums[cell - 1])
      return start + (end - start) * (Double(cell - 1) + part) / Double(Self.cells)
    }
  }
}
