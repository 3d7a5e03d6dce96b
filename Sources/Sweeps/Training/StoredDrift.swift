// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import RandomStreams
import Transport

/// A trained drift as its file describes it, or the trained drifts of a line of couplings.
public struct StoredDrift: Sendable {
  /// What was trained in closed form: one drift, or those of the line.
  public let members: [SpectralDrift]
  /// The drifts for all theories on the line; nil where there is none.
  public let family: SpectralDriftFamily?
  /// The drift with the network that refines it, where there is one; never on a line.
  public let network: ConvolutionDrift?
  /// A hash of everything that decides about the velocities: paths, features, basis and weights.
  public let identity: String
  /// What tells the training from others.
  public let trainingIdentity: String
  public let summary: TrainingSummary
  /// How the residuals varied along the paths in the last sweep of each training.
  private let profiles: [ResidualProfile]

  /// Whether an ensemble is a drift.
  public static func describes(_ reader: any EnsembleReader) throws -> Bool {
    try reader.attributes(of: "sampler").text("family") == AnnealingSpecification.driftFamily
  }

  /// Throws if the ensemble is no drift, or one that is not trained to the end.
  public init(_ reader: any EnsembleReader) throws {
    guard try Self.describes(reader) else { throw EnsembleError("is not a trained drift") }
    guard reader.isComplete else {
      throw EnsembleError("its drift is not trained to the end; 'driftfield train' goes on")
    }
    let line = try StoredLine(reader.attributes(of: TableName.drift))
    let nodes: [Int?] = line.map { (0..<$0.nodes).map { $0 } } ?? [nil]
    let members = try nodes.map { try Self.spectral(reader, node: $0) }
    self.members = members
    profiles = try zip(nodes, members).map {
      try Self.profile(reader, node: $0, corners: $1.path.corners)
    }
    family = try line.map { try Self.family(members, along: $0) }
    network = line == nil ? try StoredNetwork.read(reader, refining: members[0]) : nil
    summary = try TrainingSummary(reader, nodes: nodes)
    let root = try reader.attributes(of: "")
    guard let training = root.text("run_id") else {
      throw EnsembleError("the file does not say which training it is of")
    }
    trainingIdentity = training
    identity =
      line == nil
      ? Self.hash(members[0], network)
      : RunSpecification.stableHash(members.map { Self.hash($0, nil) }.joined(separator: " "))
  }

  /// The part of a drift that was trained in closed form, which is complete before a network is.
  static func spectral(_ reader: any EnsembleReader, node: Int? = nil) throws -> SpectralDrift {
    let path = try StoredPath.read(reader, node: node)
    let attributes = try reader.attributes(of: TableName.drift)
    let features = try StoredFeatures.read(attributes)
    let basis = try StoredBasis.read(attributes, on: path.lattice)
    let count = SpectralDrift.weightCount(features, basis)
    let rows = try StoredLine.rows(of: TableName.weights, in: reader, node: node)
    let all = try (
      legs: reader.values(of: "leg", in: TableName.weights),
      weights: reader.values(of: "weight", in: TableName.weights)
    )
    guard all.weights.count == all.legs.count * count else {
      throw EnsembleError("its weights do not belong to its features")
    }
    let legs = rows.map { Int(all.legs[$0]) }
    let weights = rows.flatMap { all.weights[$0 * count..<($0 + 1) * count] }
    let orders = legs.count { $0 == 1 }
    guard path.corners.count >= 2,
      legs
        == (1..<path.corners.count).flatMap({ leg in
          Array(repeating: leg, count: orders)
        }), orders >= 1
    else { throw EnsembleError("its weights do not belong to its features") }
    return SpectralDrift(
      path: path, features: features, basis: basis,
      weights: ChebyshevCurve(
        knots: path.corners, count: count,
        coefficients: (0..<path.corners.count - 1).map {
          Array(weights[$0 * orders * count..<($0 + 1) * orders * count])
        }))
  }

  private static func family(
    _ members: [SpectralDrift], along line: StoredLine
  ) throws -> SpectralDriftFamily {
    let first = members[0]
    guard
      members.allSatisfy({
        $0.path.knots.map(\.time) == first.path.knots.map(\.time)
          && $0.path.corners == first.path.corners
          && $0.weights.coefficients.map(\.count) == first.weights.coefficients.map(\.count)
      })
    else { throw EnsembleError("the paths to its couplings do not belong together") }
    func theory(_ end: Phi4Couplings.Coefficients) -> Phi4 {
      Phi4(lattice: first.lattice, couplings: .common(end))
    }
    return SpectralDriftFamily(
      from: theory(line.ends.0), to: theory(line.ends.1), drifts: members)
  }

  private static func profile(
    _ reader: any EnsembleReader, node: Int?, corners: [Double]
  ) throws -> ResidualProfile {
    let rows = try StoredLine.rows(of: TableName.training, in: reader, node: node)
    let sweeps = try reader.values(of: "sweep", in: TableName.training)
    let times = try reader.values(of: "time", in: TableName.training)
    let residuals = try reader.values(of: "residual", in: TableName.training)
    let last = rows.filter { sweeps[$0] == sweeps[rows[rows.count - 1]] }
    guard last.count >= 2 else { throw EnsembleError("it lacks the residuals of its training") }
    return ResidualProfile(
      corners: corners, times: last.map { times[$0] }, variances: last.map { residuals[$0] })
  }

  /// What walkers of a run follow, with its path. Throws if the run's theory is not on the line.
  public func followed(
    by run: RunSpecification
  ) throws -> (path: CouplingPath, drift: any DivergenceDrift) {
    let drift = try drift(for: run)
    return (drift.path, network ?? drift)
  }

  /// What was trained in closed form for the theory of a run, with its path. Throws if that is not on
  /// the line.
  func drift(for run: RunSpecification) throws -> SpectralDrift {
    guard let family else { return members[0] }
    guard family.place(of: run.action) != nil else {
      throw EnsembleError("its drifts are not for the theory of the run \(run.label)")
    }
    guard let drift = family.drift(for: run.action) else {
      throw EnsembleError(
        "between its \(members.count) trained drifts there is none for the run \(run.label): the path "
          + "that is interpolated does not begin at a free field; more couplings (amortised), or a "
          + "narrower range of them, would help")
    }
    // A path that the sweep file gives needs no interpolation.
    guard let annealing = run.annealing, !annealing.isCurved else { return drift }
    return SpectralDrift(
      path: run.straightPath(annealing), features: drift.features, basis: drift.basis,
      weights: drift.weights)
  }

  /// How the residual varied along the path of a run, or along that to the nearest trained theory.
  func profile(for run: RunSpecification) -> ResidualProfile {
    guard let family, let place = family.place(of: run.action) else { return profiles[0] }
    let nearest = family.nodes.indices.min {
      abs(family.nodes[$0] - place) < abs(family.nodes[$1] - place)
    }
    return profiles[nearest ?? 0]
  }

  private static func hash(_ drift: SpectralDrift, _ network: ConvolutionDrift?) -> String {
    let path = drift.path.knots.flatMap { knot in
      [
        knot.time, knot.coefficients.hopping, knot.coefficients.quadratic,
        knot.coefficients.quartic,
      ]
    }
    let numbers =
      path + drift.path.corners + drift.weights.coefficients.flatMap { $0 }
      + (network?.parameters ?? [])
    let architecture = network.map { "\($0.architecture) " } ?? ""
    return RunSpecification.stableHash(
      "\(drift.lattice.extents) \(drift.features) \(drift.basis.shape) \(drift.basis.symmetry) "
        + architecture + numbers.map { String($0.bitPattern, radix: 16) }.joined(separator: " "))
  }

  /// What a run records of the drift that it follows.
  func attributes(file: String) -> [String: AttributeValue] {
    [
      "file": .text(file), "id": .text(identity), "training_id": .text(trainingIdentity),
      "weights": .integer(members[0].weights.count),
    ].merging(summary.attributes) { $1 }
      .merging(network.map { ["parameters": .integer($0.parameters.count)] } ?? [:]) { $1 }
  }
}

/// What a training has come to, and what it has cost. On a line of couplings the worst of what each node
/// has come to.
public struct TrainingSummary: Sendable, Equatable {
  /// Theories for which drifts were trained.
  public var theories: Int
  /// The variance of the residual at the end of the path, per site, in the last sweep.
  public var residual: Double
  /// The same without weights.
  public var referenceResidual: Double
  /// The effective sample size of the walkers of the last sweep at the end, as a fraction.
  public var effectiveFraction: Double
  /// Wall time of the search for the path, and of the training after it.
  public var pathSeconds: Double
  public var seconds: Double
  public var gradientEvaluations: Double
  public var driftEvaluations: Double

  /// Throws if the file lacks what a complete training writes.
  public init(_ reader: any EnsembleReader) throws {
    let line = try StoredLine(reader.attributes(of: TableName.drift))
    try self.init(reader, nodes: line.map { (0..<$0.nodes).map { $0 } } ?? [nil])
  }

  fileprivate init(_ reader: any EnsembleReader, nodes: [Int?]) throws {
    let table = TableName.training
    let cost = try reader.attributes(of: table)
    // A network is measured by itself.
    let last = reader.layout.table(TableName.check) == nil ? table : TableName.check
    func atEnd(_ name: String, of table: String) throws -> [Double] {
      let values = try reader.values(of: name, in: table)
      let ends = try nodes.compactMap {
        try StoredLine.rows(of: table, in: reader, node: $0).last
      }
      return ends.count == nodes.count ? ends.map { values[$0] } : []
    }
    guard let residual = try atEnd("residual", of: last).max(),
      let reference = try atEnd("residual_reference", of: table).max(),
      let fraction = try atEnd("ess", of: last).min(),
      let path = cost.real("path_seconds"), let seconds = cost.real("seconds"),
      let gradients = cost.real("n_force"), let drifts = cost.real("n_drift")
    else { throw EnsembleError("the file does not tell how its drift was trained") }
    theories = nodes.count
    self.residual = residual
    referenceResidual = reference
    effectiveFraction = fraction
    (pathSeconds, self.seconds) = (path, seconds)
    (gradientEvaluations, driftEvaluations) = (gradients, drifts)
  }

  var attributes: [String: AttributeValue] {
    [
      "residual": .real(residual), "training_ess": .real(effectiveFraction),
      "path_seconds": .real(pathSeconds), "training_seconds": .real(seconds),
      "training_n_force": .real(gradientEvaluations), "training_n_drift": .real(driftEvaluations),
    ]
  }
}
