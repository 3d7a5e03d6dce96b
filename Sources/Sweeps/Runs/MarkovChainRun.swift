// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import Observables
import RandomStreams

/// One ensemble of independent Markov chains: what is sampled, how, for how long, and what is kept.
///
/// Update number u counts from 0. Updates below `thermalisation` are thermalisation, during which
/// alone the step size may be tuned; the others are trajectories 1, 2, ... The whole state between
/// two updates is the fields, the update number, the step size and the tuner, so a run that was cut
/// goes on to the same bits.
public struct MarkovChainRun: Sendable {
  public enum Start: Sendable, Equatable {
    /// Every site an independent standard normal, calmed by a few local updates.
    case hot
    /// φ = 0 everywhere.
    case cold
    /// Even chains hot, odd chains cold.
    case mixed
  }

  public var action: Phi4
  public var kernel: any TunableKernel
  public var chains: Int
  public var trajectories: Int
  public var thermalisation: Int
  public var start: Start
  /// Whether the step size is tuned during thermalisation.
  public var isTuned: Bool
  public var observables: [any Observable]
  /// Trajectories between two measurements.
  public var measurementInterval: Int
  /// Trajectories between two stored configurations; nil stores none.
  public var configurationInterval: Int?
  public var configurationType: ScalarType
  /// Trajectories between two checks of reversibility; 0 makes none.
  public var reversibilityInterval: Int
  public var streams: RandomStreams

  public init(
    action: Phi4, kernel: any TunableKernel, chains: Int, trajectories: Int, thermalisation: Int,
    start: Start = .mixed, isTuned: Bool = true, observables: [any Observable],
    measurementInterval: Int = 1, configurationInterval: Int? = nil,
    configurationType: ScalarType = .float64, reversibilityInterval: Int = 100,
    streams: RandomStreams
  ) {
    self.action = action
    self.kernel = kernel
    self.chains = chains
    self.trajectories = trajectories
    self.thermalisation = thermalisation
    self.start = start
    self.isTuned = isTuned
    self.observables = observables
    self.measurementInterval = measurementInterval
    self.configurationInterval = configurationInterval
    self.configurationType = configurationType
    self.reversibilityInterval = reversibilityInterval
    self.streams = streams
  }

  /// Updates in all.
  public var updates: Int { thermalisation + trajectories }

  /// The fields before the first update.
  ///
  /// Far from equilibrium the force of a hot start is so stiff that a trajectory with a step size
  /// that suits equilibrium may never be accepted, and the chain would stand still for ever. Local
  /// updates do not have that trap: 30 tuned Metropolis sweeps calm the fields of hot chains first.
  public func initialFields(workers: Workers = Workers(1)) -> Configurations {
    let volume = action.lattice.volume
    var fields = Configurations(count: chains, dimension: volume)
    fields.withMutableRows { rows in
      for chain in 0..<chains {
        streams.fillNormals(
          rows + chain * volume, count: volume, purpose: .initialField, walker: chain, step: 0)
      }
    }
    var local = Metropolis(action: action, stepSize: 0.5)
    var tuner = StepSizeTuner(
      initial: local.stepSize, targetAcceptance: local.targetAcceptance)
    let localStreams = streams.derived("initial fields")
    for sweep in 0..<30 {
      let info = local.update(
        &fields, in: UpdateContext(streams: localStreams, number: sweep, workers: workers))
      local.stepSize = tuner.next(
        acceptance: info.acceptance.reduce(0, +) / Double(info.acceptance.count))
    }
    for chain in 0..<chains where start == .cold || (start == .mixed && chain % 2 == 1) {
      fields[chain] = ArraySlice(repeating: 0, count: volume)
    }
    return fields
  }

  /// The tables that the run writes.
  public var tables: [Table] {
    var tables = [
      Table(
        name: TableName.thermalisation, rowName: "update",
        variables: [
          Variable(
            name: "m", longName: "magnetization per site", definition: #"V^{-1} \sum_x \phi_x"#),
          Variable(name: "action", longName: "action per site"),
          Variable(name: "acceptance", units: "1", longName: "acceptance of the update"),
          Variable(name: "step_size", longName: "step size of the update"),
        ]),
      Table(name: TableName.observables, variables: observables.flatMap(\.variables)),
    ]
    tables += kernel.diagnostics
    tables.append(
      Table(
        name: TableName.timing, isPerChain: false,
        variables: [
          Variable(
            name: "update_s", units: "s", longName: "wall time of the update of all chains"),
          Variable(
            name: "measure_s", units: "s",
            longName: "wall time of the measurements after the update"),
        ]))
    if reversibilityInterval > 0 && hmc != nil {
      tables.append(
        Table(
          name: TableName.reversibility, isPerChain: false,
          variables: [
            Variable(
              name: "checked_chain", type: .int64, units: "1",
              longName: "the chain that was checked"),
            Variable(
              name: "defect", longName: "distance after there and back",
              definition: #"\max_x |\phi_x - \phi''_x|"#),
            Variable(
              name: "energy_defect", units: "1", longName: "energy change of there and back",
              definition: #"|\Delta H_{\rm there} + \Delta H_{\rm back}|"#),
          ]))
    }
    if configurationInterval != nil {
      let lattice = action.lattice
      tables.append(
        Table(
          name: TableName.configurations,
          variables: [Self.fieldVariable(on: lattice, type: configurationType)]))
    }
    return tables
  }

  /// φ at every site of each chain.
  static func fieldVariable(on lattice: Lattice, type: ScalarType) -> Variable {
    Variable(
      name: "phi",
      axes: zip(lattice.axisNames, lattice.extents).map { name, extent in
        Axis(
          name: name, coordinates: (0..<extent).map { Double($0) }, units: "lattice",
          longName: "\(name) coordinate")
      },
      type: type, longName: "field configuration", definition: #"\phi_x"#)
  }

  /// The molecular dynamics of the kernel, where it has one.
  var hmc: HMC? { Self.hmc(of: kernel) }

  static func hmc(of kernel: any TunableKernel) -> HMC? {
    ((kernel as? CompositeKernel)?.local ?? kernel) as? HMC
  }
}

/// The names of the tables that every run of Markov chains writes.
public enum TableName {
  public static let thermalisation = "thermalisation"
  public static let observables = "observables"
  public static let configurations = "configurations"
  public static let reversibility = "reversibility"
  public static let timing = "timing"
}
