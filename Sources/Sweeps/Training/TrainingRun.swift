// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices
import MonteCarlo
import RandomStreams
import Transport

/// The training of a drift for a run: what is trained, how, and what is kept of it.
public struct TrainingRun: Sendable {
  /// The run that the drift is for, or the first of several.
  public let run: RunSpecification
  public let specification: TrainingSpecification
  public let features: [SpectralFeature]
  public let basis: KernelBasis
  /// What is trained, one after the other: the drift of the run's own theory, or those of a line.
  let nodes: [TrainingNode]
  private let annealing: AnnealingSpecification

  /// Nil where a run trains no drift.
  init?(_ run: RunSpecification) {
    guard let annealing = run.annealing, let specification = annealing.transport?.training
    else { return nil }
    self.run = run
    self.annealing = annealing
    self.specification = specification
    features = SpectralFeature.standard
    basis = KernelBasis.standard(run.lattice)
    let theories = specification.line.map { line in
      line.values.map { run.replacing(line.key, by: $0) }
    }
    nodes = (theories ?? [run]).map { [features, basis] in
      TrainingNode($0, annealing, specification, features: features, basis: basis)
    }
  }

  /// The folder in which the drift of a run is kept, such as `drift-000-nets`.
  static func folderName(of run: RunSpecification) -> String {
    "drift" + run.folderName.dropFirst("run".count)
  }

  /// What tells the training from others of its sweep.
  public var label: String {
    specification.line.map { "\(annealing.name) \($0.label) drift" } ?? "\(run.label) drift"
  }

  public var folderName: String { Self.folderName(of: run) }

  /// Those of the training by gradients.
  var refinementStreams: RandomStreams { derived(identity) }

  private func derived(_ identity: String) -> RandomStreams {
    RandomStreams(seed: run.seed).derived("drift\n" + identity)
  }

  /// A text of fixed form that, together with the seed, determines every random decision of the
  /// training. Runs that agree in it follow one drift, or drifts of one line of couplings.
  var identity: String {
    closedFormIdentity + (specification.network.map { "\($0.identity)\n" } ?? "")
  }

  /// That of the closed form, which is the same with and without a network. Each node has streams of its
  /// own.
  private var closedFormIdentity: String {
    (specification.line.map { "line: \($0.identity)\n" } ?? "")
      + nodes.map(\.identity).joined()
  }

  /// What keeps walkers close to the densities of the path.
  var refreshTransition: KernelTransition<Phi4> { run.calming(annealing) }

  // MARK: What is kept

  /// Everything a file says of the training before it begins.
  func layout(title: String, sweepText: String) -> EnsembleLayout {
    var attributes = run.rootAttributes(title: title, sweepText: sweepText)
    attributes["label"] = .text(label)
    attributes["run_id"] = .text(RunSpecification.stableHash("\(run.seed) drift\n\(identity)"))
    attributes["stream_key"] = .text(String(derived(closedFormIdentity).key))
    return EnsembleLayout(
      chains: 1, attributes: attributes,
      descriptions: [
        "theory": run.theoryAttributes, "lattice": run.latticeAttributes,
        "sampler": annealing.trainingAttributes, TableName.stops: run.stopAttributes,
        TableName.drift: driftAttributes,
      ], tables: tables)
  }

  private var driftAttributes: [String: AttributeValue] {
    var result = StoredFeatures.attributes(features)
    result.merge(StoredBasis.attributes(basis)) { $1 }
    result["polynomials"] = .integer(polynomials)
    if let network = specification.network {
      result.merge(StoredNetwork.attributes(network.architecture(legs: annealing.legs))) { $1 }
    }
    if let line = specification.line {
      result.merge(StoredLine.attributes(line, of: run)) { $1 }
    }
    return result
  }

  /// Chebyshev polynomials in time on each leg. A path that has to be found has its corners where the
  /// straight one has them.
  private var polynomials: Int {
    run.annealingRun.map { nodes[0].training(along: $0.path, workers: Workers(1)).orders } ?? 0
  }

  /// On a line of couplings every row says which of its trained drifts it is of.
  private var tables: [Table] {
    guard specification.line != nil else { return tablesOfNode }
    return tablesOfNode.map { table in
      var table = table
      table.variables.append(StoredLine.variable)
      return table
    }
  }

  private var tablesOfNode: [Table] {
    let count = SpectralDrift.weightCount(features, basis)
    return closedFormTables(count) + (specification.network.map { _ in StoredNetwork.tables } ?? [])
  }

  private func closedFormTables(_ count: Int) -> [Table] {
    [
      StoredPath.table,
      Table(
        name: TableName.training, rowName: "slice", isPerChain: false,
        variables: [
          Variable(name: "sweep", type: .int64, units: "1", longName: "sweep of walkers, from 1"),
          Variable(name: "time", units: "1", longName: "time along the path"),
          Variable(
            name: "residual_reference", units: "1",
            longName: "variance per site of the residual without weights",
            definition: residual("c = 0")),
          Variable(
            name: "residual_local", units: "1",
            longName: "variance per site of the residual with the weights solved for at this time",
            definition: residual(#"c = c_k"#)),
          Variable(
            name: "residual", units: "1",
            longName: "variance per site of the residual with the weights of the fit to all times",
            definition: residual(#"c = \sum_n a_n T_n(x(t))"#)),
          Variable(
            name: "ess", units: "1",
            longName: "effective sample size of the walkers as a fraction of their number"),
        ]),
      Table(
        name: TableName.weights, rowName: "coefficient", isPerChain: false,
        variables: [
          Variable(name: "leg", type: .int64, units: "1", longName: "leg of the path, from 1"),
          Variable(
            name: "order", type: .int64, units: "1", longName: "n of the Chebyshev polynomial T_n"),
          Variable(
            name: "weight",
            axes: [
              Axis(
                name: "weight_number", coordinates: (0..<count).map { Double($0) },
                longName: "number of the weight: feature after feature, each with its functions")
            ],
            longName: "coefficient of T_n in the weights of the drift",
            definition: #"c_i(t) = \sum_n a_{n i} T_n(x(t))"#),
        ]),
    ]
  }

  private func residual(_ weights: String) -> String {
    #"V^{-1} {\rm Var}(\nabla \cdot b - \nabla U \cdot b - \partial_t U), "# + weights
  }
}

extension RunSpecification {
  /// The training of the run's drift, if it makes one.
  var training: TrainingRun? { TrainingRun(self) }

  /// What tells the training from others.
  var trainingKey: String? { training.map { "\(seed) \($0.identity)" } }
}

extension SweepDefinition {
  /// One training for all runs that can follow the same drift, in the order of the runs.
  public var trainings: [TrainingRun] {
    var known: Set<String> = []
    return runs.compactMap { run in
      guard let key = run.trainingKey, known.insert(key).inserted else { return nil }
      return run.training
    }
  }
}
