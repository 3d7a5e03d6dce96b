// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// All walkers that resampling may mix, in groups small enough to stay in a processor's cache while
/// they take many steps.
public struct Population: Sendable, Equatable {
  public internal(set) var groups: [Walkers]
  /// The address of the first walker.
  public let first: Int

  /// Numbers of one group's positions; chosen by nothing but the dimension, and no result depends on it.
  private static let groupSize = 8192

  /// Walkers of weight 1 at these positions.
  public init(first: Int, positions: Configurations) {
    self.first = first
    // Drifts take walkers in pairs.
    let size = max(2, Self.groupSize / positions.dimension / 2 * 2)
    let dimension = positions.dimension
    groups = stride(from: 0, to: positions.count, by: size).map { lower in
      let upper = min(positions.count, lower + size)
      return Walkers(
        first: first + lower,
        positions: Configurations(
          count: upper - lower, dimension: dimension,
          values: Array(positions.values[lower * dimension..<upper * dimension])),
        population: first)
    }
  }

  public var count: Int { groups.reduce(0) { $0 + $1.count } }

  public var dimension: Int { groups[0].positions.dimension }

  public var logWeights: [Double] {
    get { groups.flatMap(\.logWeights) }
    set { scatter(newValue) { $0.logWeights = $1 } }
  }

  public var works: [Double] {
    get { groups.flatMap(\.works) }
    set { scatter(newValue) { $0.works = $1 } }
  }

  public var energies: [Double] {
    get { groups.flatMap(\.energies) }
    set { scatter(newValue) { $0.energies = $1 } }
  }

  public var ancestors: [Int] {
    get { groups.flatMap(\.ancestors) }
    set { scatter(newValue) { $0.ancestors = $1 } }
  }

  /// All positions as one batch.
  public var positions: Configurations { gather { $0.positions.values } ?? groups[0].positions }

  /// All velocities as one batch, where the transition has any.
  public var velocities: Configurations? {
    get { gather { $0.velocities?.values } }
    set { scatterRows(newValue) { $0.velocities = $1 } }
  }

  /// What the transition keeps of the gradients, as one batch.
  public var gradients: Configurations? {
    get { gather { $0.gradients?.values } }
    set { scatterRows(newValue) { $0.gradients = $1 } }
  }

  /// Replaces walker i by a copy of walker `parents[i]`; all get the logarithm of the mean weight.
  mutating func resample(parents: [Int], logWeight: Double) {
    let places = groups.indices.flatMap { group in
      groups[group].positions.count == 0
        ? [] : (0..<groups[group].count).map { (group: group, member: $0) }
    }
    let old = groups
    var next = 0
    for group in groups.indices {
      for member in 0..<groups[group].count {
        let source = places[parents[next]]
        let walker = old[source.group]
        groups[group].positions[member] = walker.positions[source.member]
        if let rows = walker.velocities { groups[group].velocities?[member] = rows[source.member] }
        if let rows = walker.gradients { groups[group].gradients?[member] = rows[source.member] }
        groups[group].energies[member] = walker.energies[source.member]
        groups[group].works[member] = walker.works[source.member]
        groups[group].ancestors[member] = walker.ancestors[source.member]
        groups[group].logWeights[member] = logWeight
        next += 1
      }
    }
  }

  private mutating func scatter<Value>(_ values: [Value], _ set: (inout Walkers, [Value]) -> Void) {
    precondition(values.count == count, "one value for each walker")
    var next = 0
    for group in groups.indices {
      let size = groups[group].count
      set(&groups[group], Array(values[next..<next + size]))
      next += size
    }
  }

  private mutating func scatterRows(
    _ rows: Configurations?, _ set: (inout Walkers, Configurations?) -> Void
  ) {
    var next = 0
    for group in groups.indices {
      let size = groups[group].count
      set(
        &groups[group],
        rows.map { rows in
          Configurations(
            count: size, dimension: dimension,
            values: Array(rows.values[next * dimension..<(next + size) * dimension]))
        })
      next += size
    }
  }

  private func gather(_ part: (Walkers) -> [Double]?) -> Configurations? {
    var values: [Double] = []
    values.reserveCapacity(count * dimension)
    for group in groups {
      guard let rows = part(group) else { return nil }
      values += rows
    }
    return Configurations(count: count, dimension: dimension, values: values)
  }
}
