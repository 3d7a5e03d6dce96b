// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Targets

/// Points (φ, t) that a drift is trained at, with what a loss needs of the path there: a number of slices,
/// each of which has one time.
public struct TrainingStates: Sendable {
  /// One row for each point, slice after slice.
  public let positions: Configurations
  /// The time of each point.
  public let times: [Double]
  /// The points of each slice; times increase from slice to slice within a roll-out.
  public let slices: [Range<Int>]
  /// Weights that sum up to 1 in each slice.
  public let weights: [Double]
  /// ∇U_t.
  public let energyGradients: Configurations
  /// ∂_tU_t.
  public let timeDerivatives: [Double]

  /// The states at some slices, whose derivatives come from `path`. Points that ran away, beyond 10⁴ or
  /// to where no number is, become zero fields of weight zero.
  public init<P: Path>(_ slices: [TrainingSlice], on path: P) {
    let dimension = path.dimension
    var values: [Double] = []
    var gradientValues: [Double] = []
    var times: [Double] = []
    var weights: [Double] = []
    var derivatives: [Double] = []
    var ranges: [Range<Int>] = []
    for slice in slices {
      var positions = slice.positions
      precondition(positions.dimension == dimension, "a path keeps its dimension")
      var logWeights = slice.logWeights
      for member in 0..<positions.count where !positions[member].allSatisfy({ abs($0) < 1e4 }) {
        positions[member] = ArraySlice(repeating: 0, count: dimension)
        logWeights[member] = -.infinity
      }
      var gradients = positions
      var numbers = Array(repeating: 0.0, count: positions.count)
      path.snapshot(at: slice.time).gradients(
        of: positions, into: &gradients, energies: &numbers)
      path.timeDerivatives(of: positions, at: slice.time, into: &numbers)
      ranges.append(weights.count..<weights.count + positions.count)
      values += positions.values
      gradientValues += gradients.values
      derivatives += numbers
      times += Array(repeating: slice.time, count: positions.count)
      weights += Self.normalised(logWeights)
    }
    positions = Configurations(count: times.count, dimension: dimension, values: values)
    energyGradients = Configurations(
      count: times.count, dimension: dimension, values: gradientValues)
    self.slices = ranges
    self.times = times
    self.weights = weights
    timeDerivatives = derivatives
  }

  public var count: Int { times.count }

  /// The time of each slice.
  public var sliceTimes: [Double] { slices.map { times[$0.lowerBound] } }

  /// ∇·b − ∇U·b − ∂_tU of one point.
  func bracket(_ member: Int, velocity: ArraySlice<Double>, divergence: Double) -> Double {
    var work = 0.0
    for (b, g) in zip(velocity, energyGradients[member]) { work += b * g }
    return divergence - work - timeDerivatives[member]
  }

  /// exp(A)/Σ exp(A); what is no number counts as zero.
  static func normalised(_ logWeights: [Double]) -> [Double] {
    let finite = logWeights.map { $0.isFinite ? $0 : -.infinity }
    guard let largest = finite.max(), largest > -.infinity else {
      return Array(repeating: 0, count: logWeights.count)
    }
    let weights = finite.map { ($0 - largest).exponential }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}

/// Walkers at one time of a roll-out.
public struct TrainingSlice: Sendable, Equatable, Codable {
  public var time: Double
  public var logWeights: [Double]
  private var count: Int
  private var values: [Double]

  public init(time: Double, positions: Configurations, logWeights: [Double]? = nil) {
    self.time = time
    self.logWeights = logWeights ?? Array(repeating: 0, count: positions.count)
    precondition(self.logWeights.count == positions.count, "one weight for each walker")
    count = positions.count
    values = positions.values
  }

  public var positions: Configurations {
    Configurations(count: count, dimension: count == 0 ? 0 : values.count / count, values: values)
  }
}
