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
  /// What refines the drift after that; nil for nothing.
  public var network: NetworkSpecification?

  public init(
    walkers: Int, slices: Int, sweeps: Int, ridge: Double, network: NetworkSpecification? = nil
  ) {
    self.network = network
    self.walkers = walkers
    self.slices = slices
    self.sweeps = sweeps
    self.ridge = ridge
  }

  /// The training in closed form in a few words of fixed form.
  var identity: String {
    "training_walkers=\(walkers) training_slices=\(slices) training_sweeps=\(sweeps) "
      + "ridge=\(NumberText.text(ridge))"
  }
}
