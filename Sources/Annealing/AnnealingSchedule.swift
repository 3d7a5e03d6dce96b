// SPDX-License-Identifier: GPL-3.0-or-later

/// The times at which a path is visited, 0 = t_0 < t_1 < … < t_K = 1, and the step size of the dynamics
/// on the way to each of them.
public struct AnnealingSchedule: Sendable, Equatable {
  public let times: [Double]
  /// One for each step; step k leads from t_k to t_{k+1}.
  public let stepSizes: [Double]

  public init(times: [Double], stepSizes: [Double]) {
    precondition(times.first == 0 && times.last == 1, "a schedule runs from time 0 to 1")
    precondition(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "times increase")
    precondition(
      stepSizes.count == times.count - 1 && stepSizes.allSatisfy { $0 > 0 },
      "one positive step size for each step")
    self.times = times
    self.stepSizes = stepSizes
  }

  public init(times: [Double], stepSize: Double) {
    self.init(times: times, stepSizes: Array(repeating: stepSize, count: times.count - 1))
  }

  /// Equal steps in time.
  public static func uniform(_ steps: Int, stepSize: Double) -> AnnealingSchedule {
    AnnealingSchedule(times: uniformTimes(steps), stepSize: stepSize)
  }

  /// k/K for k = 0 … K.
  public static func uniformTimes(_ steps: Int) -> [Double] {
    precondition(steps >= 1, "at least one step")
    return (0...steps).map { Double($0) / Double(steps) }
  }

  /// K.
  public var steps: Int { stepSizes.count }
}
