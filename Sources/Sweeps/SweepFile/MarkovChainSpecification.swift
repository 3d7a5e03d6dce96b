// SPDX-License-Identifier: GPL-3.0-or-later

/// A Markov chain with its parameters, and how long how many chains run.
public struct MarkovChainSpecification: Sendable, Equatable {
  public typealias Scheme = SamplerSpecification.Scheme
  public typealias Tuning = SamplerSpecification.Tuning

  /// The first fields of the chains.
  public enum Start: String, Sendable, CaseIterable {
    case hot, cold
    /// Chains of even number are hot, those of odd number cold.
    case mixed
  }

  /// The parameters of a molecular-dynamics trajectory.
  public struct Trajectory: Sendable, Equatable {
    public var scheme: Scheme
    public var length: Double
    /// With tuning, where it starts.
    public var steps: Int
    /// The step size is drawn uniformly from (1 ± jitter) times its value.
    public var jitter: Double

    public init(scheme: Scheme, length: Double, steps: Int, jitter: Double) {
      self.scheme = scheme
      self.length = length
      self.steps = steps
      self.jitter = jitter
    }
  }

  /// The Markov chain with what only it needs.
  public enum Method: Sendable, Equatable {
    case hmc(Trajectory)
    /// The modes have the masses J (p̂² + M²).
    case fourierHMC(Trajectory, massSquared: Double)
    case mala(step: Double)
    case metropolis(step: Double)

    /// What sweep files call the methods.
    public static let names = ["hmc", "fourier-hmc", "mala", "metropolis"]

    /// What sweep files call this method.
    public var name: String {
      switch self {
      case .hmc: "hmc"
      case .fourierHMC: "fourier-hmc"
      case .mala: "mala"
      case .metropolis: "metropolis"
      }
    }
  }

  public var name: String
  public var method: Method
  public var chains: Int
  /// Updates per chain after thermalisation.
  public var trajectories: Int
  /// Updates per chain before the first measurement.
  public var thermalisation: Int
  public var start: Start
  /// Wolff single-cluster updates after each trajectory.
  public var clusterUpdates: Int
  /// Nil for a step size that stays as it is.
  public var tuning: Tuning?

  public init(
    name: String, method: Method, chains: Int, trajectories: Int, thermalisation: Int,
    start: Start, clusterUpdates: Int, tuning: Tuning?
  ) {
    self.name = name
    self.method = method
    self.chains = chains
    self.trajectories = trajectories
    self.thermalisation = thermalisation
    self.start = start
    self.clusterUpdates = clusterUpdates
    self.tuning = tuning
  }

  /// The sampler in one line of fixed form, without the number of trajectories.
  var identity: String {
    var parts = ["\(name) method=\(method.name)"]
    switch method {
    case .hmc(let trajectory):
      parts.append(trajectory.identity)
    case .fourierHMC(let trajectory, let massSquared):
      parts.append("\(trajectory.identity) mass2=\(NumberText.text(massSquared))")
    case .mala(let step), .metropolis(let step):
      parts.append("step=\(NumberText.text(step))")
    }
    parts.append("chains=\(chains) thermalisation=\(thermalisation) start=\(start.rawValue)")
    parts.append("cluster=\(clusterUpdates)")
    let target = tuning?.targetAcceptance.map(NumberText.text) ?? "own"
    parts.append(tuning == nil ? "tune=false" : "tune=true target_acceptance=\(target)")
    return parts.joined(separator: " ")
  }
}

extension MarkovChainSpecification.Trajectory {
  fileprivate var identity: String {
    "scheme=\(scheme.rawValue) length=\(NumberText.text(length)) steps=\(steps)"
      + " jitter=\(NumberText.text(jitter))"
  }
}
