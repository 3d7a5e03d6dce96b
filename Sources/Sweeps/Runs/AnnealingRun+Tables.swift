// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

extension AnnealingRun {
  /// The tables that the run writes.
  public var tables: [Table] {
    var tables = [
      Table(
        name: TableName.observables, rowName: "population", isPerChain: false,
        variables: observables[0].flatMap(\.variables).map { variable in
          var variable = variable
          variable.axes = [stopAxis, walkerAxis] + variable.axes
          return variable
        }),
      annealingTable, pathTable, evolutionTable,
    ]
    if isCurved { tables.append(StoredPath.table) }
    if resampling != nil { tables.append(resamplingTable) }
    if reverseUpdates > 0 { tables.append(reverseTable) }
    tables.append(
      Table(
        name: TableName.timing, rowName: "population", isPerChain: false,
        variables: [
          Variable(name: "update_s", units: "s", longName: "wall time of the steps"),
          Variable(name: "measure_s", units: "s", longName: "wall time of the measurements"),
        ]))
    if configurationInterval != nil { tables.append(configurationTable) }
    return tables
  }

  private var stopAxis: Axis {
    Axis(
      name: "stop", coordinates: stops.indices.map { Double($0) },
      longName: "theory on the path at which the walkers are measured, see the group stops")
  }

  private var walkerAxis: Axis {
    Axis(
      name: "walker", coordinates: (0..<walkers).map { Double($0) },
      longName: "walker of the population")
  }

  private var annealingTable: Table {
    var table = Table(
      name: TableName.annealing, rowName: "population", isPerChain: false,
      variables: [
        Variable(
          name: "log_weight", axes: [stopAxis, walkerAxis], units: "1",
          longName: "logarithm of the weight of the walker",
          definition: #"E[w] = Z_{\rm stop}/Z_{\rm origin}"#),
        Variable(
          name: "work", axes: [stopAxis, walkerAxis], units: "1",
          longName: "work done along the walker's line of descent",
          definition: #"W = -\sum_k \Delta \log w"#),
        Variable(
          name: "ancestor", axes: [stopAxis, walkerAxis], type: .int64, units: "1",
          longName: "the walker's ancestor at the origin"),
        Variable(
          name: "ess", axes: [stopAxis], units: "1",
          longName: "effective sample size as a fraction of the walkers",
          definition: #"(\sum w)^2 / (N \sum w^2)"#),
        Variable(
          name: "log_z", axes: [stopAxis], units: "1",
          longName: "logarithm of the normalisation of the stop's weight exp(-S)",
          definition: #"\log \left( N^{-1} \sum w \right) + \log Z_{\rm origin}"#),
        Variable(
          name: "resamplings", axes: [stopAxis], type: .int64, units: "1",
          longName: "resamplings up to the stop"),
        Variable(
          name: "n_force", type: .int64, units: "1",
          longName: "gradient evaluations, or sweeps of local proposals, of all walkers"),
        Variable(
          name: "acceptance", units: "1", longName: "mean acceptance; 1 where nothing is rejected"),
      ])
    if map != nil {
      table.variables.append(
        Variable(
          name: "n_drift", type: .int64, units: "1",
          longName: "evaluations of the drift of all walkers"))
    }
    return table
  }

  private var pathTable: Table {
    Table(
      name: TableName.path, rowName: "step", isPerChain: false,
      variables: [
        Variable(name: "time", units: "1", longName: "time along the path, from 0 to 1"),
        Variable(
          name: "step_size", longName: "step size of the dynamics on the way here, none at first"),
        Variable(name: "J", longName: "coefficient of the hopping term"),
        Variable(name: "c2", longName: "coefficient of phi^2"),
        Variable(name: "c4", longName: "coefficient of phi^4"),
      ])
  }

  private var evolutionTable: Table {
    Table(
      name: TableName.evolution, rowName: "record", isPerChain: false,
      variables: [
        Variable(name: "population", type: .int64, units: "1", longName: "population, from 1"),
        Variable(name: "step", type: .int64, units: "1", longName: "steps made"),
        Variable(name: "time", units: "1", longName: "time along the path"),
        Variable(
          name: "ess", units: "1", longName: "effective sample size as a fraction of the walkers"),
        Variable(
          name: "log_z", units: "1",
          longName: "logarithm of the normalisation of exp(-S) at this time"),
      ])
  }

  private var resamplingTable: Table {
    Table(
      name: TableName.resampling, rowName: "event", isPerChain: false,
      variables: [
        Variable(name: "population", type: .int64, units: "1", longName: "population, from 1"),
        Variable(name: "step", type: .int64, units: "1", longName: "steps made"),
        Variable(name: "time", units: "1", longName: "time along the path"),
        Variable(
          name: "ess", units: "1",
          longName: "effective sample size before, as a fraction of the walkers"),
        Variable(
          name: "parents", axes: [walkerAxis], type: .int64, units: "1",
          longName: "the walker of which each is a copy"),
      ])
  }

  private var reverseTable: Table {
    Table(
      name: TableName.reverse, rowName: "population", isPerChain: false,
      variables: [
        Variable(
          name: "log_weight", axes: [walkerAxis], units: "1",
          longName: "logarithm of the weight of the way back",
          definition: #"E[w] = Z_{\rm origin}/Z_{\rm theory}"#),
        Variable(
          name: "work", axes: [walkerAxis], units: "1", longName: "work of the way back",
          definition: #"W = -\sum_k \Delta \log w"#),
      ])
  }

  private var configurationTable: Table {
    let axes = zip(lattice.axisNames, lattice.extents).map { name, extent in
      Axis(
        name: name, coordinates: (0..<extent).map { Double($0) }, units: "lattice",
        longName: "\(name) coordinate")
    }
    return Table(
      name: TableName.configurations, rowName: "population", isPerChain: false,
      variables: [
        Variable(
          name: "phi", axes: [walkerAxis] + axes, type: configurationType,
          longName: "field configuration at the last stop, to be weighted by w",
          definition: #"\phi_x"#)
      ])
  }
}

extension TableName {
  public static let annealing = "annealing"
  public static let path = "path"
  public static let evolution = "evolution"
  public static let resampling = "resampling"
  public static let reverse = "reverse"
  /// Attributes alone.
  public static let pilot = "pilot"
  public static let stops = "stops"
}
