// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import Observables
import Statistics

/// A run of annealing as its file describes it: populations of weighted walkers, measured at one stop
/// or more on their way.
public struct StoredAnnealing {
  /// Where walkers were measured.
  public struct Stop: Sendable, Equatable {
    /// J, c2 and c4 of the theory there.
    public var coefficients: Phi4Couplings.Coefficients
    public var time: Double
    /// Such as `lambda=5.2`; may be empty.
    public var label: String
  }

  /// The theory of the last stop.
  public let theory: StoredTheory
  public let stops: [Stop]
  /// How many populations are complete.
  public let populations: Int
  /// Walkers of each population.
  public let walkers: Int
  /// Whether walkers of one population may be copies of each other, so that only populations are
  /// independent.
  public let isResampled: Bool
  /// Whether weights are those of continuous time, which a finite step size biases.
  public let hasContinuumWeights: Bool
  /// log Z of the theory that the path begins with, in the field of the run.
  public let originLogNormalizer: Double
  private let reader: any EnsembleReader

  public static let table = "annealing"
  static let reverseTable = "reverse"

  /// Whether an ensemble is a run of annealing.
  public static func describes(_ reader: any EnsembleReader) throws -> Bool {
    try reader.attributes(of: "sampler").text("family") == "annealing"
  }

  /// Throws if the file lacks what a run of annealing writes, or if no population is complete.
  public init(_ reader: any EnsembleReader) throws {
    self.reader = reader
    theory = try StoredTheory(reader)
    let sampler = try reader.attributes(of: "sampler")
    let group = try reader.attributes(of: "stops")
    guard
      let axes = reader.layout.table(Self.table)?.variables
        .first(where: { $0.name == "log_weight" })?.axes, axes.count == 2,
      let origin = group.real("log_z_origin"), let times = group.reals("time"),
      let hopping = group.reals("J"), let quadratic = group.reals("c2"),
      let quartic = group.reals("c4"), !times.isEmpty,
      [times, hopping, quadratic, quartic].allSatisfy({ $0.count == axes[0].coordinates.count })
    else { throw EnsembleError("the file does not describe a run of annealing") }
    let labels = group.texts("label") ?? []
    stops = times.indices.map { index in
      Stop(
        coefficients: Phi4Couplings.Coefficients(
          hopping: hopping[index], quadratic: quadratic[index], quartic: quartic[index]),
        time: times[index], label: index < labels.count ? labels[index] : "")
    }
    populations = try reader.rows(of: Self.table).count
    walkers = axes[1].coordinates.count
    if populations == 0 { throw EnsembleError("no population is complete yet") }
    isResampled = sampler.text("resampling") != "none"
    hasContinuumWeights = ["weight", "weights"].contains { sampler.text($0) == "continuum" }
    originLogNormalizer = origin
  }

  /// Walkers that depend on each other: one, or those of a whole population.
  public var unitSize: Int { isResampled ? walkers : 1 }

  /// The walkers at one stop, with the variables that are wanted or all of them.
  public func stop(_ index: Int, variables wanted: Set<String>? = nil) throws -> WeightedStop {
    precondition(stops.indices.contains(index), "no such stop")
    let coefficients = stops[index].coefficients
    let logWeights = try values(of: "log_weight", in: Self.table, stop: index)
    var measurements = Measurements(chains: populations, count: walkers)
    let table = reader.layout.table(TableName.observables)
    for variable in table?.variables ?? [] where wanted?.contains(variable.name) ?? true {
      measurements.insert(
        variable.name, size: variable.size / (stops.count * walkers),
        try values(of: variable.name, in: TableName.observables, stop: index))
    }
    return WeightedStop(
      theory: StoredTheory(
        lattice: theory.lattice, coefficients: coefficients, label: theory.label),
      measurements: measurements,
      weights: try LogWeights(logWeights, unitSize: unitSize),
      originLogNormalizer: originLogNormalizer)
  }

  /// The logarithms of the weights of the walkers that were led back from the last stop to the origin;
  /// nil if there are none. E[w] = Z_origin/Z_last.
  public func reverseLogWeights() throws -> LogWeights? {
    guard reader.layout.table(Self.reverseTable) != nil,
      try !reader.rows(of: Self.reverseTable).isEmpty
    else { return nil }
    // The walkers of one population start from that population's resampled ones.
    return try LogWeights(
      reader.values(of: "log_weight", in: Self.reverseTable), unitSize: walkers)
  }

  /// What the run's file tells of the steps of a transport; empty without transport.
  func biasAttributes() throws -> [String: AttributeValue] {
    try reader.attributes(of: TableName.bias)
  }

  /// The part of one stop, in the order (population, walker, axes...).
  func values(of variable: String, in table: String, stop: Int) throws -> [Double] {
    let all = try reader.values(of: variable, in: table)
    let rows = try reader.rows(of: table).count
    guard rows == populations, all.count % (rows * stops.count) == 0 else {
      throw EnsembleError("'\(table)/\(variable)' does not have a value for each population")
    }
    let block = all.count / (rows * stops.count)
    var part: [Double] = []
    part.reserveCapacity(rows * block)
    for row in 0..<rows {
      let first = (row * stops.count + stop) * block
      part += all[first..<first + block]
    }
    return part
  }
}

/// Weighted walkers of one theory: what was measured on each of them, and its weight.
public struct WeightedStop: Sendable {
  /// The theory of the stop; the label is that of the run.
  public let theory: StoredTheory
  /// A replica for each population, with a row for each walker.
  public let measurements: Measurements
  public let weights: LogWeights
  /// log Z of the theory that the weights begin with.
  public let originLogNormalizer: Double

  /// log Z in the field of the run, from all walkers; −infinity if all weights are zero.
  public var logNormalizer: WeightedEstimate {
    var estimate = weights.logMean
    estimate.value += originLogNormalizer
    estimate.biasCorrectedValue += originLogNormalizer
    return estimate
  }
}

extension WeightedStop {
  /// The statistical errors of log Z and of averages whose bias a transport knows, as far as they were
  /// measured.
  var statisticalErrors: [String: Double] {
    var errors = [Comparison.logNormalizer: logNormalizer.error]
    let averages: [(String, Primary)] = [
      ("abs_m", Primary("m", [0], .magnitude)), ("m2", Primary("m", [0], .square)),
      ("phi2", Primary("phi2")),
    ]
    for (name, primary) in averages where measurements.contains(primary.variable) {
      let series = measurements.series(primary).flatMap { $0 }
      do {
        errors[name] = try WeightedSample(weights: weights, primaries: [series])
          .estimate(primary: 0).error
      } catch {
        continue  // No error, no judgement; that the weights are all zero is told elsewhere.
      }
    }
    return errors
  }
}

extension DerivedQuantity {
  /// The quantity from weighted walkers, with its error by the delta method and by the jackknife.
  /// Throws where it is undefined at the weighted averages, or if all weights are zero.
  public func estimate(from stop: WeightedStop) throws -> WeightedEstimate {
    let series = primaries.map { stop.measurements.series($0).flatMap { $0 } }
    return try WeightedSample(weights: stop.weights, primaries: series).estimate(of: value)
  }
}
