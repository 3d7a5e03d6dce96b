// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics

/// The magnetization on every configuration that a sampler gave at one point: chains, or walkers with
/// weights.
enum FieldSample {
  case chains([[Double]])
  case walkers([Double], LogWeights)

  /// All values that count, those of weight zero and those that ran away left out.
  var values: [Double] {
    switch self {
    case .chains(let chains): chains.flatMap { $0 }.filter(\.isFinite)
    case .walkers(let values, let weights):
      zip(values, weights.relativeWeights).filter { $0.0.isFinite && $0.1 > 0 }.map(\.0)
    }
  }
}

/// The probability of each of some intervals, with its standard error.
public struct Histogram: Sendable, Equatable {
  /// One more than heights, increasing.
  public let edges: [Double]
  /// The fraction of the weight in each interval; of what is outside none.
  public let heights: [Double]
  /// NaN where they are unknown.
  public let errors: [Double]

  /// Of Markov chains, errors by the Gamma method from the series of "inside or not".
  public init(chains: [[Double]], edges: [Double]) {
    let bins = chains.map { $0.map { Self.bin($0, edges) } }
    let count = Double(chains.reduce(0) { $0 + $1.count })
    var (heights, errors): ([Double], [Double]) = ([], [])
    for index in 0..<edges.count - 1 {
      let series = bins.map { $0.map { $0 == index ? 1.0 : 0 } }
      heights.append(series.reduce(0) { $0 + $1.reduce(0, +) } / count)
      do {
        errors.append(try GammaMethod().estimate(replica: series).error)
      } catch {
        errors.append(.nan)
      }
    }
    (self.edges, self.heights, self.errors) = (edges, heights, errors)
  }

  /// Of weighted walkers, errors by the delta method over what is independent.
  public init(walkers values: [Double], weights: LogWeights, edges: [Double]) {
    let bins = values.map { Self.bin($0, edges) }
    let intervals = 0..<edges.count - 1
    let members = intervals.map { index in bins.map { $0 == index ? 1.0 : 0 } }
    self.edges = edges
    do {
      let sample = try WeightedSample(weights: weights, primaries: members)
      let covariance = sample.covariance
      heights = sample.means
      errors = intervals.map { max(0, covariance[$0][$0]).squareRoot() }
    } catch {
      heights = intervals.map { _ in .nan }
      errors = heights
    }
  }

  /// Of numbers with weights of their own, without errors.
  public init(values: [Double], weights: [Double], edges: [Double]) {
    var heights = [Double](repeating: 0, count: edges.count - 1)
    for (value, weight) in zip(values, weights) {
      if let bin = Self.bin(value, edges) { heights[bin] += weight }
    }
    let total = weights.reduce(0, +)
    self.edges = edges
    self.heights = heights.map { $0 / total }
    errors = heights.map { _ in .nan }
  }

  init(_ sample: FieldSample, edges: [Double]) {
    switch sample {
    case .chains(let chains): self.init(chains: chains, edges: edges)
    case .walkers(let values, let weights):
      self.init(walkers: values, weights: weights, edges: edges)
    }
  }

  /// Intervals of a round width, at most `count`, that hold all values; nil where there are none, or
  /// where they do not differ.
  public static func edges(holding values: [Double], atMost count: Int) -> [Double]? {
    guard let low = values.min(), let high = values.max(), low < high else { return nil }
    var allowed = count
    while allowed > 2 {
      allowed -= 1
      let ticks = Ticks.linear(low...high, atMost: allowed)
      guard ticks.count > 1 else { continue }
      let step = ticks[1].value - ticks[0].value
      let first = Int((low / step).rounded(.down))
      var last = Int((high / step).rounded(.up))
      if Double(last) * step <= high { last += 1 }
      if last - first <= count { return (first...last).map { Double($0) * step } }
    }
    return nil
  }

  /// The interval of a value, its lower edge included; nil outside.
  private static func bin(_ value: Double, _ edges: [Double]) -> Int? {
    guard let low = edges.first, let high = edges.last, value >= low, value < high else {
      return nil
    }
    let count = edges.count - 1
    var index = min(count - 1, Int((value - low) / (high - low) * Double(count)))
    while index > 0, value < edges[index] { index -= 1 }
    while index < count - 1, value >= edges[index + 1] { index += 1 }
    return index
  }
}
