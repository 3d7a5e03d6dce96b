// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// Walkers on their way along a path of densities, each with the logarithm of its weight.
///
/// The weights are those of the walkers against the density that they have reached: for any function
/// E[w O(φ)] = (Z_t/Z_0) ⟨O⟩_t.
public struct Walkers: Sendable, Equatable {
  /// The address of the first: walker i draws its random numbers from walker `first` + i.
  public let first: Int
  /// φ, one row each.
  public var positions: Configurations
  /// log w.
  public var logWeights: [Double]
  /// Minus the sum of all increments of log w along the walker's line of descent. It is −log w until
  /// resampling makes the weights equal.
  public var works: [Double]
  /// The number of the walker's ancestor at the start of the path, counted in its population.
  public var ancestors: [Int]
  /// U_t(φ) at the density that was reached.
  public var energies: [Double]
  /// The velocities of dynamics with inertia.
  public var velocities: Configurations?
  /// ∇U_t(φ), or what a transition makes of it, where the transition keeps it from step to step.
  public var gradients: Configurations?

  /// Walkers of weight 1 at these positions; `population` is the address of their population's first.
  public init(first: Int, positions: Configurations, population: Int = 0) {
    self.first = first
    self.positions = positions
    let count = positions.count
    logWeights = Array(repeating: 0, count: count)
    works = logWeights
    energies = logWeights
    ancestors = (0..<count).map { first - population + $0 }
  }

  public var count: Int { positions.count }

  /// Adds to the weight of one walker.
  public mutating func addLogWeight(_ increment: Double, to member: Int) {
    // What ran away to where no energy can be computed has weight zero, and keeps it.
    let increment = increment.isNaN || increment == .infinity ? -Double.infinity : increment
    logWeights[member] += increment
    works[member] -= increment
  }
}
