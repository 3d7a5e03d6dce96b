// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Observables
import Statistics

/// What a run's own records say about whether its numbers can be trusted.
public struct RunDiagnostics: Sendable {
  /// Mean acceptance of the sampler's proposals.
  public var acceptance: Double?
  /// ⟨exp(−ΔH)⟩, 1 in equilibrium; for molecular dynamics alone. Its weights have heavy tails,
  /// E[exp(−2ΔH)] = E[exp(ΔH)], so that its error is too small where ΔH is not.
  public var creutz: Uncertain?
  /// ⟨min(1, exp(−ΔH))⟩ − 2 P(ΔH < 0), 0 in equilibrium by the same law p(−ΔH) = exp(−ΔH) p(ΔH):
  /// bounded, and therefore what is judged.
  public var acceptanceBalance: Uncertain?
  /// ⟨φ ∂S/∂φ⟩, exactly 1.
  public var schwingerDyson: Uncertain?
  /// The largest distance after a trajectory there and back.
  public var reversibility: Double?
  /// The largest τ_int of m, |m|, m², φ² and the action, in trajectories, and whose it is.
  public var slowest: (name: String, tau: Uncertain)?
  /// Changes of the sign of m, per chain and 1000 trajectories.
  public var signChanges: Double?
  /// For |m|, φ² and the action, whether all chains agree with each other and with themselves.
  public var thermalisation: [ThermalisationVerdict]
  /// Seconds spent in updates and in measurements.
  public var updateSeconds: Double
  public var measurementSeconds: Double
  /// What a reader must know before using the numbers, in words.
  public var warnings: [String]

  /// Reads a run's records. Throws what the reader throws; series too short for a judgement become
  /// warnings.
  public init(_ reader: any EnsembleReader, quantities: ScalarQuantities) throws {
    var warnings: [String] = []
    thermalisation = []

    let table = ["hmc", "metropolis"].first { reader.layout.table($0) != nil }
    if let table {
      let accept = try reader.values(of: "accept", in: table)
      if !accept.isEmpty { acceptance = accept.reduce(0, +) / Double(accept.count) }
    }
    if let acceptance, acceptance < 0.2 {
      warnings.append("acceptance is only \(Self.percent(acceptance))")
    }

    if reader.layout.table("hmc") != nil {
      let records = try Measurements(reader, table: "hmc", variables: ["dH"])
      let weights = records.series(Primary("dH")).map { $0.map { exp(-$0) } }
      // Told, but not judged: chains may well disagree on an average with such tails.
      var untold: [String] = []
      creutz = Self.judged(weights, "exp(-dH)", &untold)?.uncertain
      let balance = records.series(Primary("dH")).map { chain in
        chain.map { min(1, exp(-$0)) - ($0 < 0 ? 2 : $0 == 0 ? 1 : 0) }
      }
      if let estimate = Self.judged(balance, "min(1, exp(-dH)) - 2 theta(-dH)", &warnings) {
        acceptanceBalance = estimate.uncertain
        Self.warn(
          unless: estimate.uncertain, is: 0, "<min(1, exp(-dH))> - 2 P(dH < 0)", &warnings)
      }
    }

    if reader.layout.table(TableName.reversibility) != nil {
      let defects = try reader.values(of: "defect", in: TableName.reversibility)
      reversibility = defects.contains { $0.isNaN } ? .nan : defects.max()
      if let reversibility, !(reversibility < 1e-8) {
        warnings.append(
          "trajectories come back only to \(String(format: "%.1e", reversibility)): "
            + "the integrator is unstable at this step size")
      }
    }

    let watched: [(String, Primary)] = [
      ("m", Primary("m")), ("|m|", Primary("m", [0], .magnitude)),
      ("m2", Primary("m", [0], .square)),
      ("phi2", Primary("phi2")), ("action", Primary("action")),
    ]
    let primaries = watched.map(\.1) + quantities.schwingerDyson.primaries
    let measurements = try Measurements(reader, variables: Set(primaries.map(\.variable)))
    if measurements.contains("m"), measurements.count > 0 {
      let interval = Self.interval(try reader.rows(of: TableName.observables))
      let crossings = measurements.series(Primary("m")).map { chain in
        zip(chain, chain.dropFirst()).count { $0 * $1 < 0 }
      }
      signChanges =
        1000 * Double(crossings.reduce(0, +))
        / (interval * Double(measurements.chains * measurements.count))
      let signs = Set(measurements.series(Primary("m")).map { $0.reduce(0, +) > 0 })
      if signs.count == 2, crossings.reduce(0, +) < 10 * measurements.chains {
        warnings.append(
          "chains sit in different wells (\(crossings.reduce(0, +)) changes of the sign of m in "
            + "all): <m> and chi_m are no averages over both; cluster updates would join the wells")
      }
      for (name, primary) in watched {
        let series = measurements.series(primary)
        if let estimate = Self.judged(series, name, &warnings) {
          let tau = Uncertain(
            estimate.tauIntegrated * interval, estimate.tauIntegratedError * interval)
          if slowest == nil || tau.value > slowest!.tau.value { slowest = (name, tau) }
        }
        // m is 0 by symmetry whatever the chains do, and m2 says no more than |m|.
        if name != "m" && name != "m2" {
          do {
            thermalisation.append(try ConvergenceDiagnostics().judge(series, of: name))
          } catch {
            warnings.append("thermalisation of \(name) cannot be judged: \(error)")
          }
        }
      }
      do {
        let estimate = try quantities.schwingerDyson.estimate(from: measurements).uncertain
        schwingerDyson = estimate
        Self.warn(unless: estimate, is: 1, "Schwinger-Dyson <phi dS/dphi>", &warnings)
      } catch let error as StatisticsError {
        warnings.append("the Schwinger-Dyson identity cannot be judged: \(error)")
      }
    }
    for verdict in thermalisation where verdict.outcome != .thermalised {
      warnings.append(verdict.description)
    }

    updateSeconds = try reader.values(of: "update_s", in: TableName.timing).reduce(0, +)
    measurementSeconds = try reader.values(of: "measure_s", in: TableName.timing).reduce(0, +)
    var seen: Set<String> = []
    self.warnings = warnings.filter { seen.insert($0).inserted }
  }

  /// In a word: the worst verdict of all that were watched.
  public var thermalisationOutcome: ThermalisationVerdict.Outcome {
    let outcomes = thermalisation.map(\.outcome)
    if outcomes.contains(.notThermalised) { return .notThermalised }
    return outcomes.isEmpty || outcomes.contains(.undecided) ? .undecided : .thermalised
  }

  /// The same as attributes of a file.
  public var attributes: [String: AttributeValue] {
    var result: [String: AttributeValue] = [
      "thermalisation": .text(thermalisationOutcome.rawValue),
      "thermalisation_words": .text(thermalisation.map(\.description).joined(separator: "\n")),
      "update_seconds": .real(updateSeconds),
      "measurement_seconds": .real(measurementSeconds),
      "warnings": .text(warnings.joined(separator: "\n")),
    ]
    if let acceptance { result["acceptance"] = .real(acceptance) }
    if let creutz {
      result["exp_minus_dH"] = .real(creutz.value)
      result["exp_minus_dH_error"] = .real(creutz.error)
    }
    if let acceptanceBalance {
      result["acceptance_balance"] = .real(acceptanceBalance.value)
      result["acceptance_balance_error"] = .real(acceptanceBalance.error)
    }
    if let schwingerDyson {
      result["schwinger_dyson"] = .real(schwingerDyson.value)
      result["schwinger_dyson_error"] = .real(schwingerDyson.error)
    }
    if let signChanges { result["sign_changes_per_1000"] = .real(signChanges) }
    if let reversibility { result["reversibility"] = .real(reversibility) }
    if let slowest {
      result["slowest_observable"] = .text(slowest.name)
      result["tau_int"] = .real(slowest.tau.value)
      result["tau_int_error"] = .real(slowest.tau.error)
    }
    return result
  }

  /// Trajectories between measurements.
  public static func interval(_ rows: [Int]) -> Double {
    guard let first = rows.first, let last = rows.last, rows.count > 1 else { return 1 }
    return Double(last - first) / Double(rows.count - 1)
  }

  private static func judged(
    _ series: [[Double]], _ name: String, _ warnings: inout [String]
  ) -> GammaEstimate? {
    do {
      let estimate = try GammaMethod().estimate(replica: series)
      if let consistency = estimate.replicaConsistency, consistency < 1e-4 {
        warnings.append(
          "chains disagree on <\(name)>: Q = \(String(format: "%.1e", consistency)), "
            + "its error bar is too small")
      }
      return estimate
    } catch {
      warnings.append("no error for <\(name)>: \(error)")
      return nil
    }
  }

  /// Four standard errors: for normal errors a false alarm in 16 000 judgements.
  private static func warn(
    unless estimate: Uncertain, is exact: Double, _ name: String, _ warnings: inout [String]
  ) {
    let pull = (estimate.value - exact) / estimate.error
    if !(abs(pull) < 4) {
      let distance = pull.isFinite ? String(format: "%.1f standard errors", pull) : "without error,"
      warnings.append("\(name) = \(estimate) is \(distance) from \(Int(exact))")
    }
  }

  private static func percent(_ x: Double) -> String { String(format: "%.0f %%", 100 * x) }
}
