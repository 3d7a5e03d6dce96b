// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import Observables
import RandomStreams
import Sweeps

/// Runs as they are stored, made in memory.
enum StoredRuns {
  static func theory(
    _ couplings: Phi4Couplings.Parametrisation, _ lattice: Lattice
  ) -> [String: [String: AttributeValue]] {
    let c = Phi4Couplings(couplings, dimensions: lattice.dimensions).coefficients
    return [
      "theory": [
        "J": .real(c.hopping), "c2": .real(c.quadratic), "c4": .real(c.quartic),
        "parametrisation": .text(couplings.name),
      ],
      "lattice": ["shape": .integers(lattice.extents)],
    ]
  }

  private static func moments(_ action: Phi4) -> [any Observable] {
    let c = action.coefficients
    return [
      FieldMoments(
        lattice: action.lattice, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic),
      SliceCorrelator(lattice: action.lattice),
    ]
  }

  /// Chains of HMC at one theory.
  static func chains(
    _ action: Phi4, chains: Int = 8, trajectories: Int = 2000, seed: UInt64, name: String = "hmc"
  ) throws -> MemoryEnsemble {
    let run = MarkovChainRun(
      action: action,
      kernel: HMC(target: action, scheme: .omelyan, steps: 5, length: 1.2, jitter: 0.2),
      chains: chains, trajectories: trajectories, thermalisation: 300,
      observables: moments(action), reversibilityInterval: 0, streams: RandomStreams(seed: seed))
    var descriptions = theory(action.couplings.given, action.lattice)
    descriptions["sampler"] = [
      "name": .text(name), "method": .text("hmc"), "scheme": .text("omelyan"),
      "length": .real(1.2), "initial_steps": .integer(5), "family": .text("markov"),
    ]
    let memory = MemoryEnsemble(
      layout: EnsembleLayout(
        chains: chains, attributes: ["run_id": .text("\(name) \(seed)")],
        descriptions: descriptions, tables: run.tables))
    let runner = try MarkovChainRunner(run, writer: memory, from: nil, workers: Workers(2))
    _ = try runner.carryOut()
    memory.finish(runner.state, [:])
    return memory
  }

  /// Exact samples of a free field as chains without autocorrelation.
  static func exactChains(
    _ field: FreeField, chains: Int, count: Int, seed: UInt64
  ) throws -> MemoryEnsemble {
    let observables = moments(field.phi4)
    var descriptions = theory(field.phi4.couplings.given, field.lattice)
    descriptions["sampler"] = ["name": .text("exact \(seed)"), "method": .text("hmc")]
    let memory = MemoryEnsemble(
      layout: EnsembleLayout(
        chains: chains, descriptions: descriptions,
        tables: [
          Table(name: TableName.observables, variables: observables.flatMap(\.variables))
        ]))
    var batch = Configurations(count: chains, dimension: field.lattice.volume)
    for row in 0..<count {
      field.sample(
        into: &batch, using: RandomStreams(seed: seed), purpose: .initialField, firstWalker: 0,
        step: row)
      try memory.append(row: row + 1, to: TableName.observables, observables.measure(batch))
    }
    memory.finish(RestartState(fields: batch, integers: [:]), [:])
    return memory
  }

  /// What an annealing run is made of.
  struct Annealing {
    var origin: FreeField
    /// The theories at equally spaced times, the last that of the run.
    var stops: [Phi4]
    var steps = 20
    var walkers = 250
    var populations = 8
    var isResampled = false
    var reverseUpdates = 0
    var seed: UInt64
    var name = "ais"
    /// What is stored for log w.
    var falsify: @Sendable (Double) -> Double = { $0 }
  }

  static func annealing(_ parts: Annealing) throws -> MemoryEnsemble {
    let path = CouplingPath(from: .free(parts.origin), through: parts.stops)
    let schedule = AnnealingSchedule.uniform(parts.steps, stepSize: 0.35)
    let transition = KernelTransition<Phi4>.hmc(steps: 3)
    let streams = RandomStreams(seed: parts.seed)
    let sampler = AnnealedSampler(
      path: path, transition: transition, schedule: schedule,
      resampling: parts.isResampled ? Resampling(threshold: 0.95) : nil, streams: streams)
    let memory = MemoryEnsemble(layout: layout(parts))
    for (step, time) in schedule.times.enumerated() {
      try memory.append(row: step, to: "path", [[time]])
    }
    let legs = parts.stops.count
    for number in 1...parts.populations {
      var population = sampler.start(population: number - 1, count: parts.walkers)
      var rows: (observables: [[Double]], weights: [Double], forces: Int) = ([], [], 0)
      for (leg, theory) in parts.stops.enumerated() {
        let record = try sampler.advance(
          &population, through: leg * parts.steps / legs..<(leg + 1) * parts.steps / legs,
          workers: Workers(2))
        rows.forces += record.gradientEvaluations
        let values = moments(theory).measure(population.positions)
        rows.observables =
          leg == 0 ? values : zip(rows.observables, values).map { $0 + $1 }
        rows.weights += population.logWeights.map(parts.falsify)
      }
      try memory.append(row: number, to: TableName.observables, rows.observables)
      try memory.append(
        row: number, to: StoredAnnealing.table, [rows.weights, [Double(rows.forces)], [0.9]])
      try memory.append(row: number, to: TableName.timing, [[0.5], [0.1]])
      if parts.reverseUpdates > 0 {
        try memory.append(
          row: number, to: "reverse",
          [try wayBack(parts, path, transition, schedule, number: number)])
      }
    }
    memory.finish(
      RestartState(fields: Configurations(count: 1, dimension: 1), integers: [:]), [:])
    return memory
  }

  /// log w of walkers that go back from exact samples of the last stop, which must be a free field.
  private static func wayBack(
    _ parts: Annealing, _ path: CouplingPath, _ transition: KernelTransition<Phi4>,
    _ schedule: AnnealingSchedule, number: Int
  ) throws -> [Double] {
    let streams = RandomStreams(seed: parts.seed).derived("reverse")
    let end = FreeField(
      lattice: path.lattice, couplings: parts.stops[parts.stops.count - 1].couplings.given)
    var positions = Configurations(count: parts.walkers, dimension: path.dimension)
    end.sample(
      into: &positions, using: streams, purpose: .initialField,
      firstWalker: (number - 1) * parts.walkers, step: 0)
    let sampler = AnnealedSampler(
      path: path, transition: transition, schedule: schedule, direction: .reverse, streams: streams)
    var population = sampler.start(population: number - 1, at: positions)
    _ = try sampler.advance(&population, through: 0..<schedule.steps)
    return population.logWeights
  }

  private static func layout(_ parts: Annealing) -> EnsembleLayout {
    let last = parts.stops[parts.stops.count - 1]
    func axis(_ name: String, _ count: Int) -> Axis {
      Axis(name: name, coordinates: (0..<count).map { Double($0) }, longName: name)
    }
    let axes = [axis("stop", parts.stops.count), axis("walker", parts.walkers)]
    var descriptions = theory(last.couplings.given, last.lattice)
    descriptions["sampler"] = [
      "name": .text(parts.name), "method": .text(parts.isResampled ? "smc" : "ais"),
      "family": .text("annealing"),
      "resampling": .text(parts.isResampled ? "systematic" : "none"),
    ]
    let c = parts.stops.map(\.coefficients)
    descriptions["stops"] = [
      "J": .reals(c.map(\.hopping)), "c2": .reals(c.map(\.quadratic)),
      "c4": .reals(c.map(\.quartic)),
      "time": .reals(c.indices.map { Double($0 + 1) / Double(c.count) }),
      "label": .texts(c.map { "c4=\($0.quartic)" }),
      "log_z_origin": .real(parts.origin.logNormalizer), "origin": .text("free"),
    ]
    descriptions["pilot"] = [
      "steps": .integer(parts.steps), "n_force": .integer(1000), "seconds": .real(0.25),
    ]
    func table(_ name: String, _ row: String, _ variables: [Variable]) -> Table {
      Table(name: name, rowName: row, isPerChain: false, variables: variables)
    }
    var tables = [
      table(
        TableName.observables, "population",
        moments(last).flatMap(\.variables).map { variable in
          var variable = variable
          variable.axes = axes + variable.axes
          return variable
        }),
      table(
        StoredAnnealing.table, "population",
        [
          Variable(name: "log_weight", axes: axes, longName: "log w"),
          Variable(name: "n_force", longName: "gradients"),
          Variable(name: "acceptance", longName: "acceptance"),
        ]),
      table("path", "step", [Variable(name: "time", longName: "time")]),
      table(
        TableName.timing, "population",
        [
          Variable(name: "update_s", longName: "s"), Variable(name: "measure_s", longName: "s"),
        ]),
    ]
    if parts.reverseUpdates > 0 {
      tables.append(
        table(
          "reverse", "population",
          [Variable(name: "log_weight", axes: [axes[1]], longName: "log w")]))
    }
    return EnsembleLayout(
      chains: 1, attributes: ["run_id": .text("\(parts.name) \(parts.seed)")],
      descriptions: descriptions, tables: tables)
  }
}
