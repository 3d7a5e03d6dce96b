// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import MonteCarlo

/// What an ensemble has cost: everything from the first field to the last, thermalisation and pilot
/// runs included.
public struct SamplingCost: Sendable, Equatable {
  /// Evaluations of the gradient over all chains or walkers; a sweep of local proposals counts as one.
  public var gradientEvaluations: Double
  /// Evaluations of a drift over all walkers; nil without transport.
  public var driftEvaluations: Double?
  /// Seconds of wall time of the training of a drift, the search for its path included, which serves
  /// any number of walkers and is in none of the other numbers; nil without transport.
  public var trainingSeconds: Double?
  /// Seconds of wall time in updates, with the threads of the run.
  public var seconds: Double
  /// Seconds of wall time in measurements, which depend on how often one chooses to measure.
  public var measurementSeconds: Double
  /// What is not in these numbers, in words.
  public var remarks: [String] = []

  public init(gradientEvaluations: Double, seconds: Double, measurementSeconds: Double) {
    self.gradientEvaluations = gradientEvaluations
    self.seconds = seconds
    self.measurementSeconds = measurementSeconds
  }

  static let group = "cost"

  /// The same as attributes of a file.
  var attributes: [String: AttributeValue] {
    [
      "n_force": .real(gradientEvaluations), "seconds": .real(seconds),
      "measurement_seconds": .real(measurementSeconds),
    ]
  }

  /// The cost of Markov chains; nil where an ensemble does not tell.
  static func ofChains(_ reader: any EnsembleReader) throws -> SamplingCost? {
    let recorded = try reader.attributes(of: group)
    if let count = recorded.real("n_force"), let seconds = recorded.real("seconds") {
      return SamplingCost(
        gradientEvaluations: count, seconds: seconds,
        measurementSeconds: recorded.real("measurement_seconds") ?? 0)
    }
    guard reader.layout.table(TableName.timing) != nil else { return nil }
    let chains = Double(reader.layout.chains)
    let updates = Double(try reader.rows(of: TableName.timing).count)
    var evaluations = chains * updates
    if reader.layout.table("hmc") != nil {
      evaluations = try reader.values(of: "n_force", in: "hmc").reduce(0, +)
    }
    let before = try thermalisation(reader)
    let seconds = try reader.values(of: "update_s", in: TableName.timing).reduce(0, +)
    // Thermalisation is not timed: its evaluations are taken to be as fast as the others.
    var cost = SamplingCost(
      gradientEvaluations: evaluations + before,
      seconds: evaluations > 0 ? seconds * (1 + before / evaluations) : seconds,
      measurementSeconds: try reader.values(of: "measure_s", in: TableName.timing).reduce(0, +))
    if reader.layout.table("cluster") != nil {
      cost.remarks.append("cluster updates are in the seconds, not in the gradient evaluations")
    }
    return cost
  }

  /// Evaluations of the gradient in thermalisation, from the step size of each update.
  private static func thermalisation(_ reader: any EnsembleReader) throws -> Double {
    guard reader.layout.table(TableName.thermalisation) != nil else { return 0 }
    let stepSizes = try reader.values(of: "step_size", in: TableName.thermalisation)
    let sampler = try reader.attributes(of: "sampler")
    switch sampler.text("method") {
    case "hmc", "fourier-hmc":
      guard let length = sampler.real("length"), let steps = sampler.real("initial_steps"),
        let name = sampler.text("scheme"),
        let scheme = SamplerSpecification.Scheme(rawValue: name)?.splitting
      else { return 0 }
      return stepSizes.reduce(0) { sum, size in
        let wanted = min((length / size).rounded(), max(1000, steps))
        return sum + max(1, wanted) * Double(scheme.drifts.count) + 1
      }
    case "mala": return 2 * Double(stepSizes.count)
    default: return Double(stepSizes.count)
    }
  }

  /// The cost of annealing up to one of its stops: the share of the steps that lead there, and the
  /// pilot run.
  static func ofAnnealing(
    _ reader: any EnsembleReader, _ annealing: StoredAnnealing, stop: Int
  ) throws -> SamplingCost {
    let times = try reader.values(of: "time", in: "path")
    let steps = Double(max(1, times.count - 1))
    let taken = Double(times.count { $0 > 0 && $0 <= annealing.stops[stop].time })
    let share = stop == annealing.stops.count - 1 ? 1 : taken / steps
    let pilot = try reader.attributes(of: "pilot")
    let evaluations = try reader.values(of: "n_force", in: StoredAnnealing.table).reduce(0, +)
    var seconds = try reader.values(of: "update_s", in: TableName.timing).reduce(0, +)
    seconds =
      seconds * share + (pilot.real("seconds") ?? 0) + (pilot.real("path_seconds") ?? 0)
    var cost = SamplingCost(
      gradientEvaluations: evaluations * share + (pilot.real("n_force") ?? 0), seconds: seconds,
      measurementSeconds: try reader.values(of: "measure_s", in: TableName.timing).reduce(0, +)
        / Double(annealing.stops.count))
    let table = reader.layout.table(StoredAnnealing.table)
    if table?.variables.contains(where: { $0.name == "n_drift" }) == true {
      let drifts = try reader.values(of: "n_drift", in: StoredAnnealing.table).reduce(0, +)
      let training = try reader.attributes(of: TableName.drift)
      cost.driftEvaluations = drifts * share
      cost.trainingSeconds =
        (training.real("training_seconds") ?? 0) + (training.real("path_seconds") ?? 0)
      cost.remarks.append(
        "the training of the drift and the measurement of its bias are not in the cost")
    }
    if annealing.stops.count > 1 {
      cost.remarks.append(
        "the cost is that of the way to this stop; one run gave \(annealing.stops.count) stops")
    }
    if reader.layout.table(StoredAnnealing.reverseTable) != nil {
      cost.remarks.append("the way back is not in the cost")
    }
    return cost
  }
}
