// SPDX-License-Identifier: GPL-3.0-or-later
import Transport

/// The drift of a non-equilibrium transport sampler, and how it is followed.
public struct TransportSpecification: Sendable, Equatable {
  /// Where the drift comes from.
  public enum Source: Sendable, Equatable {
    case trained(TrainingSpecification)
    /// A drift that was trained before, by the name of its folder or file.
    case file(String)
  }

  public var integrator: TransportIntegrator
  public var drift: Source
  /// Walkers that measure what the steps of the transport bias.
  public var biasWalkers: Int

  public init(integrator: TransportIntegrator, drift: Source, biasWalkers: Int) {
    self.integrator = integrator
    self.drift = drift
    self.biasWalkers = biasWalkers
  }

  /// The training, if the run makes one.
  public var training: TrainingSpecification? {
    if case .trained(let training) = drift { training } else { nil }
  }

  /// The transport in a few words of fixed form.
  var identity: String {
    let source =
      switch drift {
      case .trained(let training):
        training.identity + (training.network.map { " \($0.identity)" } ?? "")
      case .file(let name): "drift=\(name)"
      }
    return "integrator=\(integrator.rawValue) \(source)"
  }
}

/// How a drift is trained.
public struct TrainingSpecification: Sendable, Equatable {
  public var walkers: Int
  /// Times along the path at which the drift is solved for.
  public var slices: Int
  public var sweeps: Int
  public var ridge: Double
  /// What refines the drift after that; nil for nothing, and on a line.
  public var network: NetworkSpecification?
  /// The theories that share the training; nil where each has its own.
  public var line: CouplingLine?

  public init(
    walkers: Int, slices: Int, sweeps: Int, ridge: Double, network: NetworkSpecification? = nil,
    line: CouplingLine? = nil
  ) {
    self.walkers = walkers
    self.slices = slices
    self.sweeps = sweeps
    self.ridge = ridge
    self.network = network
    self.line = line
  }

  /// The training in closed form in a few words of fixed form.
  var identity: String {
    "training_walkers=\(walkers) training_slices=\(slices) training_sweeps=\(sweeps) "
      + "ridge=\(NumberText.text(ridge))" + (line.map { " \($0.identity)" } ?? "")
  }
}

/// Theories that differ in one coupling, for which drifts are made of those that are trained at a few
/// of its values.
public struct CouplingLine: Sendable, Equatable {
  public typealias Key = AnnealingSpecification.Stops.Key

  public var key: Key
  /// The smallest and the largest value.
  public var range: ClosedRange<Double>
  /// At how many values drifts are trained.
  public var nodes: Int

  public init(key: Key, range: ClosedRange<Double>, nodes: Int) {
    self.key = key
    self.range = range
    self.nodes = nodes
  }

  /// The values at which drifts are trained.
  public var values: [Double] {
    SpectralDriftFamily.nodes(count: nodes).map {
      range.lowerBound * (1 - $0) + range.upperBound * $0
    }
  }

  /// Such as `lambda=4..6`.
  var label: String {
    "\(key.rawValue)=\(NumberText.text(range.lowerBound))..\(NumberText.text(range.upperBound))"
  }

  /// The line in a few words of fixed form.
  var identity: String { "amortised=\(nodes) \(label)" }
}
