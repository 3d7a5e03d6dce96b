// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Statistics
import Sweeps

/// The effective sample size of populations on their way, as a fraction of the walkers.
struct PathEvolution {
  let times: [Double]
  let means: [Double]
  /// The smallest and the largest of all populations.
  let lowest: [Double]
  let highest: [Double]
  let populations: Int

  /// Nil where the run kept no records.
  init?(_ reader: any EnsembleReader) throws {
    let table = TableName.evolution
    guard reader.layout.table(table) != nil else { return nil }
    let steps = try reader.values(of: "step", in: table)
    let times = try reader.values(of: "time", in: table)
    let fractions = try reader.values(of: "ess", in: table)
    let members = try reader.values(of: "population", in: table)
    var records: [Double: (time: Double, values: [Double])] = [:]
    for (index, step) in steps.enumerated() {
      records[step, default: (times[index], [])].values.append(fractions[index])
    }
    let sorted = records.sorted { $0.key < $1.key }.map(\.value)
    if sorted.count < 2 { return nil }
    // Walkers begin with equal weights.
    self.times = [0] + sorted.map(\.time)
    means = [1] + sorted.map { $0.values.reduce(0, +) / Double($0.values.count) }
    lowest = [1] + sorted.map { $0.values.min() ?? .nan }
    highest = [1] + sorted.map { $0.values.max() ?? .nan }
    populations = Set(members).count
  }
}

/// Works there and back of the walkers of one run.
struct RoundTripWorks {
  /// W of the way there.
  let forward: [Double]
  /// −W of the way back, and the weight of the population that each walker stands for.
  let backward: [(value: Double, weight: Double)]

  /// Nil where nothing went back, or where walkers were resampled and their works are not those of the
  /// law of Crooks.
  init?(_ annealing: StoredAnnealing, _ forward: LogWeights) throws {
    guard !annealing.isResampled, !forward.areAllZero,
      let reverse = try annealing.reverseLogWeights(), reverse.count == forward.count
    else { return nil }
    self.forward = forward.values.filter(\.isFinite).map { -$0 }
    let size = annealing.walkers
    let weights = (0..<annealing.populations).map { population in
      forward.relativeWeights[population * size..<(population + 1) * size].reduce(0, +)
    }
    backward = reverse.values.enumerated().filter { $0.element.isFinite }.map {
      (value: $0.element, weight: weights[$0.offset / size])
    }
  }
}

/// How well a drift was trained, along its path.
public struct TrainedDrift: Sendable {
  /// The variance of the residual per site at times of the path.
  struct Curve: Sendable {
    let name: String
    let times: [Double]
    let values: [Double]
  }

  let label: String
  let isComplete: Bool
  let curves: [Curve]

  /// Of the last sweep of training. On a line of couplings the curves are those of the first node.
  public init(_ reader: any EnsembleReader, label: String) throws {
    (self.label, isComplete) = (label, reader.isComplete)
    let table = TableName.training
    func values(_ name: String, _ table: String) throws -> [Double] {
      try reader.values(of: name, in: table)
    }
    func isFirstNode(_ table: String) throws -> [Bool] {
      let has = reader.layout.table(table)?.variables.contains { $0.name == "node" } == true
      let count = try reader.rows(of: table).count
      return has ? try values("node", table).map { $0 == 1 } : Array(repeating: true, count: count)
    }
    var curves: [Curve] = []
    let sweeps = try values("sweep", table)
    let mine = try isFirstNode(table)
    let last = zip(sweeps, mine).filter(\.1).map(\.0).max() ?? 0
    let kept = sweeps.indices.filter { sweeps[$0] == last && mine[$0] }
    let times = try values("time", table)
    for (variable, name) in [("residual_reference", "without drift"), ("residual", "closed form")] {
      let residuals = try values(variable, table)
      curves.append(
        Curve(name: name, times: kept.map { times[$0] }, values: kept.map { residuals[$0] }))
    }
    if reader.layout.table(TableName.check) != nil {
      let times = try values("time", TableName.check)
      let residuals = try values("residual", TableName.check)
      if !times.isEmpty {
        curves.append(Curve(name: "with network", times: times, values: residuals))
      }
    }
    self.curves = curves.filter { !$0.times.isEmpty }
  }
}
