// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Statistics

/// What the step size of a transport does to log Z and to averages at the end of a path, or at a place on
/// it, with the standard errors of that. An error is not a number where the weights leave too few
/// independent walkers to tell one.
public struct StepBias: Sendable, Equatable {
  /// Independent walkers, by Kish's formula, without which there is no error.
  public static let leastWalkers = 8.0

  public var logZ: Uncertain
  /// |M|, M² and φ² with M = V^-1 Σ_x φ_x, φ² averaged over the sites, and the energy of the last density.
  public var absoluteMagnetization: Uncertain
  public var squaredMagnetization: Uncertain
  public var fieldSquared: Uncertain
  public var action: Uncertain

  /// The statistical errors of a run's results, for as many of them as there are.
  public struct Errors: Sendable, Equatable {
    public var logZ: Double?
    public var absoluteMagnetization: Double?
    public var squaredMagnetization: Double?
    public var fieldSquared: Double?
    public var action: Double?

    public init(
      logZ: Double? = nil, absoluteMagnetization: Double? = nil,
      squaredMagnetization: Double? = nil, fieldSquared: Double? = nil, action: Double? = nil
    ) {
      self.logZ = logZ
      self.absoluteMagnetization = absoluteMagnetization
      self.squaredMagnetization = squaredMagnetization
      self.fieldSquared = fieldSquared
      self.action = action
    }
  }

  init(_ population: Population, sums: [Double]) throws {
    let positions = population.positions
    let averages = (0..<positions.count).map { member in
      positions[member].reduce(0, +) / Double(positions.dimension)
    }
    let squares = (0..<positions.count).map { member in
      positions[member].reduce(0) { $0 + $1 * $1 } / Double(positions.dimension)
    }
    let families = try Families(population, sums: sums)
    logZ = families.mean
    absoluteMagnetization = families.covariance(averages.map { abs($0) })
    squaredMagnetization = families.covariance(averages.map { $0 * $0 })
    fieldSquared = families.covariance(squares)
    action = families.covariance(population.energies)
  }

  /// Whether every bias, with its own error added, is at most a third of the statistical error beside
  /// it, so that the total error is hardly more than the statistical one.
  public func isExact(against errors: Errors) -> Bool {
    let pairs = [
      (logZ, errors.logZ), (absoluteMagnetization, errors.absoluteMagnetization),
      (squaredMagnetization, errors.squaredMagnetization), (fieldSquared, errors.fieldSquared),
      (action, errors.action),
    ]
    return pairs.allSatisfy { bias, error in
      guard let error else { return true }
      return abs(bias.value) + bias.error <= error / 3
    }
  }
}

/// Weighted averages of walkers, of which those of one ancestor are not independent.
private struct Families {
  private let shares: [Double]
  private let sums: [Double]
  private let average: Double
  private let ancestors: [Int]

  /// Walkers of weight zero count for nothing, whatever their sums are.
  init(_ population: Population, sums: [Double]) throws {
    let weights = try LogWeights(population.logWeights)
    if weights.areAllZero { throw StatisticsError.allWeightsZero(weights: weights.count) }
    let shares = weights.shares
    self.shares = shares
    self.sums = sums.indices.map { shares[$0] > 0 ? sums[$0] : 0 }
    average = zip(shares, self.sums).reduce(0) { $0 + $1.0 * $1.1 }
    ancestors = population.ancestors
  }

  var mean: Uncertain {
    Uncertain(average, error(sums.indices.map { shares[$0] * (sums[$0] - average) }))
  }

  func covariance(_ values: [Double]) -> Uncertain {
    let values = values.indices.map { shares[$0] > 0 ? values[$0] : 0 }
    let center = zip(shares, values).reduce(0) { $0 + $1.0 * $1.1 }
    let products = values.indices.map { (values[$0] - center) * (sums[$0] - average) }
    let result = zip(shares, products).reduce(0) { $0 + $1.0 * $1.1 }
    return Uncertain(result, error(products.indices.map { shares[$0] * (products[$0] - result) }))
  }

  /// Of a sum of influences, those of one family added up first.
  private func error(_ influences: [Double]) -> Double {
    if effectiveFamilies < StepBias.leastWalkers { return .nan }
    return familySquares(influences).squareRoot()
  }

  /// (Σ W)²/Σ W² over the weights W of whole families.
  private var effectiveFamilies: Double { 1 / familySquares(shares) }

  private func familySquares(_ values: [Double]) -> Double {
    var totals = [Double](repeating: 0, count: values.count)
    for (ancestor, value) in zip(ancestors, values) { totals[ancestor] += value }
    return totals.reduce(0) { $0 + $1 * $1 }
  }
}
