// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import RandomStreams
import Transport

/// A trained drift as its file describes it.
public struct StoredDrift: Sendable {
  /// Its part that was trained in closed form: all of it, but for a network.
  public let drift: SpectralDrift
  /// The same with the network that refines it, where there is one.
  public let network: ConvolutionDrift?
  /// A hash of everything that decides about the velocities: path, features, basis and weights.
  public let identity: String
  /// What tells the training from others.
  public let trainingIdentity: String
  public let summary: TrainingSummary
  /// How the residual varied along the path in the last sweep of the training.
  public let profile: ResidualProfile

  public var path: CouplingPath { drift.path }

  /// What walkers follow.
  public var followed: any DivergenceDrift { network ?? drift }

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
    drift = try Self.spectral(reader)
    network = try StoredNetwork.read(reader, refining: drift)
    profile = try Self.profile(reader, corners: drift.path.corners)
    summary = try TrainingSummary(reader)
    let root = try reader.attributes(of: "")
    guard let training = root.text("run_id") else {
      throw EnsembleError("the file does not say which training it is of")
    }
    trainingIdentity = training
    identity = Self.hash(drift, network)
  }

  /// The part of a drift that was trained in closed form, which is complete before a network is.
  static func spectral(_ reader: any EnsembleReader) throws -> SpectralDrift {
    let path = try StoredPath.read(reader)
    let attributes = try reader.attributes(of: TableName.drift)
    let features = try StoredFeatures.read(attributes)
    let basis = try StoredBasis.read(attributes, on: path.lattice)
    let count = SpectralDrift.weightCount(features, basis)
    let legs = try reader.values(of: "leg", in: TableName.weights).map { Int($0) }
    let weights = try reader.values(of: "weight", in: TableName.weights)
    let orders = legs.count { $0 == 1 }
    guard path.corners.count >= 2,
      legs
        == (1..<path.corners.count).flatMap({ leg in
          Array(repeating: leg, count: orders)
        }), orders >= 1, weights.count == legs.count * count
    else { throw EnsembleError("its weights do not belong to its features") }
    return SpectralDrift(
      path: path, features: features, basis: basis,
      weights: ChebyshevCurve(
        knots: path.corners, count: count,
        coefficients: (0..<path.corners.count - 1).map {
          Array(weights[$0 * orders * count..<($0 + 1) * orders * count])
        }))
  }

  private static func profile(
    _ reader: any EnsembleReader, corners: [Double]
  ) throws -> ResidualProfile {
    func column(_ name: String) throws -> [Double] {
      try reader.values(of: name, in: TableName.training)
    }
    let (sweeps, times) = (try column("sweep"), try column("time"))
    let residuals = try column("residual")
    let last = sweeps.indices.filter { sweeps[$0] == sweeps.last }
    guard last.count >= 2 else { throw EnsembleError("it lacks the residuals of its training") }
    return ResidualProfile(
      corners: corners, times: last.map { times[$0] }, variances: last.map { residuals[$0] })
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
      "weights": .integer(drift.weights.count),
    ].merging(summary.attributes) { $1 }
      .merging(network.map { ["parameters": .integer($0.parameters.count)] } ?? [:]) { $1 }
  }
}

/// What a training has come to, and what it has cost.
public struct TrainingSummary: Sendable, Equatable {
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
  init(_ reader: any EnsembleReader) throws {
    let table = TableName.training
    let cost = try reader.attributes(of: table)
    // A network is measured by itself.
    let last = reader.layout.table(TableName.check) == nil ? table : TableName.check
    guard let residual = try reader.values(of: "residual", in: last).last,
      let reference = try reader.values(of: "residual_reference", in: table).last,
      let fraction = try reader.values(of: "ess", in: last).last,
      let path = cost.real("path_seconds"), let seconds = cost.real("seconds"),
      let gradients = cost.real("n_force"), let drifts = cost.real("n_drift")
    else { throw EnsembleError("the file does not tell how its drift was trained") }
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
