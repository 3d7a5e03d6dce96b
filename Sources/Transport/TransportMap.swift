// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Ensembles

/// How the ordinary differential equation of a transport is integrated.
public enum TransportIntegrator: String, Sendable, CaseIterable {
  /// The midpoint rule, order 2, two evaluations of the drift a step.
  case rk2
  /// The classical Runge-Kutta rule, order 4, four evaluations of the drift a step.
  case rk4

  /// p: the error of a whole path falls as (step)^p.
  public var order: Int { self == .rk2 ? 2 : 4 }

  /// Evaluations of the drift in one step.
  public var evaluations: Int { self == .rk2 ? 2 : 4 }
}

/// The flow of a drift from one time to another, φ' = T(φ), and the logarithm of its Jacobian
/// determinant:
///
///     dφ/dt = b_t(φ),   d log|det ∂φ/∂φ_0| / dt = ∇·b_t(φ),
///
/// both integrated by the same Runge-Kutta rule. The log determinant is that of the exact flow through
/// the same points up to the order of the rule, which is the only error of the weights that are made of
/// it. Backward in time where `to` < `from`. A step that ends at a corner of the path, where the drift
/// may jump, has the drift on its own side of the corner.
public struct TransportMap: Sendable {
  public let drift: any DivergenceDrift
  public let integrator: TransportIntegrator
  /// Runge-Kutta steps from one time to the other.
  public let substeps: Int

  public init(drift: any DivergenceDrift, integrator: TransportIntegrator = .rk4, substeps: Int = 1)
  {
    precondition(substeps >= 1, "at least one step")
    self.drift = drift
    self.integrator = integrator
    self.substeps = substeps
  }

  /// Evaluations of the drift for one walker.
  public var evaluations: Int { integrator.evaluations * substeps }

  /// Moves every member and returns its log|det ∂φ'/∂φ|.
  public func move(_ batch: inout Configurations, from: Double, to: Double) -> [Double] {
    var logDeterminants = [Double](repeating: 0, count: batch.count)
    for substep in 0..<substeps {
      let start = from + (to - from) * Double(substep) / Double(substeps)
      let end =
        substep + 1 == substeps
        ? to : from + (to - from) * Double(substep + 1) / Double(substeps)
      switch integrator {
      case .rk2: midpoint(&batch, start, end, &logDeterminants)
      case .rk4: classical(&batch, start, end, &logDeterminants)
      }
    }
    return logDeterminants
  }

  /// A time at the edge of a step towards another: the later one from below, as a drift at a corner of
  /// its path is that to the right.
  private static func inside(_ time: Double, _ other: Double) -> Double {
    time > other ? time.nextDown : time
  }

  private func midpoint(
    _ batch: inout Configurations, _ start: Double, _ end: Double, _ logs: inout [Double]
  ) {
    let step = end - start
    var velocities = Configurations(count: batch.count, dimension: batch.dimension)
    var divergences = [Double](repeating: 0, count: batch.count)
    drift.velocities(of: batch, at: Self.inside(start, end), into: &velocities)
    let middle = batch.moved(0.5 * step, along: velocities)
    drift.velocities(
      of: middle, at: 0.5 * (start + end), into: &velocities, divergences: &divergences)
    batch.move(step, along: velocities)
    for member in logs.indices { logs[member] += step * divergences[member] }
  }

  private func classical(
    _ batch: inout Configurations, _ start: Double, _ end: Double, _ logs: inout [Double]
  ) {
    let step = end - start
    let origin = batch
    var point = batch
    var velocities = Configurations(count: batch.count, dimension: batch.dimension)
    var divergences = [Double](repeating: 0, count: batch.count)
    let stages: [(time: Double, weight: Double, next: Double)] = [
      (Self.inside(start, end), 1.0 / 6, 0.5), (0.5 * (start + end), 1.0 / 3, 0.5),
      (0.5 * (start + end), 1.0 / 3, 1), (Self.inside(end, start), 1.0 / 6, 0),
    ]
    for (index, stage) in stages.enumerated() {
      drift.velocities(of: point, at: stage.time, into: &velocities, divergences: &divergences)
      batch.move(step * stage.weight, along: velocities)
      for member in logs.indices { logs[member] += step * stage.weight * divergences[member] }
      if index < 3 { point = origin.moved(step * stage.next, along: velocities) }
    }
  }
}

extension Configurations {
  /// Adds a multiple of velocities.
  mutating func move(_ step: Double, along velocities: Configurations) {
    let total = values.count
    withMutableRows { rows in
      velocities.withRows { df_field_move(rows, step, $0, rows, total) }
    }
  }

  /// These fields with a multiple of velocities added.
  func moved(_ step: Double, along velocities: Configurations) -> Configurations {
    let total = values.count
    let values = [Double](unsafeUninitializedCapacity: total) { buffer, initialized in
      withRows { rows in
        velocities.withRows { df_field_move(rows, step, $0, buffer.baseAddress!, total) }
      }
      initialized = total
    }
    return Configurations(count: count, dimension: dimension, values: values)
  }
}
